"""Brackets and quotes in pairs, while ``auto_match`` is on: put in, stepped over, taken away, put round.

Functions of the text, the cursor and the character typed. What is true of brackets in strings and of
strings in comments is read from the statement the cursor is in, by the core's rules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from ipcore.cells.logical_lines import scan, string_end

from .edits import Edit, apply, inserted, line_end, line_start

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor

PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
QUOTES: Final = ('"', "'")

_RAW_PREFIX = re.compile(r""".*[rR]["'](-*)\Z""")
_FOLLOWING = re.compile(r"[,)}\]]|\Z")
_TOKEN = re.compile(r"""['"#\n]""")


def typed(text: str, cursor: int, character: str) -> Edit | None:
    """Tell what a bracket or quote does beside being put in; ``None`` if nothing."""
    before = text[line_start(text, cursor) : cursor]
    behind = text[cursor : line_end(text, cursor)]
    if character in PAIRS:
        return _opening(cursor, character, before, behind)
    if behind.startswith(character):
        return Edit(cursor, cursor, "", cursor + 1)  # stepped over
    if character not in QUOTES or surroundings(text, cursor) != "code":
        return None
    if before.endswith(character * 2):
        return inserted(cursor, character * 4, back=3)  # a docstring's
    if _FOLLOWING.match(behind) and _paired(character, before):
        return inserted(cursor, character * 2, back=1)
    return None


def _opening(cursor: int, character: str, before: str, behind: str) -> Edit | None:
    raw = _RAW_PREFIX.match(before)
    if raw:  # R"---( of C++ and R: its dashes are to stand behind the closing bracket as well
        dashes = raw.group(1)
        return inserted(cursor, character + PAIRS[character] + dashes, back=1 + len(dashes))
    if _FOLLOWING.match(behind):
        return inserted(cursor, character + PAIRS[character], back=1)
    return None


def backspace(text: str, cursor: int) -> Edit | None:
    """Take away both of a pair that the cursor is between; ``None`` if it is not."""
    before, behind = text[max(0, cursor - 1) : cursor], text[cursor : cursor + 1]
    if before and behind and (PAIRS.get(before) == behind or (before in QUOTES and before == behind)):
        return Edit(cursor - 1, cursor + 1, "", cursor - 1)
    return None


def wrapped(text: str, cursor: int, anchor: int, character: str) -> Edit:
    """Put a pair round a selection; the cursor stands behind it."""
    start, end = sorted((cursor, anchor))
    closing = PAIRS.get(character, character)
    return Edit(start, end, character + text[start:end] + closing, end + 2)


def surroundings(text: str, cursor: int) -> Literal["code", "string", "comment"]:
    """Tell what the cursor is in."""
    before = text[:cursor]
    position = scan(before)[-1].start if before else 0
    while match := _TOKEN.search(before, position):
        found, position = match.group(), match.end()
        if found == "#":
            position = before.find("\n", position)
            if position < 0:
                return "comment"
        elif found != "\n":
            position = string_end(before, match.start())
            if position < 0 or (position == len(before) and not _closed(before[match.start() :])):
                return "string"
    return "code"


def _closed(literal: str) -> bool:
    """Tell whether a string of one line ends with its quote."""
    return len(literal) > 1 and _paired(literal[0], literal)


def _paired(quote: str, line: str) -> bool:
    """Tell whether quotes of a kind come in pairs; those behind a backslash do not count."""
    return re.findall(rf"\\.|{quote}", line).count(quote) % 2 == 0


def install(editor: Editor) -> None:
    """Bind brackets, quotes and Backspace, for the option ``auto_match``."""
    keys, buffer = editor.keys, editor.buffer

    def pair(event: KeyPressEvent) -> None:
        edit = typed(buffer.text, buffer.cursor_position, event.data) if len(event.data) == 1 else None
        if edit is None:
            buffer.insert_text(event.data * event.arg)
        else:
            apply(edit, buffer)

    def wrap(event: KeyPressEvent) -> None:
        selection = buffer.selection_state
        if selection is not None:
            start, end = sorted((buffer.cursor_position, selection.original_cursor_position))
            apply(wrapped(buffer.text, start, end, event.data), buffer)
            buffer.exit_selection()

    def delete(event: KeyPressEvent) -> None:
        edit = backspace(buffer.text, buffer.cursor_position)
        if edit is not None:
            apply(edit, buffer)

    def between() -> bool:
        return backspace(buffer.text, buffer.cursor_position) is not None

    def auto_match() -> bool:
        return bool(editor.terminal.auto_match) and not editor.paste_mode

    keys.condition("auto_match", auto_match, "The option auto_match is on, and paste mode is not.")
    keys.condition(
        "cursor_in_pair", between, "The cursor is between two brackets or quotes that belong together."
    )
    keys.command("brackets.pair", pair, "Put in a pair, or step over the closing one.")
    keys.command("brackets.wrap", wrap, "Put a pair round what is selected.")
    keys.command("brackets.delete_pair", delete, "Take away both of a pair.")
    opening = (*PAIRS, *QUOTES)
    for character in (*opening, *PAIRS.values()):
        keys.bind(character, "brackets.pair", "in_cell & insert_mode & auto_match")
    for character in opening:
        keys.bind(character, "brackets.wrap", "in_cell & emacs_mode & auto_match & has_selection")
    keys.bind(
        "backspace",
        "brackets.delete_pair",
        "in_cell & insert_mode & auto_match & cursor_in_pair",
    )
