"""One history file, written by IPython and by this shell: in turn, and both at once."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from iphistory.accessor import HistoryAccessor

#: What starts a shell, by its name; the file comes behind it.
COMMANDS = {
    "ipshell": ["-m", "ipcore", "--no-banner", "--nosep"],
    "ipython": ["-m", "IPython", "--no-banner", "--simple-prompt", "--nosep", "--no-confirm-exit"],
}


def environment(home: Path) -> dict[str, str]:
    others = ("PYTHON", "IPSHELL", "VIRTUAL_ENV", "CONDA")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(others)}
    return kept | {
        "IPSHELL_HOME": str(home / "ipshell"),
        "IPYTHONDIR": str(home / "ipython"),
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        # Far from Greenwich: what takes one time for another is found.
        "TZ": "JST-9",
    }


def command(which: str, path: Path) -> list[str]:
    return [sys.executable, *COMMANDS[which], f"--HistoryManager.hist_file={path}"]


def session(which: str, path: Path, *cells: str) -> str:
    """Type cells into a shell of its own; give what it printed."""
    done = subprocess.run(
        command(which, path),
        input="".join(f"{cell}\n" for cell in cells),
        env=environment(path.parent),
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


class Typed:
    """A shell that runs while others do."""

    def __init__(self, which: str, path: Path) -> None:
        self._process = subprocess.Popen(
            command(which, path),
            env=environment(path.parent),
            cwd=path.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._late = threading.Timer(120, self._process.kill)
        self._late.start()
        self._count = 0

    def cell(self, text: str) -> str:
        """Run a cell, and have all of the history written; give what was printed."""
        self._count += 1
        end = f"cell {self._count} is over"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        write = "get_ipython().history_manager.writeout_cache()"
        self._process.stdin.write(f"{text}\n{write}\nprint('cell', {self._count}, 'is over')\n")
        self._process.stdin.flush()
        lines: list[str] = []
        while not lines or end not in lines[-1]:
            line = self._process.stdout.readline()
            assert line, "".join(lines)
            lines.append(line)
        return "".join(lines)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        rest = self._process.stdout.read()
        try:
            assert self._process.wait(60) == 0, rest
        finally:
            self._late.cancel()
            self._process.kill()
            self._process.stdout.close()
        assert "Traceback" not in rest, rest


@contextmanager
def running(which: str, path: Path) -> Iterator[Typed]:
    shell = Typed(which, path)
    try:
        yield shell
    finally:
        shell.close()


def rows(path: Path) -> list[tuple[int, int, str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute(
            "SELECT session, line, source, source_raw FROM history ORDER BY session, line"
        ).fetchall()


def test_a_file_goes_from_one_to_the_other_and_back(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    session("ipython", path, "peer_value = 1", "%pwd", "def peer_f():\n    return 2\n")
    first = rows(path)
    seen = session("ipshell", path, "our_value = 3", "!true", "%history -n -g peer_*", "%history -n ~1/1-2")
    assert "1/1: peer_value = 1\n" in seen
    assert "1/2: %pwd\n" in seen
    assert rows(path)[: len(first)] == first
    seen = session(
        "ipython", path, "peer_again = 4", "%history -n -g our_*", "%history -n ~1/1-2", "%history -tn 2/2"
    )
    assert "2/1: our_value = 3" in seen
    assert "2/2: !true" in seen
    assert "get_ipython().system('true')" in seen
    assert rows(path)[: len(first)] == first
    seen = session("ipshell", path, "%history -n -g *again*", "%history -n -g our_*", "%history -n 2/1")
    assert "3/1: peer_again = 4" in seen
    assert "2/1: our_value = 3" in seen
    assert [row[0] for row in rows(path) if row[1] == 1] == [1, 2, 3, 4]


#: What is asked of a session of four cells and of one before it.
QUESTIONS = (
    "%history 1-2",
    "%history -n",
    "%hist -p 1-2",
    "%history -np 1-2",
    "%history -o 3-4",
    "%history -n -o 4 1",
    "%history -t 3",
    "%history -n ~1/1-2 1",
    "%history -n ~1/3-2",
    "%history -n 1/2-3 2/1",
    "%history -g b = ?",
    "%history -g",
    "%history -u -g b*",
    "%history -g b* -l 2",
    "%history -n -l",
    "%history -l 3",
    "%history 4 -g [*",
    "%history 99",
    "%history no range",
    "%recall b * 3",
    "%recall no such thing",
    "%rerun 1",
    "%rerun -l 2",
    "%rerun -g [b]",
    "%rerun -g no such thing",
    "%rerun 99",
    "%rerun ~1/2",
)


def test_the_magics_print_what_the_peer_prints(tmp_path: Path) -> None:
    printed = {}
    for which in COMMANDS:
        path = tmp_path / which / "history.sqlite"
        path.parent.mkdir()
        session(which, path, "before = 1", "b = 1", "def f():\n\treturn 1  \n")
        cells = ("b = 2", "def f():\n\treturn 1  \n", "!true", "[b]")
        told = session(which, path, *cells, *QUESTIONS)
        printed[which] = told.replace(str(path.parent), "")
    assert printed["ipshell"].splitlines() == printed["ipython"].splitlines()


def test_times_of_sessions_are_read_whoever_wrote_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    path = tmp_path / "history.sqlite"
    session("ipython", path, "1 + 1")
    session("ipshell", path, "2 + 2", "%history -n -g 1*")
    told = session(
        "ipython",
        path,
        "h = get_ipython().history_manager",
        "for n in (1, 2): print(*['=' + str(x) + '=' for x in h.get_session_info(n)])\n",
    )
    ours = [line for line in told.splitlines() if "=2=" in line]
    assert ours, told
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    try:
        now = datetime.now()
        with HistoryAccessor(hist_file=path) as reader:
            for number in (1, 2):
                found = reader.get_session_info(number)
                assert found is not None
                _, start, end, count, _ = found
                assert start is not None
                assert end is not None
                assert start <= end <= now < start + timedelta(minutes=5)
                assert count == number
    finally:
        monkeypatch.undo()
        time.tzset()


def test_both_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with running("ipython", path) as peer, running("ipshell", path) as ours:
        peer.cell("peer_0 = 0")
        ours.cell("our_0 = 0")
        for number in range(1, 26):
            peer.cell(f"peer_{number} = {number}")
            ours.cell(f"our_{number} = {number}")
        assert ": our_25 = 25" in peer.cell("%history -n -g our_2*")
        assert ": peer_25 = 25" in ours.cell("%history -n -g peer_2*")
    with running("ipshell", path) as ours, running("ipython", path) as peer:
        for number in range(26, 31):
            ours.cell(f"our_{number} = {number}")
            peer.cell(f"peer_{number} = {number}")
    texts = [text for *_, text in rows(path)]
    for name in ("our", "peer"):
        assert [text for text in texts if text.startswith(f"{name}_")] == [
            f"{name}_{n} = {n}" for n in range(31)
        ]
    assert not list(tmp_path.glob("*corrupt*"))
    assert len({row[0] for row in rows(path)}) == 4


def test_the_peer_s_own_tools_leave_a_file_that_we_go_on_with(tmp_path: Path) -> None:
    path = tmp_path / "ipython" / "profile_default" / "history.sqlite"
    path.parent.mkdir(parents=True)
    session("ipshell", path, *(f"our_{number} = {number}" for number in range(30)), "%history -n -g our_7*")
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "history", "trim", "--keep=10"],
        env=environment(tmp_path) | {"IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert len(rows(path)) == 10
    seen = session("ipshell", path, "our_30 = 30", "%history -n -g our_2?_*", "%history -n -g our_2[89]*")
    assert "our_29 = 29" in seen
    assert "our_5 = 5" not in seen
    assert "our_30 = 30" in [row[3] for row in rows(path)]


def test_a_file_of_ours_without_our_tables_is_the_peer_s(tmp_path: Path) -> None:
    path, copy = tmp_path / "history.sqlite", tmp_path / "copy.sqlite"
    session("ipshell", path, "our_value = 1", "%history -n -g x")
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'ipshell%'"
        ).fetchall():
            connection.execute(f"DROP TABLE {name}")
    assert ": our_value = 1" in session("ipython", copy, "%history -n -g our_*")
    assert ": our_value = 1" in session("ipshell", copy, "%history -n -g our_*")
