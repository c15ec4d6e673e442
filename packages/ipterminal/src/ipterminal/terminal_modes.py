"""The one owner of what a terminal does with keys: hands them on raw, or edits lines as the user has it.

Nobody else here changes these settings, prompt_toolkit included. Not imported here is anything
that takes time: the first prompt is painted with this module alone.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, Final, Literal

State = Literal["users", "raw"]

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
        self._lock = threading.RLock()
        self._users = self._read()

    def raw(self) -> None:
        """Have each key handed on as it is typed, not echoed, Ctrl-C and Ctrl-Z among them."""
        with self._lock:
            if self.state == "users":
                found = self._read()
                if self._is_sane(found):  # else a program was killed that had it raw
                    self._users = found
            self._write(self._raw_from(self._users))
            self.state = "raw"

    def users(self) -> None:
        """Have the terminal as the user has it: for programs, ``input()``, and at the end."""
        with self._lock:
            if self.state != "users":
                self.state = "users"
                self._write(self._users)

    def again(self) -> None:
        """Set what should be set once more, after others may have changed it: the process was stopped."""
        with self._lock:
            self._write(self._users if self.state == "users" else self._raw_from(self._users))

    # -- the system's side -------------------------------------------------------

    if sys.platform == "win32":

        def _read(self) -> Any:
            import ctypes

            mode = ctypes.c_ulong()
            kernel = ctypes.windll.kernel32
            if not kernel.GetConsoleMode(kernel.GetStdHandle(_STANDARD_INPUT), ctypes.byref(mode)):
                raise OSError("standard input is no console")
            return mode.value

        def _write(self, settings: Any) -> None:
            import ctypes

            kernel = ctypes.windll.kernel32
            kernel.SetConsoleMode(kernel.GetStdHandle(_STANDARD_INPUT), settings)

        @staticmethod
        def _raw_from(users: Any) -> Any:
            return users & ~(_PROCESSED | _LINES | _ECHO)

        @staticmethod
        def _is_sane(settings: Any) -> bool:
            return bool(settings & _LINES)

    else:

        def _read(self) -> Any:
            import termios

            try:
                return termios.tcgetattr(self.descriptor)
            except termios.error as error:
                raise OSError(*error.args) from error

        def _write(self, settings: Any) -> None:
            import termios

            try:
                if os.tcgetpgrp(self.descriptor) == os.getpgrp():  # one in the background would be stopped
                    termios.tcsetattr(self.descriptor, termios.TCSANOW, settings)
            except (OSError, termios.error):  # the terminal is gone, which reading from it tells
                return

        @staticmethod
        def _raw_from(users: Any) -> Any:
            import termios

            raw = [*users]
            raw[_CC] = list(users[_CC])
            raw[_IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
            raw[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
            raw[_CC][termios.VMIN], raw[_CC][termios.VTIME] = 1, 0
            return raw

        @staticmethod
        def _is_sane(settings: Any) -> bool:
            import termios

            return bool(settings[_LFLAG] & termios.ICANON)
