"""``%history``, ``%recall`` and ``%rerun``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from ipcore.errors import PolicyError, UsageError
from ipcore.magics import Magics, argument, line_magic, magic_arguments, magics_class, parse_argstring

from .session import ThisSession

if TYPE_CHECKING:
    from .accessor import Row

#: What ``-l`` stands for without a number.
_TAIL: Final = 10

#: What ranges are made of.
_OF_RANGES: Final = frozenset("0123456789~-:/ ")


@magics_class
class HistoryMagics(Magics):
    """The magics of the history."""

    @line_magic("hist")
    @line_magic("history")
    @magic_arguments("history")
    @argument("-n", dest="numbers", action="store_true", help="print the numbers of the cells")
    @argument("-o", dest="output", action="store_true", help="print their values too")
    @argument("-p", dest="prompts", action="store_true", help="print the prompts >>> and ... before them")
    @argument("-t", dest="translated", action="store_true", help="print them as Python, escapes rewritten")
    @argument("-f", dest="file", metavar="FILE", help="write into a file instead")
    @argument("-y", dest="yes", action="store_true", help="overwrite or delete without asking")
    @argument(
        "-g",
        dest="pattern",
        metavar="PATTERN",
        nargs="*",
        help="cells of all sessions, or of the ranges, that match: * and ? stand for anything; with numbers",
    )
    @argument(
        "-l",
        dest="last",
        metavar="N",
        nargs="?",
        type=int,
        const=_TAIL,
        help=f"the last N cells of all sessions, {_TAIL} by default; with -g or --fuzzy, N at most",
    )
    @argument("-u", dest="unique", action="store_true", help="with -g, of equal cells the last alone")
    @argument(
        "--fuzzy",
        metavar="LETTERS",
        nargs="+",
        help="cells of all sessions that have these letters in this order, the closest first; with numbers",
    )
    @argument("--delete", action="store_true", help="delete these cells from the file; asks before")
    @argument("ranges", nargs="*", metavar="RANGE", help="such as 4, 4-6, 4-, ~2/ or 243/1-5")
    def history(self, line: str) -> None:
        """Print earlier cells, those of this session by default.

        Ranges are numbers of cells: 4, 4-6 with the last, 4:6 without it, 4- to the end. Before a slash
        stands the session: 243/1-5 is of number 243, ~2/ all of the one before the last, ~8/1-~6/5 goes on
        from one session to another. %macro, %save, %edit and %rerun take them too.
        """
        options = parse_argstring(self.history, line)
        rows = self._chosen(options)
        if options.delete:
            self._delete(list(rows), options)
            return
        own = getattr(self._known, "session_number", 0)
        with _output(self.shell, options.file, options.yes) as stream:
            for session, number, given in rows:
                _print((0 if session == own else session, number, given), options, stream)

    @property
    def _known(self) -> Any:
        """The history; where it is switched off, what this session knows."""
        return self.shell.history or ThisSession(self.shell)

    def _chosen(self, options: Any) -> Iterable[Row]:
        history, raw, output = self._known, not options.translated, options.output
        if options.last is not None and options.last < 0:
            raise UsageError("%history: -l takes a number of cells, 0 or more")
        wanted = None if options.pattern is None else f"*{' '.join(options.pattern)}*".replace("**", "*")
        options.numbers = options.numbers or wanted is not None or options.fuzzy is not None
        found: Iterable[Row]
        if options.fuzzy is not None:
            found = self._closest(" ".join(options.fuzzy), _TAIL if options.last is None else options.last)
        elif wanted is not None and not options.ranges:
            found = history.search(wanted, raw=raw, output=output, n=options.last, unique=options.unique)
        elif options.last is not None and not options.ranges:
            found = history.get_tail(options.last, raw=raw, output=output)
        else:
            found = history.get_range_by_str(" ".join(options.ranges), raw, output)
            found = [row for row in found if wanted is None or fnmatchcase(_text(row), wanted)]
        return found

    def _closest(self, letters: str, n: int) -> list[Row]:
        history = self._known
        fuzzy = getattr(history, "fuzzy", None)
        if fuzzy is None:
            raise UsageError("%history: this shell's history has no --fuzzy")
        this = (history.session_number, self.shell.displayhook.number)
        return [row for row in fuzzy(letters, n + 1) if row[:2] != this][:n]

    def _delete(self, rows: list[Row], options: Any) -> None:
        if options.pattern is None and options.fuzzy is None and options.last is None and not options.ranges:
            raise UsageError("%history --delete: say which cells, by ranges, -l, -g or --fuzzy")
        if not rows:
            print("No lines in history match specification")
            return
        delete = getattr(self._known, "delete", None)
        if delete is None:
            raise UsageError("%history: from this shell's history no cells can be deleted")
        if not options.yes:
            for row in rows[:_TAIL]:
                print(_text(row))
            more = f", the first {_TAIL} of which are shown" if len(rows) > _TAIL else ""
            if not self.shell.ask_yes_no(f"Delete {_cells(len(rows))}{more}? [y/N]", default="n"):
                print("Nothing was deleted.")
                return
        print(f"Deleted {_cells(delete((session, number) for session, number, _ in rows))}.")

    @line_magic("rep")
    @line_magic("recall")
    def recall(self, line: str) -> None:
        """Put earlier cells at the next prompt, to be changed and run.

        Without an argument that is the text of the last value, "_". Else, what the argument is:

        * ranges of cells, 4 or 1-3 or ~1/2, see %history;
        * an expression, whose value is taken;
        * a text: then it is the last cell that holds it.
        """
        shell, line = self.shell, line.strip()
        if not line:
            shell.set_next_input(str(shell.user_ns.get("_", "")))
            return
        if _OF_RANGES.issuperset(line):
            found = "\n".join(_text(row) for row in self._known.get_range_by_str(line))
            if found:
                shell.set_next_input(found.rstrip())
                return
        try:
            value = str(shell.ev(line))
        except PolicyError:
            raise
        except Exception:  # no expression, or one that fails: it is a text to look for
            self._recall_match(line)
        else:
            shell.set_next_input(value.rstrip())

    def _recall_match(self, text: str) -> None:
        # The newest may be the call of this itself; a few, as calls of this are left out.
        for row in reversed(list(self._known.search(f"*{_literal(text)}*", n=100))):
            cell = _text(row)
            if not cell.lstrip(" %").startswith(("recall", "rep ")):
                self.shell.set_next_input(cell.rstrip())
                return
        print(f"Couldn't evaluate or find in history: {text}")

    @line_magic
    @magic_arguments()
    @argument("-l", dest="last", metavar="N", type=int, help="the last N cells, of sessions before too")
    @argument("-g", dest="pattern", metavar="PATTERN", nargs="+", help="the last cell that matches")
    @argument("ranges", nargs="*", metavar="RANGE", help="such as 4, 4-6, ~2/3; see %history")
    def rerun(self, line: str) -> None:
        """Run earlier cells again, as one; by default the last."""
        options = parse_argstring(self.rerun, line)
        cells = [_text(row) for row in self._to_run(options)]
        source = "\n".join(cells)
        if not source.strip():
            print("No lines in history match specification")
            return
        print(f"=== Executing: ===\n{source}\n=== Output: ===")
        self.shell.run_cell(source, store_history=False)

    def _to_run(self, options: Any) -> Iterable[Row]:
        history = self._known
        found: Iterable[Row]
        if options.last is not None:
            if options.last < 1:
                raise UsageError("%rerun: -l takes a number of cells, 1 or more")
            found = history.get_tail(options.last)
        elif options.pattern:
            # The newest of them is this call.
            rows = [
                row
                for row in history.search(f"*{' '.join(options.pattern)}*", n=100)
                if "rerun" not in _text(row)
            ]
            found = rows[-1:]
        elif options.ranges:
            found = history.get_range_by_str(" ".join(options.ranges))
        else:
            found = history.get_tail(1)
        return found


def _text(row: Row) -> str:
    given = row[2]
    return given[0] if isinstance(given, tuple) else given


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _print(row: Row, options: Any, stream: TextIO) -> None:
    session, number, given = row
    shown = given[1] if isinstance(given, tuple) else None
    text = _text(row).expandtabs(4).rstrip()
    several = "\n" in text
    if options.numbers:
        place = f"{session}/{number}" if session else str(number)
        stream.write(f"{place:>4}:" + ("\n" if several else " "))
    if options.prompts:
        text = ">>> " + text.replace("\n", "\n... ") + ("\n..." if several else "")
    stream.write(f"{text}\n")
    if shown:
        stream.write(f"{shown}\n")


@contextmanager
def _output(shell: Any, name: str | None, overwrite: bool) -> Iterator[TextIO]:
    """Give the stream to write to."""
    if name is None:
        yield sys.stdout
        return
    path = Path(name).expanduser()
    if path.exists() and not overwrite:
        if not shell.ask_yes_no(f"File {name!r} exists. Overwrite? [y/N]", default="n"):
            raise UsageError(f"{name} exists and was left alone; -y overwrites it")
        print("Overwriting file.")
    try:
        # What no file can hold is escaped.
        stream = path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{name} cannot be written to: {error.strerror or error}") from None
    with stream:
        yield stream


def _literal(text: str) -> str:
    """Give a pattern that matches a text and nothing else."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in text)
