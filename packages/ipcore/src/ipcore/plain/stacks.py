"""The frames of a traceback: found, folded and only then read and formatted."""

from __future__ import annotations

import itertools
import linecache
import os
import re
import traceback
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, NamedTuple

from ..cells.sources import label_of
from ..saferepr import cut

#: Frames shown of one exception, beginning and end; what lies between is counted.
MOST_FRAMES: Final = 100
#: A group of up to this many frames that comes again and again is folded, as in f -> g -> f -> g.
LONGEST_CYCLE: Final = 8
#: Repetitions that are shown before the rest is folded.
SHOWN_REPETITIONS: Final = 3
#: A source line that is longer is cut.
LONGEST_LINE: Final = 400
#: Of a statement over more lines only the first is shown.
MOST_LINES_OF_A_STATEMENT: Final = 50
#: A file that is bigger, in bytes, is not read for one line of it.
BIGGEST_FILE: Final = 30_000_000

_OURS: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

#: Not shown: our files, and the import system's own.
_HIDDEN: Final = (_OURS, "<frozen importlib", "<frozen runpy")

#: A frame's header as the standard library writes it, where the file is a cell of ours.
_cell_header = re.compile(r'File "(<ipshell \d+: [^\n]*?>)", line (\d+)(, in <module>)?')

_traceback_of: Any = BaseException.__dict__["__traceback__"].__get__


class Place(NamedTuple):
    """Where one frame stood."""

    code: CodeType
    line: int
    instruction: int
    frame: FrameType

    def same_line(self, other: Place) -> bool:
        """Whether the other frame stood in the same line of the same function."""
        return self.code is other.code and self.line == other.line


def is_ours(code: CodeType) -> bool:
    """Whether code is the shell's own."""
    return code.co_filename.startswith(_OURS)


def places_of(error: BaseException) -> list[Place]:
    """Give the frames of an exception, outermost first; the shell's and the import system's left out."""
    found = []
    entry: TracebackType | None = _traceback_of(error)
    hidden: dict[CodeType, bool] = {}
    while entry is not None:
        code = entry.tb_frame.f_code
        hide = hidden.get(code)
        if hide is None:
            hide = hidden[code] = code.co_filename.startswith(_HIDDEN)
        if not hide:
            found.append(Place(code, entry.tb_lineno or code.co_firstlineno, entry.tb_lasti, entry.tb_frame))
        entry = entry.tb_next
    return found


def folded(places: list[Place]) -> list[Place | str]:
    """Replace repetitions, and the middle of what is still long, by one line each."""
    kept: list[Place | str] = []
    at = 0
    while at < len(places):
        length, times = _repetition(places, at)
        if times > SHOWN_REPETITIONS:
            kept += places[at : at + length * SHOWN_REPETITIONS]
            more = times - SHOWN_REPETITIONS
            what = "Previous line" if length == 1 else f"Previous {length} frames"
            kept.append(f"  [{what} repeated {more} more time{'s' if more > 1 else ''}]")
            at += length * times
        else:
            kept.append(places[at])
            at += 1
    if len(kept) > MOST_FRAMES:
        half = MOST_FRAMES // 2
        left_out = f"  [{len(kept) - 2 * half} frames left out]"
        kept = [*kept[:half], left_out, *kept[-half:]]
    return kept


def _repetition(places: list[Place], at: int) -> tuple[int, int]:
    """Tell how long the shortest group of frames is that starts here and repeats, and how many times."""
    for length in range(1, min(LONGEST_CYCLE, (len(places) - at) // (SHOWN_REPETITIONS + 1)) + 1):
        end = at + length
        while end < len(places) and places[end].same_line(places[end - length]):
            end += 1
        times = (end - at) // length
        if times > SHOWN_REPETITIONS:
            return length, times
    return 1, 1


def lines_of(error: BaseException) -> Iterator[str]:
    """Give the lines that tell where an exception came from, as the standard library writes them."""
    checked: set[str] = set()
    for place in folded(places_of(error)):
        if isinstance(place, str):
            yield place
            continue
        text = with_labels(_text(place, checked)).rstrip("\n")
        yield from (cut(line, 5 * LONGEST_LINE) for line in text.split("\n"))


def _text(place: Place, checked: set[str]) -> str:
    code = place.code
    header = f'  File "{code.co_filename}", line {place.line}, in {code.co_name}'
    try:
        source = _source_line(place, checked)
    except Exception:  # a loader that fails, a file that went away meanwhile: the place is told all the same
        return header
    columns: tuple[int | None, ...] = (None, None, None)
    if source and len(source) <= LONGEST_LINE:
        columns = _columns(place)
        if (columns[0] or 0) - place.line > MOST_LINES_OF_A_STATEMENT:
            columns = (None, None, None)
    else:
        source = cut(source.strip(), LONGEST_LINE)
    summary = traceback.FrameSummary(
        code.co_filename,
        place.line,
        code.co_name,
        lookup_line=False,
        line=source if None in columns else None,
        end_lineno=columns[0],
        colno=columns[1],
        end_colno=columns[2],
    )
    try:
        return traceback.StackSummary.from_list([summary]).format()[0]
    except Exception:  # a source that changed since: positions that do not fit its lines
        return f"{header}\n    {source.strip()}" if source.strip() else header


def _source_line(place: Place, checked: set[str]) -> str:
    name = place.code.co_filename
    if name not in checked:
        checked.add(name)
        if not name.startswith("<") and _is_too_big(name):
            linecache.cache.pop(name, None)
            return ""
        linecache.checkcache(name)  # a file that was changed is read again
        linecache.lazycache(name, place.frame.f_globals)
    elif not name.startswith("<") and _is_too_big(name):
        return ""
    return linecache.getline(name, place.line)


def _is_too_big(name: str) -> bool:
    try:
        return os.stat(name).st_size > BIGGEST_FILE
    except (OSError, ValueError):
        return False


def _columns(place: Place) -> tuple[int | None, ...]:
    """Give end line, first and last column of what a frame was doing."""
    if place.instruction < 0:
        return None, None, None
    positions = itertools.islice(place.code.co_positions(), place.instruction // 2, None)
    _, end_line, first, last = next(positions, (None, None, None, None))
    return end_line, first, last


def with_labels(text: str) -> str:
    """Have cells named by their labels, in text that the standard library wrote."""
    return _cell_header.sub(_label, text)


def _label(match: re.Match[str]) -> str:
    return f"{label_of(match[1])}, line {match[2]}"


def users_part(error: BaseException) -> TracebackType | None:
    """Give the traceback of an exception from where the user's code starts."""
    first: TracebackType | None = _traceback_of(error)
    while first is not None and is_ours(first.tb_frame.f_code):
        first = first.tb_next
    return first
