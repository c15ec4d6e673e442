"""The keys of Ctrl-R. The list itself is loaded when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, DynamicContainer, Window

from .completion_keys import bind_escape

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.layout.containers import Container

    from .editor import Editor
    from .history_picker import HistoryPicker


class _Loaded:
    """The list of an editor, once it was asked for."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._picker: HistoryPicker | None = None
        self._nothing = Window(height=0)
        rows = DynamicContainer(self._rows)
        self.container = ConditionalContainer(rows, Condition(lambda: self._picker is not None))

    @property
    def picker(self) -> HistoryPicker:
        """Give the list; load it first, if need be."""
        if self._picker is None:
            from .history_picker import HistoryPicker

            self._picker = HistoryPicker(self._editor)
        return self._picker

    def _rows(self) -> Container:
        return self._nothing if self._picker is None else self._picker.container

    def has_focus(self) -> bool:
        """Say whether keys go to the list."""
        return self._picker is not None and self._editor.app.layout.has_focus(self._picker.query)

    def close(self) -> None:
        """Take the list away, if it is there."""
        if self._picker is not None:
            self._picker.close()


def install(editor: Editor) -> None:
    """Bind Ctrl-R, and the keys of the list."""
    loaded = _Loaded(editor)
    editor.below.append(loaded.container)
    editor.before_prompt.append(loaded.close)
    editor.at_end.append(loaded.close)
    keys = editor.keys
    keys.condition("picking", Condition(loaded.has_focus), "A cell is being chosen from the history.")
    keys.condition(
        "history_picker", lambda: editor.terminal.history_search == "picker", "That is what Ctrl-R is."
    )

    def command(name: str, function: Callable[[HistoryPicker], object], help: str) -> None:
        def call(event: KeyPressEvent) -> None:
            function(loaded.picker)

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
