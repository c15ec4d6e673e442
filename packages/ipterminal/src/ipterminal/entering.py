"""Enter: run the cell if it is complete, else a new line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.cells.completeness import check_complete

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


def install(editor: Editor) -> None:
    """Bind Enter."""

    def is_complete(text: str) -> bool:
        def transform(source: str) -> str:
            return editor.shell.transform(source, side_effects=False)

        return not text.strip() or check_complete(text, transform)[0] != "incomplete"

    def enter(event: KeyPressEvent) -> None:
        buffer = editor.buffer
        if is_complete(buffer.text):
            editor.submit(buffer.text)
        else:
            buffer.newline(copy_margin=True)

    editor.keys.command("cell.enter", enter, "Run the cell if it is complete, else begin a new line.")
    editor.keys.bind("enter", "cell.enter", "in_cell & insert_mode")
