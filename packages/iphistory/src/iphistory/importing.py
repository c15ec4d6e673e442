"""Reading the histories of other programs."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from ipcore.errors import UserError

from .accessor import moment
from .database import connect, stored, time_text

#: What :func:`read` understands.
KINDS: Final = ("ipython", "bash", "zsh", "ptpython", "xonsh")

#: Names of files by which their kind is known.
_NAMES: Final = {"bash_history": "bash", "zsh_history": "zsh", "histfile": "zsh", "zhistory": "zsh"}


class Cell(NamedTuple):
    """A cell of another program."""

    session: int
    """Which session it is of; of programs that know none, 0."""
    line: int
    source: str
    raw: str
    at: float | None
    """When it was typed, in seconds since 1970."""


def kind_of(path: Path) -> str:
    """Tell which program wrote a file, by its beginning and its name; empty if that is not known."""
    with open(path, "rb") as file:
        start = file.read(4096)
    if start.startswith(b"SQLite format 3\0"):
        return "xonsh" if _is_table(path, "xonsh_history") else "ipython"
    if start.startswith(b'{"data":') and b'"cmds"' in start:
        return "xonsh"
    if re.match(rb"\s*# \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*\n\+", start):
        return "ptpython"
    if re.search(rb"^: \d+:\d+;", start, re.MULTILINE):
        return "zsh"
    return next((kind for name, kind in _NAMES.items() if name in path.name), "")


def read(path: Path, kind: str) -> Iterator[Cell]:
    """Give the cells of a file, oldest first.

    :param kind: one of :data:`KINDS`.
    :raises OSError, sqlite3.Error: if it cannot be read.
    """
    if kind == "ipython":
        yield from _of_ipython(path)
        return
    if kind == "xonsh":
        yield from _of_xonsh(path)
        return
    data = path.read_bytes()
    commands = {"bash": _of_bash, "zsh": _of_zsh, "ptpython": _of_ptpython}[kind](data)
    for number, (at, text) in enumerate(((at, text) for at, text in commands if text.strip()), 1):
        if kind == "ptpython":
            yield Cell(0, number, text, text, at)
        else:
            yield _command(0, number, text.replace("\\\n", ""), at)


def _command(session: int, number: int, text: str, at: float | None) -> Cell:
    """Make a cell of a command of the system's shell."""
    return Cell(session, number, f"get_ipython().system({text!r})", f"!{text}", at)


def _is_table(path: Path, name: str) -> bool:
    with closing(connect(path, write=False)) as connection:
        sql = "SELECT 1 FROM sqlite_master WHERE name = ?"
        return connection.execute(sql, (name,)).fetchone() is not None


def _of_ipython(path: Path) -> Iterator[Cell]:
    with closing(connect(path, write=False)) as connection:
        starts = dict(connection.execute("SELECT session, start FROM sessions"))
        rows = connection.execute(
            "SELECT session, line, source, source_raw FROM history ORDER BY session, line"
        )
        for session, line, source, raw in rows:
            if isinstance(source, str) and isinstance(raw, str):
                started = moment(starts.get(session))
                yield Cell(session, line, source, raw, started.timestamp() if started else None)


def _of_xonsh(path: Path) -> Iterator[Cell]:
    """Read either form of xonsh's; what is no Python there is a command."""
    sessions: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for name, text, at in _rows_of_xonsh(path):
        if not text.strip():
            continue
        session = sessions.setdefault(name, len(sessions))
        number = numbers[session] = numbers.get(session, 0) + 1
        if _is_python(text):
            yield Cell(session, number, text, text, at)
        else:
            yield _command(session, number, text, at)


def _rows_of_xonsh(path: Path) -> Iterator[tuple[str, str, float | None]]:
    """Give name of the session, text and time."""
    with open(path, "rb") as file:
        is_json = file.read(1) == b"{"
    if is_json:
        try:
            commands = json.loads(path.read_text(encoding="utf-8"))["data"]["cmds"]
            rows = [("", each["inp"], each.get("ts", [None])[0]) for each in commands]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as wrong:
            raise UserError(f"{path} is no history of xonsh's: {type(wrong).__name__}: {wrong}") from None
    else:
        with closing(connect(path, write=False)) as connection:
            sql = "SELECT sessionid, inp, tsb FROM xonsh_history ORDER BY sessionid, tsb"
            rows = connection.execute(sql).fetchall()
    for name, text, at in rows:
        if isinstance(text, str):
            yield str(name), text.rstrip("\n"), float(at) if isinstance(at, (int, float)) else None


def _is_python(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    # "ls" and "ls -l" are Python too, and hardly meant so.
    only = tree.body[0] if len(tree.body) == 1 else None
    return not (isinstance(only, ast.Expr) and isinstance(only.value, (ast.Name, ast.BinOp)))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _of_bash(data: bytes) -> Iterator[tuple[float | None, str]]:
    """Read lines, each a command; with times, a comment before it, a command has all up to the next."""
    at: float | None = None
    lines: list[str] = []
    timed = re.search(rb"^#\d{9,}$", data, re.MULTILINE) is not None
    for line in _text(data).splitlines():
        if timed and re.fullmatch(r"#\d{9,}", line):
            if lines:
                yield at, "\n".join(lines)
            at, lines = float(line[1:]), []
        elif timed:
            lines.append(line)
        else:
            yield None, line
    if lines:
        yield at, "\n".join(lines)


def _of_zsh(data: bytes) -> Iterator[tuple[float | None, str]]:
    """Read lines; one that ends in a backslash goes on, and what is no ASCII is written in zsh's own way."""
    plain = re.sub(rb"\x83(.)", lambda hidden: bytes([hidden[1][0] ^ 32]), data, flags=re.DOTALL)
    for entry in re.split(r"(?<!\\)\n", _text(plain)):
        match = re.match(r": (\d+):\d+;", entry)
        text = (entry[match.end() :] if match else entry).replace("\\\n", "\n")
        yield (float(match[1]) if match else None), text


def _of_ptpython(data: bytes) -> Iterator[tuple[float | None, str]]:
    """Read prompt_toolkit's form: a comment with the time, then lines that begin with a plus."""
    at: float | None = None
    lines: list[str] = []
    for line in [*_text(data).split("\n"), ""]:
        if line.startswith("+"):
            lines.append(line[1:])
            continue
        if lines:
            yield at, "\n".join(lines)
            lines = []
        if line.startswith("# "):
            try:
                at = datetime.fromisoformat(line[2:]).timestamp()
            except ValueError:
                at = None


def add(connection: sqlite3.Connection, cells: Iterable[Cell], remark: str) -> tuple[int, int]:
    """Write cells as sessions of their own behind those there are, all or none.

    Sessions that were taken over before, known by remark, first cell and number of cells, are left out.

    :param connection: as :func:`iphistory.database.connect` gives it.
    :param remark: what the sessions are called.
    :returns: how many cells were added, and how many were there already.
    """
    sessions: dict[int, list[Cell]] = {}
    for cell in cells:
        sessions.setdefault(cell.session, []).append(cell)
    added = known = 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in sorted(sessions):
            of_session = sessions[number]
            if _is_there(connection, of_session, remark):
                known += len(of_session)
                continue
            _add_session(connection, of_session, remark)
            added += len(of_session)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return added, known


def _is_there(connection: sqlite3.Connection, cells: list[Cell], remark: str) -> bool:
    found = connection.execute(
        """SELECT 1 FROM sessions JOIN history USING (session)
           WHERE remark = ? AND num_cmds = ? AND line = ? AND source_raw = ?""",
        (remark, len(cells), cells[0].line, stored(cells[0].raw)),
    ).fetchone()
    return found is not None


def _add_session(connection: sqlite3.Connection, cells: list[Cell], remark: str) -> None:
    inserted = connection.execute(
        "INSERT INTO sessions (start, end, num_cmds, remark) VALUES (?, ?, ?, ?)",
        (time_text(cells[0].at), time_text(cells[-1].at), len(cells), remark),
    )
    number = inserted.lastrowid
    connection.executemany(
        "INSERT OR IGNORE INTO history (session, line, source, source_raw) VALUES (?, ?, ?, ?)",
        [(number, cell.line, stored(cell.source), stored(cell.raw)) for cell in cells],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO ipshell_cells (session, line, started) VALUES (?, ?, ?)",
        [(number, cell.line, cell.at) for cell in cells if cell.at is not None],
    )
