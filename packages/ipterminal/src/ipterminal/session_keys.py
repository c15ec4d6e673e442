"""Keys for the cells of this session: taking the last back, editing them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from ipcore import InteractiveShell

    from .editor import Editor


def rewind(shell: InteractiveShell, count: int) -> None:
    """Take cells back; on the thread of the cells."""
    from ipcore.rewinding import take_back

    _told(lambda: take_back(shell, count))


def edit(shell: InteractiveShell) -> None:
    """Have the session edited in the user's editor, and run what was changed; on the thread of the cells."""
    from ipcore.rewinding import run_edited, session_text

    from .external_editor import edited

    def run() -> None:
        before = session_text(shell)
        found = edited(shell, before.removesuffix("\n"), before.count("\n"), "session.py")
        if found.text is None:
            print(f"The session is as it was: {found.problem}.")
        else:
            run_edited(shell, before, found.text)

    _told(run)


def _told(function: Callable[[], object]) -> None:
    from ipcore.errors import UserError
    from ipcore.notices import notice

    try:
        function()
    except UserError as error:
        notice(str(error))


def install(editor: Editor) -> None:
    """Add the commands."""
    shell, command = editor.shell, editor.keys.command

    def take_back(event: KeyPressEvent) -> None:
        count = max(event.arg, 1)
        editor.run_between(lambda: rewind(shell, count))

    def edit_all(event: KeyPressEvent) -> None:
        editor.run_between(lambda: edit(shell))

    command("cells.rewind", take_back, "Take the last cell back, and run the earlier ones again.")
    command("cells.edit", edit_all, "Edit the cells of this session in your editor, and run what changes.")
    editor.keys.bind("c-x c-r", "cells.rewind", "in_cell")
    editor.keys.bind("f7", "cells.edit", "in_cell")
