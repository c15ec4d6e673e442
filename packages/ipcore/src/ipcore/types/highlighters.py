"""What finds out which piece of a source text is what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Highlighter(Protocol):
    """Takes source text apart into pieces that look alike."""

    def fragments(self, text: str, language: str) -> Sequence[tuple[str, str]] | None:
        """Give the pieces of a text, in order, each with its style name (see ``ipcore.styles``).

        Together they are the text, to the last character. Whatever the text is, there is an answer.

        :param text: the text, at most a few thousand lines.
        :param language: its name in lower case: ``python``, ``bash``.
        :returns: ``None`` for a language that it does not know.
        """
        ...
