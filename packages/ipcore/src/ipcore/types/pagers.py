"""What shows a long text."""

from __future__ import annotations

from typing import Protocol


class Pager(Protocol):
    """Shows a text a screen at a time."""

    def show(self, text: str, start: int) -> None:
        """Show a text, with its escape sequences, and return when the user has left it.

        Called on the thread that runs cells, which has the terminal.

        :param text: the text; one that fits on the screen comes too, if the user has asked for it.
        :param start: the line to begin at, counted from 0.
        :raises ipcore.errors.TryNext: if it cannot be shown here; another way is taken then.
        """
        ...
