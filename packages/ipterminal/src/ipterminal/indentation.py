"""Where lines begin: behind a colon, in brackets, after ``return``; and Tab, Shift-Tab and Backspace there.

Functions of the text and the cursor alone; they read the text by the core's rules for statements, so a
half-typed cell, magics in it too, is no obstacle.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from ipcore.cells.logical_lines import BLANK, PYTHON, LogicalLine, scan, string_end

from .edits import Edit, apply, blanks_of, line_end, line_start

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.selection import SelectionState

    from .editor import Editor

#: Columns from one stop to the next; a tab counts as this many.
STEP: Final = 4

#: Cell magics whose body is Python.
PYTHON_BODIES: Final = frozenset("capture debug memray mprun prun px pypy python python3 time timeit".split())

_LEAVES_BLOCK = re.compile(r"(?:return|pass|raise|break|continue)\b")
_CELL_MAGIC = re.compile(r"\s*%%(\w*)[^\n]*(\n|\Z)")
_TOKEN = re.compile(r"""['"#()\[\]{}]""")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


# -- a new line ----------------------------------------------------------------


def newline(text: str, cursor: int, *, indent: bool = True) -> Edit:
    """Break the line at the cursor, and indent what comes behind.

    In the blanks that a line begins with a line is opened above it. Between a pair of brackets the
    closing one gets a line of its own. A line of nothing but blanks keeps none.

    :param indent: false puts in a line feed and nothing else.
    """
    if not indent:
        return Edit(cursor, cursor, "\n", cursor + 1)
    start, end = line_start(text, cursor), line_end(text, cursor)
    before, rest = text[start:cursor], text[cursor:end]
    blank = not before.strip(" \t")
    if blank and rest.strip(" \t"):
        margin = blanks_of(before + rest)
        return Edit(start, start, "\n", start + 1 + len(margin))
    margin = blanks_below(text, cursor)
    until = cursor + len(blanks_of(rest))
    opened = _open_bracket_at(text, cursor) if rest.lstrip(" \t")[:1] in (*_CLOSING.values(),) else None
    if opened is not None and not text[opened + 1 : cursor].strip() and text[until] == _CLOSING[text[opened]]:
        outer = blanks_of(before)
        return Edit(cursor, until, f"\n{margin}\n{outer}", cursor + 1 + len(margin))
    begin = start if blank else cursor
    return Edit(begin, until, "\n" + margin, begin + 1 + len(margin))


def newline_behind(text: str, cursor: int, *, indent: bool = True) -> Edit:
    """Put a line feed behind the cursor, which stays, and indent what comes behind it."""
    margin = blanks_below(text, cursor) if indent else ""
    return Edit(cursor, cursor, "\n" + margin, cursor)


def blanks_below(text: str, cursor: int) -> str:
    """Give the blanks that a line begins with which is begun at the cursor."""
    before = text[:cursor]
    line = before[line_start(before, cursor) :]
    if not line.strip(" \t") and (line or not text[cursor:].strip()):
        return line  # the user has been here, and has moved it
    magic = _CELL_MAGIC.match(before)
    if magic:
        if not magic.group(2):
            return ""
        if magic.group(1) not in PYTHON_BODIES:
            return blanks_of(line)
        before = before[magic.end() :]
    return _advised(before + "\n")


def _advised(before: str) -> str:
    """Advise by a text that ends with a line feed."""
    lines = scan(before)
    while lines and not before[lines[-1].start : lines[-1].end].strip():
        lines.pop()
    if not lines:
        return ""
    last = lines[-1]
    here = before[last.start : last.code]
    if last.open == '"':
        return blanks_of(before[line_start(before, len(before) - 1) :].rstrip("\n"))
    if last.open == "\\":
        physical = before[last.start : last.end].rstrip("\n").split("\n")
        return blanks_of(physical[-1]) if len(physical) > 1 else _deeper(here)
    if last.open and last.open in _CLOSING:
        return _in_brackets(before, last)
    if last.kind == PYTHON and before[last.code : last.mark].rstrip().endswith(":"):
        return _deeper(here)
    if _LEAVES_BLOCK.match(before, last.code):
        outer = (before[line.start : line.code] for line in reversed(lines) if line.kind != BLANK)
        return next((blanks for blanks in outer if width(blanks) < width(here)), "")
    return here


def _in_brackets(text: str, line: LogicalLine) -> str:
    """Advise where a line begins in brackets: as what else stands in them, or one step in."""
    opened = _open_bracket(text, line.code)
    if opened is None:  # the two ways of reading differ: leave it where it is
        return blanks_of(text[line_start(text, len(text) - 1) :])
    start, end = line_start(text, opened), line_end(text, opened)
    content = text[opened + 1 : end]
    if content.strip() and not content.lstrip().startswith("#"):
        margin = blanks_of(text[start:end])
        column = opened + 1 + len(content) - len(content.lstrip()) - start
        return margin + " " * (column - len(margin))
    siblings = (each for each in text[end + 1 :].split("\n") if each.strip())
    first = next(siblings, None)
    return _deeper(blanks_of(text[start:end])) if first is None else blanks_of(first)


def _open_bracket_at(text: str, cursor: int) -> int | None:
    """Tell where the bracket stands that the cursor is in."""
    before = text[:cursor]
    lines = scan(before + "\n")
    last = lines[-1]
    return _open_bracket(before, last.code) if last.open in _CLOSING else None


def _open_bracket(text: str, position: int) -> int | None:
    """Tell which bracket is open at the end of a statement that begins at a position."""
    opened: list[int] = []
    while match := _TOKEN.search(text, position):
        found, position = match.group(), match.end()
        if found in "'\"":
            position = string_end(text, match.start())
            if position < 0:
                break
        elif found == "#":
            position = line_end(text, position)
        elif found in _CLOSING:
            opened.append(match.start())
        elif opened:
            opened.pop()
    return opened[-1] if opened else None


def _deeper(blanks: str) -> str:
    return blanks + ("\t" if blanks.endswith("\t") else " " * STEP)


def width(blanks: str) -> int:
    """Tell how many columns blanks take."""
    return sum(STEP if blank == "\t" else 1 for blank in blanks)


# -- Tab, Shift-Tab, Backspace -------------------------------------------------


def in_leading_blanks(text: str, cursor: int) -> bool:
    """Tell whether nothing but blanks stands before the cursor on its line."""
    return not text[line_start(text, cursor) : cursor].strip(" \t")


def tab(text: str, cursor: int) -> Edit | None:
    """Put in blanks up to the next stop; ``None`` elsewhere than in leading blanks."""
    if not in_leading_blanks(text, cursor):
        return None
    before = text[line_start(text, cursor) : cursor]
    more = "\t" if before.endswith("\t") else " " * (STEP - width(before) % STEP)
    return Edit(cursor, cursor, more, cursor + len(more))


def shift_tab(text: str, cursor: int) -> Edit | None:
    """Move the cursor's line back to the stop before; ``None`` if it begins at the margin."""
    start = line_start(text, cursor)
    blanks = blanks_of(text[start : line_end(text, cursor)])
    gone = _to_stop_before(blanks)
    if not gone:
        return None
    return Edit(start + len(blanks) - gone, start + len(blanks), "", max(start, cursor - gone))


def backspace(text: str, cursor: int) -> Edit | None:
    """Take away blanks back to the stop before; ``None`` elsewhere than in leading blanks."""
    before = text[line_start(text, cursor) : cursor]
    if not before or before.strip(" \t"):
        return None
    gone = _to_stop_before(before)
    return Edit(cursor - gone, cursor, "", cursor - gone)


def _to_stop_before(blanks: str) -> int:
    """Tell how many of these blanks lead back to the stop before."""
    if not blanks:
        return 0
    if blanks.endswith("\t"):
        return 1
    wanted = (width(blanks) - 1) % STEP + 1
    return min(wanted, len(blanks) - len(blanks.rstrip(" ")))


class Shifted(NamedTuple):
    """A text whose selected lines were moved."""

    text: str
    cursor: int
    """Where the cursor stands."""
    anchor: int
    """Where the selection began."""


def shift_lines(text: str, cursor: int, anchor: int, *, back: bool = False) -> Shifted:
    """Move all lines that a selection touches by one stop; empty ones stay.

    A line is not touched if the selection only ends before its first character.
    """
    first, last = sorted((cursor, anchor))
    start = line_start(text, first)
    if last > first and last == line_start(text, last):
        last -= 1
    end = line_end(text, last)
    lines = text[start:end].split("\n")
    moved = [_moved(line, back) for line in lines]

    def place(position: int) -> int:
        at, to = start, start
        for old, new in zip(lines, moved, strict=True):
            if position <= at + len(old):
                behind = at + len(old) - position  # the text of a line moves, its beginning does not
                return to + (max(0, len(new) - behind) if position > at else 0)
            at, to = at + len(old) + 1, to + len(new) + 1
        return position - at + to

    return Shifted(text[:start] + "\n".join(moved) + text[end:], place(cursor), place(anchor))


def _moved(line: str, back: bool) -> str:
    blanks = blanks_of(line)
    if back:
        return blanks[: len(blanks) - _to_stop_before(blanks)] + line[len(blanks) :]
    return _deeper(blanks) + line[len(blanks) :] if line.strip() else line


# -- in the editor -------------------------------------------------------------


def install(editor: Editor) -> None:
    """Bind Tab and Backspace in the blanks that a line begins with, and Shift-Tab."""
    keys, buffer = editor.keys, editor.buffer

    def at_cursor(function: Callable[[str, int], Edit | None]) -> None:
        edit = function(buffer.text, buffer.cursor_position)
        if edit is not None:
            buffer.complete_state = None
            apply(edit, buffer)

    def shift(function: Callable[[str, int], Edit | None], back: bool) -> Callable[[KeyPressEvent], None]:
        def command(event: KeyPressEvent) -> None:
            selection = buffer.selection_state
            if selection is None:
                at_cursor(function)
                return
            anchor = selection.original_cursor_position
            shifted = shift_lines(buffer.text, buffer.cursor_position, anchor, back=back)
            _select(buffer, shifted, selection)

        return command

    def in_blanks() -> bool:
        return in_leading_blanks(buffer.text, buffer.cursor_position)

    def behind_blanks() -> bool:
        return backspace(buffer.text, buffer.cursor_position) is not None

    keys.condition("cursor_in_leading_blanks", in_blanks, "Only blanks stand before the cursor on its line.")
    keys.condition("cursor_behind_leading_blanks", behind_blanks, "Only blanks, one at least, do so.")
    keys.command(
        "indent.more", shift(tab, False), "Put in blanks up to the next stop; move selected lines there."
    )
    keys.command(
        "indent.less", shift(shift_tab, True), "Move the line, or selected ones, back to the stop before."
    )
    keys.command(
        "indent.backspace", lambda event: at_cursor(backspace), "Take away blanks back to the stop before."
    )
    selected = "in_cell & emacs_mode & has_selection"
    keys.bind("tab", "indent.more", f"in_cell & insert_mode & cursor_in_leading_blanks | {selected}")
    keys.bind("s-tab", "indent.less", f"in_cell & insert_mode | {selected}")
    keys.bind("backspace", "indent.backspace", "in_cell & insert_mode & cursor_behind_leading_blanks")


def _select(buffer: Buffer, shifted: Shifted, former: SelectionState) -> None:
    """Put in moved lines, selected as they were."""
    from prompt_toolkit.document import Document
    from prompt_toolkit.selection import SelectionState

    buffer.set_document(Document(shifted.text, shifted.cursor))
    buffer.selection_state = SelectionState(shifted.anchor, former.type)
