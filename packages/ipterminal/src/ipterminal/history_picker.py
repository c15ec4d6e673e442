"""Ctrl-R: earlier cells that have the letters typed, in rows below the prompt, to be put into it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout.containers import ConditionalContainer, HSplit, VSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.utils import get_cwidth

from .fuzzy_ranking import Hit, Letters, Ranking
from .lexing import Lexing
from .lookups import Lookups

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from .editor import Editor

Where = Literal["all", "session", "folder"]

#: Cells at hand that are looked through at once, and then in one go between keys.
_AT_ONCE: Final = 300
#: Characters of a line whose width matters.
_LONGEST: Final = 2000
#: Columns from which on there is room for words at the right of what is searched for.
_ROOMY: Final = 50
_WHERE: Final[dict[Where, str]] = {
    "all": "all sessions",
    "session": "this session",
    "folder": "this folder",
}
#: What cannot be shown as it is.
_CONTROLS: Final = dict.fromkeys([*range(32), 127], " ")


class HistoryPicker:
    """The list, while it is open, and what is searched for."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.query = Buffer(name="history search", multiline=False)
        self.query.on_text_changed += lambda _: self.search()
        self.is_open = False
        self.where: Where = "all"
        #: Whether cells that have failed are left out.
        self.good_alone = False
        self.ranking = Ranking()
        #: The texts that are marked, in this order.
        self.marked: list[str] = []
        self.current = 0
        self._top = 0
        self._lookups = Lookups(editor, "the search")
        self._steps: asyncio.Handle | None = None
        self._searching = False
        self._lexing = Lexing()
        self.control = BufferControl(self.query)
        self.container = ConditionalContainer(self._rows(), Condition(lambda: self.is_open))

    # -- opening and leaving -------------------------------------------------------

    def open(self) -> None:
        """Show it, and search for what is typed on a single line."""
        cell = self.editor.buffer
        cell.complete_state = None
        cell.suggestion = None
        cell.exit_selection()
        self.is_open = True
        self.where, self.good_alone, self.marked = "all", False, []
        typed = cell.text if "\n" not in cell.text else ""
        self.query.reset(Document(typed.strip()))
        self.editor.app.layout.focus(self.control)
        self.editor.app.vi_state.input_mode = InputMode.INSERT
        self.search()

    def close(self) -> None:
        """Take it away; the cell is as it was."""
        if not self.is_open:
            return
        self.is_open = False
        self._stop()
        self.ranking = Ranking()
        self.marked = []
        self.editor.app.layout.focus(self.editor.buffer)

    def take(self) -> None:
        """Put what is marked into the cell, or else what is chosen."""
        hits = self.ranking.hits
        texts = self.marked or [hit.text for hit in hits[self.current : self.current + 1]]
        self.close()
        if texts:
            self.editor.buffer.save_to_undo_stack()
            self.editor.set_text("\n".join(texts))

    # -- searching -----------------------------------------------------------------

    def search(self) -> None:
        """Search anew: first what is at hand, then what is kept, as it comes."""
        if not self.is_open:
            return
        self._stop()
        self.ranking, self.current, self._top = Ranking(), 0, 0
        letters = Letters(self.query.text)
        self._searching = True
        self._look_through(letters, iter(self._at_hand()))

    def _at_hand(self) -> Sequence[str]:
        """Give the cells that are in memory, newest first."""
        if self.good_alone or self.where == "folder":  # of which that is not known
            return ()
        if self.where == "session":
            return self.editor.shell.outputs.raw_inputs[:0:-1]
        return self.editor.buffer.earlier.cells[::-1]

    def _look_through(self, letters: Letters, cells: Iterator[str]) -> None:
        """Look through some, and let keys in between."""
        some = list(islice(cells, _AT_ONCE))
        self.ranking.add(letters.fitting(some))
        if some:
            loop = asyncio.get_running_loop()
            self._steps = loop.call_soon(self._look_through, letters, cells)
        else:
            self._steps = None
            self._ask(letters)
        self.editor.app.invalidate()

    def _ask(self, letters: Letters) -> None:
        if self.where == "session" and not self.good_alone:
            self._done()
            return
        try:
            folder = os.getcwd() if self.where == "folder" else ""
        except OSError:  # it is gone
            self._done()
            return
        own, failed = self.where == "session", not self.good_alone

        def question(finder: Any) -> Iterator[list[Any]]:
            found = finder.matching(letters.wanted, folder=folder, failed=failed, own=own)
            for cells in found:
                yield list(letters.fitting(text for *_, text in cells))

        self._lookups.ask(question, self._more, self._done)

    def _more(self, found: list[Any]) -> None:
        chosen = self._chosen
        self.ranking.add(found)
        if self.current and chosen is not None:  # it stays chosen, wherever it is now
            texts = [hit.text for hit in self.ranking.hits]
            self.current = texts.index(chosen.text) if chosen.text in texts else self.current
        self.editor.app.invalidate()

    def _done(self) -> None:
        self._searching = False
        self.editor.app.invalidate()

    def _stop(self) -> None:
        self._lookups.cancel()
        if self._steps is not None:
            self._steps.cancel()
            self._steps = None
        self._searching = False

    # -- choosing ------------------------------------------------------------------

    @property
    def _chosen(self) -> Hit | None:
        hits = self.ranking.hits
        return hits[self.current] if self.current < len(hits) else None

    def move(self, by: int) -> None:
        """Choose another one."""
        self.current = max(0, min(self.current + by, len(self.ranking.hits) - 1))

    def page(self, by: int) -> None:
        """Choose one a page away."""
        self.move(by * max(self._heights()[0] - 1, 1))

    def mark(self) -> None:
        """Mark the chosen one, or no longer, and go to the next."""
        chosen = self._chosen
        if chosen is None:
            return
        if chosen.text in self.marked:
            self.marked.remove(chosen.text)
        else:
            self.marked.append(chosen.text)
        self.move(1)

    def switch_where(self) -> None:
        """Look in all sessions, in this one, in this folder, in turn."""
        names = list(_WHERE)
        self.where = names[(names.index(self.where) + 1) % len(names)]
        self.search()

    def switch_failed(self) -> None:
        """Leave out cells that have failed, or no longer."""
        self.good_alone = not self.good_alone
        self.search()

    # -- painting ------------------------------------------------------------------

    def _rows(self) -> HSplit:
        def window(text: Callable[[], StyleAndTextTuples], part: int, wrap: bool) -> Window:
            def height() -> int:
                return self._heights()[part]

            return Window(FormattedTextControl(text), height=height, wrap_lines=wrap, dont_extend_height=True)

        query = Window(
            self.control,
            height=1,
            dont_extend_height=True,
            get_line_prefix=lambda *_: [("class:search", "search: " if self._columns() > 30 else "/")],
        )
        status = ConditionalContainer(
            Window(FormattedTextControl(self._status), height=1, dont_extend_width=True),
            Condition(lambda: self._columns() >= _ROOMY),
        )
        return HSplit(
            [
                VSplit([query, status]),
                window(self._list, 0, False),
                window(self._preview, 1, True),
            ]
        )

    def _columns(self) -> int:
        return self.editor.output.get_size().columns

    def _heights(self) -> tuple[int, int]:
        """Tell how many rows the list has, and how many what is shown of the chosen cell."""
        room = max(self.editor.output.get_size().rows // 2 - 1, 2)
        wanted = max(min(len(self.ranking.hits), room), 1)
        chosen, columns = self._chosen, self._columns()
        if chosen is None or room < 5:
            return wanted, 0
        lines = chosen.text.split("\n", room)
        if len(lines) < 2 and get_cwidth(lines[0]) <= columns - 2:
            return wanted, 0
        needed = sum(1 + (get_cwidth(line[:_LONGEST]) + 1) // columns for line in lines)
        preview = min(needed, room // 2)
        return max(min(wanted, room - preview), 1), preview

    def _status(self) -> StyleAndTextTuples:
        count = f"{self.ranking.count}{'+' if self._searching else ''}"
        marked = f", {len(self.marked)} marked" if self.marked else ""
        failed = ", none that failed" if self.good_alone else ""
        where = "this session alone: no others can be read" if self._lookups.problem else _WHERE[self.where]
        return [("class:toolbar", f" {count} in {where}{failed}{marked} ")]

    def _list(self) -> StyleAndTextTuples:
        """Give the rows that are in sight."""
        hits = self.ranking.hits
        if not hits:
            said = self._lookups.problem
            return [("class:message", "" if self._searching and not said else self._why(said))]
        height = self._heights()[0]
        self._top = min(max(self._top, self.current - height + 1), self.current)
        rows: StyleAndTextTuples = []
        for number in range(self._top, min(self._top + height, len(hits))):
            if rows:
                rows.append(("", "\n"))
            rows += self._row(hits[number], chosen=number == self.current)
        return rows

    def _why(self, problem: str) -> str:
        """Say why there is nothing; of a long reason the end."""
        text = f"nothing is known: {problem}" if problem else "nothing found"
        while get_cwidth(text) >= self._columns():
            text = f"…{text[2:]}"
        return text

    def _row(self, hit: Hit, *, chosen: bool) -> StyleAndTextTuples:
        style = "class:menu.current" if chosen else "class:menu"
        sign = "*" if hit.text in self.marked else (">" if chosen else " ")
        start, line = line_of(hit.text, hit.places[0] if hit.places else 0)
        places = {place - start for place in hit.places}
        shown, more = cut(line, self._columns() - 2, hit.text.count("\n"))
        row: StyleAndTextTuples = [(style, f"{sign} ")]
        for at, letter in enumerate(shown):
            row.append((f"class:menu.match {style}" if at in places else style, letter))
        rest = self._columns() - 2 - get_cwidth(shown) - len(more)
        row.append((style, more + " " * max(rest, 0)))
        return row

    def _preview(self) -> StyleAndTextTuples:
        """Give the chosen cell in its colours, as much of it as there is room for."""
        chosen = self._chosen
        height = self._heights()[1]
        if chosen is None or not height:
            return []
        lines = chosen.text.split("\n")
        self._lexing.update(lines, 0.004)
        around = chosen.text.count("\n", 0, chosen.places[0]) if chosen.places else 0
        first = max(0, min(around - height // 2, len(lines) - height))
        rows: StyleAndTextTuples = []
        for number in range(first, min(first + height, len(lines))):
            last = number + 1 == first + height and number + 1 < len(lines)
            rows += [("class:prompt.continuation", "… " if last else "| "), *self._lexing.line(number)]
            rows.append(("", "\n"))
        return rows[:-1]


def line_of(text: str, place: int) -> tuple[int, str]:
    """Give the line of a text that a place is in, without what indents it, and where that begins."""
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", start)
    line = text[start:] if end < 0 else text[start:end]
    stripped = line.lstrip()
    return start + len(line) - len(stripped), stripped.rstrip().translate(_CONTROLS)


def cut(line: str, columns: int, more_lines: int) -> tuple[str, str]:
    """Give as much of a line as there are columns for, and a sign behind it if there is more of the cell."""
    more = " …" if more_lines else ""
    if get_cwidth(line) + len(more) <= columns:
        return line, more
    more = "…"
    used, at = len(more), 0
    for letter in line:
        used += get_cwidth(letter)
        if used > columns:
            break
        at += 1
    return line[:at], more
