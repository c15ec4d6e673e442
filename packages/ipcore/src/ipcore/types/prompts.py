"""The texts of the prompts."""

from __future__ import annotations

from typing import Protocol


class Prompts(Protocol):
    """Texts shown before input and output."""

    def input(self, number: int) -> str:
        """Text before the first line of cell ``number``."""
        ...

    def continuation(self, number: int) -> str:
        """Text before each further line of cell ``number``; as wide as the first."""
        ...

    def output(self, number: int) -> str:
        """Text before the value of cell ``number``."""
        ...
