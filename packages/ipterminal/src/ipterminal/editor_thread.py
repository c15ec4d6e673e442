"""The thread in which the editor's loop turns.

It ends before the process forks and goes on after that, with the loop and all that is on it as they were: a
child of a process with threads is a child in danger, and Python warns of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ipcore.hosts.forking import end_thread
from ipcore.notices import notice
from ipcore.plugins.failures import reason_of, traceback_of

from .late_modules import late_modules

if TYPE_CHECKING:
    import asyncio

#: Seconds that the thread gets to stand still before a fork: it may be importing the editor.
PATIENCE: Final = 2.0
#: Failures of the loop itself after which it is not started again.
MOST_FAILURES: Final = 100


class EditorThread:
    """Runs one coroutine on a loop of its own.

    :param work: gives the coroutine; called in the thread, so that it can import what takes time.
    :param done: called in the thread at the end.
    """

    def __init__(self, work: Callable[[], Coroutine[Any, Any, int]], done: Callable[[], object]) -> None:
        self._work = work
        self._done = done
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[int] | None = None
        self._thread: threading.Thread | None = None
        #: Tells the newest thread to end.
        self._paused = threading.Event()
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._result = 0
        self._error: BaseException | None = None
        self.ended = False

    def start(self) -> None:
        """Begin, or go on after a fork. Does nothing if it runs, or is over. For any thread."""
        with self._lock:
            former = self._thread
            if self.ended or os.getpid() != self._process:
                return
            if former is not None and not self._paused.is_set():
                return
            # One that did not end in time, as it waited for a slow terminal, still will: it was told to.
            self._paused = threading.Event()
            self._thread = threading.Thread(
                target=self._turn, args=(self._paused, former), name="ipshell editor", daemon=True
            )
            self._thread.start()

    def pause(self) -> None:
        """Have the thread end, with its loop as it is; :meth:`start` goes on. For any other thread."""
        with self._lock:
            thread = self._thread
            if thread is None or thread is threading.current_thread():
                return
            self._paused.set()
            self._stop_loop()
            end_thread(thread, PATIENCE)
            if not thread.is_alive():
                self._thread = None

    def end(self, seconds: float) -> bool:
        """Have the coroutine cancelled, if it is not over, and wait for the thread; tell whether it ended."""
        loop, thread = self._loop, self._thread
        if loop is not None and not self.ended:
            with suppress(RuntimeError):  # it is closed by now
                loop.call_soon_threadsafe(self._cancel)
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def result(self) -> int:
        """Give what the coroutine returned.

        :raises BaseException: what it raised.
        """
        if self._error is not None:
            raise self._error
        return self._result

    # -- in the thread -----------------------------------------------------------

    def _turn(self, paused: threading.Event, former: threading.Thread | None) -> None:
        try:
            if former is not None:
                former.join()
            if self.ended:
                return
            loop = self._loop or self._begin()
            self._run(loop, paused)
            if self._task is not None and self._task.done():
                self._finish(loop, self._task)
        except BaseException as error:  # the import of prompt_toolkit, in the end
            self._error = error
            if self._loop is not None:
                self._loop.close()
            self._over()

    def _begin(self) -> asyncio.AbstractEventLoop:
        with late_modules():
            import asyncio

            coroutine = self._work()
        # Not of the kind that the user's policy says, nor Windows' own: they may watch no descriptors.
        loop = self._loop = asyncio.SelectorEventLoop()
        self._task = loop.create_task(coroutine, name="the editor")
        self._task.add_done_callback(lambda _: loop.stop())
        return loop

    def _run(self, loop: asyncio.AbstractEventLoop, paused: threading.Event) -> None:
        failures = 0
        while not paused.is_set() and self._task is not None and not self._task.done():
            try:
                loop.run_forever()
            except BaseException as error:  # SystemExit or KeyboardInterrupt of some callback
                failures += 1
                notice(f"the editor: {reason_of(error).rstrip('.')}.", details=traceback_of(error))
                if failures >= MOST_FAILURES:
                    raise

    def _finish(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[int]) -> None:
        import asyncio

        try:
            self._result = task.result()
        except asyncio.CancelledError:
            self._result = 0
        except BaseException as error:
            self._error = error
        left = asyncio.all_tasks(loop)
        for each in left:
            each.cancel()
        try:
            if left:  # one round: what does not end then is left behind
                loop.call_soon(loop.stop)
                loop.run_forever()
            loop.close()
        finally:
            self._over()

    def _over(self) -> None:
        self.ended = True
        self._done()

    def _stop_loop(self) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(loop.stop)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
