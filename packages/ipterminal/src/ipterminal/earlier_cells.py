"""Earlier cells, and the way through them by the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

#: Cells that are kept at hand at most, beside those that were taken up at first.
MOST: Final = 10_000

#: Below the keys of all cells at hand: those that were found further back.
_FURTHER: Final = -(2**40)


class Place(NamedTuple):
    """What is to stand in the cell."""

    text: str
    cursor: int


class EarlierCells:
    """Earlier cells, oldest first, and which of them stands in the editor.

    With a prefix only cells that begin with it are shown, each text once. What was typed is the newest of
    all. A cell that is changed is shown so again, until a cell is handed over. Nothing here waits.
    """

    def __init__(self) -> None:
        #: The texts, oldest first. For others to read.
        self.cells: list[str] = []
        self._first = 0  # the key of the oldest; keys never change
        self.begin()

    # -- which there are ---------------------------------------------------------

    def add(self, text: str) -> None:
        """Take up the newest cell; blank ones, and one that is as the one before, are left out."""
        if text.strip() and not (self.cells and self.cells[-1] == text):
            self.cells.append(text)
            if len(self.cells) > MOST:
                surplus = MOST // 10
                del self.cells[:surplus]
                self._first += surplus

    def add_older(self, texts: Iterable[str]) -> None:
        """Take up cells that are older than all, the oldest of them first."""
        older: list[str] = []
        for text in texts:
            if text.strip() and not (older and older[-1] == text):
                older.append(text)
        if older and self.cells and older[-1] == self.cells[0]:
            older.pop()
        self.cells[:0] = older
        self._first -= len(older)

    def add_further(self, prefix: str, texts: Iterable[str]) -> None:
        """Take up cells from further back that begin with a prefix, the newest first."""
        self._further_for = prefix
        self._further_from = len(self._further)  # keys of those before may be in use
        self._further.extend(texts)

    # -- where we are ------------------------------------------------------------

    def begin(self) -> None:
        """Begin with a new cell: forget what was changed, and what was typed."""
        self._key: int | None = None
        self._typed = Place("", 0)
        self._changed: dict[int, str] = {}
        self._prefix: str | None = None
        self._shown = ""
        self._further: list[str] = []  # from further back than those at hand
        self._further_from = 0
        self._further_for = ""
        #: Texts that were shown in this search → the cells that showed them.
        self._showing: dict[str, int] = {}

    @property
    def prefix(self) -> str:
        """What the cells that are gone through begin with; empty for all cells."""
        return self._prefix or ""

    @property
    def knows_all(self) -> bool:
        """Whether there is nothing to be found further back for the prefix."""
        return not self.prefix or self._further_for == self._prefix

    def back(
        self, text: str, cursor: int, count: int = 1, *, search: bool = True
    ) -> tuple[Place | None, int]:
        """Go to earlier cells.

        :param text: what stands in the editor.
        :param cursor: where in it.
        :param count: how many cells.
        :param search: whether only cells that begin with what is before the cursor are shown; holds until the
            text changes.
        :returns: what is to stand there, ``None`` for what does; and how many were missing.
        """
        self._note(text, cursor, search)
        keys, at = self._way()
        target = min(at + count, len(keys) - 1)
        missing = at + count - target
        return (self._go(keys[target], end=True) if target > at else None), missing

    def forward(self, text: str, cursor: int, count: int = 1, *, search: bool = True) -> Place | None:
        """Go to later cells, in the end to what was typed; as :meth:`back`."""
        self._note(text, cursor, search)
        keys, at = self._way()
        target = max(at - count, -1)
        return None if target == at else self._go(keys[target] if target >= 0 else None, end=False)

    def go(self, index: int, text: str, cursor: int) -> Place | None:
        """Go to a cell by its number from the oldest; one behind the newest is what was typed."""
        self._note(text, cursor, False)
        if index >= len(self.cells):
            return None if self._key is None else self._go(None, end=False)
        return self._go(self._first + max(index, 0), end=True) if self.cells else None

    @property
    def shows_typed(self) -> bool:
        """Whether what was typed stands in the editor, none of the earlier cells."""
        return self._key is None

    @property
    def index(self) -> int:
        """The number of the cell that stands in the editor; behind the newest for what was typed."""
        if self._key is None:
            return len(self.cells)
        return max(self._key - self._first, 0)

    def following(self) -> int | None:
        """Give a mark of the cell behind the one that stands in the editor, for :meth:`go_to`."""
        if self._key is None or not self._first <= self._key + 1 < self._first + len(self.cells):
            return None
        return self._key + 1

    def go_to(self, mark: int, text: str, cursor: int) -> Place | None:
        """Go to a marked cell, also after others have been added."""
        return self.go(mark - self._first, text, cursor) if mark >= self._first else None

    # -- inside ------------------------------------------------------------------

    def _note(self, text: str, cursor: int, search: bool) -> None:
        """Keep what stands in the editor, and begin a search if it is not as it was shown."""
        if self._key is None:
            self._typed = Place(text, cursor)
        elif text != self._text(self._key):
            self._changed[self._key] = text
        wanted = text[:cursor] if search else ""
        if self._prefix is None or text != self._shown or (self._prefix and not search):
            self._prefix = wanted
            self._showing = {}
        self._shown = text

    def _text(self, key: int) -> str:
        changed = self._changed.get(key)
        return self._original(key) if changed is None else changed

    def _original(self, key: int) -> str:
        return self._further[_FURTHER - key] if key <= _FURTHER else self.cells[key - self._first]

    def _way(self) -> tuple[Sequence[int], int]:
        """Give the keys of the cells to go through, newest first, and where we are; -1 for before all."""
        newest = range(self._first + len(self.cells) - 1, self._first - 1, -1)
        further: Sequence[int] = ()
        if self._prefix and self._further_for == self._prefix:
            further = range(_FURTHER - self._further_from, _FURTHER - len(self._further), -1)
        keys = self._different([*newest, *further]) if self._prefix else self._in_a_row(newest)
        if self._key is None:
            return keys, -1
        if self._key in keys:
            return keys, keys.index(self._key)
        at = sum(1 for key in keys if key > self._key)
        keys.insert(at, self._key)
        return keys, at

    def _different(self, keys: Iterable[int]) -> list[int]:
        """Leave those that begin with the prefix, each text once, and without what was typed.

        Of several with one text it is the one that has shown it: the way back leads to where one was.
        """
        prefix = self.prefix
        showing = self._showing
        if self._key is not None:
            showing = {**showing, self._text(self._key): self._key}
        seen = {self._typed.text}
        found = []
        for key in keys:
            text = self._text(key)
            shown_by = showing.get(text)
            if key == shown_by:
                found.append(key)
            elif (
                shown_by is None
                and text not in seen
                and (text.startswith(prefix) or self._original(key).startswith(prefix))
            ):
                seen.add(text)
                found.append(key)
        return found

    def _in_a_row(self, keys: Iterable[int]) -> list[int]:
        """Leave out those that are as the one before."""
        found: list[int] = []
        last = None
        for key in keys:
            text = self._text(key)
            if text != last:
                found.append(key)
            elif key == self._key:
                found[-1] = key
            last = text
        return found

    def _go(self, key: int | None, *, end: bool) -> Place:
        if self._key is not None:
            self._showing[self._text(self._key)] = self._key
        self._key = key
        if key is None:
            place = self._typed
        else:
            text = self._text(key)
            first_line = text.find("\n")
            place = Place(text, len(text) if end or first_line < 0 else first_line)
        self._shown = place.text
        return place
