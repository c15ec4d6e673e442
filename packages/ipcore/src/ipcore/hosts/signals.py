"""Signals of the thread that runs cells: noted while it is idle, the user's while a cell runs.

A handler that raises while a native event loop is on the stack may crash the process, so while idle
Ctrl-C is noted and wakes the loop. The interpreter writes the numbers of signals to a descriptor that
the front end reads; whoever had that before, such as an asyncio loop with handlers of the user's, is handed
them on.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from .interrupts import is_asyncios

if TYPE_CHECKING:
    from .wakeup import WakeUp

_SIGINT: Final = signal.SIGINT
#: Seconds after which an idle loop that has not answered a Ctrl-C counts as stuck.
PATIENCE: Final = 0.25


class IdleSignals:
    """Who handles signals: :meth:`take` while idle, :meth:`give_back` before a cell.

    To be made and used on one thread. On any but the main one there are no signals, and it does nothing.

    :param woken: wakes the idle loop.
    :param signals: takes the numbers of signals; ``woken`` itself by default.
    """

    def __init__(self, woken: WakeUp, signals: WakeUp | None = None) -> None:
        self._woken = woken
        self._signals = signals or woken
        self._main = threading.current_thread() is threading.main_thread()
        self._former: Any = None
        self._former_descriptor = -1
        #: Whether they are ours at the moment; never on another thread than the main one.
        self.taken = not self._main
        self._first = 0.0
        #: Whether Ctrl-C came while idle and nobody has taken note of it yet.
        self.interrupted = False
        #: Set by whoever knows that the thread does not answer: the next Ctrl-C raises.
        self.stuck = False

    def take(self) -> None:
        """Note Ctrl-C from now on instead of raising; own the descriptor that signals are written to."""
        if self.taken:
            return
        self.interrupted = self.stuck = False
        handler = signal.getsignal(_SIGINT)
        # Where a loop handles SIGINT itself, by add_signal_handler, the user gets it so.
        if callable(handler) and not is_asyncios(handler) and handler != self._on_interrupt:
            self._former = handler
            signal.signal(_SIGINT, self._on_interrupt)
        self._former_descriptor = set_wakeup(self._signals.signal_descriptor)
        self.taken = True

    def give_back(self) -> None:
        """Put the handler and the descriptor back as they were, unless somebody else has set them since."""
        if not self.taken or not self._main:
            return
        now = set_wakeup(-1)
        ours = now == self._signals.signal_descriptor
        set_wakeup(self._former_descriptor if ours else now)
        self.taken = False
        former, self._former = self._former, None
        if former is not None and signal.getsignal(_SIGINT) == self._on_interrupt:
            signal.signal(_SIGINT, former)

    def settle(self) -> None:
        """Forget the Ctrl-C of which a handler would be told only now."""
        if self._main:
            signal.signal(_SIGINT, signal.getsignal(_SIGINT))  # runs the handlers of what has come
        self.interrupted = self.stuck = False

    def hand_on(self, numbers: bytes) -> None:
        """Give signals that came while idle to the former owner of the descriptor. For any thread."""
        if numbers and self.taken and self._former_descriptor >= 0:
            write_signals(self._former_descriptor, numbers)

    def _on_interrupt(self, number: int, frame: Any) -> None:
        first, self._first = self._first, time.monotonic()
        if self.stuck or (self.interrupted and self._first - first > PATIENCE):
            self.stuck = self.interrupted = False
            raise KeyboardInterrupt
        if not self.interrupted:
            self.interrupted = True
        else:
            self._first = first
        self._woken.wake()


def send_interrupt(thread: int, noticed: threading.Event | None = None) -> threading.Event:
    """Send SIGINT to the main thread.

    One that arrives just before a system call does not end that call, and would be lost until the call
    is over. So it can be told whether it was noticed, and be sent again.

    :param thread: the main thread's.
    :param noticed: what was returned before, if it is sent again.
    :returns: an event that is set when the main thread has seen it; on an interpreter that cannot tell, set.
    """
    global _callback
    if sys.platform == "win32":  # runs the C handler here, and Python's on the main thread
        signal.raise_signal(_SIGINT)
    else:
        signal.pthread_kill(thread, _SIGINT)
    if noticed is not None:
        return noticed
    noticed = threading.Event()
    try:
        import ctypes

        # Signals are looked at before pending calls are made.
        if _callback is None:
            _callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(_notice)
        _pending.append(noticed)
        failed = ctypes.pythonapi.Py_AddPendingCall(_callback, None) != 0
    except (ImportError, AttributeError):
        failed = True
    if failed:
        noticed.set()
    return noticed


#: Events to be set by the next pending call.
_pending: deque[threading.Event] = deque(maxlen=100)
_callback: Any = None


def _notice(_: object) -> int:
    while _pending:
        _pending.popleft().set()
    return 0


def set_wakeup(descriptor: int) -> int:
    """Have the numbers of signals written to a descriptor, or none; give the former one."""
    try:
        return signal.set_wakeup_fd(descriptor, warn_on_full_buffer=False)
    except (ValueError, OSError):  # the one to put back is closed by now, or blocks
        return signal.set_wakeup_fd(-1)


def write_signals(descriptor: int, data: bytes) -> None:
    """Write numbers of signals as the interpreter does: never waiting, and it is no error if nobody reads."""
    try:
        if sys.platform == "win32":
            other = socket.socket(fileno=descriptor)
            try:
                other.send(data)
            finally:
                other.detach()
        else:
            os.write(descriptor, data)
    except OSError:
        return
