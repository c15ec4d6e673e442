"""An editor that does not run: all subjects installed, its keys to be looked up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from prompt_toolkit.application.current import set_app
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import ALL_KEYS, KEY_ALIASES
from prompt_toolkit.keys import Keys as Pressed

from ipterminal.editor import Editor
from ipterminal.frontend import Terminal


@contextmanager
def resting_editor(shell: Any, **options: Any) -> Iterator[Editor]:
    """Make an editor for a shell, with options of the front end."""
    outer, inner = os.openpty()
    try:
        terminal = Terminal(parent=shell, name="terminal", **options)
        modes = SimpleNamespace(descriptor=inner, set=lambda state: state)
        main = SimpleNamespace(call=lambda function, *arguments: None)
        conversation: Any = SimpleNamespace(
            shell=shell, terminal=terminal, modes=modes, main=main, screen=inner
        )
        editor = Editor(conversation)
        editor.after_change.clear()  # they need its loop
        with set_app(editor.app):
            yield editor
    finally:
        os.close(outer)
        os.close(inner)


def put(editor: Editor, cell: str) -> None:
    """Put in a cell; the bar is the cursor."""
    cursor = cell.index("|")
    editor.buffer.set_document(Document(cell[:cursor] + cell[cursor + 1 :], cursor))


def done_by(editor: Editor, keys: tuple[str, ...]) -> str:
    """Give the name of the command that keys call just now; empty for none."""
    presses = [KeyPress(_key(each)) for each in keys]
    found = editor.app.key_processor._get_matches(presses)
    if not found:
        return ""
    binding = found[-1]
    if getattr(binding.handler, "__name__", "") == "_ignore":  # prompt_toolkit's, for all keys it knows
        return ""
    for each in editor.keys.bound:
        if each.binding.handler is binding.handler and each.binding.keys == binding.keys:
            return each.command
    for command in editor.keys.commands.values():
        if command.given is not None and command.given.handler is binding.handler:
            return command.name
    return f"prompt_toolkit's {getattr(binding.handler, '__name__', '')}"


def _key(name: str) -> Any:
    name = KEY_ALIASES.get(name, name)
    return Pressed(name) if name in ALL_KEYS else " " if name == "space" else name
