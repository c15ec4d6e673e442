"""Ctrl-Z and Ctrl-\\ while a cell computes: who gets the terminal then has to get it as the user has it.

Interactive shells put a terminal in order themselves when a program stops or dies. Others do not, scripts
among them, and what hides the echo of keys would stay.

A handler written in Python comes late, or never, where a cell does not come back from C code. So it is there
for one signal: the second one has the effect it always had. Where that cannot be had, there are no handlers.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

#: Ctrl-Z and Ctrl-\.
_NAMES: Final = ("SIGTSTP", "SIGQUIT")


class StopSignals:
    """Handles both signals for as long as wanted. To be used on any thread, with effect on the main one.

    :param leave: leaves the terminal as the user has it, and gives what takes it back.
    """

    def __init__(self, leave: Callable[[], Callable[[], object]]) -> None:
        self._leave = leave
        self._on = False
        #: The system's handlers that stand for ours: signal → address.
        self._ours: dict[int, int | None] = {}

    def handle(self) -> None:
        """Handle those signals that nobody else handles."""
        if self._on or threading.current_thread() is not threading.main_thread():
            return
        system = SystemHandlers.found()
        if system is None:
            return
        self._on = True
        for name in _NAMES:
            number = getattr(signal, name)
            if signal.getsignal(number) is signal.SIG_DFL and system.handler(number) is None:
                signal.signal(number, self._on_signal)
                self._ours[number] = system.handler(number)
                system.handle_once(number)

    def let_be(self) -> None:
        """Have the signals do what they do by default."""
        if not self._on or threading.current_thread() is not threading.main_thread():
            return
        self._on = False
        system = SystemHandlers.found()
        for name in _NAMES:
            number = getattr(signal, name)
            if signal.getsignal(number) != self._on_signal:
                continue
            # One that is not written in Python, such as faulthandler's, stays.
            if system is None or system.handler(number) in (None, self._ours.get(number)):
                signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, number: int, frame: Any) -> None:
        """Stop or die in good order; in a forked child, where nothing is to be left, just that."""
        on = self._on
        self.let_be()
        take_back = self._leave()
        signal.signal(number, signal.SIG_DFL)
        if sys.platform != "win32":
            signal.pthread_kill(threading.get_ident(), number)  # stands still here, until "fg" or "bg"
        take_back()
        if on:
            self.handle()


class SystemHandlers:
    """The system's own handlers, of which those written in Python are only a part."""

    def __init__(self) -> None:
        import ctypes

        self._handler = ctypes.pythonapi.PyOS_getsig
        self._handler.argtypes, self._handler.restype = [ctypes.c_int], ctypes.c_void_p
        self._set = ctypes.CDLL(None).sysv_signal  # the GNU library's
        self._set.argtypes, self._set.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p

    @classmethod
    def found(cls) -> SystemHandlers | None:
        """Give them; ``None`` where a handler cannot be made to stand for one signal alone."""
        if sys.platform != "linux":
            return None
        try:
            return cls()
        except (ImportError, AttributeError, OSError):
            return None

    def handler(self, number: int) -> int | None:
        """Give the address of a signal's handler; ``None`` for the default."""
        return self._handler(int(number))  # type: ignore[no-any-return]

    def handle_once(self, number: int) -> None:
        """Have the handler that is there stand for one signal alone."""
        self._set(int(number), self.handler(number))
