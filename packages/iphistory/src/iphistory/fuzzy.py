"""Fuzzy search: cells in which the letters that are typed stand in this order, the closest first."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from .finding import as_pattern

#: Cells that are looked through before the first hits are given.
SLICE: Final = 100_000

#: Hits of one slice at most; with more letters there are fewer.
_MOST: Final = 500

#: Characters of a cell that are looked at.
_LONGEST: Final = 2000


class Hit(NamedTuple):
    """A cell that was found."""

    session: int
    line: int
    text: str
    score: float
    """How well it fits: of two hits of a slice the one with more of it is given first."""


def fuzzy(connection: sqlite3.Connection, letters: str) -> Iterator[Hit]:
    """Give cells that have some letters in this order, whatever stands between; of equal ones the newest.

    The newest :data:`SLICE` cells come first, the best of them foremost; then those before them, and so
    on. A generator: the search goes on when the next hit is asked for.

    :param letters: blanks count for nothing, nor does case where all are small.
    :raises sqlite3.Error: if the history cannot be read.
    """
    wanted = letters.replace(" ", "")
    if not wanted:
        return
    folds = wanted == wanted.lower()
    pattern = re.compile(".*?".join(map(re.escape, wanted)), re.DOTALL | (re.IGNORECASE if folds else 0))
    condition = "source_raw LIKE ? ESCAPE '!'" if folds else "source_raw GLOB ?"
    sql = f"""SELECT session, line, CAST(source_raw AS TEXT) FROM history
              WHERE rowid > ? AND rowid <= ? AND {condition} ORDER BY rowid DESC LIMIT {_MOST}"""
    high = connection.execute("SELECT max(rowid) FROM history").fetchone()[0] or 0
    seen: set[str] = set()
    while high > 0:
        rows = connection.execute(sql, (high - SLICE, high, as_pattern(wanted, folds))).fetchall()
        hits = []
        for age, (session, line, text) in enumerate(rows):
            if text not in seen and (score := _score(pattern, text[:_LONGEST])):
                seen.add(text)
                hits.append(Hit(session, line, text, score - age / (10 * _MOST)))
        yield from sorted(hits, key=lambda hit: -hit.score)
        high -= SLICE


def _score(pattern: re.Pattern[str], text: str) -> float:
    """Say how well a text fits: letters close together, at the start of a word, early; 0 if not at all."""
    best = 0.0
    at = 0
    for _ in range(50):
        match = pattern.search(text, at)
        if match is None:
            break
        starts_word = match.start() == 0 or not text[match.start() - 1].isalnum()
        score = 10 * len(pattern.pattern) / (1 + match.end() - match.start()) + 2 * starts_word
        best = max(best, score - match.start() / _LONGEST)
        at = match.start() + 1
    return best
