"""The event loop of a program that awaits a shell: what the shell needs of it, in asyncio and in trio.

Imports neither: whoever makes one of these has the library running around it.
"""

from __future__ import annotations

import contextvars
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ..cells.asynchrony import carry_back
from ..errors import UserError

if TYPE_CHECKING:
    from asyncio import Task

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]

#: Seconds that a cell gets to end when the program cancels the shell.
GRACE: Final = 2.0


class Stopped(Exception):
    """Ctrl-C ended what was awaited. No ``KeyboardInterrupt``: that would end the program's loop."""


class HostLoop(Protocol):
    """The running loop that a shell is awaited in; used on the thread of the loop alone."""

    async def wait_readable(self, descriptor: int) -> None:
        """Wait until there is something to read, or never will be.

        :raises NotImplementedError: if the loop cannot watch descriptors.
        """

    async def call_from_thread(self, start: Callable[[Callable[[], None]], None]) -> None:
        """Wait until a function is called, perhaps by another thread: ``start`` is given that function."""

    async def stoppable(self, work: Work[T]) -> T:
        """Await a coroutine that :meth:`stop` can end, and not the program's task with it.

        :raises Stopped: if it was ended so.
        """

    def stop(self) -> None:
        """End what is awaited by :meth:`stoppable`; safe in a signal handler."""

    def in_charge(self) -> bool:
        """Tell a signal handler whether it interrupts the code that :meth:`stoppable` awaits."""

    def undisturbed(self) -> AbstractContextManager[None]:
        """Have Ctrl-C cancel what :meth:`stoppable` awaits, and raise no error in the body."""

    def watch_signals(self) -> AbstractContextManager[None]:
        """Keep Ctrl-C from the handlers of the loop itself; to be entered on the main thread."""

    def leave(self) -> None:
        """Put back what cells have changed in the loop's thread."""


def current_host() -> HostLoop:
    """Give the loop that runs in this thread.

    :raises UserError: if none runs, or one that is neither asyncio's nor trio's.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        return AsyncioHost()
    trio = sys.modules.get("trio")
    if trio is not None:
        try:
            trio.lowlevel.current_task()
        except RuntimeError:
            pass
        else:
            return TrioHost()
    raise UserError("embed_async() works in asyncio and in trio; elsewhere call embed(), which blocks.")


class AsyncioHost:
    """A running asyncio loop. What it awaits runs in tasks of its own, all in one context."""

    def __init__(self) -> None:
        import asyncio

        self._asyncio = asyncio
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._task: Task[Any] | None = None
        self._stopped = False
        self._inside = False

    async def wait_readable(self, descriptor: int) -> None:
        """See :class:`HostLoop`."""
        ready = self._loop.create_future()
        # An error raised by Ctrl-C between two steps of the selector would leave it with a descriptor
        # that the loop knows nothing of.
        with self.undisturbed(), suppress(PermissionError):  # a device such as /dev/null lets nobody wait
            self._loop.add_reader(descriptor, _settle, ready)
            try:
                await ready
            finally:
                self._loop.remove_reader(descriptor)

    async def call_from_thread(self, start: Callable[[Callable[[], None]], None]) -> None:
        """See :class:`HostLoop`."""
        called = self._loop.create_future()

        def call() -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_settle, called)

        start(call)
        await called

    async def stoppable(self, work: Work[T]) -> T:
        """See :class:`HostLoop`."""
        if self._stopped:
            self._stopped = False
            raise Stopped
        wait = self._asyncio.wait
        task: Task[T] = self._asyncio.Task(
            self._contain(work), loop=self._loop, context=self._context, name="the embedded shell"
        )
        self._task = task
        try:
            await wait([task])
        except self._asyncio.CancelledError:
            task.cancel()
            await wait([task], timeout=GRACE)
            raise
        finally:
            self._task = None
        stopped, self._stopped = self._stopped, False
        if stopped and task.cancelled():
            raise Stopped
        return task.result()

    async def _contain(self, work: Work[T]) -> T:
        try:
            self._inside = True
            value = await work()
            self._inside = False
            return value
        except KeyboardInterrupt:
            raise Stopped from None
        finally:
            self._inside = False

    def stop(self) -> None:
        """See :class:`HostLoop`."""
        self._stopped = True
        self._loop.call_soon_threadsafe(self._task.cancel if self._task is not None else _nothing)

    def in_charge(self) -> bool:
        """See :class:`HostLoop`."""
        if not self._inside:
            return False
        # A cell without await hides the loop, and may run one of its own.
        if self._asyncio._get_running_loop() is not self._loop:
            return True
        return self._asyncio.current_task(self._loop) is self._task

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """See :class:`HostLoop`."""
        self._inside = False
        try:
            yield
        finally:
            self._inside = True

    @contextmanager
    def watch_signals(self) -> Iterator[None]:
        """See :class:`HostLoop`.

        What ``add_signal_handler`` has registered is told by the descriptor that Python writes the
        numbers of signals to. For as long as this is entered, they come by here first.
        """
        former = signal.set_wakeup_fd(-1)
        if former < 0 or sys.platform == "win32":  # where a loop handles no signals itself
            signal.set_wakeup_fd(former)
            yield
            return
        import socket

        arrived, sent = socket.socketpair()
        arrived.setblocking(False)
        sent.setblocking(False)

        def forward() -> None:
            with suppress(BlockingIOError):  # the other end is full, so that its owner is awake
                others = arrived.recv(4096).replace(bytes([signal.SIGINT]), b"")
                if others:
                    os.write(former, others)

        signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
        self._loop.add_reader(arrived.fileno(), forward)
        try:
            yield
        finally:
            self._loop.remove_reader(arrived.fileno())
            forward()
            current = signal.set_wakeup_fd(former, warn_on_full_buffer=False)
            if current != sent.fileno():  # somebody has taken it over
                signal.set_wakeup_fd(current, warn_on_full_buffer=False)
            arrived.close()
            sent.close()

    def leave(self) -> None:
        """See :class:`HostLoop`."""
        carry_back(self._context)
        self._asyncio.set_event_loop(self._loop)


class TrioHost:
    """A running trio loop. What it awaits runs in the program's task, in a cancel scope of its own."""

    def __init__(self) -> None:
        import asyncio  # noqa: F401 (cells without await are only then run outside of all loops)

        import trio

        self._trio: Any = trio
        self._token = trio.lowlevel.current_trio_token()
        self._task = trio.lowlevel.current_task()
        self._scope: Any = None
        self._stopped = False
        self._inside = False

    async def wait_readable(self, descriptor: int) -> None:
        """See :class:`HostLoop`."""
        try:
            await self._trio.lowlevel.wait_readable(descriptor)
        except PermissionError:
            await self._trio.lowlevel.checkpoint()

    async def call_from_thread(self, start: Callable[[Callable[[], None]], None]) -> None:
        """See :class:`HostLoop`."""
        called = self._trio.Event()

        def call() -> None:
            try:
                self._token.run_sync_soon(called.set)
            except self._trio.RunFinishedError:
                return

        start(call)
        await called.wait()

    async def stoppable(self, work: Work[T]) -> T:
        """See :class:`HostLoop`."""
        if self._stopped:
            self._stopped = False
            raise Stopped
        with self._trio.CancelScope() as scope:
            self._scope = scope
            try:
                self._inside = True
                value = await work()
                self._inside = False
                return value
            except KeyboardInterrupt:
                raise Stopped from None
            finally:
                self._inside = False
                self._scope = None
                self._stopped = False
        raise Stopped

    def stop(self) -> None:
        """See :class:`HostLoop`."""
        self._stopped = True
        self._token.run_sync_soon(self._cancel)

    def _cancel(self) -> None:
        if self._scope is not None:
            self._scope.cancel()

    def in_charge(self) -> bool:
        """See :class:`HostLoop`."""
        if not self._inside or self._trio.lowlevel.currently_ki_protected():
            return False
        try:
            return self._trio.lowlevel.current_task() is self._task
        except RuntimeError:
            return False

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """See :class:`HostLoop`."""
        self._inside = False
        try:
            yield
        finally:
            self._inside = True

    def watch_signals(self) -> AbstractContextManager[None]:
        """See :class:`HostLoop`. Trio has Python's own handlers alone."""
        return nullcontext()

    def leave(self) -> None:
        """See :class:`HostLoop`."""


class ThreadLines:
    """Reads lines in a thread, where descriptors cannot be watched.

    A thread that waits for a line cannot be ended. If nobody waits for the line
    any more, it is kept for whoever asks next, in any shell.

    :param read: reads a line; blocks.
    """

    _waiting: ThreadLines | None = None
    _lock: Final = threading.Lock()

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._line = ""
        self._error: BaseException | None = None
        self._done = False
        self._call: Callable[[], None] | None = None

    @classmethod
    async def read(cls, host: HostLoop, read: Callable[[], str]) -> str:
        """Give the next line, or raise what ``read`` raises."""
        with cls._lock:
            reader = cls._waiting
            if reader is None:
                reader = cls._waiting = cls(read)
                threading.Thread(target=reader._run, name="ipshell input", daemon=True).start()
        await host.call_from_thread(reader._tell)
        with cls._lock:
            cls._waiting = None
        if reader._error is not None:
            raise reader._error
        return reader._line

    def _run(self) -> None:
        try:
            self._line = self._read()
        except BaseException as error:  # for whoever waits
            self._error = error
        with self._lock:
            self._done = True
            call = self._call
        if call is not None:
            call()

    def _tell(self, call: Callable[[], None]) -> None:
        """Have a function called once the line is there."""
        with self._lock:
            self._call = call
            done = self._done
        if done:
            call()


def _settle(future: Any) -> None:
    if not future.done():
        future.set_result(None)


def _nothing() -> None:
    """Do nothing: calling it wakes a loop."""
