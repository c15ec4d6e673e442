"""The asyncio loop of the user's code: it drives awaited cells and stays between them.

Imports asyncio: to be imported when somebody else has, or when a cell is to be awaited.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import selectors
import signal
import sys
import threading
from collections import deque
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NoReturn
from weakref import WeakSet

from ..component import Component
from ..errors import UserError
from ..notices import notice
from .asynchrony import OutsideLoops, carry_back, current_loop

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Callable, Coroutine

    from ..shell import InteractiveShell

# The signal module makes enumerations of all that goes through it, which would be a third of the time of
# an awaited cell. Below it there is the same without.
_plain_signal: Final[Any] = sys.modules.get("_signal", signal)
_SIGINT: Final = int(signal.SIGINT)

#: Seconds that a cell gets to end after it was cancelled twice.
GRACE: Final = 1.0
#: Seconds that closing the shell waits for the tasks it cancelled.
CLOSING: Final = 2.0
#: Failures kept until they can be shown; of more only the number is told.
MOST_FAILURES: Final = 20


_user_loops: WeakSet[UserLoop] = WeakSet()
_forks_seen = False


class UserLoop(Component):
    """The shell's own asyncio loop, made at the first need.

    Used on the thread that runs cells. Nothing in asyncio is replaced; the loop is an
    ordinary one with its own selector, a task factory and an exception handler.
    """

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._loop: AbstractEventLoop | None = None
        #: What the loop waits with, for a foreign loop to watch in its place; ``None`` on Windows.
        self.selector: selectors.BaseSelector | None = None
        self._failures: deque[tuple[str, BaseException | None]] = deque(maxlen=MOST_FAILURES)
        self._failed: deque[Task[Any]] = deque(maxlen=MOST_FAILURES)
        self._dropped = 0
        self._patch_named = False
        self._forks = 0
        self._outside: Callable[[], object] | None = None
        self._interrupts: _Interrupts | None = None
        self._unpatched: tuple[object, ...] = ()

    # -- the loop --------------------------------------------------------------

    @property
    def made(self) -> bool:
        """Whether there is a loop yet."""
        return self._loop is not None and not self._loop.is_closed()

    @property
    def loop(self) -> AbstractEventLoop:
        """The loop; a new one if the user closed the former."""
        if self._loop is None or self._loop.is_closed():
            if self.closed:
                raise RuntimeError("the shell is closed, and its event loop with it")
            self.selector = None if sys.platform == "win32" else selectors.DefaultSelector()
            self._loop = _new_loop(self.selector)
            self._loop.set_task_factory(self._make_task)
            self._loop.set_exception_handler(self._on_failure)
            _user_loops.add(self)
            _see_forks()
        return self._loop

    def _make_task(self, loop: Any, coroutine: Any, **options: Any) -> Any:
        """Make a task as asyncio does, and note it if it fails."""
        task = asyncio.Task(coroutine, loop=loop, **options)
        task.add_done_callback(self._on_done)
        return task

    def check_patches(self) -> None:
        """Name, once, what has patched asyncio so that loops may nest."""
        if self._patch_named:
            return
        kind = asyncio.BaseEventLoop if self._loop is None else type(self._loop)
        functions = asyncio.run, kind.run_forever, kind.run_until_complete
        if functions == self._unpatched:  # the usual case, asked before every cell
            return
        for function in functions:
            module = str(getattr(function, "__module__", ""))
            if module.partition(".")[0] != "asyncio":
                self._patch_named = True
                notice(
                    f"asyncio was patched by {module} ({function.__qualname__}). That is not needed here: "
                    "asyncio.run() and top-level await both work in a cell. If loops behave oddly, "
                    f"leave {module} out.",
                    once="patched asyncio",
                )
                return
        self._unpatched = functions

    # -- running ---------------------------------------------------------------

    def run(self, coroutine: Coroutine[Any, Any, Any], *, busy: Callable[[], bool] | None = None) -> Any:
        """Run a coroutine to its end, other tasks of the loop beside it.

        Blocks. Ctrl-C cancels the coroutine and no other task; a second one interrupts
        whatever keeps it from ending. Context variables that it sets stay set.

        :param busy: tells a signal handler whether it interrupts the coroutine's own code; by
            default it does while the coroutine's task runs.
        :raises KeyboardInterrupt: if it ended because of Ctrl-C.
        :raises UserError: if the loop is running already.
        :raises BaseException: what the coroutine raises.
        """
        loop = self.loop
        if loop.is_running():
            raise UserError(
                "a cell with await cannot be run by run_cell() from inside an awaited cell; "
                "use: await get_ipython().run_cell_async(...)"
            )
        context = contextvars.copy_context()
        task = asyncio.Task(coroutine, loop=loop, name="the running cell", context=context)
        with _Interrupts(task, loop, busy) as interrupts:
            self._interrupts = interrupts
            try:
                self._drive(task, loop, interrupts)
            finally:
                self._interrupts = None
        carry_back(context)
        try:
            return task.result()
        except asyncio.CancelledError as cancelled:
            if not interrupts.count:
                raise
            raise KeyboardInterrupt().with_traceback(cancelled.__traceback__) from None

    def cancel_waiting(self) -> bool:
        """Stop the awaited cell as the first Ctrl-C does, from any thread; false if none waits."""
        interrupts = self._interrupts
        return interrupts is not None and interrupts.cancel_waiting()

    def _drive(self, task: Task[Any], loop: AbstractEventLoop, interrupts: _Interrupts) -> None:
        forks = self._forks
        for turn in count():
            if task.done():
                return
            # A cell that does not really wait is done after a round or two, without a callback to tell so.
            # A stop left over from a run that was broken off does no harm either.
            if turn < 2:
                loop.stop()
            elif turn == 2:
                task.add_done_callback(lambda _: loop.stop())
            try:
                loop.run_forever()
                self._call_outside()
            except SystemExit as left:  # of this task, or of another, where it is a failure like any other
                if self._forks != forks and not task.done():
                    self._leave(left)
                continue
            except KeyboardInterrupt:
                interrupts.count += 1
                if task.done():
                    return
                task.cancel()
                task.add_done_callback(lambda _: loop.stop())
                end = loop.call_later(GRACE, loop.stop)
                loop.run_forever()
                end.cancel()
                if not task.done():
                    task.add_done_callback(self._on_done)
                    notice(
                        "the cell does not end although it was cancelled; it goes on as a task. See %tasks."
                    )
                    raise

    def turn(self) -> None:
        """Run what is ready in the loop, without waiting; does nothing while there is no loop."""
        if self.made and not self.loop.is_running():
            self.loop.call_soon(self.loop.stop)
            self.turn_until_stopped()

    def turn_until_readable(self, descriptor: int) -> None:
        """Run the loop until a descriptor can be read, or :meth:`stop_turning` is called.

        Blocks without polling. On Windows the descriptor has to be a socket's.
        """
        loop = self.loop
        if loop.is_running():
            return
        try:
            loop.add_reader(descriptor, loop.stop)
        except NotImplementedError:  # the loop of Windows that can run child processes
            from ..hosts.wakeup import calling_when_readable

            with calling_when_readable(descriptor, self.stop_turning):
                self.turn_until_stopped()
            return
        try:
            self.turn_until_stopped()
        finally:
            loop.remove_reader(descriptor)

    def stop_turning(self) -> None:
        """End :meth:`turn_until_readable`; safe in a signal handler and from any thread."""
        if self.made:
            self.loop.call_soon_threadsafe(self.loop.stop)

    def call_outside(self, call: Callable[[], object]) -> None:
        """Stop the running loop and make a call when it has stopped; safe in a signal handler."""
        self._outside = call
        self.stop_turning()

    def _call_outside(self) -> None:
        call, self._outside = self._outside, None
        if call is not None:
            call()

    def turn_until_stopped(self) -> None:
        """Run the loop until its ``stop()`` is called, or a task raises ``SystemExit``."""
        forks = self._forks
        with OutsideLoops(self._shell):
            try:
                self.loop.run_forever()
                self._call_outside()
            except SystemExit as left:  # the task that raised it is among the failed
                if self._forks != forks:
                    self._leave(left)
                return
            finally:
                if self._forks != forks:
                    self._leave()

    # -- in a forked child -----------------------------------------------------

    def forget(self) -> None:
        """Let go of the loop, in a child: its selector and its sockets are shared with the parent.

        The next use makes a new one. A loop that runs, as a task or callback of its has forked, goes
        on with what that one starts by itself, and with none of the other tasks.
        """
        loop, self._loop = self._loop, None
        selector, self.selector = self.selector, None
        self._forks += 1
        self._failures.clear()
        self._failed.clear()
        if loop is None or loop.is_closed():
            return
        if selector is not None:
            # A new one in the place of the old: unregistering anything would do so for the parent too.
            selector.close()
            type(selector).__init__(selector)
        if current_loop() is loop:
            asyncio.set_event_loop(None)
        if not loop.is_running():
            loop.close()
            return
        for handle in (*getattr(loop, "_ready", ()), *getattr(loop, "_scheduled", ())):
            handle.cancel()
        if selector is not None and self._shell.runner.children_leave:
            select = partial(self._select_in_child, asyncio.current_task(loop))
            setattr(selector, "select", select)  # noqa: B010 (to mypy, a method is not to be replaced)

    def _select_in_child(self, task: Task[Any] | None, timeout: float | None = None) -> list[Any]:
        """What the loop of a child waits with: it ends the child, as nothing would ever come."""
        if timeout is None or timeout > 0:
            if task is None or task.done():
                self._leave()
            notice(
                f"{describe(task)} has forked, and the child would wait in its parent's event loop, which "
                "it does not have: it ends here. asyncio.run() gives a child a loop of its own."
            )
            self._leave(RuntimeError())
        return []

    def _leave(self, error: BaseException | None = None) -> NoReturn:
        """End this process, a child: badly if any of its tasks or callbacks failed."""
        from ..hosts.forking import leave

        for task in self._failed:
            self._failures.append((describe(task), task.exception()))
        self._failed.clear()
        for _, failure in self._failures:
            error = error or failure
        self._failures = deque(each for each in self._failures if not isinstance(each[1], SystemExit))
        self.report_lost()
        leave(error)

    # -- tasks -----------------------------------------------------------------

    def tasks(self) -> list[Task[Any]]:
        """Give the tasks that are not done, in the order they were named."""
        if not self.made:
            return []
        return sorted(asyncio.all_tasks(self.loop), key=lambda task: _natural(task.get_name()))

    def _on_done(self, task: Task[Any]) -> None:
        if not task.cancelled() and _unseen(task):
            self._failed.append(task)  # one that falls out at the other end is told by _on_failure()

    def _on_failure(self, loop: Any, context: dict[str, Any]) -> None:
        """Take up what asyncio has nobody else to tell."""
        error = context.get("exception")
        if error is not None and any(error is known for _, known in self._failures):
            return
        task = context.get("task") or context.get("future")
        self._dropped += len(self._failures) == MOST_FAILURES
        self._failures.append((describe(task) if task else str(context.get("message", "")), error))

    def report_lost(self) -> None:
        """Show, once each, the exceptions of tasks that nobody has awaited.

        To be called where the user expects output: between a cell and the next prompt.
        """
        while self._failed:
            task = self._failed.popleft()
            if _unseen(task):
                self._failures.append((describe(task), task.exception()))
        if not self._failures:
            return
        from ..plain.tracebacks import show
        from ..saferepr import type_name

        failures = list(self._failures)
        self._failures.clear()
        for what, error in failures:
            kind = f" with {type_name(type(error))}" if error is not None else ""
            notice(f"{what} failed{kind}, and nobody has awaited it.")
            if error is not None:
                show(self._shell, error)
        if self._dropped:
            notice(f"{self._dropped} more failed.")
            self._dropped = 0

    # -- end -------------------------------------------------------------------

    def on_close(self) -> None:
        """Cancel what is left, close asynchronous generators, close the loop."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if loop.is_running():
            notice("the shell was closed from inside its own event loop, which is left as it is.")
            return
        with OutsideLoops(self._shell):
            self._end_tasks(loop)
        self.report_lost()
        loop.set_exception_handler(lambda loop, context: None)
        if current_loop() is loop:
            asyncio.set_event_loop(None)
        loop.close()

    def _end_tasks(self, loop: AbstractEventLoop) -> None:
        async def end() -> None:
            left = asyncio.all_tasks(loop) - {asyncio.current_task()}
            for task in left:
                task.cancel()
            if left:
                _, left = await asyncio.wait(left, timeout=CLOSING)
            if left:
                names = ", ".join(sorted(task.get_name() for task in left))
                notice(f"tasks that did not end within {CLOSING:g} s after being cancelled: {names}.")
            try:
                await asyncio.wait_for(loop.shutdown_asyncgens(), CLOSING)
            except TimeoutError:
                notice(f"asynchronous generators did not close within {CLOSING:g} s.")

        ending = loop.create_task(end())
        ending.add_done_callback(lambda _: loop.stop())
        while not ending.done():
            try:
                loop.run_forever()
            except SystemExit:  # of a task that was cancelled: it has ended
                continue


class _Interrupts:
    """While entered, the first Ctrl-C stops a task and further ones raise wherever they find Python.

    A task that waits is cancelled. One that is busy is interrupted, as a synchronous cell is.
    """

    def __init__(self, task: Task[Any], loop: AbstractEventLoop, busy: Callable[[], bool] | None) -> None:
        self.count = 0
        self._busy = busy
        self._task = task
        self._loop = loop
        self._former: Any = None

    def __enter__(self) -> _Interrupts:
        if (
            threading.current_thread() is threading.main_thread()
            and _plain_signal.getsignal(_SIGINT) is signal.default_int_handler
        ):
            self._former = _plain_signal.signal(_SIGINT, self._on_interrupt)
            _rearm()
        return self

    def __exit__(self, *_: object) -> None:
        # One that the cell put there itself is left to it.
        if self._former is not None and _plain_signal.getsignal(_SIGINT) == self._on_interrupt:
            _plain_signal.signal(_SIGINT, self._former)
            _rearm()

    def _on_interrupt(self, number: int, frame: Any) -> None:
        busy = self._busy() if self._busy else asyncio.current_task(self._loop) is self._task
        if busy or self.count or self._task.done():
            raise KeyboardInterrupt
        self.count = 1
        self._task.cancel()
        self._loop.call_soon_threadsafe(_nothing)  # wakes the selector

    def cancel_waiting(self) -> bool:
        """Do the same from another thread, for a cell that waits; give whether it did."""
        busy = self._busy is not None or asyncio.current_task(self._loop) is self._task
        if busy or self.count or self._task.done():
            return False
        self.count = 1
        self._loop.call_soon_threadsafe(self._task.cancel)
        return True


def _rearm() -> None:
    """Have it noticed below Python too if Ctrl-C does not take, where somebody sits at a prompt."""
    interrupts = sys.modules.get("ipcore.hosts.interrupts")
    if interrupts is not None:
        interrupts.rearm()


def describe(task: Any) -> str:
    """Say in a few words which task it is: its name, its function, where that is."""
    get_coro = getattr(task, "get_coro", None)
    if get_coro is None:
        return f"a {type(task).__name__}"
    coroutine = get_coro()
    name = getattr(coroutine, "__qualname__", type(coroutine).__name__)
    return f"task {task.get_name()!r} ({name})"


def _unseen(task: Task[Any]) -> bool:
    """Tell whether a task ended with an exception that nobody has asked for."""
    return bool(getattr(task, "_log_traceback", True)) and not task.cancelled()


def _new_loop(selector: selectors.BaseSelector | None) -> AbstractEventLoop:
    if selector is None:  # on Windows only the standard kind can run child processes
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(selector)


def _see_forks() -> None:
    """Have children forget the loops of their parent. Called after asyncio has registered its own."""
    global _forks_seen
    if not _forks_seen and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget_all)
    _forks_seen = True


def _forget_all() -> None:
    for each in list(_user_loops):
        each.forget()


def _natural(name: str) -> tuple[str, int]:
    """Order ``Task-10`` behind ``Task-9``."""
    head, _, number = name.rpartition("-")
    return (head, int(number)) if number.isdecimal() else (name, -1)


def _nothing() -> None:
    """Do nothing: calling it wakes a loop."""
