"""The plain prompts, and those of Python itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plugins.failures import reason_of

if TYPE_CHECKING:
    from ..plugins.registry import Given
    from ..shell import InteractiveShell


class PlainPrompts:
    """``In [3]: ``, ``   ...: `` and ``Out[3]: ``."""

    def input(self, number: int) -> str:
        """Text before the first line of cell ``number``."""
        return f"In [{number}]: "

    def continuation(self, number: int) -> str:
        """Text before each further line; as wide as the first."""
        return "...: ".rjust(len(self.input(number)))

    def output(self, number: int) -> str:
        """Text before the value of cell ``number``."""
        return f"Out[{number}]: "


class ClassicPrompts:
    """``>>> `` and ``... ``, nothing before values."""

    def input(self, number: int) -> str:
        """Text before the first line of a cell."""
        return ">>> "

    def continuation(self, number: int) -> str:
        """Text before each further line."""
        return "... "

    def output(self, number: int) -> str:
        """Nothing."""
        return ""


class GuardedPrompts:
    """A plugin's prompts, with the plain ones under them for when they fail."""

    def __init__(self, shell: InteractiveShell, given: Given, plain: PlainPrompts) -> None:
        self._shell = shell
        self._given = given
        self._plain = plain
        self._failed = False

    def input(self, number: int) -> str:
        """Text before the first line of cell ``number``."""
        return self._text("input", number)

    def continuation(self, number: int) -> str:
        """Text before each further line."""
        return self._text("continuation", number)

    def output(self, number: int) -> str:
        """Text before the value of cell ``number``."""
        return self._text("output", number)

    def _text(self, which: str, number: int) -> str:
        if self._failed:
            return str(getattr(self._plain, which)(number))
        try:
            text = getattr(self._given.value, which)(number)
            wrong = "" if isinstance(text, str) else f"it gave {type(text).__name__}, not text"
        except Exception as error:  # a plugin's: the prompt must come all the same
            text, wrong = "", reason_of(error)
        if not wrong:
            return str(text)
        self._failed = True
        self._shell.registry.disable(self._given.plugin, f"prompts, {which}", wrong)
        return str(getattr(self._plain, which)(number))
