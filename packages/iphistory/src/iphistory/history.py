"""The history of one shell: what it is told of each cell, and what it is asked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, List, Unicode

from ipcore.component import Component
from ipcore.notices import notice

from .accessor import HistoryAccessor, Row
from .privacy import Privacy
from .ranges import ranges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from ipcore.types.cells import CellResult

    from .writer import Writer

#: Seconds that a question waits for what is not yet in the database.
PATIENCE = 1.0

#: Cells that are about the history itself, or end the session.
_LEAVING = ("exit", "quit", "%exit", "%quit", "exit()", "quit()")


class HistoryManager(Component):
    """Keeps what is typed between runs. Used on the thread that runs cells."""

    enabled = Bool(True, help="Whether cells are kept for later sessions.").tag(config=True)
    hist_file = Unicode("", help="The file; empty for history.sqlite in the profile's folder.").tag(
        config=True
    )
    db_log_output = Bool(False, help="Whether the texts of values are kept too.").tag(config=True)
    ignore = List(
        Unicode(), help="Regular expressions; a cell in which one of them is found is not kept."
    ).tag(config=True)
    ignore_space = Bool(True, help="Whether cells that begin with a blank are left out.").tag(config=True)
    ignore_secrets = Bool(True, help="Whether cells are left out that seem to hold a password or a key.").tag(
        config=True
    )

    def __init__(self, *, parent: Any, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        file = self.hist_file or parent.history_file
        self._path = Path(file).expanduser() if file else None
        self._writer: Writer | None = None
        self._reader: HistoryAccessor | None = None
        self._privacy: Privacy | None = None
        self._started: tuple[int, float] | None = None
        self._count = 0
        self._forks_seen = False

    # -- told ------------------------------------------------------------------

    def store_inputs(self, line_num: int, source: str, source_raw: str | None = None) -> None:
        """Keep a cell, before it runs. Never waits and never raises for what is wrong with the file.

        :param line_num: its number.
        :param source: its text with escapes rewritten.
        :param source_raw: as typed; the same by default.
        """
        raw = source if source_raw is None else source_raw
        raw, source = raw.rstrip("\n"), source.rstrip("\n")
        self._started = None
        if not self.enabled or self._path is None or raw.strip() in _LEAVING:
            return
        objection = self._objection(raw)
        if objection:
            if objection != "it begins with a blank":
                notice(f"this cell is not kept in the history: {objection}.", once=f"history {objection}")
            return
        now = time.time()
        record: dict[str, Any] = {"kind": "input", "line": line_num, "raw": raw, "at": now}
        if source != raw:
            record["source"] = source
        with suppress(OSError):  # it was removed
            record["folder"] = os.getcwd()
        self._count += 1
        self._started = (line_num, time.perf_counter())
        self._open_writer().put(record)

    def store_result(self, result: CellResult) -> None:
        """Keep what became of the cell that was kept last: how long it took, and how it ended."""
        started, self._started = self._started, None
        if started is None or self._writer is None or result.cell.number != started[0]:
            return
        error = result.error_in_exec or result.error_before_exec
        outcome = "ok" if error is None else type(error).__name__
        seconds = round(time.perf_counter() - started[1], 6)
        self._writer.put({"kind": "done", "line": started[0], "seconds": seconds, "outcome": outcome})

    def store_output(self, line_num: int, text: str) -> None:
        """Keep the text of a cell's value, if that is wanted."""
        if self.db_log_output and self._writer is not None and self._started is not None:
            self._writer.put({"kind": "output", "line": line_num, "text": text})

    def _objection(self, text: str) -> str:
        if self._privacy is None:
            import re

            ignore = []
            for pattern in self.ignore:
                try:
                    re.compile(pattern)
                except re.error as wrong:
                    notice(f"HistoryManager.ignore: {pattern!r} is no regular expression: {wrong}; left out.")
                else:
                    ignore.append(pattern)
            self._privacy = Privacy(ignore, ignore_space=self.ignore_space, secrets=self.ignore_secrets)
        return self._privacy.objection(text)

    def _open_writer(self) -> Writer:
        if self._writer is None:
            from .writer import Writer

            assert self._path is not None
            self._writer = Writer(self._path, notice)
            _follow_forks(self._writer)
        return self._writer

    # -- asked -----------------------------------------------------------------

    @property
    def session_number(self) -> int:
        """The number of this session in the file; 0 until its first cell is there."""
        if self._writer is None:
            return 0
        self._writer.flush(PATIENCE)
        return self._writer.session

    def get_tail(
        self, n: int = 10, raw: bool = True, output: bool = False, include_latest: bool = False
    ) -> list[Row]:
        """Give the last cells of all sessions; see :meth:`HistoryAccessor.get_tail`."""
        return self._ask(lambda reader: reader.get_tail(n, raw, output, include_latest))

    def search(
        self,
        pattern: str = "*",
        raw: bool = True,
        search_raw: bool = True,
        output: bool = False,
        n: int | None = None,
        unique: bool = False,
    ) -> list[Row]:
        """Give the cells of all sessions that match; see :meth:`HistoryAccessor.search`."""
        self._want_index()
        return self._ask(lambda reader: reader.search(pattern, raw, search_raw, output, n, unique))

    def _want_index(self) -> None:
        """Have an index made, with the next cell, by the first search of this session."""
        if self._writer is not None and not self._writer.indexed and self._path is not None:
            from .index import is_possible

            self._writer.indexed = is_possible()

    def get_range(
        self,
        session: int = 0,
        start: int = 1,
        stop: int | None = None,
        raw: bool = True,
        output: bool = False,
    ) -> list[Row]:
        """Give cells of one session.

        :param session: its number; 0 is this one, below are those before.
        """
        if session == 0:
            return self._of_this_session(start, stop, raw, output)
        if session < 0:
            newest = self.session_number
            if newest:
                session += newest
                if session <= 0:
                    return []
            else:  # this session has no number yet: the newest in the file is the one before
                session += 1
        return self._ask(lambda reader: reader.get_range(session, start, stop, raw, output))

    def get_range_by_str(self, rangestr: str, raw: bool = True, output: bool = False) -> Iterator[Row]:
        """Give cells of ranges as users write them, see :mod:`iphistory.ranges`."""
        for session, start, stop in ranges(rangestr):
            yield from self.get_range(session, start, stop, raw, output)

    def get_session_info(self, session: int = 0) -> Any:
        """Give a session's number, start, end, number of cells, and remark; ``None`` if there is none."""
        number = self.session_number + session if session <= 0 else session
        found = self._ask(lambda reader: [reader.get_session_info(number)])
        return found[0] if found else None

    def get_last_session_id(self) -> int | None:
        """Give the number of the newest session in the file."""
        found: list[int | None] = self._ask(lambda reader: [reader.get_last_session_id()])
        return found[0] if found else None

    def name_session(self, name: str) -> None:
        """Give this session a remark."""
        if self._writer is not None:
            self._writer.put({"kind": "remark", "text": name})

    def writeout_cache(self) -> None:
        """Wait, a moment at most, until all is in the file."""
        if self._writer is not None:
            self._writer.flush(PATIENCE)

    def _of_this_session(self, start: int, stop: int | None, raw: bool, output: bool) -> list[Row]:
        outputs = self._shell.outputs
        kept = outputs.raw_inputs if raw else outputs.inputs
        last = len(kept) if stop is None else min(stop, len(kept))
        rows: list[Row] = []
        for number in range(max(start, 0), last):
            text = kept[number]
            rows.append((0, number, (text, self._shown(number)) if output else text))
        return rows

    def _shown(self, number: int) -> str | None:
        values = self._shell.outputs.values
        return self._shell.display.text(values[number]) if number in values else None

    def _ask(self, question: Callable[[HistoryAccessor], list[Any]]) -> list[Any]:
        """Ask the file; what is wrong with it is told, and gives nothing."""
        import sqlite3

        if self._path is None:
            return []
        self.writeout_cache()
        if self._reader is None:
            self._reader = HistoryAccessor(self._path)
        for attempt in (1, 2):
            try:
                return question(self._reader)
            except (sqlite3.Error, OSError) as error:
                if attempt == 2 or not self._mended(error):
                    break
        return []

    def _mended(self, error: sqlite3.Error | OSError) -> bool:
        """Repair the file if it is damaged; else say what is wrong with it."""
        import sqlite3

        from .faults import Fault, fault_of
        from .repair import repair

        assert self._path is not None
        fault = fault_of(error)
        if fault is Fault.CORRUPT:
            try:
                said = repair(self._path)
            except (sqlite3.Error, OSError) as worse:
                error = worse
            else:
                if said:
                    notice(said)
                return True
        self._open_writer().say(
            "trouble", f"the history {self._path} cannot be read: {fault.value} ({error})."
        )
        return False

    # -- its end ---------------------------------------------------------------

    def reset(self, new_session: bool = True) -> None:
        """Begin another session in the file."""
        if new_session and self._writer is not None:
            self._writer.new_session()

    def on_close(self) -> None:
        """Write what is left, and close the file."""
        # The writer is the last one: what reads alone leaves the log behind.
        if self._reader is not None:
            self._reader.close()
        if self._writer is not None:
            if self._count:
                self._writer.put({"kind": "end", "at": time.time(), "count": self._count})
            self._writer.close()
            _writers.discard(self._writer)


#: Writers whose threads end before a fork.
_writers: set[Writer] = set()
_following = False


def _follow_forks(writer: Writer) -> None:
    global _following
    _writers.add(writer)
    if not _following and hasattr(os, "register_at_fork"):
        _following = True
        os.register_at_fork(before=_before_fork, after_in_child=_in_child)


def _before_fork() -> None:
    for writer in tuple(_writers):
        writer.pause()


def _in_child() -> None:
    for writer in tuple(_writers):
        writer.forget()
    _writers.clear()
