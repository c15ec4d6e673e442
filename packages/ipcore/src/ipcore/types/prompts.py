"""The texts of the prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

#: Pieces of a text, each a style name (see ``ipcore.styles``) and the text.
Fragments = Sequence[tuple[str, str]]

#: Which prompt: before the input, before its further lines, before a value, before a rewritten line.
PromptKind = Literal["input", "continuation", "output", "rewrite"]


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


class MorePrompts(Protocol):
    """What prompts may offer as well; each method is looked for by its name, and asked for each prompt."""

    def styled(self, kind: PromptKind, number: int) -> Fragments:
        """Give a prompt in pieces; together they are the text that the method of that name gives.

        Without it a prompt is shown in one style.
        """
        ...

    def rewrite(self, number: int) -> str:
        """Text before a line that was rewritten before it ran; ``------>`` and a blank without it."""
        ...

    def right(self, number: int) -> Fragments:
        """What stands at the right end of the first line; one line. Only some front ends show it."""
        ...

    def toolbar(self) -> Fragments:
        """What stands in the line below all, while something is typed. Only some front ends show it."""
        ...
