"""The keys that have a cell formatted. What does it is loaded when one is pressed for the first time."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor
    from .formatting import Formatting


def install(editor: Editor) -> None:
    """Bind Ctrl-X F, and Enter and Esc Enter for the option ``autoformatter``."""
    keys = editor.keys

    @cache
    def formatting() -> Formatting:
        from .formatting import Formatting

        return Formatting(editor)

    editor.formatted_run = lambda: formatting().start(run=True, asked=False)

    def format(event: KeyPressEvent) -> None:
        formatting().start(run=False)

    def run(event: KeyPressEvent) -> None:
        formatting().start(run=True)

    keys.condition("autoformatter", lambda: bool(editor.terminal.autoformatter), "A formatter is chosen.")
    keys.command(
        "cell.format", format, "Have the cell formatted by the formatter of the option autoformatter."
    )
    keys.command("cell.format_and_run", run, "Have the cell formatted, and run it.")
    keys.bind("c-x f", "cell.format", "in_cell & insert_mode")
    keys.bind("escape enter", "cell.format_and_run", "in_cell & insert_mode & autoformatter")
