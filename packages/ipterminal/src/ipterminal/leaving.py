"""Dropping what is typed, leaving the shell, going to the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


def install(editor: Editor) -> None:
    """Bind Ctrl-C, Ctrl-D, Ctrl-Z and Ctrl-\\."""
    keys = editor.keys

    def drop(event: KeyPressEvent) -> None:
        editor.drop()

    def end(event: KeyPressEvent) -> None:
        editor.leave()

    def delete(event: KeyPressEvent) -> None:
        editor.buffer.delete_characters(event.arg)

    def suspend(event: KeyPressEvent) -> None:
        editor.suspend()

    def quit(event: KeyPressEvent) -> None:
        editor.quit()

    keys.condition("cell_is_empty", lambda: not editor.buffer.text, "Nothing is typed.")
    keys.command("cell.drop", drop, "Drop what is typed; a second time, stop a callback that does not end.")
    keys.command("shell.leave", end, "Leave the shell.")
    keys.command("cell.delete", delete, "Delete the character at the cursor.")
    keys.command("shell.suspend", suspend, "Put the shell into the background of the terminal.")
    keys.command("shell.quit", quit, "End the shell as the signal SIGQUIT does.")
    keys.bind("c-c", "cell.drop", "in_cell")
    keys.bind("c-d", "cell.delete", "in_cell & insert_mode")
    keys.bind("c-d", "shell.leave", "in_cell & cell_is_empty")
    keys.bind("c-z", "shell.suspend")
    keys.bind("c-\\", "shell.quit")
