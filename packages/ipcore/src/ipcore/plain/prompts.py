"""The plain prompts, and those of Python itself."""

from __future__ import annotations


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
