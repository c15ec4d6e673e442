"""What ``sys.stdin`` is where a front end answers questions and there is no terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .keyboard import Keyboard


class KeyboardInput(io.TextIOBase):
    """A text stream whose lines are asked for, one by one.

    :param keyboard: where to ask.
    """

    mode = "r"
    name = "<stdin>"

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        self._rest = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Text comes as text; this is for those who ask."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """There are none."""
        return "strict"

    def readable(self) -> bool:
        """Yes."""
        return True

    def isatty(self) -> bool:
        """Nobody types here."""
        return False

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        """Ask for a line; empty at the end of input.

        :raises NobodyToAsk: if there is nobody to answer.
        """
        from ..errors import NobodyToAsk

        if not self._rest:
            try:
                self._rest = self._keyboard.ask() + "\n"
            except NobodyToAsk:
                raise
            except EOFError:
                return ""
        line = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(line) :]
        return line

    def read(self, size: int | None = -1, /) -> str:
        """Ask for lines until there are so many characters, or the input ends."""
        pieces: list[str] = []
        wanted = -1 if size is None else size
        while wanted:
            piece = self.readline(wanted)
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece) if wanted > 0 else 0
        return "".join(pieces)

    def close(self) -> None:
        """Do nothing: others read here too."""

    def __del__(self) -> None:
        """Spare the stream the ``close()`` that files get at their end."""
