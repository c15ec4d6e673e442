"""Ctrl-C for a shell that was opened in another thread than the main one.

Python handles signals in the main thread, and lets no other thread choose how. So the main
thread is asked to hand Ctrl-C on, by a pending call of the interpreter, and by the event loop
that it may be running. It is handed on as an exception that the shell's thread
gets at its next bytecode: a call into C that blocks is not interrupted.
"""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

#: Seconds that the main thread is given to listen, and between attempts to wake it.
PATIENCE: Final = 1.0
_STEP: Final = 0.02

_Pending = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)

#: Pending calls, kept until they have been made, with what tells that they have.
_waiting: Final[list[tuple[Any, threading.Event]]] = []


class _Withdrawn(BaseException):
    """Stands for a Ctrl-C that is taken back."""


class ThreadInterrupts:
    """While entered, Ctrl-C raises ``KeyboardInterrupt`` in this thread instead of the main one.

    Where the main thread does not listen within :data:`PATIENCE`, as it sleeps or is busy in C, Ctrl-C is
    handed on from when it does.

    :param cancel_waiting: cancels what waits in this thread's event loop, if that is all the thread does, and
        gives whether it did; called in the main thread.
    """

    def __init__(self, cancel_waiting: Callable[[], bool]) -> None:
        self._cancel_waiting = cancel_waiting
        self._thread = threading.get_ident()
        self._open = True
        self._former: Any = None
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        call_in_main_thread(self._install)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._open:
            try:
                with self._lock:
                    self._withdraw()
                    self._open = False
            except KeyboardInterrupt:
                continue
        call_in_main_thread(self._restore)

    def _install(self) -> None:
        former = signal.getsignal(signal.SIGINT)
        if self._open and self._former is None and callable(former):  # one that is ignored stays so
            self._former = former
            signal.signal(signal.SIGINT, self._on_interrupt)

    def _restore(self) -> None:
        if self._former is not None and signal.getsignal(signal.SIGINT) == self._on_interrupt:
            signal.signal(signal.SIGINT, self._former)
        self._former = None

    def _on_interrupt(self, number: int, frame: Any) -> None:
        with self._lock:
            if self._open:
                if not self._cancel_waiting():
                    self._raise(KeyboardInterrupt)
                    _call_in_loops(_nothing)  # it may wait in one, and would see it at the next event only
                return
        if callable(self._former):
            self._former(number, frame)

    def _raise(self, kind: type[BaseException]) -> None:
        """Have an exception raised in the thread."""
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(kind))

    def _withdraw(self) -> None:
        """Take back a Ctrl-C that has not arrived yet, as it is not for the program.

        Another exception takes its place and is caught. Python could also be told that there is none, but
        would then ask itself for ever whether there is, and a traced function would not get past its start.
        """
        try:
            self._raise(_Withdrawn)
            for _ in range(100_000):  # it arrives at the first
                pass
        except _Withdrawn:
            return


def call_in_main_thread(function: Callable[[], None]) -> bool:
    """Have the main thread call a function soon, whatever it is waiting for if that can be interrupted.

    :param function: is called once; does not raise, does not block.
    :returns: whether it was called within :data:`PATIENCE`; else it will be, when the main thread can.
    """
    called = threading.Event()
    once = threading.Lock()

    def call() -> None:
        if threading.current_thread() is threading.main_thread() and once.acquire(blocking=False):
            try:
                function()
            finally:
                called.set()

    def pending(_: object) -> int:
        call()
        made.set()
        return 0

    made = threading.Event()
    _waiting[:] = [each for each in _waiting if not each[1].is_set()]
    entry = _Pending(pending)
    if ctypes.pythonapi.Py_AddPendingCall(entry, None) == 0:  # else there is no room for more
        _waiting.append((entry, made))
    _ask_loops(call)
    with _Waker() as wake:
        for _ in range(round(PATIENCE / _STEP)):
            wake()
            if called.wait(_STEP):
                return True
    return False


def _ask_loops(call: Callable[[], None]) -> None:
    """Have a function called by the event loops that run, one of which may be the main thread's."""
    _call_in_loops(call)
    trio = sys.modules.get("trio")
    if trio is not None:
        try:
            trio.from_thread.run_sync(call)
        except (RuntimeError, trio.RunFinishedError, trio.Cancelled):  # not a thread of trio's
            return


def _call_in_loops(call: Callable[[], None]) -> None:
    """Have a function called by all asyncio loops that run."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        base = asyncio.AbstractEventLoop
        for each in [each for each in gc.get_objects() if issubclass(type(each), base)]:
            try:
                if each.is_running():
                    each.call_soon_threadsafe(call)
            except Exception:  # one that cannot be asked, or has just ended
                continue


class _Waker:
    """Interrupts what the main thread waits for, without any effect but that it looks for pending calls.

    By a signal that nobody handles, and that would be ignored: it gets a handler of C that does nothing.
    """

    def __init__(self) -> None:
        self._signal = 0
        self._former: Any = None

    def __enter__(self) -> Callable[[], None]:
        if sys.platform == "win32":  # where a wait for a lock cannot be interrupted at all
            return _nothing
        python = ctypes.pythonapi
        python.PyOS_getsig.restype = python.PyOS_setsig.restype = ctypes.c_void_p
        python.PyOS_setsig.argtypes = [ctypes.c_int, ctypes.c_void_p]
        for number in (signal.SIGURG, signal.SIGWINCH):
            if signal.getsignal(number) is signal.SIG_DFL and not python.PyOS_getsig(int(number)):
                self._signal = int(number)
                # Any function that only reads will do.
                idle = ctypes.cast(python.Py_IsInitialized, ctypes.c_void_p)
                self._former = python.PyOS_setsig(self._signal, idle)
                return self._wake
        return _nothing

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._signal:
            ctypes.pythonapi.PyOS_setsig(self._signal, self._former)

    def _wake(self) -> None:
        main = threading.main_thread()
        if main.ident is not None and main.is_alive():
            signal.pthread_kill(main.ident, self._signal)


def _nothing() -> None:
    """Do nothing."""
