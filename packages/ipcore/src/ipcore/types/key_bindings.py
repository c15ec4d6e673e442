"""Commands of the cell's editor that plugins give, and their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class CellEditor(Protocol):
    """The cell that is being edited, as a command sees it. Used on the editor's thread alone."""

    @property
    def text(self) -> str:
        """The text of the cell."""
        ...

    @property
    def cursor(self) -> int:
        """The position of the cursor in it, in characters, from 0."""
        ...

    @property
    def selection(self) -> tuple[int, int]:
        """Where what is selected begins and ends; the cursor twice where nothing is."""
        ...

    def replace(self, text: str, cursor: int | None = None) -> None:
        """Replace the whole text; one undo brings the former one back.

        :param cursor: the position in it; behind it by default.
        """
        ...

    def insert(self, text: str) -> None:
        """Put a text in at the cursor, which is behind it then."""
        ...

    def run(self) -> None:
        """Hand the cell over, to run as it stands."""
        ...

    def message(self, text: str) -> None:
        """Show one line below the cell, until the next key."""
        ...


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """A command of the editor, and the keys that it has as long as the user says nothing else."""

    name: str
    """``subject.verb``, in lower case; users bind other keys to it by this name."""
    function: Callable[[CellEditor], object]
    """Does it. Called on the editor's thread, between two keys: it must be quick, and leave the user's
    objects alone."""
    help: str
    """What it does, in one line, for ``%keys``."""
    keys: str = ""
    """Keys, separated by blanks: ``c-x t``, ``escape f``, ``f6``. Empty for a command without keys."""
    when: str = "in_cell"
    """Conditions of the editor, joined by ``&``, ``|``, ``~`` and parentheses; empty for always."""
