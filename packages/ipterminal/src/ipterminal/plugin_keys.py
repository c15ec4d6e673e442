"""Commands that plugins give for the cell, and their keys.

They stand above the editor's own keys and below the user's. What one raises is told with its plugin, whose
commands and keys go then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from ipcore.errors import UserError

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from ipcore.plugins.declared import Declared
    from ipcore.types.key_bindings import CellEditor, KeyBinding

    from .editor import Editor

FAMILY: Final = "key_bindings"


class EditedCell:
    """The cell, as commands of plugins see it; see :class:`ipcore.types.key_bindings.CellEditor`."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._buffer = editor.buffer

    @property
    def text(self) -> str:
        """The text of the cell."""
        return self._buffer.text

    @property
    def cursor(self) -> int:
        """The position of the cursor."""
        return self._buffer.cursor_position

    @property
    def selection(self) -> tuple[int, int]:
        """Where what is selected begins and ends."""
        if self._buffer.selection_state is None:
            return self.cursor, self.cursor
        return self._buffer.document.selection_range()

    def replace(self, text: str, cursor: int | None = None) -> None:
        """Replace the text."""
        at = len(text) if cursor is None else cursor
        if not 0 <= at <= len(text):
            raise ValueError(f"there is no position {at} in a text of {len(text)} characters")
        self._buffer.complete_state = None
        self._buffer.exit_selection()
        self._editor.set_text(text, at)

    def insert(self, text: str) -> None:
        """Put a text in at the cursor."""
        self.replace(self.text[: self.cursor] + text + self.text[self.cursor :], self.cursor + len(text))

    def run(self) -> None:
        """Hand the cell over, as it stands."""
        from .entering import finished

        self._editor.submit(finished(self.text))

    def message(self, text: str) -> None:
        """Show one line below the cell."""
        self._editor.message(" ".join(text.split()))


def install(editor: Editor) -> None:
    """Bind what plugins give."""
    registry = editor.shell.registry
    if not registry.bears(FAMILY):
        return
    from ipcore.key_bindings import check_key_bindings

    cell = EditedCell(editor)
    for given in registry.call_each(FAMILY, "ipshell_key_bindings", check_key_bindings, shell=editor.shell):
        bindings: list[KeyBinding] = [*given.value]
        wrong = _wrong(editor, bindings)
        if wrong:
            registry.disable(given.plugin, "ipshell_key_bindings", wrong)
        else:
            _add(editor, given.plugin, bindings, cell)


def _wrong(editor: Editor, bindings: Iterable[KeyBinding]) -> str:
    """Say what the editor cannot do of it: a name that is taken, a key or condition that there is not."""
    from .keys.names import checked

    names = {*editor.keys.commands}
    for each in bindings:
        if each.name in names:
            return f"there is a command {each.name} already"
        names.add(each.name)
        try:
            if each.keys.strip():
                checked(each.keys)
            editor.keys.filter(each.when)
        except (UserError, ValueError) as error:
            return f"its key binding {each.name}: {error}"
    return ""


def _add(editor: Editor, plugin: Declared, bindings: Iterable[KeyBinding], cell: CellEditor) -> None:
    with editor.keys.of(plugin.id):
        for each in bindings:
            editor.keys.command(each.name, _guarded(editor, plugin, each, cell), each.help.strip())
            if each.keys.strip():
                editor.keys.bind(each.keys, each.name, each.when)


def _guarded(
    editor: Editor, plugin: Declared, binding: KeyBinding, cell: CellEditor
) -> Callable[[KeyPressEvent], object]:
    def call(event: KeyPressEvent) -> None:
        try:
            editor.keys.watch(f"{binding.name} of the plugin {plugin.id}", lambda: binding.function(cell))
        except BaseException as error:  # KeyboardInterrupt and SystemExit too: they are the plugin's
            editor.keys.remove(plugin.id)
            editor.shell.registry.disable(plugin, f"the command {binding.name}", error)

    return call
