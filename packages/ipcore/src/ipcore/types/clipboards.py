"""What reads and writes the clipboard."""

from __future__ import annotations

from typing import Protocol


class Clipboard(Protocol):
    """A way to the clipboard. Each method takes a few seconds at most."""

    def read(self) -> str:
        """Give the text in the clipboard; empty if it holds none.

        :raises ipcore.errors.TryNext: if there is no way to read it; another clipboard is asked then.
        """
        ...

    def write(self, text: str) -> None:
        """Put a text into the clipboard.

        :raises ipcore.errors.TryNext: if there is no way to; another clipboard is asked then.
        """
        ...
