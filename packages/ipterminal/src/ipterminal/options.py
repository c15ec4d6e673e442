"""F5: options are changed in a pane below the cell, which is imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .completion_keys import bind_escape
from .late_panes import LatePane

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.layout.containers import Container

    from .editor import Editor
    from .options_pane import OptionsPane

#: Commands of the pane: what is done with it, their keys, and their help.
COMMANDS: Final[dict[str, tuple[Callable[[OptionsPane], object], str, str]]] = {
    "next": (lambda pane: pane.move(1), "down c-n tab", "Choose the next option."),
    "previous": (lambda pane: pane.move(-1), "up c-p s-tab", "Choose the option before."),
    "page_down": (lambda pane: pane.page(1), "pagedown", "Choose one a page further down."),
    "page_up": (lambda pane: pane.page(-1), "pageup", "Choose one a page further up."),
    "change": (lambda pane: pane.change(1), "right enter space", "Give the option its next value."),
    "change_back": (lambda pane: pane.change(-1), "left", "Give the option the value before."),
    "keep": (lambda pane: pane.keep(), "s", "Show what to write into the configuration file."),
    "close": (lambda pane: pane.close(), "f5 c-c c-g q", "Close the options; the cell is as it was."),
}


def _load(editor: Editor) -> tuple[OptionsPane, Container]:
    from .options_pane import OptionsPane

    pane = OptionsPane(editor)
    return pane, pane.container


def install(editor: Editor) -> None:
    """Add the commands and their keys."""
    late = LatePane(lambda: _load(editor))
    editor.below.append(late.container)
    keys = editor.keys

    def show(event: KeyPressEvent) -> None:
        late.pane.open()

    def of_pane(function: Callable[[OptionsPane], object]) -> Callable[[KeyPressEvent], None]:
        def command(event: KeyPressEvent) -> None:
            function(late.pane)

        return command

    def is_open() -> bool:
        return late.made is not None and late.made.is_open

    keys.condition("in_options", is_open, "Options are being changed.")
    keys.command("options.show", show, "Change options, and see at once what they do.", saves=False)
    keys.bind("f5", "options.show", "in_cell")
    for name, (function, pressed, help) in COMMANDS.items():
        keys.command(f"options.{name}", of_pane(function), help, saves=False)
        for key in pressed.split():
            keys.bind(key, f"options.{name}", "in_options")
    bind_escape(editor, "options.close", "in_options")
