from __future__ import annotations

import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ipcore.configuration import ipython
from ipcore.configuration.directories import find_directories
from ipcore.configuration.files import load_file
from ipcore.configuration.ipython import copy_database, find_ipython_dir, import_ipython, settings_named
from ipcore.configuration.profiles import Profile, create_profile, find_profile
from ipcore.errors import UserError


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """IPython's directory with a profile that has been used."""
    folder = tmp_path / "ipython" / "profile_default"
    for name in ("startup", "db", "log", "pid", "security"):
        (folder / name).mkdir(parents=True)
    (folder / "ipython_config.py").write_text(
        "c = get_config()\n"
        "raise SystemExit('must not be executed here')\n"
        "c.TerminalInteractiveShell.editing_mode = 'vi'\n"
        "c.InteractiveShellApp.exec_lines.append('import math')\n"
        "c.InteractiveShellApp.exec_lins = []\n"
        "c.Zebra.stripes = 3\n"
    )
    (folder / "ipython_config.json").write_text('{"InteractiveShell":\n {"cache_sise": 5}}')
    (folder / "startup" / "README").write_text("theirs")
    (folder / "startup" / "10-first.py").write_text("first = 1\n")
    (folder / "startup" / "20-second.ipy").write_text("%cd\n")
    (folder / "startup" / "notes.txt").write_text("")
    (folder / "db" / "key").write_text("")
    (folder / "pid" / "1.pid").write_text("")
    (folder / "mystyle.css").write_text("")
    make_history(folder / "history.sqlite", 3)
    return folder.parent


def make_history(path: Path, count: int) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table history (session integer, line integer, source text)")
        db.executemany("insert into history values (1, ?, 'x')", [(n,) for n in range(count)])


def lines_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        found: int = db.execute("select count(*) from history").fetchone()[0]
        return found


@pytest.fixture
def profile(home: Path) -> Profile:
    return find_profile(find_directories())


def test_configuration_start_up_files_and_history_are_copied(theirs: Path, profile: Profile) -> None:
    done = import_ipython(theirs, profile)
    assert [target for _, target in done.copied] == [
        profile.history_file,
        profile.json_config,
        profile.python_config,
        profile.startup_dir / "10-first.py",
        profile.startup_dir / "20-second.ipy",
    ]
    for source, target in done.copied[1:]:
        assert target.read_bytes() == source.read_bytes()
    assert lines_in(profile.history_file) == 3
    assert not (profile.startup_dir / "README").exists()


def test_what_is_not_copied_is_told_with_the_reason(theirs: Path, profile: Profile) -> None:
    done = import_ipython(theirs, profile)
    assert [(left.path.name, left.failed) for left in done.left] == [
        ("db", False),
        ("mystyle.css", False),
        ("notes.txt", False),
    ]
    assert all(left.reason for left in done.left)


def test_sections_that_nothing_here_reads_are_told_with_their_line(
    theirs: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipcore.configuration.checks.is_installed", lambda distribution: False)
    done = import_ipython(theirs, profile)
    assert [(Path(found.file).name, found.line, found.severity) for found in done.mistakes] == [
        ("ipshell_config.json", 2, "error"),
        ("ipshell_config.py", 3, "warning"),
        ("ipshell_config.py", 5, "error"),
        ("ipshell_config.py", 6, "error"),
    ]
    assert [found.suggestion for found in done.mistakes] == [
        "InteractiveShell.cache_size",
        "",
        "IPShellApp.exec_lines",
        "",
    ]


def test_what_is_here_already_stays_unless_forced(theirs: Path, profile: Profile) -> None:
    profile.startup_dir.mkdir(parents=True)
    profile.state_dir.mkdir(parents=True)
    profile.python_config.write_text("c.InteractiveShell.cache_size = 1\n")
    (profile.startup_dir / "10-first.py").write_text("mine = 1\n")
    make_history(profile.history_file, 1)
    done = import_ipython(theirs, profile)
    kept = {left.path.name for left in done.left if "--force" in left.reason}
    assert kept == {"ipython_config.py", "10-first.py", "history.sqlite"}
    assert profile.python_config.read_text() == "c.InteractiveShell.cache_size = 1\n"
    assert (profile.startup_dir / "10-first.py").read_text() == "mine = 1\n"
    assert lines_in(profile.history_file) == 1
    import_ipython(theirs, profile, force=True)
    assert "editing_mode" in profile.python_config.read_text()
    assert (profile.startup_dir / "10-first.py").read_text() == "first = 1\n"
    assert lines_in(profile.history_file) == 3


def test_the_untouched_configuration_of_a_new_profile_makes_way(theirs: Path, profile: Profile) -> None:
    create_profile(profile)
    import_ipython(theirs, profile)
    assert "editing_mode" in profile.python_config.read_text()


def test_a_profile_can_be_taken_over_under_another_name(theirs: Path, home: Path) -> None:
    mine = find_profile(find_directories(), "mine")
    import_ipython(theirs, mine, source="default")
    assert mine.python_config.is_file()


@pytest.mark.parametrize(
    ("make", "name", "hint"),
    [
        (["work", "art"], "wrok", "did you mean work?"),
        (["work", "art"], "zzz", "there are: art, work"),
        ([], "zzz", "--ipython-dir"),
    ],
)
def test_a_missing_profile_is_told_with_those_there_are(
    tmp_path: Path, home: Path, make: list[str], name: str, hint: str
) -> None:
    for each in make:
        (tmp_path / "ipython" / f"profile_{each}").mkdir(parents=True)
    with pytest.raises(UserError) as caught:
        import_ipython(tmp_path / "ipython", find_profile(find_directories(), name))
    assert str(caught.value).endswith(hint)
    assert list(home.iterdir()) == []


def test_the_imported_configuration_is_read_by_us(theirs: Path, profile: Profile) -> None:
    (theirs / "profile_default" / "ipython_config.py").write_text("c.TerminalIPythonApp.exec_lines = ['1']\n")
    import_ipython(theirs, profile)
    assert load_file(profile.python_config).config.IPShellApp.exec_lines == ["1"]


# ---------------------------------------------------------------- history


@pytest.fixture
def writer(theirs: Path) -> Iterator[sqlite3.Connection]:
    """A program that has IPython's history open."""
    with closing(sqlite3.connect(theirs / "profile_default" / "history.sqlite", isolation_level=None)) as db:
        yield db


def test_a_history_in_use_is_copied_with_what_is_still_in_its_journal(
    theirs: Path, profile: Profile, writer: sqlite3.Connection
) -> None:
    assert writer.execute("pragma journal_mode = wal").fetchone() == ("wal",)
    writer.execute("insert into history values (2, 1, 'late')")
    writer.execute("begin immediate")
    writer.execute("insert into history values (2, 2, 'not yet committed')")
    import_ipython(theirs, profile)
    assert lines_in(profile.history_file) == 4
    writer.execute("rollback")


def test_a_history_that_stays_locked_is_left_out_in_time_with_the_reason(
    theirs: Path, profile: Profile, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.execute("begin exclusive")
    monkeypatch.setattr(ipython, "PATIENCE", 0.2)
    done = import_ipython(theirs, profile)
    [left] = [left for left in done.left if left.failed]
    assert "locked" in left.reason
    assert "try again" in left.reason
    assert list(profile.state_dir.iterdir()) == []
    assert profile.python_config.exists()


def test_a_history_here_that_another_program_holds_stays_as_it_is(
    theirs: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.state_dir.mkdir(parents=True)
    make_history(profile.history_file, 1)
    monkeypatch.setattr(ipython, "PATIENCE", 0.2)
    with closing(sqlite3.connect(profile.history_file, isolation_level=None)) as holder:
        holder.execute("begin exclusive")
        done = import_ipython(theirs, profile, force=True)
        holder.execute("rollback")
    [left] = [left for left in done.left if left.failed]
    assert "locked" in left.reason
    assert lines_in(profile.history_file) == 1


def test_a_lock_that_ends_in_time_is_waited_for(
    theirs: Path, tmp_path: Path, writer: sqlite3.Connection
) -> None:
    import threading

    writer.close()
    source = theirs / "profile_default" / "history.sqlite"
    locked = threading.Event()
    release = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(source, isolation_level=None)) as db:
            db.execute("begin exclusive")
            locked.set()
            release.wait(20)
            db.execute("rollback")

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert locked.wait(20)
        threading.Timer(0.1, release.set).start()
        assert copy_database(source, tmp_path / "copy.sqlite", 20) == ""
    finally:
        release.set()
        holder.join(20)
    assert lines_in(tmp_path / "copy.sqlite") == 3


@pytest.mark.parametrize("data", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_history_is_left_out_and_leaves_nothing(
    theirs: Path, profile: Profile, data: bytes
) -> None:
    (theirs / "profile_default" / "history.sqlite").write_bytes(data)
    done = import_ipython(theirs, profile)
    assert [left.path.name for left in done.left if left.failed] == ["history.sqlite"]
    assert list(profile.state_dir.iterdir()) == []


def test_a_history_damaged_in_the_middle_is_not_taken_for_whole(theirs: Path, profile: Profile) -> None:
    path = theirs / "profile_default" / "history.sqlite"
    path.unlink()
    make_history(path, 5000)
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    done = import_ipython(theirs, profile)
    assert [left.reason for left in done.left if left.failed] == [
        "it cannot be copied: the database is damaged"
    ]


def test_a_damaged_history_does_not_harm_the_one_here(theirs: Path, profile: Profile) -> None:
    profile.state_dir.mkdir(parents=True)
    make_history(profile.history_file, 1)
    (theirs / "profile_default" / "history.sqlite").write_bytes(b"rubbish" * 1000)
    done = import_ipython(theirs, profile, force=True)
    assert [left.path.name for left in done.left if left.failed] == ["history.sqlite"]
    assert lines_in(profile.history_file) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_the_copied_history_is_private(theirs: Path, profile: Profile) -> None:
    (theirs / "profile_default" / "history.sqlite").chmod(0o644)
    import_ipython(theirs, profile)
    assert stat.S_IMODE(profile.history_file.stat().st_mode) == 0o600


# ---------------------------------------------------------------- where IPython's directory is


def test_ipythons_directory_is_found_as_ipython_finds_it(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert find_ipython_dir({}, home) == tmp_path / ".ipython"
    (tmp_path / ".config" / "ipython").mkdir(parents=True)
    assert find_ipython_dir({}, home) == tmp_path / ".config" / "ipython"
    (tmp_path / ".ipython").mkdir()
    assert find_ipython_dir({}, home) == tmp_path / ".ipython"
    assert find_ipython_dir({"IPYTHONDIR": str(tmp_path / "x")}, home) == tmp_path / "x"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.py", "c.A.x = 1\nif 1:\n    c.A.B.y.append(2)\n", [("A.x", 1), ("A.B.y", 3)]),
        ("a.py", "d.A.x = 1\nf().A.x = 1\nc.a.x = 1\nc.A\nc.A.B\n", []),
        ("a.py", "c.InteractiveShellApp.x = 1\n", [("IPShellApp.x", 1)]),
        ("a.py", "c.A.x = = 1\n", []),
        ("a.json", '{"A": {"x": 1,\n "B": {"y": 1}}}', [("A.x", 1), ("A.B.y", 2)]),
        ("a.json", '{"A": {"x": {"y": 1}}}', [("A.x", 1)]),
        ("a.json", "[1]", []),
        ("a.json", "{", []),
    ],
)
def test_options_are_read_off_a_file_without_executing_it(
    tmp_path: Path, name: str, text: str, expected: list[tuple[str, int]]
) -> None:
    (tmp_path / name).write_text(text)
    assert [(s.name, s.origin.line) for s in settings_named(tmp_path / name)] == expected
    assert settings_named(tmp_path / "none.py") == []
