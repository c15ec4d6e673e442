"""Paste mode: text is put in as it comes, from whatever sends it, until the mode is left or the cell runs.

For terminals that do not mark what is pasted, and programs that type: nothing is indented, paired, completed
or suggested, and Enter begins a line. prompt_toolkit's own bindings put in all other characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from .completing import completing_of
from .keys.names import for_people

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor

#: What leaves the mode, in few words.
_LEAVING: Final = {"paste.mode": "leaves it", "cell.run": "runs the cell"}


class PasteMode:
    """The mode in one editor."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._line: StyleAndTextTuples = []

    def switch(self, event: KeyPressEvent) -> None:
        """Enter the mode, or leave it; nothing runs."""
        editor, buffer = self._editor, self._editor.buffer
        editor.paste_mode = not editor.paste_mode
        if not editor.paste_mode:
            return
        completing = completing_of(editor)
        if completing is not None:
            completing.close()
        buffer.suggestion = None
        buffer.exit_selection()
        editor.app.vi_state.input_mode = InputMode.INSERT
        keys = {each.command: for_people(each.keys) for each in editor.keys.bound}
        ways = [f"{keys[command]} {words}" for command, words in _LEAVING.items() if command in keys]
        self._line = [("class:message", f"Paste mode: {', '.join(ways)}")]

    def end(self) -> None:
        """Leave the mode: it ends with the cell."""
        self._editor.paste_mode = False

    def row(self) -> ConditionalContainer:
        """Give the row that says how the mode is left."""
        editor = self._editor
        shown = Condition(lambda: editor.paste_mode and not editor.app.is_done)
        window = Window(FormattedTextControl(lambda: self._line), height=1, dont_extend_height=True)
        return ConditionalContainer(window, shown)


def install(editor: Editor) -> None:
    """Add the mode, which other subjects ask for, and its row."""
    mode, buffer, keys = PasteMode(editor), editor.buffer, editor.keys
    editor.at_cell.append(mode.row())
    editor.before_prompt.append(mode.end)

    def tab(event: KeyPressEvent) -> None:
        buffer.insert_text("\t" * event.arg)

    keys.condition("paste_mode", lambda: editor.paste_mode, "Text is put in as it comes.")
    keys.command("paste.mode", mode.switch, "Have text put in as it comes, or no longer.", saves=False)
    keys.command("paste.tab", tab, "Put in a tab.")
    keys.bind("tab", "paste.tab", "in_cell & insert_mode & paste_mode")
