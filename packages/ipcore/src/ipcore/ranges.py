"""Ranges of earlier cells, as users write them: ``4``, ``4-6``, ``~2/3:7``, ``~8/1-~6/5``, ``243/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_RANGE: Final = re.compile(
    r"""
    (?: (?P<first_session> ~?\d+ ) / )?
    (?P<first> \d+ )?
    (?:
        (?P<sign> [-:] )
        (?: (?P<last_session> ~?\d+ ) / )?
        (?P<last> \d+ )?
    )?
    """,
    re.VERBOSE,
)


class Range(NamedTuple):
    """Cells of one session."""

    session: int
    """Its number; 0 for this one, and below for those before, -1 for the last."""
    start: int
    """The first cell."""
    stop: int | None
    """The one behind the last; ``None`` for all."""


def ranges(text: str) -> Iterator[Range]:
    """Read ranges with blanks between; what is none is left out.

    :param text: empty for all of this session.
    """
    words = text.split()
    if not words:
        yield Range(0, 1, None)
    for word in words:
        match = _RANGE.fullmatch(word)
        if match is not None and word not in ("-", ":"):
            yield from _of_match(match)


def _of_match(match: re.Match[str]) -> Iterator[Range]:
    session = _session(match["first_session"])
    start = int(match["first"] or 1)
    sign = match["sign"]
    if sign is None:
        # A session alone, "~2/", is all of it.
        yield Range(session, start, start + 1 if match["first"] else None)
        return
    last_session = session if match["last_session"] is None else _session(match["last_session"])
    stop = int(match["last"]) + (sign == "-") if match["last"] else None
    if last_session == session:
        yield Range(session, start, stop)
        return
    if (session > 0) != (last_session > 0) or last_session < session:
        return  # one counted from the first and one from the last, or backwards
    yield Range(session, start, None)
    for between in range(session + 1, last_session):
        yield Range(between, 1, None)
    yield Range(last_session, 1, stop)


def _session(text: str | None) -> int:
    if text is None:
        return 0
    return -int(text[1:]) if text.startswith("~") else int(text)
