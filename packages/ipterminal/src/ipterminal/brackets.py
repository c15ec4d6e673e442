"""Which bracket belongs to which.

Of every line it is kept what it closes of the lines above and what it leaves open, so that the search
for a partner walks over whole lines and looks into two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .languages import Fragments
    from .lexing import Lexing

#: Where a bracket stands in its line, and which it is.
Bracket = tuple[int, str]
#: Closing brackets that have no partner in the line, and opening ones that have none.
Summary = tuple[str, str]

OPENING: Final = "([{"
CLOSING: Final = ")]}"
PARTNERS: Final = dict(zip(OPENING + CLOSING, CLOSING + OPENING, strict=True))
_BRACKETS: Final = frozenset(OPENING + CLOSING)

#: Lines that are searched for a partner, in either direction.
FARTHEST: Final = 2000


class Match(NamedTuple):
    """A bracket at the cursor and its partner."""

    row: int
    column: int
    #: Where the partner stands; nothing if there is none.
    partner: tuple[int, int] | None
    #: Whether they belong together; a closing bracket that nothing opened does not.
    good: bool


def brackets_of(fragments: Fragments) -> tuple[Bracket, ...]:
    """Find the brackets of a line that are code: not those in strings and comments."""
    found: list[Bracket] = []
    column = 0
    for style, text in fragments:
        if style == "class:code.punctuation":
            found += [(column + at, char) for at, char in enumerate(text) if char in _BRACKETS]
        column += len(text)
    return tuple(found)


def summary_of(brackets: tuple[Bracket, ...]) -> Summary:
    """Tell which brackets of a line have no partner in it, of the same kind or not."""
    closing, opening = "", ""
    for _, char in brackets:
        if char in OPENING:
            opening += char
        elif opening:
            opening = opening[:-1]
        else:
            closing += char
    return closing, opening


def find_match(lexing: Lexing, row: int, column: int) -> Match | None:
    """Find the bracket under the cursor, else the one before it, and its partner.

    :returns: nothing if there is no bracket, if it is an opening one whose partner is still to be typed,
        or if lines that would have to be searched have not been read.
    """
    brackets = lexing.brackets(row) if row < len(lexing) else None
    if not brackets:
        return None
    at = {place: (number, char) for number, (place, char) in enumerate(brackets)}
    for place in (column, column - 1):
        if place in at:
            number, char = at[place]
            if char in OPENING:
                found = _forward(lexing, row, number)
            else:
                found, known = _backward(lexing, row, number)
                if found is None and known:
                    return Match(row, place, None, False)
            if found is None:
                return None
            partner_row, partner_column, partner = found
            return Match(row, place, (partner_row, partner_column), PARTNERS[char] == partner)
    return None


def _forward(lexing: Lexing, row: int, number: int) -> tuple[int, int, str] | None:
    """Find what closes a bracket: its line, column, and what it is."""
    brackets = lexing.brackets(row) or ()
    depth = 1
    for column, char in brackets[number + 1 :]:
        depth += 1 if char in OPENING else -1
        if not depth:
            return row, column, char
    for below in range(row + 1, min(len(lexing), row + FARTHEST)):
        summary = lexing.summary(below)
        if summary is None:
            return None
        closing, opening = summary
        if len(closing) < depth:
            depth += len(opening) - len(closing)
            continue
        for column, char in lexing.brackets(below) or ():
            depth += 1 if char in OPENING else -1
            if not depth:
                return below, column, char
    return None


def _backward(lexing: Lexing, row: int, number: int) -> tuple[tuple[int, int, str] | None, bool]:
    """Find what opened a bracket: its line, column, and what it is; and whether all lines were searched."""
    brackets = lexing.brackets(row) or ()
    depth = 1
    for column, char in reversed(brackets[:number]):
        depth += 1 if char in CLOSING else -1
        if not depth:
            return (row, column, char), True
    for above in range(row - 1, max(-1, row - FARTHEST), -1):
        summary = lexing.summary(above)
        if summary is None:
            return None, False
        closing, opening = summary
        if len(opening) < depth:
            depth += len(closing) - len(opening)
            continue
        for column, char in reversed(lexing.brackets(above) or ()):
            depth += 1 if char in CLOSING else -1
            if not depth:
                return (above, column, char), True
    return None, row - FARTHEST < 0
