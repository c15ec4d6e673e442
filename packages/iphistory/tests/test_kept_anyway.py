"""What changes under a running shell: files, clocks, numbers, journals, and a Python without SQLite."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from typists import cells, environment, fill, next_shell, note, process

from iphistory import database
from iphistory.accessor import HistoryAccessor
from iphistory.spool import Spool
from iphistory.writer import Writer


def put(writer: Writer, *lines: int) -> None:
    for line in lines:
        writer.put({"kind": "input", "line": line, "raw": f"cell {line}", "at": time.time()})
    assert writer.flush(20)


@pytest.mark.skipif(sys.platform == "win32", reason="what is open cannot be deleted there")
def test_the_file_is_deleted_under_a_running_shell(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    said: list[str] = []
    writer = Writer(path, said.append)
    put(writer, 1, 2)
    for each in tmp_path.glob("history.sqlite*"):
        if each.is_file():
            each.unlink()
    put(writer, 3)
    assert cells(path) == ["cell 1", "cell 2", "cell 3"]
    fill(tmp_path / "other.sqlite", "other", 3)
    os.replace(tmp_path / "other.sqlite", path)
    put(writer, 4)
    writer.close()
    assert set(cells(path)) == {"other 0001", "other 0002", "other 0003", *(f"cell {n}" for n in range(1, 5))}
    assert len(said) == 1
    assert said[0].startswith("this session is number 2 of the history ")
    told = said[0].replace(str(tmp_path), "…")
    note("the file deleted, then replaced, under a running shell", 1, "nothing of this session", told)


@pytest.mark.skipif(sys.platform == "win32", reason="what is open cannot be deleted there")
def test_the_spool_is_deleted_under_a_running_shell(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    writer = Writer(path, print)
    put(writer, 1)
    shutil.rmtree(writer.spools)
    put(writer, 2, 3)
    writer.close()
    assert cells(path) == ["cell 1", "cell 2", "cell 3"]
    note("the spool deleted under a running shell", 1, "nothing", "nothing")


def test_half_a_line_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, {"kind": "head"})
    write = os.write

    def fail(descriptor: int, size: int) -> None:
        raise OSError(5, "the disk fails")

    with monkeypatch.context() as full:  # a disk that takes half a line, and does not give it back
        full.setattr("iphistory.spool.os.write", lambda descriptor, data: write(descriptor, data[:20]))
        full.setattr("iphistory.spool.os.ftruncate", fail)
        with pytest.raises(OSError, match="No space left"):
            spool.append({"kind": "input", "line": 1, "raw": "half of this"})
    spool.append({"kind": "input", "line": 2, "raw": "all of this"})
    found, end = spool.read(0, spool.size)
    assert [record.get("raw") for record in found] == [None, "all of this"]
    assert end == spool.size
    spool.close(delete=True)


def test_the_clock_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.sqlite"
    now = 2e9
    monkeypatch.setattr("iphistory.writer.time.time", lambda: now)
    monkeypatch.setattr("iphistory.spool.time.time_ns", lambda: int(now * 1e9))
    for name in ("first", "second", "third"):
        writer = Writer(path, print)
        for line in (1, 2):
            writer.put({"kind": "input", "line": line, "raw": f"{name} {line}", "at": now})
            now -= 3600
        assert writer.flush(20)
        writer.close()
    with HistoryAccessor(hist_file=path) as reader:
        tail = [text for *_, text in reader.get_tail(10, include_latest=True)]
    assert tail == [f"{name} {line}" for name in ("first", "second", "third") for line in (1, 2)]
    note("the clock goes back an hour at each cell", 6, "nothing; cells stay in the order typed", "nothing")


def test_a_time_that_no_calendar_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.sqlite"
    monkeypatch.setattr("iphistory.writer.time.time", lambda: 1e40)
    writer = Writer(path, print)
    writer.put({"kind": "input", "line": 1, "raw": "cell 1", "at": 1e40})
    assert writer.flush(20)
    writer.close()
    assert cells(path) == ["cell 1"]


def test_another_program_takes_numbers_of_sessions(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    said: list[str] = []
    writer = Writer(path, said.append)
    put(writer, 1)
    number = writer.session
    with closing(sqlite3.connect(path)) as other, other:
        # Its own session, as it should be; and one that a tool has given the number of ours.
        other.execute("INSERT INTO sessions (start, remark) VALUES ('2024-01-01 00:00:00', '')")
        other.execute("INSERT INTO history VALUES (?, 1, 'x', 'x')", (number + 1,))
        other.execute("INSERT INTO history VALUES (?, 2, 'theirs', 'theirs')", (number,))
    put(writer, 2, 3)
    own = writer.session
    assert own > number + 1
    writer.close()
    assert len(said) == 1
    assert f"this session is number {own} " in said[0]
    assert f"number {number} is another program's" in said[0]
    assert cells(path) == ["cell 1", "theirs", "x", "cell 2", "cell 3"]
    note(
        "another program writes cells under our session's number",
        1,
        "nothing: a new session begins",
        said[0].replace(str(tmp_path), "…"),
    )


def test_a_number_is_given_anew_after_all_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    writer = Writer(path, print)
    put(writer, 1)
    writer.pause()
    with closing(sqlite3.connect(path)) as other, other:
        for table in ("sessions", "history", "sqlite_sequence"):
            other.execute(f"DELETE FROM {table}")
        other.execute("INSERT INTO sessions (start, remark) VALUES ('2024-01-01 00:00:00', '')")
        other.execute("INSERT INTO history VALUES (1, 1, 'theirs', 'theirs')")
    put(writer, 2)
    writer.close()
    assert "cell 2" in cells(path)
    assert "theirs" in cells(path)


def test_a_counter_that_begins_anew_is_another_session_and_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.sqlite"
    next_shell(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    writer = Writer(path, print)
    with monkeypatch.context() as waiting:
        waiting.setattr(writer, "flush", lambda seconds: pytest.fail("it waits"))
        for _ in range(50):
            writer.put({"kind": "input", "line": 1, "raw": "again", "at": time.time()})
    holder.execute("ROLLBACK")
    holder.close()
    assert writer.flush(20)
    writer.close()
    assert cells(path).count("again") == 50
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(DISTINCT session) FROM history").fetchone()[0] == 51
    assert not list(writer.spools.iterdir())


@pytest.mark.parametrize("forced", [True, False])
def test_a_folder_of_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forced: bool) -> None:
    path = tmp_path / "history.sqlite"
    fill(path, "local", 3)
    if not forced:
        monkeypatch.setattr(database, "is_remote", lambda path: True)
    writers = [Writer(path, print, journal="delete" if forced else "") for _ in range(2)]
    for writer in writers:
        put(writer, 1, 2)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    for writer in writers:
        writer.close()
    assert sorted(cells(path)) == sorted([*(f"local 000{n}" for n in (1, 2, 3)), *["cell 1", "cell 2"] * 2])
    assert not list(tmp_path.glob("*-shm"))
    note("a folder on another machine", 1, "nothing; a journal instead of the log", "nothing")


def shell(home: Path, *options: str, code: str = "", typed: str = "") -> subprocess.CompletedProcess[str]:
    run = ["-c", code] if code else ["-m", "ipcore"]
    return subprocess.run(
        [sys.executable, *run, "--no-banner", "--nosep", *options],
        input=typed,
        env=environment(home / "home"),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_history_in_memory_makes_no_file(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    done = shell(
        place,
        "--HistoryManager.hist_file=:memory:",
        typed="value = 6\nimport os; os.fork() or os._exit(0)\n%history -n -g val*\n" * 2,
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(re.findall(r"\d: value = 6", done.stdout)) >= 2
    assert [each.name for each in place.iterdir()] == ["home"]
    assert not list((place / "home").rglob("history*"))


@pytest.mark.parametrize(
    ("options", "journal"), [([], "wal"), (["--HistoryManager.journal_mode=delete"], "delete")]
)
def test_the_journal_is_the_user_s_choice(tmp_path: Path, options: list[str], journal: str) -> None:
    path = tmp_path / "history.sqlite"
    done = shell(
        tmp_path, f"--HistoryManager.hist_file={path}", *options, typed="value = 6\n%history -n -g val*\n"
    )
    assert done.stderr == ""
    assert "value = 6" in cells(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == journal


def test_a_python_without_sqlite_forgets_and_says_so(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['sqlite3'] = sys.modules['_sqlite3'] = None\n"
        "import runpy; runpy.run_module('ipcore', run_name='__main__', alter_sys=True)"
    )
    typed = "value = 6\nvalue * 7\n%history -n\n%history -n -g val*\n%history -n ~1/\n"
    done = shell(tmp_path, code=code, typed=typed)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Out[2]: 42" in done.stdout
    assert done.stderr.splitlines() == [
        "ipshell: this Python has no sqlite3: cells are forgotten when the shell ends."
    ]
    note("a Python without sqlite3", 1, "all, at the end of the shell", done.stderr.strip())


def test_a_fork_waits_for_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    next_shell(path)
    code = (
        "import sqlite3, sys, time\nfrom pathlib import Path\nfrom iphistory.writer import Writer\n"
        "path = Path(sys.argv[1])\nholder = sqlite3.connect(path, isolation_level=None)\n"
        "holder.execute('BEGIN EXCLUSIVE')\nwriter = Writer(path, print)\n"
        "for line in range(1, 21):\n"
        "    writer.put({'kind': 'input', 'line': line, 'raw': f'cell {line}', 'at': time.time()})\n"
        "    writer.pause()\n"  # what a fork does
        "holder.close()\nwriter.close()\n"
    )
    done = process(code, str(path))
    out, wrong = done.communicate(timeout=60)
    assert (out, wrong, done.returncode) == ("", "", 0)
    assert cells(path) == ["next", *(f"cell {line}" for line in range(1, 21))]
