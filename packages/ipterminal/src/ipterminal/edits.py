"""What a key does to the text of the cell: a piece of it replaced, and where the cursor stands then."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer


class Edit(NamedTuple):
    """A change of a text; offsets count characters."""

    start: int
    """Where the replaced piece begins in the old text."""
    end: int
    """Where it ends; equal to ``start`` if something is only put in."""
    text: str
    """What stands there now."""
    cursor: int
    """Where the cursor stands, in the new text."""

    def of(self, text: str) -> str:
        """Give the new text."""
        return text[: self.start] + self.text + text[self.end :]


def inserted(cursor: int, text: str, back: int = 0) -> Edit:
    """Put a text in at the cursor, which moves behind it.

    :param back: by how many characters less it moves.
    """
    return Edit(cursor, cursor, text, cursor + len(text) - back)


def apply(edit: Edit, buffer: Buffer) -> None:
    """Change a buffer; one step for its undo."""
    from prompt_toolkit.document import Document

    if edit.start == edit.end == buffer.cursor_position:
        buffer.insert_text(edit.text)  # tells those who follow what is typed: suggestions
        buffer.cursor_position = edit.cursor
    else:
        buffer.set_document(Document(edit.of(buffer.text), edit.cursor))


def line_start(text: str, cursor: int) -> int:
    """Tell where the line of the cursor begins."""
    return text.rfind("\n", 0, cursor) + 1


def line_end(text: str, cursor: int) -> int:
    """Tell where the line of the cursor ends, before its line feed."""
    end = text.find("\n", cursor)
    return len(text) if end < 0 else end


def blanks_of(line: str) -> str:
    """Give the blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]
