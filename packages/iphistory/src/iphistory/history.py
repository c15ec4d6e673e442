"""The history of one shell: what it is told of each cell, and what it is asked."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from traitlets import Bool, Enum, Integer, List, Unicode, default, observe

from ipcore.component import Component
from ipcore.notices import notice
from ipcore.ranges import ranges

from .forks import follow_forks, forget_forks
from .session import ThisSession

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from ipcore.types.cells import CellResult

    from .accessor import HistoryAccessor, Row
    from .finding import Finder
    from .privacy import Privacy
    from .writer import Writer

T = TypeVar("T")

#: Seconds that a question waits for what is not yet in the database.
PATIENCE: Final = 1.0

#: Cells that end the session.
_LEAVING: Final = re.compile(r"%?(exit|quit)(\s*\([^()]*\))?\s*;?")

#: What ``hist_file`` says where no file is wanted.
_MEMORY: Final = ":memory:"

#: Cells of other sessions that one prompt takes up at most.
_MOST_NEW: Final = 1000


class HistoryManager(Component):
    """Keeps what is typed between runs. Used on the thread that runs cells."""

    enabled = Bool(True, help="Whether cells are kept for later sessions, and earlier ones found.").tag(
        config=True
    )
    hist_file = Unicode(
        "", help="The file; empty for history.sqlite in the profile's folder, :memory: for none."
    ).tag(config=True)
    share = Bool(
        False, help="Whether the arrow keys find cells of other running shells too, as they are typed."
    ).tag(config=True)
    db_log_output = Bool(False, help="Whether the texts of values are kept too.").tag(config=True)
    db_cache_size = Integer(
        0, help="How many cells wait in the spool until they are moved into the database together."
    ).tag(config=True)
    journal_mode = Enum(
        ["", "wal", "delete"],
        "",
        help="SQLite's journal; empty for wal, and for delete where the folder is on another machine.",
    ).tag(config=True)
    ignore = List(
        Unicode(), help="Regular expressions; a cell in which one of them is found is not kept."
    ).tag(config=True)
    ignore_cells = List(
        Unicode(), help="Patterns with * and ?; a cell that is like one of them from end to end is not kept."
    ).tag(config=True)
    ignore_duplicates = Bool(
        False, help="Whether a cell is left out that is the same as the one before."
    ).tag(config=True)
    ignore_errors = Bool(False, help="Whether cells are left out that fail.").tag(config=True)
    ignore_space = Bool(True, help="Whether cells that begin with a blank are left out.").tag(config=True)
    ignore_secrets = Bool(True, help="Whether cells are left out that seem to hold a password or a key.").tag(
        config=True
    )

    #: Modules that keeping the first cell imports, for who has time for that before.
    needed: ClassVar = ("iphistory.privacy", "iphistory.writer")

    def __init__(self, *, parent: Any, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._session = ThisSession(parent)
        file = self.hist_file or parent.history_file
        self._path = Path(file).expanduser() if file and file != _MEMORY else None
        self._writer: Writer | None = None
        self._reader: HistoryAccessor | None = None
        self._privacy: Privacy | None = None
        self._started: tuple[int, float] | None = None
        self._last = ""
        self._count = 0
        self._seen = -1

    @default("hist_file")
    def _hist_file_default(self) -> str:
        file: str = self._shell.history_file
        return file

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
        if not self._stored or _LEAVING.fullmatch(raw.strip()) or not self._is_wanted(raw):
            return
        record: dict[str, Any] = {"kind": "input", "line": line_num, "raw": raw, "at": time.time()}
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
        line, began = started
        error = result.error_in_exec or result.error_before_exec
        if error is not None and self.ignore_errors:
            self._count -= 1
            self._writer.put({"kind": "delete", "line": line})
            return
        outcome = "ok" if error is None else type(error).__name__
        seconds = round(time.perf_counter() - began, 6)
        self._writer.put({"kind": "done", "line": line, "seconds": seconds, "outcome": outcome})
        if self.db_log_output:
            self.store_output(line)

    def store_output(self, line_num: int, text: str | None = None) -> None:
        """Keep the text of a cell's value.

        :param text: by default the text that was shown; nothing is kept if there was none.
        """
        if text is None:
            text = self.output_hist_reprs.get(line_num)
        if text is not None and self._writer is not None:
            self._writer.put({"kind": "output", "line": line_num, "text": text})

    @property
    def _stored(self) -> bool:
        """Whether there is a file, to be written to and read."""
        return self.enabled and self._path is not None

    def _is_wanted(self, raw: str) -> bool:
        same, self._last = raw == self._last, raw
        if same and self.ignore_duplicates:
            return False
        if self._privacy is None:
            self._privacy = self._make_privacy()
        if self._privacy.unwanted(raw):
            return False
        secret = self._privacy.secret(raw)
        if secret:
            notice(
                f"this cell is not kept in the history: it seems to hold {secret}.", once=f"history {secret}"
            )
        return not secret

    def _make_privacy(self) -> Privacy:
        from .privacy import Privacy, is_expression

        for pattern in self.ignore:
            wrong = is_expression(pattern)
            if wrong:
                notice(f"HistoryManager.ignore: {pattern!r} is no regular expression: {wrong}; left out.")
        return Privacy(
            [pattern for pattern in self.ignore if not is_expression(pattern)],
            cells=self.ignore_cells,
            ignore_space=self.ignore_space,
            secrets=self.ignore_secrets,
        )

    @observe("ignore", "ignore_cells", "ignore_space", "ignore_secrets")
    def _rules_changed(self, change: object) -> None:
        self._privacy = None

    def _open_writer(self) -> Writer:
        if self._writer is None:
            from .writer import Writer

            assert self._path is not None
            self._writer = Writer(self._path, notice, journal=self.journal_mode or "")
            self._writer.batch = 2 * self.db_cache_size  # the cell, and what became of it
            follow_forks(self)
        return self._writer

    @observe("db_cache_size")
    def _batch_changed(self, change: Any) -> None:
        writer: Writer | None = getattr(self, "_writer", None)  # configured before there is anything
        if writer is not None:
            writer.batch = 2 * change["new"]

    # -- this session ----------------------------------------------------------

    @property
    def session_number(self) -> int:
        """The number of this session in the file; 0 until its first cell is there."""
        if self._writer is None:
            return 0
        self._writer.flush(PATIENCE)
        return self._writer.session

    @property
    def input_hist_raw(self) -> list[str]:
        """The cells of this session as typed; the first is at 1."""
        kept: list[str] = self._shell.outputs.raw_inputs
        return kept

    @property
    def input_hist_parsed(self) -> list[str]:
        """The cells of this session with escapes rewritten; the first is at 1."""
        kept: list[str] = self._shell.outputs.inputs
        return kept

    @property
    def output_hist(self) -> dict[int, Any]:
        """The values of this session that are kept, by number."""
        kept: dict[int, Any] = self._shell.outputs.values
        return kept

    @property
    def output_hist_reprs(self) -> dict[int, str]:
        """The texts of values as they were shown, by number."""
        kept: dict[int, str] = self._shell.outputs.texts
        return kept

    @property
    def dir_hist(self) -> list[str]:
        """The folders that were worked in."""
        found = self._shell.user_ns.get("_dh", [])
        return found if isinstance(found, list) else []

    # -- asked -----------------------------------------------------------------

    def get_tail(
        self, n: int | None = 10, raw: bool = True, output: bool = False, include_latest: bool = False
    ) -> list[Row]:
        """Give the last cells of all sessions, the oldest of them first; those of this session come last.

        :param n: how many; ``None`` for all.
        :param raw: as typed; else with escapes rewritten.
        :param output: with the texts of their values.
        :param include_latest: also the very last one, the call of this itself.
        """
        own = self._session.get_range(raw=raw, output=output, session=self.session_number)
        if not include_latest:
            own.pop() if own else None
        if n is None:
            return self._of_others(None, raw, output) + own
        own = own[max(len(own) - max(n, 0), 0) :]
        return (self._of_others(n - len(own), raw, output) if n > len(own) else []) + own

    def _of_others(self, n: int | None, raw: bool, output: bool) -> list[Row]:
        own = self.session_number
        found = self._ask(lambda reader: reader.get_tail(n, raw, output, True, without=own))
        return found or []

    def get_new(self) -> list[Row]:
        """Give the cells that other sessions have kept since this was called last; none unless :attr:`share`.

        Never waits.
        """
        if not self.share or not self._stored:
            return []
        own = self._writer.session if self._writer is not None else 0

        def ask(reader: HistoryAccessor) -> list[Row]:
            rows, self._seen = reader.get_new(self._seen, own, _MOST_NEW)
            return rows

        return self._ask(ask, wait=False) or []

    def search(
        self,
        pattern: str = "*",
        raw: bool = True,
        search_raw: bool = True,
        output: bool = False,
        n: int | None = None,
        unique: bool = False,
    ) -> list[Row]:
        """Give the cells of all sessions that match; see :meth:`HistoryAccessor.search`.

        Where there is no file, or none that can be read, of this session alone.
        """
        self._want_index()
        found = self._ask(lambda reader: reader.search(pattern, raw, search_raw, output, n, unique))
        if found is None:
            return self._session.search(pattern, raw, search_raw, output, n, unique)
        return found

    def fuzzy(self, letters: str, n: int = 10) -> list[Row]:
        """Give cells that have some letters in this order, the closest first; see :mod:`iphistory.fuzzy`."""
        from itertools import islice

        from .fuzzy import fuzzy

        def ask(reader: HistoryAccessor) -> list[Row]:
            connection = reader.connection
            hits = fuzzy(connection, letters) if connection is not None else ()
            return [(hit.session, hit.line, hit.text) for hit in islice(hits, n)]

        return self._ask(ask) or []

    def finder(self) -> Finder | None:
        """Give what answers one question of a front end, on a thread of its own; ``None`` without a file.

        Opens nothing, and may be called on any thread.
        """
        from .finding import Finder

        return Finder(self._path, lambda: self.session_number) if self._stored and self._path else None

    def _want_index(self) -> None:
        """Have an index made, with the next cell, by the first search of this session."""
        if self._writer is not None and not self._writer.indexed and self._path is not None:
            with suppress(ImportError):  # without SQLite there is nothing to search
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
        :param start: the first cell; of this session, one below 0 counts back from the end.
        :param stop: the one behind the last, likewise; ``None`` for all.
        """
        if session == 0 or (session > 0 and session == self.session_number):
            return self._session.get_range(start, stop, raw, output, session)
        if session < 0:
            newest = self.session_number
            if newest:
                session += newest
                if session <= 0:
                    return []
            else:  # this session has no number yet: the newest in the file is the one before
                session += 1
        return self._ask(lambda reader: reader.get_range(session, start, stop, raw, output)) or []

    def get_range_by_str(self, rangestr: str, raw: bool = True, output: bool = False) -> Iterator[Row]:
        """Give cells of ranges as users write them, see :mod:`ipcore.ranges`."""
        for session, start, stop in ranges(rangestr):
            yield from self.get_range(session, start, stop, raw, output)

    def get_session_info(
        self, session: int = 0
    ) -> tuple[int, datetime | None, datetime | None, int | None, str] | None:
        """Give a session's number, start, end, number of cells, and remark; ``None`` if there is none.

        :param session: its number; 0 is this one, below are those before.
        """
        number = self.session_number + session if session <= 0 else session
        return self._ask(lambda reader: reader.get_session_info(number)) if number > 0 else None

    def get_last_session_id(self) -> int | None:
        """Give the number of the newest session in the file."""
        return self._ask(lambda reader: reader.get_last_session_id())

    def _ask(self, question: Callable[[HistoryAccessor], T], *, wait: bool = True) -> T | None:
        """Ask the file; what is wrong with it is told, and gives ``None``.

        :param wait: whether to wait a moment for what is not yet there.
        """
        if not self._stored:
            return None
        try:
            import sqlite3
        except ImportError:  # the writer tells it
            return None

        from .accessor import HistoryAccessor

        if wait and self._writer is not None and not self._writer.flush(PATIENCE):
            self._writer.tell_what_is_missing()
        if self._reader is None:
            self._reader = HistoryAccessor(hist_file=str(self._path))
            follow_forks(self)
        for attempt in (1, 2):
            try:
                return question(self._reader)
            except (sqlite3.Error, OSError, UnicodeError) as error:
                if attempt == 2 or not self._mended(error):
                    break
        return None

    def _mended(self, error: sqlite3.Error | OSError | UnicodeError) -> bool:
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

    # -- changing what is there ------------------------------------------------

    def name_session(self, name: str) -> None:
        """Give this session a remark."""
        if self._stored:
            self._open_writer().put({"kind": "remark", "text": name})

    def delete(self, cells: Iterable[tuple[int, int]]) -> int:
        """Delete single cells from the file; what this session has in ``In`` stays there.

        :param cells: numbers of session and cell; session 0 is this one.
        :returns: how many there were.
        :raises ipcore.errors.UserError: if the file cannot be written to.
        """
        import sqlite3

        from ipcore.errors import UserError

        from .faults import fault_of
        from .upkeep import delete

        own = self.session_number
        wanted = [(session or own, line) for session, line in cells]
        if not self._stored or not wanted:
            return 0
        assert self._path is not None
        try:
            return delete(self._path, wanted)
        except (sqlite3.Error, OSError) as error:
            raise UserError(
                f"nothing was deleted from the history {self._path}: {fault_of(error).value} ({error})"
            ) from None

    def writeout_cache(self, conn: object = None) -> None:
        """Wait, a moment at most, until all is in the file.

        :param conn: not used; there for those who call IPython's.
        """
        if self._writer is not None:
            self._writer.flush(PATIENCE)

    def end_session(self) -> None:
        """Note that the session has ended; a cell after that begins another one."""
        if self._writer is not None and self._writer.session + self._count:
            self._writer.put({"kind": "end", "at": time.time(), "count": self._count})
            self._writer.new_session()
        self._count = 0
        self._started = None

    def reset(self, new_session: bool = True) -> None:
        """Forget the cells and values of this session in memory.

        :param new_session: whether what follows is another session in the file.
        """
        self._shell.outputs.reset()
        if new_session:
            self.end_session()

    # -- its end ---------------------------------------------------------------

    def on_close(self) -> None:
        """Write what is left, and close the file."""
        # The writer is the last one: what reads alone leaves the log behind.
        if self._reader is not None:
            self._reader.close()
        if self._writer is not None:
            if self._count:
                self._writer.put({"kind": "end", "at": time.time(), "count": self._count})
            self._writer.close()
        forget_forks(self)

    def pause(self) -> None:
        """End the thread and let go of the file: neither may be carried into a child."""
        if self._reader is not None:
            self._reader.close()
        if self._writer is not None:
            self._writer.pause()

    def forget(self) -> None:
        """Keep nothing in a forked child, whose cells are nobody's history."""
        self._started = None
        if self._writer is not None:
            self._writer.forget()
