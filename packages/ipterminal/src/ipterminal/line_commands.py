"""Commands on the lines of the cell: moving them, commenting them out, undoing, selecting everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.document import Document
from prompt_toolkit.selection import SelectionState

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor

_COMMENT = re.compile(r"([ \t]*)# ?")


class Changed(NamedTuple):
    """A text whose lines have changed."""

    text: str
    cursor: int
    anchor: int
    """Where the selection begins, if there is one."""


def moved(text: str, cursor: int, anchor: int, *, down: bool) -> Changed | None:
    """Move the lines that a selection touches past the next line; ``None`` at the edge of the text.

    Without a selection cursor and anchor are the same, and it is the cursor's line.
    """
    lines = text.split("\n")
    first, last = _touched(text, cursor, anchor)
    if down:
        if last + 1 >= len(lines):
            return None
        other = lines.pop(last + 1)
        lines.insert(first, other)
        shift = len(other) + 1
    else:
        if first == 0:
            return None
        other = lines.pop(first - 1)
        lines.insert(last, other)
        shift = -len(other) - 1
    most = len(text)  # a selection that ended before the next line ends with its last line at the text's end
    return Changed("\n".join(lines), min(most, cursor + shift), min(most, anchor + shift))


def commented(text: str, cursor: int, anchor: int) -> Changed | None:
    """Comment out the lines that a selection touches, or, if all of them are comments, undo that.

    ``None`` if they are all blank.
    """
    lines = text.split("\n")
    first, last = _touched(text, cursor, anchor)
    filled = [number for number in range(first, last + 1) if lines[number].strip()]
    if not filled:
        return None
    places = [cursor, anchor]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    undo = all(_COMMENT.match(lines[number]) for number in filled)
    column = min(len(lines[number]) - len(lines[number].lstrip()) for number in filled)
    shifts = [0, 0]
    for number in filled:
        line = lines[number]
        if undo:
            match = _COMMENT.match(line)
            assert match is not None
            at, gone, put = match.end(1), match.end() - match.end(1), ""
        else:
            at, gone, put = column, 0, "# "
        lines[number] = line[:at] + put + line[at + gone :]
        for index, place in enumerate(places):
            behind = place - starts[number] - at
            if behind >= 0 and not (behind == 0 and put and place != cursor):
                shifts[index] += len(put) - min(gone, behind)
    return Changed("\n".join(lines), cursor + shifts[0], anchor + shifts[1])


def _touched(text: str, cursor: int, anchor: int) -> tuple[int, int]:
    """Give the first and last line of a selection; one that ends before a line does not touch it."""
    start, end = sorted((cursor, anchor))
    first, last = text.count("\n", 0, start), text.count("\n", 0, end)
    if last > first and text[end - 1] == "\n":
        last -= 1
    return first, last


def install(editor: Editor) -> None:
    """Add the commands."""
    buffer, command = editor.buffer, editor.keys.command

    def change(function: Callable[[str, int, int], Changed | None]) -> Callable[[KeyPressEvent], None]:
        def run(event: KeyPressEvent) -> None:
            _change(buffer, function)

        return run

    def select_all(event: KeyPressEvent) -> None:
        buffer.exit_selection()
        buffer.cursor_position = 0
        buffer.start_selection()
        buffer.cursor_position = len(buffer.text)

    def undo(event: KeyPressEvent) -> None:
        buffer.undo()

    def redo(event: KeyPressEvent) -> None:
        buffer.redo()

    def clear(event: KeyPressEvent) -> None:
        event.app.renderer.clear()

    command("cell.undo", undo, "Undo the last change of the cell.", saves=False)
    command("cell.redo", redo, "Do again what was undone.", saves=False)
    command("cell.select_all", select_all, "Select the whole cell.", saves=False)
    up, down = change(lambda *at: moved(*at, down=False)), change(lambda *at: moved(*at, down=True))
    command("lines.move_up", up, "Move the line, or selected ones, up.")
    command("lines.move_down", down, "Move the line, or selected ones, down.")
    command("lines.comment", change(commented), "Comment the line, or selected ones, out, or undo that.")
    command("screen.clear", clear, "Clear the screen and paint the cell at its top.", saves=False)


def _change(buffer: Buffer, function: Callable[[str, int, int], Changed | None]) -> None:
    selection = buffer.selection_state
    anchor = buffer.cursor_position if selection is None else selection.original_cursor_position
    changed = function(buffer.text, buffer.cursor_position, anchor)
    if changed is None:
        return
    buffer.complete_state = None
    buffer.set_document(Document(changed.text, changed.cursor))
    if selection is not None:
        buffer.selection_state = SelectionState(changed.anchor, selection.type)
