"""``ipshell history``: trim, clear, export and import the history, and tell what is in it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ipcore.errors import UserError

if TYPE_CHECKING:
    import argparse

    from ipcore.application.app import IPShellApp

#: Cells that ``trim`` keeps.
KEEP = 1000


class HistoryCommand:
    """The sub-command ``history``."""

    summary = "trim, clear, export and import the history, and tell what is in it"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare ``trim``, ``clear``, ``export``, ``import`` and ``stats``."""
        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        trim = actions.add_parser("trim", help="delete all but the newest cells")
        trim.add_argument("--keep", type=int, default=KEEP, metavar="N", help=f"how many stay, {KEEP}")
        trim.add_argument("--backup", action="store_true", help="copy the file before, as history.sqlite.N")
        clear = actions.add_parser("clear", help="delete all cells")
        clear.add_argument("-f", "--force", action="store_true", help="do not ask")
        clear.add_argument("--backup", action="store_true", help="copy the file before")
        export = actions.add_parser("export", help="write all cells as text")
        export.add_argument("file", metavar="FILE", nargs="?", help="by default, and for -, standard output")
        export.add_argument(
            "--format", choices=("json", "python"), default="json", help="a JSON object a line, or Python"
        )
        export.add_argument("-f", "--force", action="store_true", help="replace a file that is there")
        take = actions.add_parser("import", help="take over the history of another program")
        take.add_argument("file", metavar="FILE", help="of IPython, bash, zsh, ptpython or xonsh")
        take.add_argument(
            "--kind", choices=("ipython", "bash", "zsh", "ptpython", "xonsh"), help="by default as found"
        )
        actions.add_parser("stats", help="how many cells there are, and which are typed most")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Do what was asked for.

        :raises ipcore.errors.UserError: if the file cannot be read or written, or is in use for too long.
        """
        import sqlite3

        path = _file(app)
        if arguments.action == "trim" and arguments.keep < 0:
            raise UserError("--keep takes a number of cells, 0 or more")
        if arguments.action != "import" and not path.exists():
            print(f"there is no history yet: {path}")
            return 0
        actions = {"trim": _trim, "clear": _clear, "export": _export, "import": _import, "stats": _stats}
        try:
            return actions[arguments.action](arguments, path)
        except sqlite3.Error as error:
            from .faults import fault_of

            raise UserError(f"the history {path}: {fault_of(error).value} ({error})") from None
        except BrokenPipeError:  # nobody reads on
            raise
        except OSError as error:
            raise UserError(f"{error.filename or path}: {error.strerror or error}") from None


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _file(app: IPShellApp) -> Path:
    section = app.configuration.config.get("HistoryManager", {})
    named = str(section.get("hist_file", ""))
    if named == ":memory:":
        raise UserError("HistoryManager.hist_file is :memory:, so nothing is kept between sessions")
    return Path(named).expanduser() if named else app.profile.history_file


def _trim(arguments: argparse.Namespace, path: Path) -> int:
    from .upkeep import back_up, count, trim

    cells = count(path)
    if cells <= arguments.keep:
        print(f"There {'is' if cells == 1 else 'are'} {_cells(cells)}: nothing to trim.")
        return 0
    if arguments.backup:
        print(f"copied to {back_up(path)}")
    before = path.stat().st_size
    gone = trim(path, arguments.keep)
    after = path.stat().st_size
    print(
        f"deleted {_cells(gone)}, kept {count(path)}: {before / 1e6:.1f} MB before, {after / 1e6:.1f} MB now"
    )
    return 0


def _clear(arguments: argparse.Namespace, path: Path) -> int:
    from .upkeep import back_up, count, trim

    if not count(path):
        print("there are no cells to delete")
        return 0
    if not arguments.force:
        print(
            f"This deletes {_cells(count(path))}, all there are, in {path}. Go on? [y/N] ", end="", flush=True
        )
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            print("nothing was deleted")
            return 1
    if arguments.backup:
        print(f"copied to {back_up(path)}")
    print(f"deleted {_cells(trim(path, 0))}")
    return 0


def _export(arguments: argparse.Namespace, path: Path) -> int:
    from .upkeep import exported

    lines = exported(path, arguments.format)
    if arguments.file in (None, "-"):
        for line in lines:
            print(line)
        return 0
    written = 0
    target = Path(arguments.file).expanduser()
    if target.exists() and not arguments.force:
        raise UserError(f"{target} exists and was left alone; --force replaces it")
    with target.open("w", encoding="utf-8", errors="backslashreplace") as file:
        for line in lines:
            file.write(f"{line}\n")
            written += 1
    print(f"wrote {_cells(written)} to {arguments.file}")
    return 0


def _import(arguments: argparse.Namespace, path: Path) -> int:
    import sqlite3
    from contextlib import closing

    from .database import connect
    from .importing import add, kind_of, read

    source = Path(arguments.file).expanduser()
    kind = arguments.kind or kind_of(source)
    if not kind:
        raise UserError(f"{source}: it is not known which program wrote it; say so with --kind")
    if path.exists() and source.samefile(path):
        raise UserError(f"{source} is the history itself")
    try:
        cells = list(read(source, kind))
    except sqlite3.Error as error:
        raise UserError(f"{source} cannot be read as a history of {kind}: {error}") from None
    with closing(connect(path, busy=10.0)) as connection:
        added, known = add(connection, cells, f"from {kind}: {source}")
    print(f"added {_cells(added)} of {kind}" + (f"; {known} were there already" if known else ""))
    return 0


def _stats(arguments: argparse.Namespace, path: Path) -> int:
    from .upkeep import statistics

    found = statistics(path)
    print(f"{path}: {found.bytes / 1e6:.1f} MB")
    sessions = "1 session" if found.sessions == 1 else f"{found.sessions} sessions"
    print(f"{_cells(found.cells)} in {sessions}")
    if found.first:
        print(f"the first session began {found.first[:16]}, the last {str(found.last)[:16]}")
    if found.known:
        share = 100 * found.failed / found.known
        print(f"{share:.0f} % of {found.known} cells failed; they took {found.seconds:.0f} s")
    for title, rows in (("typed most", found.common), ("most in", found.folders)):
        for number, (text, times) in enumerate(rows):
            print(f"{title if not number else '':<10}  {times:>6}  {text[:100]}")
    return 0
