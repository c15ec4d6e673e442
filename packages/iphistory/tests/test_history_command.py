"""``ipshell history`` and the history in a shell, as processes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Give what runs the shell, with its history in a home of its own."""

    def call(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("IPSHELL_")}
        return subprocess.run(
            [sys.executable, "-m", "ipcore", *arguments],
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            cwd=tmp_path,
            env={**env, "IPSHELL_HOME": str(home)},
        )

    return call


def file(home: Path) -> Path:
    [found] = home.rglob("history.sqlite")
    return found


def cells(home: Path) -> list[str]:
    with closing(sqlite3.connect(file(home))) as connection:
        return [text for (text,) in connection.execute("SELECT source_raw FROM history ORDER BY 1")]


def test_cells_are_kept_and_found_by_the_next_shell(run: Run, home: Path) -> None:
    run("--no-banner", typed="first = 1\n1/0\nexit\n")
    done = run("--no-banner", typed="second = 2\n%history -g first\n%history -n ~1/\n%hist -l 2\n")
    assert cells(home) == [
        "%hist -l 2",
        "%history -g first",
        "%history -n ~1/",
        "1/0",
        "first = 1",
        "second = 2",
    ]
    assert "first = 1" in done.stdout
    assert " 1/1: first = 1\n 1/2: 1/0\n" in done.stdout
    with closing(sqlite3.connect(file(home))) as connection:
        rows = connection.execute("SELECT line, outcome FROM ipshell_cells WHERE session = 1").fetchall()
        [ended] = connection.execute("SELECT num_cmds, end FROM sessions WHERE session = 1").fetchall()
    assert rows == [(1, "ok"), (2, "ZeroDivisionError")]
    assert ended[0] == 2
    assert ended[1]
    assert not list(home.rglob("*.spool"))


def test_secrets_and_what_begins_with_a_blank_are_not_kept(run: Run, home: Path) -> None:
    done = run("--no-banner", typed="password = 'hunter22'\nx = 1\n%history\n")
    run("--no-banner", typed="kept = {}\nkept['AWS_SECRET_ACCESS_KEY'] = 'abcd1234'\n")
    assert cells(home) == ["%history", "kept = {}", "x = 1"]
    assert "not kept in the history: it seems to hold a password" in done.stderr
    assert "password = 'hunter22'" in done.stdout  # %history of this session is what was typed


def test_a_program_keeps_nothing_and_makes_no_file(run: Run, home: Path) -> None:
    assert run("-c", "x = 1").returncode == 0
    assert not list(home.rglob("history*"))


def test_a_cell_that_ends_the_process_is_kept(run: Run, home: Path) -> None:
    assert run("--no-banner", typed="x = 1\nimport os; os._exit(7)\n").returncode == 7
    run("--no-banner", typed="y = 2\n")
    assert "import os; os._exit(7)" in cells(home)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_child_keeps_nothing(run: Run, home: Path) -> None:
    code = "import os\npid = os.fork()\nif pid: print('status', os.waitpid(pid, 0)[1])\n\nz = 3\n"
    done = run("--no-banner", "--nosep", typed=code)
    assert done.stdout.count("status 0") == 1
    assert "Warning" not in done.stderr
    found = cells(home)
    assert sorted(found) == sorted(set(found))
    assert "z = 3" in found


def test_rerun_and_recall(run: Run) -> None:
    done = run(
        "--no-banner", "--nosep", typed="n = 20\nprint(n + 1)\n%rerun 2\n%recall 1\n\n%rerun -g 'n + 1'\n"
    )
    assert done.stdout.count("=== Executing: ===\nprint(n + 1)\n=== Output: ===\n21") == 2


def test_trim_and_clear_say_what_they_did(run: Run, home: Path) -> None:
    assert "there is no history yet" in run("history", "trim").stdout
    run("--no-banner", typed="".join(f"x{n} = {n}\n" for n in range(20)))
    assert run("history", "trim").stdout == "There are 20 cells: nothing to trim.\n"
    done = run("history", "trim", "--keep", "5", "--backup")
    assert "deleted 15 cells, kept 5" in done.stdout
    assert cells(home) == ["x15 = 15", "x16 = 16", "x17 = 17", "x18 = 18", "x19 = 19"]
    assert file(home).with_name("history.sqlite.1").exists()
    assert b"x3 = 3" not in file(home).read_bytes()
    assert "nothing was deleted" in run("history", "clear", typed="n\n").stdout
    assert len(cells(home)) == 5
    assert "deleted 5 cells" in run("history", "clear", "-f").stdout
    assert cells(home) == []
    assert "0 cells in" in run("history", "stats").stdout


def test_export_gives_all_that_is_known(run: Run, home: Path) -> None:
    run("--no-banner", typed="x = 1\n!true\n")
    lines = [json.loads(line) for line in run("history", "export").stdout.splitlines()]
    assert [line["raw"] for line in lines] == ["x = 1", "!true"]
    assert lines[1]["source"] == "get_ipython().system('true')"
    assert lines[0]["outcome"] == "ok"
    assert lines[0]["seconds"] < 60
    assert Path(lines[0]["folder"]) == home.parent
    python = run("history", "export", "--format", "python").stdout
    assert python.startswith("# session 1, cell 1\nx = 1\n")
    assert run("history", "export", "-", "--format", "python").stdout == python
    assert not (home.parent / "-").exists()


BASH = "#1700000000\nls -l\n#1700000010\nfor i in 1 2\ndo echo $i\ndone\n"
ZSH = b": 1700000000:0;echo one\\\ntwo\n: 1700000005:2;gr\x83\xe3\x83\x9cn\n"
XONSH = json.dumps(
    {"data": {"cmds": [{"inp": "x = 1\n", "ts": [1700000000.5, 1700000001]}, {"inp": "ls -l\n"}]}},
    indent=None,
)
PTPYTHON = "\n# 2024-01-02 03:04:05.000006\n+def f():\n+    return 1\n\n# 2024-01-02 03:05:00\n+f()\n"


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("bash_history", BASH.encode(), ["!for i in 1 2\ndo echo $i\ndone", "!ls -l"]),
        (".bash_history", b"pwd\ncd /tmp\n", ["!cd /tmp", "!pwd"]),
        (".zsh_history", ZSH, ["!echo one\ntwo", "!gr\u00fcn"]),
        ("ptpython", PTPYTHON.encode(), ["def f():\n    return 1", "f()"]),
        ("xonsh-1.json", XONSH.encode(), ["!ls -l", "x = 1"]),
    ],
)
def test_the_history_of_another_program_is_taken_over_once(
    run: Run, home: Path, tmp_path: Path, name: str, data: bytes, kept: list[str]
) -> None:
    source = tmp_path / name
    source.write_bytes(data)
    done = run("history", "import", str(source))
    assert done.stdout.startswith("added 2 cells of "), done.stderr
    assert cells(home) == kept
    assert "2 were there already" in run("history", "import", str(source)).stdout
    assert cells(home) == kept


def test_a_file_of_nobody_knows_what_needs_a_word(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "notes.txt"
    source.write_text("hello\n")
    done = run("history", "import", str(source))
    assert done.returncode != 0
    assert "--kind" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_written_is_not_replaced_unless_that_is_said(run: Run, tmp_path: Path) -> None:
    run("--no-banner", typed="x = 1\n")
    target = tmp_path / "cells.py"
    target.write_text("mine")
    done = run("history", "export", "cells.py", "--format", "python")
    assert "--force replaces it" in done.stderr
    assert (done.returncode, target.read_text()) == (1, "mine")
    done = run("history", "export", "cells.py", "--format", "python", "--force")
    assert done.stdout == "wrote 1 cell to cells.py\n"
    assert target.read_text() == "# session 1, cell 1\nx = 1\n"


STRANGE = json.dumps(
    {"data": {"cmds": [{"inp": "echo \ud800", "ts": [1e300, None]}, {"inp": "y = 2", "ts": ["now"]}]}}
)


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("bash_history", b"#99999999999999999\nls\n", ["!ls"]),
        ("xonsh-1.json", STRANGE.encode(), ["!echo \\ud800", "y = 2"]),
    ],
)
def test_times_that_no_calendar_has_and_texts_that_no_file_holds_are_taken_over(
    run: Run, home: Path, tmp_path: Path, name: str, data: bytes, kept: list[str]
) -> None:
    (tmp_path / name).write_bytes(data)
    done = run("history", "import", name)
    assert done.stdout.startswith("added "), done.stderr
    assert cells(home) == kept


def test_cells_are_taken_over_into_a_file_of_a_later_version(run: Run, home: Path, tmp_path: Path) -> None:
    run("--no-banner", typed="x = 1\n")
    with closing(sqlite3.connect(file(home))) as connection, connection:
        connection.execute("ALTER TABLE history ADD COLUMN later TEXT DEFAULT 'x'")
    (tmp_path / "bash_history").write_text("ls\n")
    assert run("history", "import", "bash_history").stdout == "added 1 cell of bash\n"
    assert cells(home) == ["!ls", "x = 1"]


@pytest.mark.parametrize("data", [None, b'{"data": {"cmds": 7}}', b'{"data": {"cmds": [7]}}'], ids=str)
def test_what_is_no_history_of_that_program_is_named(
    run: Run, home: Path, tmp_path: Path, data: bytes | None
) -> None:
    source = tmp_path / "source"
    if data is None:
        with closing(sqlite3.connect(source)) as connection, connection:
            connection.execute("CREATE TABLE more (x)")
    else:
        source.write_bytes(data)
    done = run("history", "import", "source", "--kind", "xonsh")
    assert done.returncode == 1
    assert "source" in done.stderr
    assert "xonsh" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_session_of_ipython_is_taken_over_with_its_numbers_and_times(
    run: Run, home: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(theirs)) as connection, connection:
        connection.execute(
            "CREATE TABLE sessions (session integer primary key, start, end, num_cmds, remark)"
        )
        connection.execute("CREATE TABLE history (session, line, source, source_raw)")
        connection.execute("INSERT INTO sessions VALUES (7, '2024-01-02 03:04:05.6', NULL, NULL, '')")
        connection.execute("INSERT INTO history VALUES (7, 1, 'x = 1', 'x = 1'), (7, 4, 'get()', '%get')")
    assert run("history", "import", "theirs.sqlite").stdout == "added 2 cells of ipython\n"
    done = run("--no-banner", "--nosep", typed="%history -n -t ~1/\n")
    assert " 1/1: x = 1\n 1/4: get()\n" in done.stdout
    with closing(sqlite3.connect(file(home))) as connection:
        [start] = connection.execute("SELECT start FROM sessions WHERE session = 1").fetchone()
    assert start.startswith("2024-01-02 03:04:05")


def test_lines_of_the_configuration_are_not_kept(run: Run, home: Path) -> None:
    run("--no-banner", "--IPShellApp.exec_lines=['before = 1']", typed="before + 1\n")
    assert cells(home) == ["before + 1"]
