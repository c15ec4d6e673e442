"""F1, and the keys of the pane of documentation, which is loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, Window

from .completing import completing_of
from .completion_keys import bind_escape
from .late_panes import LatePane

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.layout.containers import Container

    from .documentation import Documentation
    from .editor import Editor


def _load(editor: Editor) -> tuple[Documentation, Container]:
    from .documentation import Documentation

    pane = Documentation(editor)
    shown = Condition(lambda: pane.description is not None and not editor.app.is_done)
    return pane, ConditionalContainer(Window(pane, dont_extend_height=True), shown)


def install(editor: Editor) -> None:
    """Add the pane below the cell and its menu, and F1."""
    late = LatePane(lambda: _load(editor))

    def follow() -> None:
        if late.made is not None or editor.terminal.show_documentation:
            late.pane.follow()

    def close() -> None:
        if late.made is not None:
            late.made.close()

    def end() -> None:
        if late.made is not None:
            late.made.end()

    def is_shown() -> bool:
        return late.made is not None and late.made.description is not None

    editor.at_end.append(end)
    editor.before_prompt.append(close)
    completing = completing_of(editor)
    if completing is not None:
        completing.after_choice.append(follow)
    editor.unfinished.append(is_shown)
    editor.at_cell.append(late.container)
    editor.keys.condition("documentation_shown", is_shown, "Documentation is shown.")
    _bind(editor, late)


def _bind(editor: Editor, late: LatePane[Documentation]) -> None:
    keys = editor.keys

    def command(name: str, function: Callable[[Documentation], object], help: str) -> None:
        def run(event: KeyPressEvent) -> Any:
            return function(late.pane)

        keys.command(f"documentation.{name}", run, help)

    def is_at_name() -> bool:
        return late.made is not None and late.made.is_at_name()

    keys.condition("documentation_at_cursor", is_at_name, "It is that of the name at the cursor.")
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
