"""The desktop's clipboard: copying and cutting what is selected, putting in what it holds.

Programs are run for it, and functions of the user's called, so the work is done in the thread of the
cells, and typing goes on meanwhile.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from .edits import apply
from .pasting import pasted

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


class DesktopClipboard:
    """The clipboard for one editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor

    def copy(self, *, cut: bool) -> None:
        """Copy what is selected, and take it away if it is to be cut."""
        editor, buffer = self.editor, self.editor.buffer
        if buffer.selection_state is None:
            editor.message("nothing is selected: Ctrl-Space begins a selection, or an arrow with Shift held")
            return
        data = buffer.cut_selection() if cut else buffer.copy_selection()
        editor.app.clipboard.set_data(data)
        text = data.text

        def write() -> None:
            from ipcore.system.clipboard import copy

            copy(editor.shell, text)

        def done(future: Future[None]) -> None:
            error = None if future.cancelled() else future.exception()
            editor.call_soon(lambda: self._copied(error))

        editor.main.call(write).add_done_callback(done)

    def _copied(self, error: BaseException | None) -> None:
        if error is not None:
            self.editor.message(f"not copied to the desktop: {error}", "class:message.error")

    def paste(self) -> None:
        """Put in what the clipboard holds, as text that is pasted."""
        editor = self.editor

        def done(future: Future[object]) -> None:
            error = None if future.cancelled() else future.exception()
            text = "" if future.cancelled() or error else str(future.result() or "")
            editor.call_soon(lambda: self._pasted(text, error))

        editor.main.call(lambda: editor.shell.hooks.clipboard_get()).add_done_callback(done)

    def _pasted(self, text: str, error: BaseException | None) -> None:
        editor, buffer = self.editor, self.editor.buffer
        if error is not None:
            editor.message(f"not pasted: {error}", "class:message.error")
        elif text and not editor.app.resting:
            buffer.save_to_undo_stack()
            buffer.complete_state = None
            if buffer.selection_state is not None:
                buffer.cut_selection()
            apply(pasted(buffer.text, buffer.cursor_position, text), buffer)
            editor.app.invalidate()


def install(editor: Editor) -> None:
    """Add the commands."""
    clipboard, command = DesktopClipboard(editor), editor.keys.command

    def copy(event: KeyPressEvent) -> None:
        clipboard.copy(cut=False)

    def cut(event: KeyPressEvent) -> None:
        clipboard.copy(cut=True)

    def paste(event: KeyPressEvent) -> None:
        clipboard.paste()

    command("clipboard.copy", copy, "Copy what is selected to the desktop's clipboard.", saves=False)
    command("clipboard.cut", cut, "Cut what is selected to the desktop's clipboard.")
    command("clipboard.paste", paste, "Put in what the desktop's clipboard holds.")
