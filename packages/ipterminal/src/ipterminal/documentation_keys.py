"""F1, and the keys of the pane of documentation, which is loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, DynamicContainer, Window

from .completing import completing_of
from .completion_keys import bind_escape

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .documentation import Documentation
    from .editor import Editor


class _Loaded:
    """The pane of an editor, once it was asked for."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._pane: Documentation | None = None
        self._window = Window(height=0)
        shown = Condition(lambda: self.is_shown() and not editor.app.is_done)
        self.container = ConditionalContainer(DynamicContainer(lambda: self._window), shown)

    @property
    def pane(self) -> Documentation:
        """Give the pane; load it first, if need be."""
        if self._pane is None:
            from .documentation import Documentation

            self._pane = Documentation(self._editor)
            self._window = Window(self._pane, dont_extend_height=True)
        return self._pane

    def is_shown(self) -> bool:
        """Say whether documentation is shown."""
        return self._pane is not None and self._pane.description is not None

    def is_at_name(self) -> bool:
        """Say whether it is that of the name at the cursor, or is going to be."""
        return self._pane is not None and self._pane.is_at_name()

    def follow(self) -> None:
        """Have the pane follow the menu, if it is to."""
        if self._pane is not None or self._editor.terminal.show_documentation:
            self.pane.follow()

    def close(self) -> None:
        """Take the pane away, if it is there."""
        if self._pane is not None:
            self._pane.close()

    def end(self) -> None:
        """Look up nothing any more."""
        if self._pane is not None:
            self._pane.end()


def install(editor: Editor) -> None:
    """Add the pane below the cell and its menu, and F1."""
    loaded = _Loaded(editor)
    editor.at_end.append(loaded.end)
    editor.before_prompt.append(loaded.close)
    completing = completing_of(editor)
    if completing is not None:
        completing.after_choice.append(loaded.follow)
    editor.unfinished.append(loaded.is_shown)
    editor.at_cell.append(loaded.container)
    _bind(editor, loaded)


def _bind(editor: Editor, loaded: _Loaded) -> None:
    keys = editor.keys

    def command(name: str, function: Callable[[Documentation], object], help: str) -> None:
        def run(event: KeyPressEvent) -> Any:
            return function(loaded.pane)

        keys.command(f"documentation.{name}", run, help)

    keys.condition("documentation_shown", loaded.is_shown, "Documentation is shown.")
    keys.condition("documentation_at_cursor", loaded.is_at_name, "It is that of the name at the cursor.")
    command(
        "show",
        lambda pane: pane.show(),
        "Show the documentation of the name at the cursor; again, its source.",
    )
    command(
        "source",
        lambda pane: pane.show_source(),
        "Show the source of what the name at the cursor stands for.",
    )
    command("page", lambda pane: pane.page(), "Show the documentation that is shown in the pager.")
    command("close", lambda pane: pane.close(), "Take the documentation away.")
    command("line_down", lambda pane: pane.move(1), "Scroll the documentation a line further.")
    command("line_up", lambda pane: pane.move(-1), "Scroll the documentation a line back.")
    command("page_down", lambda pane: pane.move_pages(1), "Scroll the documentation a page further.")
    command("page_up", lambda pane: pane.move_pages(-1), "Scroll the documentation a page back.")
    keys.bind("f1", "documentation.show", "in_cell")
    keys.bind("f1", "documentation.source", "in_cell & documentation_at_cursor")
    listed = " & ~completions_listed" if completing_of(editor) is not None else ""
    bind_escape(editor, "documentation.close", f"in_cell & documentation_shown{listed}")
    for key, name in (
        ("c-g", "close"),
        ("pagedown", "page_down"),
        ("pageup", "page_up"),
    ):
        keys.bind(key, f"documentation.{name}", f"in_cell & documentation_shown{listed}")
    keys.bind("escape down", "documentation.line_down", "in_cell & documentation_shown")
    keys.bind("escape up", "documentation.line_up", "in_cell & documentation_shown")
