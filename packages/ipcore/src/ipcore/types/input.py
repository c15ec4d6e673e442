"""What rewrites a cell's text."""

from __future__ import annotations

from typing import Literal, Protocol


class InputTransformer(Protocol):
    """One rewriting step over the text of a cell.

    One that does more than rewrite sets the attribute ``has_side_effects`` to true: it is
    then left out where a text is only asked whether it is complete.
    """

    name: str
    """Shown in reports."""
    stage: Literal["cleanup", "post"]
    """Before (``cleanup``) or after (``post``) the shell's own escapes are rewritten."""

    def applies(self, source: str) -> bool:
        """Tell cheaply whether :meth:`transform` may change this text; runs on every cell."""
        ...

    def transform(self, lines: list[str]) -> list[str]:
        """Rewrite the lines, each with its line ending.

        :raises SyntaxError: to refuse the cell; it is shown as the user's error.
        """
        ...
