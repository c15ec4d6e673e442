"""What the main thread does between cells when the front end lives in another thread.

The front end asks, the main thread does: cells, completions, inspections, one after the other. Between
them it sits in the shell's input hook. Nothing here knows what the front end is: a line editor, a kernel.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from ..notices import notice
from ..plugins.watch import Watch, ending, starting
from .inputhooks import Watched
from .interrupts import is_asyncios
from .signals import IdleSignals, send_interrupt
from .wakeup import WakeUp, wait_readable

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.cells import CellResult

T = TypeVar("T")

#: Seconds that a front end's thread, or a cell that is to end, is waited for.
CLOSING: Final = 5.0
#: Errors in the idle loop, one after the other, after which it is left alone until the next request.
MOST_ERRORS: Final = 20
#: Seconds after which an interrupt that was not noticed is sent again, and how often.
_STEP: Final = 0.02
_ATTEMPTS: Final = 10
#: Seconds between switches of threads while a prompt is up; CPython's own is 0.005.
QUICK: Final = 0.0005


class Stopped(Exception):
    """What was asked of the main thread did not come to its end, and gives nothing.

    Ctrl-C or ``SystemExit`` ended it, which is then the cause; or the shell closes. An ordinary
    exception, so that it leaves the event loop of who asked in one piece.
    """


class _Request(Generic[T]):
    """Something to be done on the main thread."""

    __slots__ = ("error", "function", "future", "is_cell", "value", "watch")

    def __init__(self, function: Callable[[], T], is_cell: bool) -> None:
        self.function = function
        self.is_cell = is_cell
        self.future: Future[T] = Future()
        self.error: BaseException | None = Stopped("it was stopped")
        self.value: Any = None
        self.watch: Watch | None = None

    def perform(self) -> None:
        """Do it, and keep what came of it. Never raises what the function raises."""
        try:
            self.value = self.function()
            self.error = None
        except BaseException as error:
            self.error = error

    def deliver(self) -> None:
        """Tell who asked what came of it."""
        error = self.error
        if error is None:
            self.future.set_result(self.value)
        elif isinstance(error, Exception):
            self.future.set_exception(error)
        else:
            stopped = Stopped(f"{type(error).__name__} ended what the main thread was asked to do")
            stopped.__cause__ = error
            self.future.set_exception(stopped)


class MainThread:
    """A mailbox whose owner runs cells, and an event loop while there is nothing to do.

    To be made on the thread that runs cells, which then calls :meth:`serve` or :meth:`run`. All other
    methods are for any thread. On a thread that is not the main one everything but signals works.

    While it is idle Ctrl-C is only noted, a callback's or call's that does not end is interrupted by the
    second one, and :meth:`interrupt` does nothing. Each cell has Python's own handler.

    :param shell: the shell whose cells it runs.
    :param signals: where the front end reads the numbers of signals that come while idle; it then hands
        them on with :meth:`hand_on`. By default nobody is told of them.
    """

    def __init__(self, shell: InteractiveShell, *, signals: WakeUp | None = None) -> None:
        self.shell = shell
        self._thread = threading.get_ident()
        self._is_main = threading.current_thread() is threading.main_thread()
        self._woken = WakeUp()
        self._own_signals = signals is None
        self._signals = IdleSignals(self._woken, signals)
        self._lock = threading.Lock()
        self._requests: deque[_Request[Any]] = deque()
        self._cell: _Request[Any] | None = None
        #: The event loop it sits in, while it does and that is one that callbacks can hold up.
        self._rests_in = ""
        self._closing = False
        self._ended = threading.Event()

    # -- asking ----------------------------------------------------------------

    def call(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """Have a function called on the main thread: a completion, an inspection, a look at the namespace.

        Waits behind what was asked before and behind the running cell. On the main thread itself it is
        called at once.

        :returns: what it returns or raises; :class:`Stopped` if it was stopped. To wait for it give
            ``result()`` a time-out, and cancel it if that passes.
        :raises RuntimeError: if the shell closes.
        """
        return self._ask(_Request(lambda: function(*arguments, **named), is_cell=False))

    def run_cell(self, raw_cell: str, **options: Any) -> Future[CellResult]:
        """Have a cell run, as :meth:`~ipcore.shell.InteractiveShell.run_cell` does; Ctrl-C stops it.

        :param options: those of ``run_cell``.
        :raises RuntimeError: if the shell closes.
        """
        return self._ask(_Request(lambda: self.shell.run_cell(raw_cell, **options), is_cell=True))

    def call_as_cell(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """Have a function called with all that surrounds a cell: it is what :meth:`interrupt` interrupts.

        :raises RuntimeError: if the shell closes.
        """
        return self._ask(_Request(lambda: function(*arguments, **named), is_cell=True))

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have a function called by :meth:`serve` when what runs now, a callback or a cell, has returned.

        Unlike :meth:`call` on the main thread too. What it raises is lost.
        """
        self._requests.append(_Request(function, is_cell=False))
        self._woken.wake()

    def _ask(self, request: _Request[T]) -> Future[T]:
        if threading.get_ident() == self._thread:
            self._execute(request)
            return request.future
        with self._lock:
            if self._closing:
                raise RuntimeError("the shell is closing, and its main thread takes no more requests")
            rests_in = self._rests_in
            if rests_in:
                request.watch = starting(
                    f"a callback of the event loop {rests_in}, which keeps a cell waiting",
                    "Ctrl-C, pressed twice, stops it",
                )
            self._requests.append(request)
        self._woken.wake()
        return request.future

    def answers(self, seconds: float) -> bool:
        """Tell whether the main thread takes up a request within a time; not while a cell runs."""
        ping = self.call(_nothing)
        try:
            ping.result(seconds)
        except TimeoutError:
            ping.cancel()
            return False
        return True

    def interrupt(self, *, callbacks: bool = False) -> bool:
        """Stop the running cell as Ctrl-C does; does nothing if there is none.

        Blocks for a fifth of a second at most, while the cell is in native code and takes no notice.

        :param callbacks: also stop what keeps the idle main thread from answering. To be asked for only
            after :meth:`answers` has said no: raised inside a native loop that is at rest, it may crash that.
        :returns: whether something was told to stop.
        """
        with self._lock:
            cell = self._cell
            if not self._is_main or (cell is None and not callbacks):
                return False
            handler = signal.getsignal(signal.SIGINT)
            if not callable(handler):  # ignored; or it would end the process
                return False
            self._signals.stuck = cell is None
            # With the lock held, so that it is this cell that gets it and not the one behind it.
            noticed = send_interrupt(self._thread)
        for _ in range(_ATTEMPTS):
            if noticed.wait(_STEP):
                break
            with self._lock:
                if self._cell is not cell or noticed.is_set():
                    break
                send_interrupt(self._thread, noticed)
        return True

    @property
    def running(self) -> bool:
        """Whether a cell runs."""
        return self._cell is not None

    def hand_on(self, numbers: bytes) -> None:
        """Take the signals that a front end has read; the user's handlers of them run on the main thread."""
        self._signals.hand_on(numbers)
        self._woken.wake()

    def close(self, timeout: float = 0.0) -> bool:
        """End :meth:`serve` after the running request; what waits behind it is :class:`Stopped`.

        :param timeout: seconds to wait for the running request; then it is interrupted, if it is a cell,
            and given as long again.
        :returns: whether :meth:`serve` has ended. Not to be waited for on the main thread itself.
        """
        with self._lock:
            self._closing = True
            left = list(self._requests)
            self._requests.clear()
        for request in left:
            self._drop(request)
        self._woken.wake()
        if timeout and threading.get_ident() != self._thread and not self._ended.wait(timeout):
            self.interrupt()
            self._ended.wait(timeout)
        return self._ended.is_set()

    # -- serving ---------------------------------------------------------------

    def run(self, front_end: Callable[[MainThread], T]) -> T:
        """Run a front end in a thread of its own, and serve it until it returns.

        :param front_end: is called with this object, in the new thread.
        :returns: what it returns.
        :raises RuntimeError: if it does not end although this was closed.
        :raises BaseException: what it raises.
        """
        done: Future[T] = Future()

        def work() -> None:
            try:
                done.set_result(front_end(self))
            except BaseException as error:  # for the caller to see, who may put another front end in place
                done.set_exception(error)
            finally:
                self.close()

        thread = threading.Thread(target=work, name="ipshell-front-end", daemon=True)
        thread.start()
        try:
            self.serve()
        finally:
            self.close()
            thread.join(CLOSING)
        if thread.is_alive():
            raise RuntimeError(f"the front end did not end within {CLOSING:g} s")
        return done.result(0)

    def serve(self) -> None:
        """Do what is asked, in order, until :meth:`close`; sit in the input hook meanwhile.

        What the idle loop's callbacks raise is shown. Blocks. To be called once.

        :raises RuntimeError: on another thread than the one this was made on.
        """
        if threading.get_ident() != self._thread:
            raise RuntimeError("to be served by the thread it was made on")
        try:
            with self._handlers_kept():
                self._serve()
        finally:
            self.close()
            self._woken.close()
            self._ended.set()

    def _serve(self) -> None:
        errors = 0
        while not self._closing:
            if self.shell.runner.forked:  # a callback of the idle loop has forked: the host is the parent's
                from .forking import leave

                leave(None)
            try:
                self._rest(plainly=errors >= MOST_ERRORS)
                errors = 0
                self._settle_signals()
                with self._lock:
                    request = self._requests.popleft() if self._requests else None
                if request is not None:
                    self._execute(request)
            except KeyboardInterrupt:  # the second one: a callback did not come to its end
                notice("Ctrl-C stopped a callback of the event loop.")
            except Exception as error:  # a handler's of the user's for some signal, or a callback's
                errors += 1
                self.shell.show_error(error)

    def _rest(self, plainly: bool) -> None:
        """Sit in the input hook until somebody asks for something."""
        hooks = self.shell.inputhooks
        self._rests_in = hooks.current if hooks.needed and not plainly else ""
        try:
            if self._requests or self._closing:
                return
            if plainly:
                wait_readable(self._woken.fileno(), None)
            else:
                hooks.wait(Watched(self._woken.fileno()))
        finally:
            self._rests_in = ""

    def _settle_signals(self) -> None:
        self._signals.interrupted = False
        numbers = self._woken.drain()
        if self._own_signals:
            self._signals.hand_on(numbers)

    def _drop(self, request: _Request[Any]) -> None:
        ending(request.watch)
        if request.future.set_running_or_notify_cancel():
            request.error = Stopped("the shell closes")
            request.deliver()

    def _execute(self, request: _Request[Any]) -> None:
        ending(request.watch)
        if not request.future.set_running_or_notify_cancel():
            return
        try:
            if request.is_cell and self._cell is None:
                self._execute_cell(request)
            else:
                request.perform()
        finally:
            request.deliver()

    def _execute_cell(self, request: _Request[Any]) -> None:
        try:
            try:
                self._begin_cell(request)
                request.perform()
                self._cell = None
                self._end_cell()
            except (
                BaseException
            ) as late:  # too early or too late for the cell; or of another signal's handler
                self._cell = None
                if request.error is not None:
                    request.error = late
                self._end_cell()
        except BaseException:  # a further one, in the few lines above
            self._cell = None
            self._end_cell()

    def _begin_cell(self, request: _Request[Any]) -> None:
        """Let Ctrl-C raise. From here on it is this cell's, whoever sends it."""
        with self._lock:
            self._signals.settle()
            self._cell = request
        self._signals.give_back()
        _default_handler(self.shell)
        if self._signals.interrupted:  # just now, too early for Python's own handler
            raise KeyboardInterrupt

    def _end_cell(self) -> None:
        """Be idle again. A Ctrl-C that comes too late for the cell stops nothing."""
        while not self._signals.taken:
            try:
                self._signals.take()
            except KeyboardInterrupt:
                continue

    @contextmanager
    def _handlers_kept(self) -> Iterator[None]:
        """Take the signals for the time of the body, and leave SIGINT's handler as it was found."""
        former = signal.getsignal(signal.SIGINT) if self._is_main else None
        if callable(former):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._signals.take()
        try:
            yield
        finally:
            self._signals.give_back()
            if callable(former):
                signal.signal(signal.SIGINT, former)

    def __enter__(self) -> MainThread:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._woken.close()


@contextmanager
def quick_switching(seconds: float = QUICK) -> Iterator[None]:
    """Have threads switched more often, so that typing is not slowed by what the main thread computes.

    For the time a prompt is up: the more often threads are switched, the more that costs the busy one.

    :param seconds: the interval; a shorter one that is set already stays.
    """
    former = sys.getswitchinterval()
    wanted = min(former, seconds)
    sys.setswitchinterval(wanted)
    ours = sys.getswitchinterval()  # rounded
    try:
        yield
    finally:
        if sys.getswitchinterval() == ours:  # else the user's code has set it
            sys.setswitchinterval(former)


def _default_handler(shell: InteractiveShell) -> None:
    """Put Python's own handler of Ctrl-C in place before a cell, if something idle has replaced it.

    A loop's of the user's stays. One that a cell left behind is the runner's affair.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    if shell.keep_signal_handlers or shell.runner.replaced is not None:
        return
    now = signal.getsignal(signal.SIGINT)
    if now is signal.default_int_handler or not callable(now) or is_asyncios(now):
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module = getattr(now, "__module__", None) or type(now).__name__
    notice(
        f"{module} has replaced the handler of Ctrl-C; Python's own is back, so that Ctrl-C stops cells.",
        once=f"SIGINT {module}",
    )


def _nothing() -> None:
    """Do nothing: called to see whether anybody answers."""
