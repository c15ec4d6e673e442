"""Keys from a Windows console: prompt_toolkit's input, which rests while a cell has the console."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING

from prompt_toolkit.input.win32 import Win32Input  # type: ignore[attr-defined,unused-ignore]

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPress

    from .terminal_modes import TerminalModes


class ConsoleInput(Win32Input):  # type: ignore[misc,unused-ignore]
    """As :class:`~ipterminal.terminal_input.TerminalInput`, for a console.

    :param modes: who sets the console's mode.
    """

    def __init__(self, modes: TerminalModes) -> None:
        super().__init__()
        self._modes = modes
        self._resting: list[ExitStack] = []

    def rest(self) -> None:
        """Leave the keyboard to somebody else; nests."""
        stack = ExitStack()
        stack.enter_context(self.detach())
        self._resting.append(stack)

    def resume(self) -> None:
        """Read again."""
        self._resting.pop().close()

    def raw_mode(self) -> AbstractContextManager[None]:
        """Do nothing: it is raw."""
        return nullcontext()

    def cooked_mode(self) -> AbstractContextManager[None]:
        """Have the console as the user has it, in the body."""
        return self._modes.held("users")

    def read_at_once(self) -> str:
        """Nothing: the console keeps it until it is read."""
        return ""

    def drain(self, seconds: float, until: Callable[[], bool]) -> None:
        """Nothing: a console is not asked."""

    def take_keys(self) -> list[KeyPress]:
        """Nothing was read."""
        return []

    def give_up_keys(self) -> list[KeyPress]:
        """Nothing was read."""
        return []
