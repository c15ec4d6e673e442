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

    def handle(self) -> None:
        """Handle those signals that nobody else handles."""
        if self._on or threading.current_thread() is not threading.main_thread():
            return
        once = _handled_once()
        if once is None:
            return
        self._on = True
        for name in _NAMES:
            number = getattr(signal, name)
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._on_signal)
                once(number)

    def let_be(self) -> None:
        """Have the signals do what they do by default."""
        if not self._on or threading.current_thread() is not threading.main_thread():
            return
        self._on = False
        for name in _NAMES:
            number = getattr(signal, name)
            if signal.getsignal(number) == self._on_signal:
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


def _handled_once() -> Callable[[int], object] | None:
    """Give what makes a handler of Python's stand for one signal alone; ``None`` where that is unknown."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        address = ctypes.pythonapi.PyOS_getsig
        address.restype = ctypes.c_void_p
        handle_once = ctypes.CDLL(None).sysv_signal  # the GNU library's
        handle_once.argtypes = [ctypes.c_int, ctypes.c_void_p]
        handle_once.restype = ctypes.c_void_p
    except (ImportError, AttributeError, OSError):
        return None
    return lambda number: handle_once(int(number), address(int(number)))
