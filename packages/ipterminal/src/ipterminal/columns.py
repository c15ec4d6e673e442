"""Names in columns, read from top to bottom: only the columns in view are measured.

Each column is as wide as its own widest name. With ten thousand names nothing is looked at but what can be
seen, so a menu opens and scrolls at the same speed whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

#: Blank columns between two names.
GAP: Final = 2

#: The narrowest column that there is in practice: fewer names are not measured all.
_NARROWEST: Final = 4


class Column(NamedTuple):
    """A column in view."""

    number: int
    x: int
    """Where it begins."""
    width: int
    """How wide its names may be, the gap behind them left out."""


class Grid:
    """The arrangement of a number of names in a width.

    :param count: how many names.
    :param width_of: tells how wide a name is.
    :param width: columns of the screen.
    :param most_rows: how many rows there may be.
    """

    def __init__(self, count: int, width_of: Callable[[int], int], width: int, most_rows: int) -> None:
        self.count = count
        self.width = max(1, width)
        self._width_of = width_of
        self._widths: dict[int, int] = {}
        self.rows = self._rows(max(1, most_rows))

    def _rows(self, most: int) -> int:
        """Find the fewest rows in which all names are in view."""
        if self.count * _NARROWEST > most * (self.width + GAP):
            return most
        widths = [min(self._width_of(number), self.width) + GAP for number in range(self.count)]
        rows = max(1, -(-sum(widths) // (self.width + GAP)))
        while rows < most:
            total = sum(max(widths[at : at + rows]) for at in range(0, self.count, rows))
            if total <= self.width + GAP:
                return rows
            rows += 1
        return min(most, max(1, self.count))

    @property
    def columns(self) -> int:
        """How many columns there are, in view or not."""
        return -(-self.count // self.rows)

    def column_width(self, number: int) -> int:
        """Give the width of a column, without the gap."""
        known = self._widths.get(number)
        if known is None:
            first = number * self.rows
            names = range(first, min(first + self.rows, self.count))
            known = min(max(map(self._width_of, names), default=0), self.width)
            self._widths[number] = known
        return known

    def visible(self, first: int) -> list[Column]:
        """Give the columns in view: at least one, and as many as fit, from one on."""
        found: list[Column] = []
        x = 0
        for number in range(max(0, first), self.columns):
            width = self.column_width(number)
            if found and x + width > self.width:
                break
            found.append(Column(number, x, width))
            x += width + GAP
        return found

    def scrolled(self, first: int, selected: int | None) -> int:
        """Tell which column is the first in view so that a name is; as it was, if it is already."""
        last_first = self._first_for(self.columns - 1)
        first = max(0, min(first, last_first))
        if selected is None:
            return first
        column = selected // self.rows
        if column < first:
            return column
        return max(first, self._first_for(column))

    def _first_for(self, last: int) -> int:
        """Tell which column is the first in view when a column is the last."""
        if last < 0:
            return 0
        used = self.column_width(last)
        first = last
        while first and used + GAP + self.column_width(first - 1) <= self.width:
            first -= 1
            used += GAP + self.column_width(first)
        return first

    def beside(self, selected: int, step: int) -> int:
        """Give the name in the same row, so many columns further; at the ends the outermost one."""
        there = selected + step * self.rows
        if there < 0:
            return selected if step == -1 else selected % self.rows if selected >= self.rows else 0
        if there < self.count:
            return there
        in_last = selected // self.rows == self.columns - 1
        return selected if in_last and step == 1 else self.count - 1
