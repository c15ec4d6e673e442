"""What knows how an editor is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Editor(Protocol):
    """How one editor is told what to open."""

    def arguments(self, filename: str, line: int | None, wait: bool) -> Sequence[str]:
        """Give what follows the editor's command; quoted for the system shell by who asks.

        :param filename: the file.
        :param line: counted from 1; ``None`` if it does not matter.
        :param wait: whether the command is to end only when the file has been closed.
        """
        ...
