"""Odd things where the history is to be, in a real shell: it goes on, and says what is wrong, once."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typists import cells, environment, fill, next_shell, note

from iphistory.schema import PEER

if sys.platform == "win32":
    pytest.skip("links, modes and limits of this kind are POSIX's", allow_module_level=True)

import ctypes
import resource

#: Cells that are there before.
COUNT = 30

BEFORE = {f"before {number:04}" for number in range(1, COUNT + 1)}

#: What is typed: a cell that is to be kept, one that shows that the shell goes on, and a question.
TYPED = "after = 6\nafter * 7\n%history -n -g before*\n"


def as_others() -> None:
    """Let what may not be written by its mode not be written, also by the super-user. In a child."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None)
        for capability in (1, 2):  # to pass by modes when writing, and when reading
            if library.prctl(24, capability, 0, 0, 0):
                os._exit(77)


def shell(
    path: Path | str, typed: str = TYPED, *options: str, before: Callable[[], None] = as_others
) -> subprocess.CompletedProcess[str]:
    home = Path(path).parent if isinstance(path, Path) else Path(options[-1])
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "ipcore",
            "--simple-prompt",
            "--no-banner",
            "--nosep",
            f"--HistoryManager.hist_file={path}",
        ],
        input=typed,
        env=environment(home.parent / "home"),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=before,
    )


def good(path: Path) -> None:
    fill(path, "before", COUNT)


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


# -- cases ---------------------------------------------------------------------


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("these are my notes\n" * 500)


def few_bytes(path: Path) -> None:
    path.write_bytes(b"SQL")


def folder(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere.sqlite"))


def nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("no folder") / "elsewhere.sqlite")


def circular(path: Path) -> None:
    path.symlink_to(path)


def link(path: Path) -> None:
    good(path.with_name("real.sqlite"))
    path.symlink_to("real.sqlite")


def link_to_damage(path: Path) -> None:
    (path.parent / "far").mkdir()
    real = path.parent / "far" / "real.sqlite"
    good(real)
    real.write_bytes(b"no database now!" + real.read_bytes()[16:])
    path.symlink_to(real)


def not_to_be_read(path: Path) -> None:
    good(path)
    path.chmod(0)


def not_to_be_written(path: Path) -> None:
    good(path)
    path.chmod(0o400)


def folder_not_to_be_written(path: Path) -> None:
    good(path)
    shutil.rmtree(beside(path, "-spool"))
    path.parent.chmod(0o500)


def spool_is_a_file(path: Path) -> None:
    good(path)
    shutil.rmtree(beside(path, "-spool"))
    beside(path, "-spool").write_text("mine")


def open_log(path: Path) -> sqlite3.Connection:
    """Write so that all stands in the log, and keep it there."""
    good(path)
    keep = sqlite3.connect(path, isolation_level=None)
    keep.execute("PRAGMA wal_autocheckpoint = 0")
    keep.execute("UPDATE sessions SET remark = 'in the log'")
    return keep


def lost_log(path: Path) -> None:
    with closing(open_log(path)):
        for end in ("", "-wal", "-shm"):
            shutil.copy(f"{path}{end}", f"{path}.copy{end}")
    for end in ("-wal", "-shm"):
        beside(path, end).unlink(missing_ok=True)
    os.replace(f"{path}.copy", path)
    os.replace(f"{path}.copy-shm", f"{path}-shm")


def lost_index_of_the_log(path: Path) -> None:
    lost_log(path)
    beside(path, "-shm").unlink()
    os.replace(f"{path}.copy-wal", f"{path}-wal")


def spoilt_index_of_the_log(path: Path) -> None:
    lost_index_of_the_log(path)
    beside(path, "-shm").write_bytes(os.urandom(32768))


def spoilt_log(path: Path) -> None:
    good(path)
    beside(path, "-wal").write_bytes(os.urandom(30_000))


def log_of_another(path: Path) -> None:
    other = path.with_name("other.sqlite")
    fill(other, "other", 500)
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE history SET source = 'x' WHERE line BETWEEN 100 AND 300")
        connection.execute("CREATE TABLE more (x)")
        shutil.copy(f"{other}-wal", f"{other}.wal")
    good(path)
    os.replace(f"{other}.wal", f"{path}-wal")


def spoilt_journal(path: Path) -> None:
    good(path)
    beside(path, "-journal").write_bytes(os.urandom(5000))


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT)")
        connection.execute("INSERT INTO moz_places (url) VALUES ('here')")
        connection.commit()


def history_of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE history (id INTEGER PRIMARY KEY, url TEXT, line INTEGER)")


def of_the_peer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in PEER:
            connection.execute(statement)
        connection.execute("INSERT INTO sessions VALUES (1, '2024-01-01 00:00:00', NULL, NULL, '')")
        rows = [(1, line, each, each) for line, each in enumerate(sorted(BEFORE), 1)]
        connection.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", rows)


def of_half_our_tables(path: Path) -> None:
    good(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE ipshell_cells")
        connection.execute("DROP TABLE ipshell_folders")


def of_a_later_version(path: Path) -> None:
    good(path)
    with closing(sqlite3.connect(path)) as connection:
        tables = (
            "sessions",
            "history",
            "output_history",
            "ipshell_sessions",
            "ipshell_folders",
            "ipshell_cells",
        )
        for table in tables:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN later TEXT DEFAULT 'x'")
        connection.execute("CREATE TABLE ipshell_more (x)")
        connection.execute("PRAGMA user_version = 99")


def spool_of_noise(path: Path) -> None:
    good(path)
    beside(path, "-spool").mkdir(exist_ok=True)
    (beside(path, "-spool") / "0-1.spool").write_bytes(b"\xff\x00" * 300 + b"\n")


def spool_of_a_later_version(path: Path) -> None:
    from iphistory.spool import encode

    good(path)
    records: list[dict[str, Any]] = [
        {"kind": "head", "uid": "u", "at": "yesterday"},
        {"kind": "input", "line": 1, "raw": "left", "at": 1e300},
        {"kind": "mood", "line": 1, "good": True},
        {"kind": "input", "line": 1 << 70, "raw": "left too"},
        {"kind": "input"},
        {"line": 4},
        {"kind": "input", "line": 2, "raw": "left as well"},
    ]
    (beside(path, "-spool") / "0-2.spool").write_bytes(b"".join(encode(each) for each in records))


DAMAGED = r"was damaged. A copy is in .*; \d+ cells? could be read"
TROUBLE = "cannot be written to: "


class Case(NamedTuple):
    """What is there, and what becomes of it."""

    make: Callable[[Path], None]
    name: str
    told: str = ""
    """What the one line says; empty if there is none."""
    found: int = COUNT
    """How many of the cells before are found."""
    kept: bool = True
    """Whether the new cells are in the file."""


CASES = [
    Case(good, "nothing wrong"),
    Case(empty, "a file of no bytes", found=0),
    Case(few_bytes, "a file of three bytes", DAMAGED, 0),
    Case(text, "a text", DAMAGED, 0),
    Case(folder, "a folder", TROUBLE + "it cannot be opened", 0, False),
    Case(dangling, "a link to no file", found=0),
    Case(nowhere, "a link into no folder", found=0),
    Case(circular, "a link to itself", TROUBLE + "it cannot be opened", 0, False),
    Case(link, "a link"),
    Case(link_to_damage, "a link to a damaged file", DAMAGED),
    Case(not_to_be_read, "no permission", TROUBLE + "it cannot be", 0, False),
    Case(not_to_be_written, "a file not to be written", TROUBLE + "it is read-only", COUNT, False),
    Case(folder_not_to_be_written, "a folder not to be written", TROUBLE + "it is read-only", COUNT, False),
    Case(spool_is_a_file, "a file where the spools are to be", "cells cannot be kept in .*: Not a directory"),
    Case(lost_log, "the write-ahead log is gone"),
    Case(lost_index_of_the_log, "the log's index is gone"),
    Case(spoilt_index_of_the_log, "the log's index is noise"),
    Case(spoilt_log, "the log is noise"),
    Case(log_of_another, "the log is another file's"),
    Case(spoilt_journal, "a journal of noise"),
    Case(of_another_program, "another program's database", TROUBLE + "it is another program's", 0, False),
    Case(
        history_of_another_program,
        "another's, with a table of that name",
        TROUBLE + "it is another",
        0,
        False,
    ),
    Case(of_the_peer, "a file by IPython"),
    Case(of_half_our_tables, "some of our tables are missing"),
    Case(of_a_later_version, "a later version's, with more columns and tables"),
    Case(
        spool_of_noise,
        "a spool of noise",
        "a line of a session that crashed cannot be read, see .*[.]damaged",
    ),
    Case(spool_of_a_later_version, "a spool with records of a later version", "3 records cannot be kept"),
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Give a folder whose modes are mended at the end."""
    made = tmp_path / "place"
    made.mkdir()
    yield made
    made.chmod(0o700)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
def test_whatever_is_there_the_shell_goes_on(place: Path, case: Case) -> None:
    path = place / "history.sqlite"
    case.make(path)
    before = path.read_bytes() if path.is_file() else b""
    done = shell(path)
    if done.returncode == 77:
        pytest.skip("the super-user may write everywhere here")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Out[2]: 42" in done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == bool(case.told), done.stderr
    assert re.search(case.told, done.stderr), done.stderr
    found = set(re.findall(r"before \d{4}", done.stdout))
    assert len(found) == case.found
    place.chmod(0o700)
    if case.kept:
        assert {"after = 6", "after * 7"} <= set(cells(path))
    elif path.is_file():
        path.chmod(0o600)
        if TROUBLE + "it is another" in case.told:
            assert path.read_bytes() == before
    if match := re.search(r"A copy is in (.*?);", done.stderr):
        assert Path(match[1]).exists()
    note(
        case.name,
        1,
        f"{case.found} of {COUNT} before are found; new ones are "
        + (
            "in the file"
            if case.kept
            else "kept for the next shell"
            if "memory" not in done.stderr
            else "lost"
        ),
        done.stderr.strip().replace(str(place), "…") or "nothing",
    )


def test_what_could_not_be_written_is_moved_when_it_can(place: Path) -> None:
    path = place / "history.sqlite"
    folder(path)
    shell(path)
    path.rmdir()
    assert next_shell(path) == []
    assert {"after = 6", "after * 7", "next"} <= set(cells(path))


# -- full disks ------------------------------------------------------------------


@contextmanager
def small_disk(at: Path, size: int) -> Iterator[None]:
    at.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True, capture_output=True)


@pytest.mark.parametrize("room", [0, 1, 4096, 20_000, 60_000])
def test_a_full_disk(tmp_path: Path, room: int) -> None:
    at = tmp_path / "disk"
    with small_disk(at, 400_000):
        path = at / "history.sqlite"
        good(path)
        ballast = at / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
            file.truncate(max(0, ballast.stat().st_size - room))
        many = "".join(f"after_{number} = '{'x' * 200}'\n" for number in range(100))
        done = shell(path, many + TYPED)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert "Out[102]: 42" in done.stdout
        assert len(re.findall(r"before \d{4}", done.stdout)) == COUNT
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "disk is full" in done.stderr or "No space left" in done.stderr
        ballast.unlink()
        assert next_shell(path) == []
        found = set(cells(path))
        lost = 100 - sum(f"after_{number} = '{'x' * 200}'" in found for number in range(100))
        assert {*BEFORE, "next"} <= found
    note(
        f"the disk is full but for {room} bytes; 100 cells",
        1,
        f"{lost} cells that neither spool nor database could take",
        done.stderr.strip().replace(str(at), "…"),
    )


#: Bytes that a file may have: the first cells may get into the log, the long one is too much for it.
LIMIT = 70_000
LONG = f"after = {'7' * 20_000!r}"


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def test_files_may_grow_no_more(place: Path) -> None:
    path = place / "history.sqlite"
    fill(path, "before", 1000)
    assert path.stat().st_size > LIMIT
    # Whether the writer takes the cells one by one or, where the machine is slow, together: it says so once.
    done = shell(path, f"{TYPED}{LONG}\n", before=limited)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Out[2]: 42" in done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert TROUBLE in done.stderr
    next_shell(path)
    assert {"after = 6", "after * 7", LONG} <= set(cells(path))
    note("files may grow no more (a limit)", 1, "nothing", done.stderr.strip().replace(str(place), "…"))


def test_a_full_disk_while_a_damaged_file_is_repaired(tmp_path: Path) -> None:
    at = tmp_path / "disk"
    with small_disk(at, 600_000):
        path = at / "history.sqlite"
        fill(path, "before", 800)
        damaged = b"no database now!" + path.read_bytes()[16:]
        path.write_bytes(damaged)
        with open(at / "ballast", "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
            file.truncate((at / "ballast").stat().st_size - 16384)
        done = shell(path)
        assert done.returncode == 0
        assert "Out[2]: 42" in done.stdout
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert path.read_bytes() == damaged
        assert not list(at.glob("*corrupt*"))
        (at / "ballast").unlink()
        said = next_shell(path)
        assert len(said) == 1
        assert "was damaged" in said[0]
        found = set(cells(path))
        assert {"after = 6", "after * 7", "next"} <= found
        assert sum(text.startswith("before ") for text in found) > 700
    note(
        "the disk is full while a damaged file is repaired",
        1,
        "nothing",
        done.stderr.strip().replace(str(at), "…"),
    )
