"""``%history``, ``%recall`` and ``%rerun``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ipcore.errors import UsageError
from ipcore.magics import Magics, argument, line_magic, magic_arguments, magics_class, parse_argstring

if TYPE_CHECKING:
    from .accessor import Row

#: What ``-l`` stands for without a number.
_TAIL = 10


@magics_class
class HistoryMagics(Magics):
    """The magics of the history."""

    @magic_arguments()
    @argument("-n", dest="numbers", action="store_true", help="print the numbers of the cells")
    @argument("-o", dest="output", action="store_true", help="print their values too")
    @argument("-p", dest="prompts", action="store_true", help="print the prompts >>> and ... before them")
    @argument("-t", dest="translated", action="store_true", help="print them as Python, escapes rewritten")
    @argument("-f", dest="file", metavar="FILE", help="write into a file instead")
    @argument("-y", dest="yes", action="store_true", help="overwrite the file without asking")
    @argument(
        "-g",
        dest="pattern",
        metavar="PATTERN",
        nargs="*",
        help="cells of all sessions that match: * and ? stand for anything",
    )
    @argument(
        "-l",
        dest="last",
        metavar="N",
        nargs="?",
        type=int,
        const=_TAIL,
        help=f"the last N cells of all sessions, {_TAIL} by default",
    )
    @argument("-u", dest="unique", action="store_true", help="with -g, of equal cells the last alone")
    @argument("ranges", nargs="*", metavar="RANGE", help="such as 4, 4-6, 4-, ~2/ or 243/1-5")
    @line_magic
    def history(self, line: str) -> None:
        """Print earlier cells, those of this session by default.

        Ranges are numbers of cells: 4, 4-6 with the last, 4:6 without it, 4- to the end. Before a slash
        stands the session: 243/1-5 is of number 243, ~2/ all of the one before the last, ~8/1-~6/5 goes on
        from one session to another.
        """
        options = parse_argstring(self.history, line)
        raw = not options.translated
        rows = self._chosen(options, raw)
        own = self.shell.history.session_number if options.numbers else 0
        with _output(self.shell, options.file, options.yes) as stream:
            for session, number, given in rows:
                _print((0 if session == own else session, number, given), options, stream)

    @line_magic
    def hist(self, line: str) -> None:
        """Print earlier cells; see %history."""
        self.history(line)

    def _chosen(self, options: Any, raw: bool) -> list[Row]:
        history = self.shell.history
        if options.pattern is not None:
            pattern = f"*{' '.join(options.pattern)}*" if options.pattern else "*"
            found: list[Row] = history.search(
                pattern, raw=raw, output=options.output, n=options.last, unique=options.unique
            )
            return found
        if options.last is not None:
            tail: list[Row] = history.get_tail(options.last, raw=raw, output=options.output)
            return tail
        return list(history.get_range_by_str(" ".join(options.ranges), raw, options.output))

    @line_magic
    def recall(self, line: str) -> None:
        """Put an earlier cell at the next prompt, to be changed and run.

        Without an argument that is the text of the last value. Else a range of cells, see %history; an
        expression, whose value is taken; or a text, and then it is the last cell that holds it.
        """
        shell = self.shell
        if not line.strip():
            shell.set_next_input(str(shell.user_ns.get("_", "")))
            return
        try:
            cells = [text for *_, text in shell.history.get_range_by_str(line)]
        except UsageError:
            cells = []
        if cells and all(character in "0123456789~-:/ " for character in line):
            shell.set_next_input("\n".join(map(str, cells)).rstrip())
            return
        try:
            value = shell.ev(line)
        except Exception:  # no expression, or one that fails: it is a text to look for
            # The newest may be the call of this itself.
            found = [str(text) for *_, text in shell.history.search(f"*{_literal(line.strip())}*", n=2)]
            texts = [text for text in found if not text.lstrip("%").startswith(("recall", "rep"))]
            if not texts:
                print(f"Couldn't find in history: {line}", file=sys.stdout)
                return
            shell.set_next_input(texts[-1].rstrip())
        else:
            shell.set_next_input(str(value))

    @line_magic
    def rep(self, line: str) -> None:
        """Put an earlier cell at the next prompt; see %recall."""
        self.recall(line)

    @magic_arguments()
    @argument("-l", dest="last", metavar="N", type=int, help="the last N cells of this session")
    @argument("-g", dest="pattern", metavar="PATTERN", nargs="+", help="the last cell that matches")
    @argument("ranges", nargs="*", metavar="RANGE", help="such as 4, 4-6, ~2/3; see %%history")
    @line_magic
    def rerun(self, line: str) -> None:
        """Run earlier cells again, as one; by default the last."""
        options = parse_argstring(self.rerun, line)
        history = self.shell.history
        if options.last is not None:
            number = self.shell.execution_count
            rows = history.get_range(0, max(number - options.last, 1), number)
        elif options.pattern:
            found = history.search(f"*{' '.join(options.pattern)}*", raw=False)
            rows = [row for row in found if "rerun" not in str(row[2])][-1:]
        elif options.ranges:
            rows = list(history.get_range_by_str(" ".join(options.ranges)))
        else:
            number = self.shell.execution_count
            rows = history.get_range(0, number - 1, number)
        source = "\n".join(str(text) for *_, text in rows)
        if not source.strip():
            print("No lines in history match specification")
            return
        print(f"=== Executing: ===\n{source}\n=== Output: ===")
        self.shell.run_cell(source, store_history=False)


def _print(row: Row, options: Any, stream: TextIO) -> None:
    session, number, given = row
    text, shown = given if isinstance(given, tuple) else (given, None)
    if options.numbers:
        place = f"{session}/{number}" if session else str(number)
        stream.write(f"{place:>4}:" + ("\n" if "\n" in text else " "))
    if options.prompts:
        lines = text.splitlines() or [""]
        text = "\n".join([f">>> {lines[0]}", *(f"... {line}".rstrip() for line in lines[1:])])
        if len(lines) > 1 and not options.numbers:
            text += "\n..."
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
        try:
            overwrite = shell.ask_yes_no(f"File {path} exists. Overwrite?", default="n")
        except EOFError:
            overwrite = False
        if not overwrite:
            raise UsageError(f"{path} exists and was left alone; -y overwrites it")
    try:
        stream = path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written to: {error.strerror or error}") from None
    with stream:
        yield stream


def _literal(text: str) -> str:
    """Give a pattern that matches a text and nothing else."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in text)
