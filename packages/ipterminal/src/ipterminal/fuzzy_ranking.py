"""Which cells have the letters that are typed, and which of them fit best."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

#: Characters of a cell that are looked at.
_LONGEST: Final = 2000
#: Places of a cell where the letters may begin that are compared.
_TRIES: Final = 20
#: Hits that are kept at most, the best.
MOST: Final = 2000


class Hit(NamedTuple):
    """A cell that has the letters. The best is the smallest."""

    rank: float
    """Less is better."""
    age: int
    """Less is newer."""
    text: str
    places: tuple[int, ...]
    """Where its letters are."""


class Letters:
    """Letters that cells are to have in this order, whatever stands between.

    :param typed: blanks count for nothing, nor does case where all are small.
    """

    def __init__(self, typed: str) -> None:
        self.wanted = typed.replace(" ", "")
        folds = self.wanted == self.wanted.lower()
        parts = ".*?".join(f"({re.escape(letter)})" for letter in self.wanted[:90])
        self._pattern = re.compile(parts, re.DOTALL | (re.IGNORECASE if folds else 0))

    def fit(self, text: str) -> tuple[float, tuple[int, ...]] | None:
        """Tell how well a text fits, less is better, and where the letters are; ``None`` if it has them not.

        Letters close together are best, then those at the start of a word, then early ones.
        """
        if not self.wanted:
            return 0.0, ()
        best: tuple[float, re.Match[str]] | None = None
        at = 0
        for _ in range(_TRIES):
            match = self._pattern.search(text, at, _LONGEST)
            if match is None:
                break
            start, end = match.span()
            starts_word = start == 0 or not text[start - 1].isalnum()
            rank = -10 * len(self.wanted) / (end - start) - 2 * starts_word + start / _LONGEST
            if best is None or rank < best[0]:
                best = rank, match
            at = start + 1
        if best is None:
            return None
        rank, match = best
        return round(rank, 2), tuple(match.start(group) for group in range(1, len(match.groups()) + 1))

    def fitting(self, texts: Iterable[str]) -> Iterator[tuple[float, str, tuple[int, ...]]]:
        """Give those that fit: rank, text, places."""
        for text in texts:
            fit = self.fit(text)
            if fit is not None and text.strip():
                yield fit[0], text, fit[1]


class Ranking:
    """The hits of one search, best first, of those that fit the same the newest; each text once."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self._seen: set[str] = set()

    def add(self, found: Iterable[tuple[float, str, tuple[int, ...]]]) -> None:
        """Take up what fits, the newest first, and all of it older than what is there."""
        new = []
        for rank, text, places in found:
            if text not in self._seen:
                self._seen.add(text)
                new.append(Hit(rank, len(self._seen), text, places))
        if len(new) < 10:
            for hit in new:
                insort(self.hits, hit)
        else:
            self.hits = sorted([*self.hits, *new])
        del self.hits[MOST:]

    @property
    def count(self) -> int:
        """How many there are, also those that were not kept."""
        return len(self._seen)
