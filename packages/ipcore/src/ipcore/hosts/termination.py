"""Ending in order when the system asks the shell to: SIGTERM, SIGHUP; on Windows the console's events."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: Seconds that the parts of the shell get to close.
DEADLINE: Final = 5.0

_NUMBERS: Final[tuple[int, ...]] = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class Termination:
    """While entered, a request to end closes the shell before the process dies of it.

    The terminal gets back the settings it had at entering, the shell is closed as at any end, and
    the process ends by the same signal, so that whoever sent it sees that. After :data:`DEADLINE`
    seconds it ends in any case, and at a second request at once. The rest of a running
    cell does not run, ``finally`` clauses included.

    On Windows this is for Ctrl-Break; a console window that is closed gives no time to anybody
    who handles it by Python's means.

    A signal that somebody handles or ignores (``nohup``) is left alone. Without effect
    outside of the main thread.

    :param shell: the shell to close.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._terminal: list[Any] | None = None

    def __enter__(self) -> Termination:
        if threading.current_thread() is threading.main_thread():
            self._terminal = _terminal_settings()
            for number in _NUMBERS:
                if signal.getsignal(number) == signal.SIG_DFL:
                    signal.signal(number, self._on_signal)
            if hasattr(os, "register_at_fork"):
                _entered.append(self)
                _see_forks()
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()
        if self in _entered:
            _entered.remove(self)

    def _let_go(self) -> None:
        """Have the signals do what they do by default; those that the user handles excepted."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _NUMBERS:
            if signal.getsignal(number) == self._on_signal:
                signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, number: int, frame: object) -> None:
        self._let_go()
        with suppress(RuntimeError):  # no thread can be started: then without a deadline
            threading.Thread(target=_die_later, args=(number,), name="ipshell ends", daemon=True).start()
        self._restore_terminal()
        loop: Any = self._shell.find("user_loop")
        if loop is not None and loop.made and loop.loop.is_running():
            loop.call_outside(lambda: self._finish(number))  # its tasks are to be cancelled
        else:
            self._finish(number)

    def _finish(self, number: int) -> None:
        try:
            self._shell.close()
        finally:
            self._restore_terminal()  # once more, as what was closed may have changed it
            _die(number)

    def _restore_terminal(self) -> None:
        if self._terminal is None or sys.platform == "win32":
            return
        import termios

        with suppress(OSError, termios.error):  # the terminal is gone, as SIGHUP says
            if os.tcgetpgrp(0) == os.getpgrp():  # a process in the background would be stopped
                termios.tcsetattr(0, termios.TCSANOW, self._terminal)


_entered: list[Termination] = []
_forks_seen = False


def _see_forks() -> None:
    global _forks_seen
    if not _forks_seen:
        _forks_seen = True
        os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    """Let a child die of these signals as any process does."""
    for each in _entered:
        each._let_go()
    _entered.clear()


def _terminal_settings() -> list[Any] | None:
    if sys.platform == "win32":
        return None
    import termios

    try:
        return termios.tcgetattr(0)
    except (OSError, termios.error):  # no terminal
        return None


def _die_later(number: int) -> None:
    threading.Event().wait(DEADLINE)
    _die(number)


def _die(number: int) -> None:
    """End this process by a signal."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError, AttributeError):  # nobody reads it
                stream.flush()
    if sys.platform == "win32":
        os._exit(0xC000013A)  # as of a process that a console event has ended
    os.kill(os.getpid(), number)
