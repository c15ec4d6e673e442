"""Nothing typed is lost, whatever becomes of the database or of the process."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from iphistory.repair import is_sound, repair
from iphistory.writer import Writer

#: Bytes of a page, as SQLite makes them.
PAGE = 4096

#: A process that types: arguments are the file, its name, and how many cells.
TYPIST = """
import sys, time
from pathlib import Path
from iphistory.writer import Writer

path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
writer = Writer(path, lambda text: print(text, file=sys.stderr, flush=True))
longest = 0.0
for line in range(1, count + 1):
    began = time.perf_counter()
    writer.put({"kind": "input", "line": line, "raw": f"{name} {line}", "at": time.time()})
    longest = max(longest, time.perf_counter() - began)
    print(line, flush=True)
writer.close()
"""


def typist(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TYPIST, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def cells(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT source_raw FROM history ORDER BY session, line").fetchall()
    return [text for (text,) in rows]


def fill(path: Path, name: str, count: int) -> None:
    writer = Writer(path, lambda text: None)
    for line in range(1, count + 1):
        writer.put({"kind": "input", "line": line, "raw": f"{name} {line:04}", "at": 1e9})
    writer.close()


def move_what_is_left(path: Path) -> list[str]:
    """Do what the next shell does."""
    said: list[str] = []
    writer = Writer(path, said.append)
    writer.put({"kind": "input", "line": 1, "raw": "next", "at": time.time()})
    assert writer.flush(20)
    writer.close()
    return said


def test_eight_shells_lose_nothing_while_another_program_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    move_what_is_left(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    typists = [typist(path, f"t{number}", 500) for number in range(8)]
    for each in typists:
        assert each.stdout is not None
        while each.stdout.readline() != "500\n":
            pass
    # All have typed all, and wait for their end, when the lock goes; some may have gone before.
    holder.execute("ROLLBACK")
    holder.close()
    told = "".join(each.communicate(timeout=60)[1] for each in typists)
    assert "Traceback" not in told
    assert all(each.returncode == 0 for each in typists)
    move_what_is_left(path)
    found = cells(path)
    assert sorted(found) == sorted(
        ["next", "next"] + [f"t{number} {line}" for number in range(8) for line in range(1, 501)]
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_what_was_typed_before_a_kill_is_found_by_the_next_shell(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    rounds = random.Random(5)
    typed: list[str] = []
    for number in range(15):
        process = typist(path, f"k{number}", 100_000)
        assert process.stdout is not None
        last = 0
        for _ in range(rounds.randrange(1, 400)):
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        # What it printed was put before; more may be there than we have read.
        typed += [f"k{number} {line}" for line in range(1, last + 1)]
    said = move_what_is_left(path)
    assert not said
    assert set(typed) <= set(cells(path))
    assert not list((tmp_path / "history.sqlite-spool").iterdir())


def test_a_cell_that_takes_the_interpreter_down_is_found(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom iphistory.writer import Writer\n"
        "writer = Writer(Path(sys.argv[1]), print)\n"
        "writer.put({'kind': 'input', 'line': 1, 'raw': 'os._exit(9)', 'at': time.time()})\nos._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=60).returncode == 9
    move_what_is_left(path)
    assert "os._exit(9)" in cells(path)


def test_a_damaged_file_is_copied_aside_and_the_session_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    fill(path, "old", 300)
    data = bytearray(path.read_bytes())
    data[5000:5200] = bytes(200)
    data[:16] = b"not a database!!"
    path.write_bytes(data)
    said: list[str] = []
    writer = Writer(path, said.append)
    writer.put({"kind": "input", "line": 1, "raw": "after", "at": time.time()})
    assert writer.flush(20)
    writer.close()
    assert len(said) == 1
    assert "was damaged" in said[0]
    copies = list(tmp_path.glob("history-corrupt-*.sqlite"))
    assert len(copies) == 1
    assert str(copies[0]) in said[0]
    assert copies[0].read_bytes() == data
    found = cells(path)
    assert "after" in found
    assert len(found) > 200
    assert is_sound(path)


def test_no_damage_is_beyond_repair(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    fill(path, "cell", 400)
    good = path.read_bytes()
    pages = {text: good.index(text.encode() * 2) // PAGE for text in cells(path)}
    chance = random.Random(7)
    for number in range(60):
        data = bytearray(good)
        if number % 2:
            del data[chance.randrange(len(data)) :]
        hit = {len(data) // PAGE}
        for _ in range(chance.choice((1, 4, 20))):
            if data:
                at = chance.randrange(len(data))
                data[at] ^= 1 << chance.randrange(8)
                hit.add(at // PAGE)
        damaged = tmp_path / f"damaged-{number}.sqlite"
        damaged.write_bytes(data)
        if not is_sound(damaged):
            repair(damaged)
        assert is_sound(damaged)
        untouched = {text for text, page in pages.items() if page not in hit and page < len(data) // PAGE}
        assert untouched <= set(cells(damaged))


def test_where_nothing_can_be_written_the_session_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    said: list[str] = []
    writer = Writer(blocked / "history.sqlite", said.append)
    for line in range(1, 50):
        writer.put({"kind": "input", "line": line, "raw": str(line), "at": time.time()})
    assert not writer.flush(0.5)
    writer.close()
    assert any("cannot be kept in" in text for text in said)
    assert len(said) <= 3
