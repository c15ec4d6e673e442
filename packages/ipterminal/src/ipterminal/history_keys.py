"""The keys of Ctrl-R. The list itself is loaded when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition

from .completion_keys import bind_escape
from .late_panes import LatePane

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.layout.containers import Container

    from .editor import Editor
    from .history_picker import HistoryPicker


def _load(editor: Editor) -> tuple[HistoryPicker, Container]:
    from .history_picker import HistoryPicker

    picker = HistoryPicker(editor)
    return picker, picker.container


def install(editor: Editor) -> None:
    """Bind Ctrl-R, and the keys of the list."""
    late = LatePane(lambda: _load(editor))

    def has_focus() -> bool:
        return late.made is not None and editor.app.layout.has_focus(late.made.query)

    def close() -> None:
        if late.made is not None:
            late.made.close()

    editor.below.append(late.container)
    editor.before_prompt.append(close)
    editor.at_end.append(close)
    keys = editor.keys
    keys.condition("picking", Condition(has_focus), "A cell is being chosen from the history.")
    keys.condition(
        "history_picker", lambda: editor.terminal.history_search == "picker", "That is what Ctrl-R is."
    )

    def command(name: str, function: Callable[[HistoryPicker], object], help: str) -> None:
        def call(event: KeyPressEvent) -> None:
            function(late.pane)

        keys.command(name, call, help)

    command(
        "history.search",
        lambda picker: picker.open(),
        "Choose from earlier cells that have the letters typed.",
    )
    command(
        "search.take",
        lambda picker: picker.take(),
        "Put the chosen cell, or all that are marked, into the editor.",
    )
    command("search.cancel", lambda picker: picker.close(), "Leave the search with the cell as it was.")
    command("search.next", lambda picker: picker.move(1), "Choose the next one.")
    command("search.previous", lambda picker: picker.move(-1), "Choose the one before.")
    command("search.page_down", lambda picker: picker.page(1), "Choose one a page further down.")
    command("search.page_up", lambda picker: picker.page(-1), "Choose one a page further up.")
    command(
        "search.mark", lambda picker: picker.mark(), "Mark a cell: all that are marked are taken together."
    )
    command(
        "search.where", lambda picker: picker.switch_where(), "Search all sessions, this one, or this folder."
    )
    command(
        "search.good",
        lambda picker: picker.switch_failed(),
        "Leave out cells that have failed, or no longer.",
    )
    keys.bind("c-r", "history.search", "in_cell & insert_mode & history_picker")
    for key, name in (
        ("enter", "take"),
        ("c-c", "cancel"),
        ("c-g", "cancel"),
        ("c-r", "next"),
        ("down", "next"),
        ("c-n", "next"),
        ("c-s", "previous"),
        ("up", "previous"),
        ("c-p", "previous"),
        ("pagedown", "page_down"),
        ("pageup", "page_up"),
        ("tab", "mark"),
        ("c-@", "mark"),
        ("c-t", "where"),
        ("c-o", "good"),
    ):
        keys.bind(key, f"search.{name}", "picking")
    bind_escape(editor, "search.cancel", "picking")
