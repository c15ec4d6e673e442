"""What a user sees as one character: a letter with its accents, a flag, a family of emoji, a Hangul syllable.

Such a grapheme cluster is one or more of a string's characters. Where one ends and the next begins is told by
Unicode's annex 29, as wcwidth has it, which measures the widths of what is painted, too.
"""

from __future__ import annotations

from typing import Final

from prompt_toolkit.document import Document
from wcwidth import grapheme_boundary_before, iter_graphemes

#: Characters before a place that are looked at to find where a cluster begins: no cluster is as long.
_WINDOW: Final = 256


def next_boundary(text: str, position: int) -> int:
    """Give where the cluster that begins at a position ends; the end of the text, there."""
    if position >= len(text):
        return len(text)
    if text.isascii():
        return position + 1
    return position + len(next(iter_graphemes(text[position : position + _WINDOW])))


def boundary_before(text: str, position: int) -> int:
    """Give where the cluster before a position begins; the text's beginning, there."""
    if position <= 0 or text.isascii():
        return max(0, position - 1)
    start = max(0, position - _WINDOW)
    return start + grapheme_boundary_before(text[start:position], position - start)


def boundary_at(text: str, position: int) -> int:
    """Give where the cluster begins that a position is within; the position itself, between two."""
    if text.isascii() or not 0 < position < len(text):
        return position
    return boundary_before(text, position + 1)


def steps(text: str, position: int, count: int) -> int:
    """Give the position that is so many clusters away: behind, or before for a negative count."""
    for _ in range(abs(count)):
        moved = next_boundary(text, position) if count > 0 else boundary_before(text, position)
        if moved == position:
            break
        position = moved
    return position


class CellDocument(Document):
    """prompt_toolkit's document, in which the cursor goes from cluster to cluster.

    All of its own commands that go left, right, up or down ask it for the way.
    """

    __slots__ = ()

    def get_cursor_left_position(self, count: int = 1) -> int:
        """Give how far it is to the left, within the line."""
        if self.text.isascii():
            return super().get_cursor_left_position(count)
        return self._within_line(-count)

    def get_cursor_right_position(self, count: int = 1) -> int:
        """Give how far it is to the right, within the line."""
        if self.text.isascii():
            return super().get_cursor_right_position(count)
        return self._within_line(count)

    def get_cursor_up_position(self, count: int = 1, preferred_column: int | None = None) -> int:
        """Give how far it is to a line above."""
        return self._whole(super().get_cursor_up_position(count, preferred_column))

    def get_cursor_down_position(self, count: int = 1, preferred_column: int | None = None) -> int:
        """Give how far it is to a line below."""
        return self._whole(super().get_cursor_down_position(count, preferred_column))

    def _within_line(self, count: int) -> int:
        column = self.cursor_position_col
        return steps(self.current_line, column, count) - column

    def _whole(self, distance: int) -> int:
        return boundary_at(self.text, self.cursor_position + distance) - self.cursor_position
