"""Search letter by letter, as readline does: Ctrl-S, / and ? of vi, and Ctrl-R by option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import SearchBufferControl
from prompt_toolkit.search import SearchDirection, SearchState, start_search

if TYPE_CHECKING:
    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


def install(editor: Editor) -> None:
    """Add the line in which one types what is searched for, and have the cell show what is found."""
    control, buffer = editor.cell.control, editor.buffer
    letters = Buffer(name="letters", multiline=False)
    line = SearchBufferControl(letters)
    control._search_buffer_control = line  # prompt_toolkit takes it when a control is made alone

    def prefix(number: int, wraps: int) -> StyleAndTextTuples:
        back = line.searcher_search_state.direction == SearchDirection.BACKWARD
        return [("class:search", "search back: " if back else "search forward: ")]

    row = Window(line, height=1, dont_extend_height=True, get_line_prefix=prefix)
    editor.below.append(ConditionalContainer(row, Condition(lambda: line in get_app().layout.search_links)))

    def wanted() -> str:
        searching = get_app().layout.search_target_buffer_control is control
        return letters.text if searching else ""

    def preview() -> Document | None:
        text, state = wanted(), control.search_state
        if not text:
            return None
        return buffer.document_for_search(SearchState(text, state.direction, state.ignore_case))

    def matches(document: Document, first: int, last: int) -> Iterator[tuple[int, int, int, str]]:
        text = wanted()
        if not text:
            return
        for number in range(first, min(last + 1, document.line_count)):
            at = -1
            while (at := document.lines[number].find(text, at + 1)) >= 0:
                yield number, at, at + len(text), "class:search.match"

    def back(event: KeyPressEvent) -> None:
        start_search(direction=SearchDirection.BACKWARD)

    def forward(event: KeyPressEvent) -> None:
        start_search(direction=SearchDirection.FORWARD)

    control.preview = preview
    control.markings.append(matches)
    keys = editor.keys
    keys.command("search.letters_back", back, "Search earlier cells letter by letter.")
    keys.command("search.letters_forward", forward, "Search later cells letter by letter.")
    keys.bind("c-r", "search.letters_back", "in_cell & insert_mode & ~history_picker")
    keys.bind("c-s", "search.letters_forward", "in_cell & insert_mode")
