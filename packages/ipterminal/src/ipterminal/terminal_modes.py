"""The one owner of what a terminal does with keys.

There are four states:

``users``
    As the user has it: the terminal edits lines and echoes them. For programs, ``input()``, and at the end.
``raw``
    The editor's: each key is handed on as it is typed.
``echoing``
    The same, and keys are shown where the cursor is: for the time between the first prompt and the editor.
``quiet``
    While a cell computes: Ctrl-C and Ctrl-Z are signals, and what is typed ahead is kept, however much it
    is, and not shown until it stands at its prompt.

Nobody else here changes these settings, prompt_toolkit included. Nothing is imported here
that takes time: the first prompt is painted with this module alone.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

State = Literal["users", "raw", "echoing", "quiet"]

#: Positions in what ``termios.tcgetattr`` gives.
_IFLAG: Final = 0
_LFLAG: Final = 3
_CC: Final = 6

#: Bits of a Windows console's mode: Ctrl-C handled by the system, lines edited, keys echoed.
_PROCESSED: Final = 0x1
_LINES: Final = 0x2
_ECHO: Final = 0x4
_STANDARD_INPUT: Final = -10


class TerminalModes:
    """The settings of one terminal. Safe from any thread.

    :param descriptor: of the terminal's input.
    :raises OSError: if it is no terminal.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        #: What the terminal is set to.
        self.state: State = "users"
        #: Whether the terminal is not set to it, as another program has the terminal.
        self.pending = False
        #: Called when it becomes so; on whatever thread.
        self.on_pending: Callable[[], object] | None = None
        self._lock = threading.RLock()
        found = self._read()
        if found is None:
            raise OSError("standard input is no terminal")
        self._users = found

    def set(self, state: State) -> State:
        """Go over to a state.

        :returns: the former one.
        """
        with self._lock:
            former = self.state
            if former != state:
                if former == "users":
                    found = self._read()
                    if found is not None and self._is_sane(
                        found
                    ):  # else a program was killed that had it raw
                        self._users = found
                self.state = state
                self._write(self._settings(state))
            return former

    def again(self) -> None:
        """Set what should be set once more, after others may have changed it: the process was stopped."""
        with self._lock:
            self._write(self._settings(self.state))

    @contextmanager
    def held(self, state: State) -> Iterator[None]:
        """Have the terminal in a state in the body, and as it was behind it."""
        former = self.set(state)
        try:
            yield
        finally:
            self.set(former)

    # -- the system's side -------------------------------------------------------

    if sys.platform == "win32":

        def _read(self) -> Any:
            import ctypes

            mode = ctypes.c_ulong()
            kernel = ctypes.windll.kernel32
            if not kernel.GetConsoleMode(kernel.GetStdHandle(_STANDARD_INPUT), ctypes.byref(mode)):
                return None
            return mode.value

        def _write(self, settings: Any) -> None:
            import ctypes

            kernel = ctypes.windll.kernel32
            kernel.SetConsoleMode(kernel.GetStdHandle(_STANDARD_INPUT), settings)

        def _settings(self, state: State) -> Any:
            quiet = self._users & ~(_LINES | _ECHO)
            return {"users": self._users, "quiet": self._users}.get(state, quiet & ~_PROCESSED)

        @staticmethod
        def _is_sane(settings: Any) -> bool:
            return bool(settings & _LINES)

    else:

        def _read(self) -> Any:
            import termios

            try:
                return termios.tcgetattr(self.descriptor)
            except termios.error:  # it is none, or gone
                return None

        def _write(self, settings: Any) -> None:
            import termios

            try:
                in_background = os.tcgetpgrp(self.descriptor) != os.getpgrp()
                if not in_background:  # it would be stopped
                    termios.tcsetattr(self.descriptor, termios.TCSANOW, settings)
            except (OSError, termios.error):  # the terminal is gone, which reading from it tells
                return
            began = in_background and not self.pending
            self.pending = in_background
            if began and self.on_pending is not None:
                self.on_pending()

        def _settings(self, state: State) -> Any:
            import termios

            if state == "users":
                return self._users
            made = [*self._users]
            made[_CC] = list(self._users[_CC])
            made[_CC][termios.VMIN], made[_CC][termios.VTIME] = 1, 0
            made[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN)
            if state != "quiet":
                translated = termios.ICRNL | termios.INLCR | termios.IGNCR
                made[_IFLAG] &= ~(translated | termios.IXON | termios.IXOFF)
                made[_LFLAG] &= ~termios.ISIG
            if state == "echoing":
                made[_LFLAG] |= termios.ECHO | termios.ECHOCTL
            return made

        @staticmethod
        def _is_sane(settings: Any) -> bool:
            import termios

            return bool(settings[_LFLAG] & termios.ICANON)
