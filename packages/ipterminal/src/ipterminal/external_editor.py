"""The cell in an editor of the user's own: it comes back as it was left there."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


class Edited(NamedTuple):
    """What an editor has left."""

    text: str | None
    """The text; ``None`` if it did not do its work."""
    problem: str = ""


def edited(shell: Any, text: str, line: int, name: str = "") -> Edited:
    """Have a text edited in a file of its own, which is removed whatever happens.

    Blocks until the editor ends; on the thread of the cells.

    :param line: where the cursor is, from 1.
    :param name: of the file; by default that of the cell.
    """
    from tempfile import TemporaryDirectory

    from ipcore.errors import TryNext, UserError

    try:
        with TemporaryDirectory(prefix="ipshell-", ignore_cleanup_errors=True) as folder:
            file = Path(folder, name or f"cell_{shell.execution_count}.py")
            file.write_text(f"{text}\n" if text else "", "utf-8", "surrogatepass")
            shell.hooks.editor(str(file), line, True)
            new = file.read_text("utf-8", "surrogatepass")
    except (TryNext, UserError) as error:
        return Edited(None, str(error) or "no editor does it")
    except (OSError, UnicodeError) as error:
        return Edited(None, f"its file cannot be used: {error}")
    except KeyboardInterrupt:
        return Edited(None, "it was interrupted")
    new = new.replace("\r\n", "\n")
    return Edited(new.removesuffix("\n") if not text.endswith("\n") else new)


class ExternalEditor:
    """The editor of the user's own, for one of ours."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor

    def open(self) -> None:
        """Have the cell edited there."""
        editor, buffer = self.editor, self.editor.buffer
        shell, text, line = editor.shell, buffer.text, buffer.document.cursor_position_row + 1
        future = editor.run_in_terminal(lambda: edited(shell, text, line))

        def done(future: Future[Edited]) -> None:
            if not future.cancelled() and future.exception() is None:
                editor.call_soon(lambda: self._back(text, future.result()))

        future.add_done_callback(done)

    def _back(self, text: str, found: Edited) -> None:
        editor, buffer = self.editor, self.editor.buffer
        if found.text is None:
            editor.message(f"the cell is as it was: {found.problem}", "class:message.error")
        elif editor.app.resting:
            return
        elif found.text != text:
            buffer.save_to_undo_stack()
            editor.set_text(found.text)
            editor.app.invalidate()
        if found.text and editor.terminal.run_after_edit:
            editor.submit(found.text)


def install(editor: Editor) -> None:
    """Add the command."""
    external = ExternalEditor(editor)

    def open(event: KeyPressEvent) -> None:
        external.open()

    editor.keys.command("cell.edit", open, "Edit the cell in the editor of the option editor, and come back.")
    editor.keys.bind("f2", "cell.edit", "in_cell")
