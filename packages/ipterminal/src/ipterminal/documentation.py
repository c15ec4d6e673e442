"""The documentation of a name: a pane below the cell, and the pager.

It is that of the name under the cursor, or of the chosen entry of the menu. What stands in it is found on
another thread, and runs no code of the user's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.utils import get_cwidth

from .cell_objects import objects_of
from .completing import completing_of
from .parameters import cut, fitted, pieces
from .workers import Background

if TYPE_CHECKING:
    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from ipcore.types.completion import Completion

    from .calls import Scanner
    from .docstrings import Description
    from .editor import Editor
    from .object_sources import Source

#: Seconds for which an entry has to be chosen before its documentation is looked up.
DELAY: Final = 0.05

#: Lines of one docstring that are shown, once wrapped; the pager shows all.
MOST_LINES: Final = 2_000

#: What documents nothing.
_WITHOUT: Final = frozenset(("path", "dict key", "keyword", "param", "latex", "unicode", "statement"))


class Wrapped:
    """A text in lines of a width, made only as far as somebody looks.

    :param text: the text.
    :param width: columns.
    """

    def __init__(self, text: str, width: int) -> None:
        self.width = max(1, width)
        self._lines: list[str] = []
        self._left = text.split("\n")[::-1]

    def line(self, number: int) -> str | None:
        """Give a line; ``None`` behind the last."""
        while len(self._lines) <= number and self._left and len(self._lines) < MOST_LINES:
            self._lines += wrapped(self._left.pop(), self.width)
        if number >= MOST_LINES:
            return None
        return self._lines[number] if number < len(self._lines) else None

    def count(self, most: int) -> int:
        """Tell how many lines there are, counted up to a number."""
        return most if most <= 0 or self.line(most - 1) is not None else len(self._lines)


def wrapped(line: str, width: int) -> list[str]:
    """Break one line at blanks; what goes on is indented as it is."""
    line = "".join(each if each.isprintable() else " " for each in line.expandtabs(4)).rstrip()
    if get_cwidth(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())][: width // 2]
    found: list[str] = []
    rest = line
    while rest and get_cwidth(rest) > width:
        head = cut(rest, width + 1)[:-1] or rest[0]  # what fits, without the dots
        blank = head.rfind(" ", len(indent) + 1)
        if blank > 0 and not rest[len(head) : len(head) + 1].isspace():
            head = head[:blank]
        found.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
        rest = indent + rest if rest else ""
        if len(indent) + 1 >= width:
            indent = ""
    if rest.strip():
        found.append(rest)
    return found


class Documentation(UIControl):
    """The pane of one editor. All on the editor's thread, unless it says otherwise."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._background = Background("documentation")
        self._scanner: Scanner | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._number = 0
        #: Whether it was asked for, and not only shown beside the menu.
        self._asked = False
        #: The name that was looked up last.
        self._name = ""
        self.description: Description | None = None
        self.scroll = 0
        self._wrapped: Wrapped | None = None
        self._height = 1

    # -- what it shows ---------------------------------------------------------

    def show(self) -> None:
        """Show what the name under the cursor stands for."""
        name, before = self._name_meant()
        if not name:
            self._editor.message("There is no name at the cursor.")
            return
        self._asked = True
        self._look_up(name, before, told=True)

    def show_source(self) -> None:
        """Show the source of what the name under the cursor stands for, in the pager."""
        name, before = self._name_meant()
        editor, cell = self._editor, self._editor.buffer.document

        def work() -> None:
            from .docstrings import stands_for
            from .object_sources import source_of

            found, value = stands_for(editor.shell, objects_of(editor), name, before)
            source = source_of(value) if found else None
            editor.call_soon(lambda: self._take_source(cell, name, source))

        if not name:
            editor.message("There is no name at the cursor.")
        elif not self._background.put(work):
            editor.message("The source is held up by an earlier request.")

    def _take_source(self, cell: Document, name: str, found: Source | None) -> None:
        editor, shell = self._editor, self._editor.shell
        if editor.app.resting or editor.buffer.document != cell:
            return  # whoever goes on typing does not wait for it any more
        if found is None:
            said = f"There is no source of {cut(name, 40)} to show."
            if self._wrapped is not None and self._wrapped.count(MOST_LINES) >= self._height:
                self.page(said)
            else:
                editor.message(said)
            return
        text = f"# {name}: {found.place}, line {found.line}\n{found.text.rstrip()}\n"

        def page() -> None:
            from ipcore.highlighting import highlighted

            shell.hooks.page(highlighted(shell, text, "python"))

        editor.run_in_terminal(page)

    def is_at_name(self) -> bool:
        """Tell whether what is documented is the name under the cursor, or is going to be."""
        return bool(self._name) and self._name_meant()[0] == self._name

    def _name_meant(self) -> tuple[str, str]:
        """Give the name that is meant: the chosen entry's, else that at the cursor; and what is before."""
        completing = completing_of(self._editor)
        menu = None if completing is None else completing.menu
        if menu is not None and menu.entry is not None:
            return self.name_of(menu.entry, menu.text)
        return self.name_at_cursor()

    @property
    def scanner(self) -> Scanner:
        """What reads the cell."""
        if self._scanner is None:
            from .calls import Scanner

            self._scanner = Scanner()
        return self._scanner

    def name_at_cursor(self) -> tuple[str, str]:
        """Give the name at the cursor, else the function whose arguments it is in; and what is before."""
        from .calls import before_statement, name_around

        buffer = self._editor.buffer
        text, cursor = buffer.text, buffer.cursor_position
        start, end = name_around(text, cursor)
        if start < end:
            marks = len(text[:start]) - len(text[:start].rstrip("%"))
            name = text[start - min(marks, 2) : end]
            return name, before_statement(text, self.scanner.statement_at(text, start))
        call = self.scanner.call_at(text, cursor)
        return ("", "") if call is None else (call.function, call.before)

    def name_of(self, entry: Completion, text: str) -> tuple[str, str]:
        """Give the expression that a completion would write, and what stands before it."""
        from .calls import before_statement, start_of_expression

        if entry.type in _WITHOUT:
            return "", ""
        if entry.type == "magic":
            return entry.text if entry.text.startswith("%") else f"%{entry.text}", ""
        start = entry.start
        if start and text[start - 1] == ".":
            start = start_of_expression(text, start - 1)
        name = text[start : entry.start] + entry.text
        return name, before_statement(text, self.scanner.statement_at(text, entry.start))

    def _look_up(self, name: str, before: str, told: bool) -> None:
        self._number += 1
        self._name = name
        number, editor = self._number, self._editor

        def work() -> None:
            from .docstrings import describe

            if number == self._number:
                found = describe(editor.shell, objects_of(editor), name, before)
                editor.call_soon(lambda: self._take(number, name, found, told))

        if not self._background.put(work) and told:
            editor.message("The documentation is held up by an earlier request.")

    def _take(self, number: int, name: str, found: Description | None, told: bool) -> None:
        if number != self._number or self._editor.app.is_done:
            return
        if found is None:
            self._name = ""
        if found is None and told:
            self._editor.message(f"Nothing is known of {cut(name, 40)} without running code.")
        self.description = found
        self.scroll = 0
        self._wrapped = None
        self._editor.app.invalidate()

    def follow(self) -> None:
        """Show the documentation of the entry that is chosen now, if it is to be shown."""
        self._stop()
        if not self._asked and not self._editor.terminal.show_documentation:
            return
        completing = completing_of(self._editor)
        menu = None if completing is None else completing.menu
        if menu is None or menu.entry is None:
            if not self._asked:
                self.close()
            return
        name, before = self.name_of(menu.entry, menu.text)
        if not name:
            self._number += 1
            self.description = None
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(DELAY, self._look_up, name, before, False)

    def close(self) -> None:
        """Take the pane away."""
        self._stop()
        self._number += 1
        self._asked, self._name = False, ""
        if self.description is not None:
            self.description = None
            self._editor.app.invalidate()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def page(self, said: str = "") -> None:
        """Show all of it in the pager.

        :param said: stands above it.
        """
        found, shell = self.description, self._editor.shell
        if found is not None:
            text = f"{said}\n\n{in_full(found)}" if said else in_full(found)
            self._editor.run_in_terminal(lambda: shell.hooks.page(text))

    def move_pages(self, pages: int) -> None:
        """Scroll by as many rows as there are, but one."""
        self.move(pages * (self._height - 1))

    def end(self) -> None:
        """Look up nothing any more."""
        self._background.close()

    def move(self, rows: int) -> None:
        """Scroll."""
        if self._wrapped is not None:
            most = self._wrapped.count(MOST_LINES) - max(1, self._height - 1)
            self.scroll = max(0, min(self.scroll + rows, most))
            self._editor.app.invalidate()

    # -- painting --------------------------------------------------------------

    def preferred_height(
        self, width: int, max_available_height: int, wrap_lines: bool, get_line_prefix: Any
    ) -> int | None:
        """Give the rows that it would like to have."""
        if self.description is None:
            return 0
        most = max(2, self._editor.terminal.documentation_rows)
        return 1 + self._lines(width).count(most - 1)

    def _lines(self, width: int) -> Wrapped:
        found = self.description
        if self._wrapped is None or self._wrapped.width != max(1, width - 1):
            self._wrapped = Wrapped("" if found is None else found.text, width - 1)
        return self._wrapped

    def create_content(self, width: int, height: int) -> UIContent:
        """Paint the lines in view."""
        found = self.description
        lines: list[StyleAndTextTuples] = []
        if found is not None and height > 0:
            self._height = height
            lines.append(_title(found, width))
            text = self._lines(width)
            for row in range(height - 1):
                line = text.line(self.scroll + row)
                if line is None:
                    break
                blank = " " * (width - get_cwidth(line) - 1)
                lines.append([("class:documentation", f" {line}{blank}")])
        return UIContent(lambda number: lines[number], line_count=len(lines), show_cursor=False)


def _title(found: Description, width: int) -> StyleAndTextTuples:
    if found.signature is None:
        text = cut(f"{found.name}  {found.kind}", width)
        line: StyleAndTextTuples = [("class:signature", text)]
    else:
        kind = f"  {found.kind}"
        shown = fitted(pieces(found.name, found.signature, None), max(10, width - len(kind)))
        text = cut("".join(piece.text for piece in shown) + kind, width)
        line = [("class:signature", text)]
    return [*line, ("class:signature", " " * max(0, width - get_cwidth(text)))]


def in_full(found: Description) -> str:
    """Give all that is known as a text for the pager."""
    called = ""
    if found.signature is not None:
        called = "".join(piece.text for piece in pieces(found.name, found.signature, None))
    title = f"{called or found.name}\n{found.kind}\n"
    return f"{title}\n{found.text or 'No documentation is stored with it.'}\n"
