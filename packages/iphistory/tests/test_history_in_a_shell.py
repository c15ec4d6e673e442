"""What a user of a shell with a history notices: magics, options, names that IPython's users know."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ipcore import notices
from ipcore.errors import UsageError
from ipcore.testing.fixtures import *  # noqa: F403
from ipcore.testing.shells import TestedShell
from iphistory.accessor import HistoryAccessor
from iphistory.history import HistoryManager
from iphistory.magics import HistoryMagics

Make = Callable[..., TestedShell]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def make(make_shell: Make, path: Path) -> Make:
    """Give what makes a shell with a history in this test's file; arguments are options of the history."""
    notices.forget()

    def new(*cells: str, **options: Any) -> TestedShell:
        shell = make_shell(HistoryManager=options)
        shell.history_file = str(path)
        shell.replace_part("history", HistoryManager(parent=shell, name="history"))
        shell.register_magics(HistoryMagics)
        typed(shell, *cells)
        return shell

    return new


def typed(shell: TestedShell, *cells: str) -> str:
    """Type cells; give what they wrote."""
    return "".join(shell.run_cell(cell, store_history=True).stdout for cell in cells)


def in_file(path: Path, table: str = "history", column: str = "source_raw") -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT {column} FROM {table} ORDER BY session, line").fetchall()
    return [each for (each,) in rows]


# -- %history ----------------------------------------------------------------------

CELLS = ("a = 12", "def f():\n\treturn 1  ", "len?", "[a]")

#: As IPython 9.18 printed them for the same cells, but for what "?" is rewritten to.
SHOWN = {
    "1-2": "a = 12\ndef f():\n    return 1\n",
    "-n 1-2": "   1: a = 12\n   2:\ndef f():\n    return 1\n",
    "-p 1-2": ">>> a = 12\n>>> def f():\n...     return 1\n...\n",
    "-np 1-2": "   1: >>> a = 12\n   2:\n>>> def f():\n...     return 1\n...\n",
    "-o 3-4": "len?\n[a]\n[12]\n",
    "-n -o 4 1": "   4: [a]\n[12]\n   1: a = 12\n",
    "-t 3": "get_ipython().run_line_magic('pinfo', 'len')\n",
    "-g a = 12": "   1: a = 12\n",
    "-n 9 what": "",
    "2-4 -g a]": "   4: [a]\n",
}


@pytest.mark.parametrize("line", SHOWN)
def test_cells_are_printed_as_ipython_prints_them(make: Make, line: str) -> None:
    shell = make(*CELLS)
    shell.run_cell("a = 13")
    assert typed(shell, f"%history {line}").replace(f"   5: %history {line}\n", "") == SHOWN[line]


def test_values_are_printed_as_they_were_shown(make: Make) -> None:
    shell = make("x = [1]", "x", "x.append(2)")
    assert typed(shell, "%history -o 2") == "x\n[1]\n"


def test_cells_of_other_sessions_have_their_session_s_number(make: Make) -> None:
    make("one = 1", "two = 2").close()
    shell = make("three = 3")
    assert typed(shell, "%history -n ~1/1 1") == " 1/1: one = 1\n   1: three = 3\n"
    assert typed(shell, "%hist -l 2 -n") == "   1: three = 3\n   2: %history -n ~1/1 1\n"
    assert typed(shell, "%hist -l 5").splitlines()[:3] == ["one = 1", "two = 2", "three = 3"]


def test_a_search_of_several_words_and_each_text_once(make: Make) -> None:
    make("x = 1", "y = 2", "x = 1").close()
    shell = make()
    assert typed(shell, "%history -g x = ?") == " 1/1: x = 1\n 1/3: x = 1\n   1: %history -g x = ?\n"
    assert typed(shell, "%history -u -g x = 1") == " 1/3: x = 1\n   2: %history -u -g x = 1\n"
    assert typed(shell, "%history -l 1 -g y*2").splitlines() == ["   3: %history -l 1 -g y*2"]


def test_letters_find_the_closest_cells(make: Make) -> None:
    make("import matplotlib.pyplot as plt", "impossible = None", "print(1)").close()
    assert typed(make(), "%history --fuzzy impl -l 2") == (
        " 1/2: impossible = None\n 1/1: import matplotlib.pyplot as plt\n"
    )


def test_a_file_is_replaced_only_when_the_user_says_so(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = make("x = 1")
    file = tmp_path / "cells.py"
    shell.run_cell(f"%history 1 -f {file}").assert_ok()
    assert file.read_text() == "x = 1\n"
    file.write_text("mine")
    asked: list[str] = []
    answers = iter([False, True])

    def answer(text: str, default: str | None = None) -> bool:
        asked.append(text)
        return next(answers)

    monkeypatch.setattr(shell, "ask_yes_no", answer)
    shell.run_cell(f"%history 1 -f {file}").assert_error("UsageError", "left alone; -y overwrites it")
    assert file.read_text() == "mine"
    assert shell.run_cell(f"%history 1 -f {file}").stdout == "Overwriting file.\n"
    assert file.read_text() == "x = 1\n"
    assert asked == [f"File '{file}' exists. Overwrite? [y/N]"] * 2
    file.write_text("mine")
    shell.run_cell(f"%history 1 -y -f {file}").assert_ok()
    assert file.read_text() == "x = 1\n"


def test_single_cells_can_be_deleted(make: Make, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("keep = 1", "token_of_mine = 2", "keep = 3").close()
    shell = make("token_of_mine = 4")
    monkeypatch.setattr(shell, "ask_yes_no", lambda text, default=None: False)
    assert typed(shell, "%history --delete -g token_of_*=").splitlines()[-1] == "Nothing was deleted."
    assert len(in_file(path)) == 5
    done = typed(shell, "%history -y --delete -g token_of_*=")
    assert done == "Deleted 4 cells.\n"  # this call and the one before too
    shell.close()
    assert in_file(path) == ["keep = 1", "keep = 3"]
    assert b"token_of_mine" not in path.read_bytes()


def test_without_a_history_the_magics_know_this_session(make_shell: Make) -> None:
    shell = make_shell()
    shell.register_magics(HistoryMagics)
    typed(shell, "x = 6", "print(x * 7)")
    assert typed(shell, "%history -n 1-2") == "   1: x = 6\n   2: print(x * 7)\n"
    assert typed(shell, "%rerun 2").endswith("=== Output: ===\n42\n")
    assert typed(shell, "%history -g x = 6").splitlines()[0] == "   1: x = 6"


# -- %recall, %rerun ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", "[12]"),
        ("1", "a = 12"),
        ("1-2", "a = 12\ndef f():\n\treturn 1"),
        ("~1/1", "before = 'me'"),
        ("a * 2", "24"),
        ("f()", "1"),
        ("def f", "def f():\n\treturn 1"),
        ("befo", "before = 'me'"),
    ],
)
def test_recall_puts_a_text_at_the_next_prompt(make: Make, line: str, wanted: str) -> None:
    make("before = 'me'").close()
    shell = make(*CELLS)
    typed(shell, f"%recall {line}")
    assert shell.prompting.take_next_input() == wanted


def test_recall_says_that_it_found_nothing(make: Make) -> None:
    shell = make("a = 1")
    assert typed(shell, "%rep no such thing") == "Couldn't evaluate or find in history: no such thing\n"
    assert shell.prompting.take_next_input() == ""


@pytest.mark.parametrize(
    ("line", "ran"),
    [
        ("", "print(n)"),
        ("1-2", "n = 20\nn += 1"),
        ("-l 2", "n += 1\nprint(n)"),
        ("-g n +=", "n += 1"),
        ("~1/1 3", "n = 0\nprint(n)"),
    ],
)
def test_rerun_shows_cells_and_runs_them(make: Make, line: str, ran: str) -> None:
    make("n = 0").close()
    shell = make("n = 20", "n += 1", "print(n)")
    shown = typed(shell, f"%rerun {line}")
    assert shown.startswith(f"=== Executing: ===\n{ran}\n=== Output: ===\n")
    assert shell.execution_count == 5


def test_rerun_says_that_there_is_nothing_to_run(make: Make) -> None:
    shell = make("a = 1")
    assert typed(shell, "%rerun 77") == "No lines in history match specification\n"
    assert typed(shell, "%rerun -g nothing") == "No lines in history match specification\n"


def test_ranges_are_for_whoever_asks(make: Make) -> None:
    make("x = 1", "%pinfo x").close()
    shell = make("y = 2")
    assert shell.extract_input_lines("~1/1-2 1", raw=True) == "x = 1\n%pinfo x\ny = 2"
    assert shell.find_user_code("~1/2", raw=False) == "get_ipython().run_line_magic('pinfo', 'x')"


# -- options -----------------------------------------------------------------------


def test_texts_of_values_are_kept_if_that_is_wanted(make: Make, path: Path) -> None:
    make("1 + 1").close()
    shell = make("6 * 7", "None", "print(3)", db_log_output=True)
    assert shell.history.output_hist_reprs == {1: "42"}
    assert shell.history.output_hist == {1: 42}
    shell.close()
    assert in_file(path, "output_history", "output") == ["42"]
    assert typed(make(), "%history -o ~1/1 ~2/1") == "6 * 7\n42\n1 + 1\n"


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, ["a = 1", "a = 1", "1 / 0", "ls_of_mine = 2", "b = 3"]),
        ({"ignore_duplicates": True}, ["a = 1", "1 / 0", "ls_of_mine = 2", "b = 3"]),
        ({"ignore_errors": True}, ["a = 1", "a = 1", "ls_of_mine = 2", "b = 3"]),
        ({"ignore_cells": ["ls*", "b = ?", "1"]}, ["a = 1", "a = 1", "1 / 0"]),
        ({"ignore": [r"of_\w+", "("]}, ["a = 1", "a = 1", "1 / 0", "b = 3"]),
        ({"ignore_space": False}, ["a = 1", "a = 1", "1 / 0", " c = 4", "ls_of_mine = 2", "b = 3"]),
        ({"db_cache_size": 100}, ["a = 1", "a = 1", "1 / 0", "ls_of_mine = 2", "b = 3"]),
        ({"enabled": False}, None),
        ({"hist_file": ":memory:"}, None),
    ],
    ids=str,
)
def test_what_is_kept_is_for_the_user_to_say(
    make: Make, path: Path, options: dict[str, Any], kept: list[str] | None
) -> None:
    shell = make("a = 1", "a = 1", "1 / 0", " c = 4", "ls_of_mine = 2", "exit", "b = 3", **options)
    assert typed(shell, "%history 1").splitlines() == ["a = 1"]
    shell.close()
    if kept is None:
        assert not path.exists()
        assert not list(path.parent.glob("*spool*"))
    else:
        assert in_file(path) == [*kept, "%history 1"]


@pytest.mark.parametrize("cell", ["exit", "quit;", "exit(3)", "quit ( )", "%quit"])
def test_what_ends_the_session_is_not_kept(make: Make, path: Path, cell: str) -> None:
    make("a = 1", cell, "exit_code = 2", "exit(1) if a > 1 else None").close()
    assert in_file(path) == ["a = 1", "exit_code = 2", "exit(1) if a > 1 else None"]


def test_a_wrong_expression_is_told_once(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make("a = 1", "b = 2", ignore=["("])
    assert capsys.readouterr().err.count("'(' is no regular expression") == 1


def test_rules_can_be_changed_while_the_shell_runs(make: Make, path: Path) -> None:
    shell = make("one = 1")
    typed(shell, "get_ipython().history.ignore_cells = ['two*']", "two = 2", "three = 3")
    shell.close()
    assert "two = 2" not in in_file(path)
    assert in_file(path)[-1] == "three = 3"


def test_a_full_batch_is_moved_and_a_smaller_one_waits(make: Make, path: Path) -> None:
    shell = make("a = 1", db_cache_size=50)
    spool = next(path.parent.glob("history.sqlite-spool/*"))
    assert b"a = 1" in spool.read_bytes()
    assert not path.exists()
    shell.history.writeout_cache()
    assert in_file(path) == ["a = 1"]


def test_other_shells_cells_are_taken_up_if_they_are_shared(make: Make) -> None:
    mine = make("mine = 1", share=True)
    mine.history.writeout_cache()
    other = make("other = 1")
    other.history.writeout_cache()
    assert mine.history.get_new() == []  # from now on
    typed(other, "other = 2", "def f():\n    pass")
    other.history.writeout_cache()
    typed(mine, "mine = 2")
    mine.history.writeout_cache()
    assert mine.history.get_new() == [(2, 2, "other = 2"), (2, 3, "def f():\n    pass")]
    assert mine.history.get_new() == []
    assert other.history.get_new() == []


# -- names that IPython's users know -----------------------------------------------


def test_the_newest_cells_of_this_session_come_last(make: Make) -> None:
    mine = make("mine = 1")
    mine.history.writeout_cache()
    other = make("other = 1")
    other.history.writeout_cache()
    typed(mine, "mine = 2")
    tail = mine.history_manager.get_tail(10, include_latest=True)
    assert list(tail) == [(2, 1, "other = 1"), (1, 1, "mine = 1"), (1, 2, "mine = 2")]
    assert mine.history_manager.get_tail(1) == [(1, 1, "mine = 1")]
    assert len(mine.history_manager.get_tail(None)) == 2


def test_sessions_have_numbers_times_and_names(make: Make) -> None:
    make("a = 1", "b = 2").close()
    shell = make("c = 3")
    history = shell.history_manager
    history.name_session("mine")
    assert history.session_number == history.get_last_session_id() == 2
    number, start, end, count, remark = history.get_session_info(-1)
    assert (number, count, remark) == (1, 2, "")
    assert start <= end
    assert history.get_session_info()[0::4] == (2, "mine")
    assert history.get_session_info(9) is None
    assert history.input_hist_raw == history.input_hist_parsed == ["", "c = 3"]
    assert history.get_range(1, 2) == [(1, 2, "b = 2")]


def test_cells_are_counted_back_from_the_end_too(make: Make) -> None:
    history = make("a = 1", "b = 2", "c = 3").history_manager
    assert history.get_range(0, -2) == [(0, 2, "b = 2"), (0, 3, "c = 3")]
    assert history.get_range(0, 0, -1) == [(0, 1, "a = 1"), (0, 2, "b = 2")]


def test_the_file_s_name_can_be_asked_for(make: Make, path: Path) -> None:
    assert make("a = 1").history_manager.hist_file == str(path)


def test_a_session_that_is_ended_goes_on_as_another(make: Make) -> None:
    shell = make("a = 1")
    shell.history.end_session()
    typed(shell, "b = 2")
    assert shell.history.session_number == 2
    assert [row[2] for row in shell.history.get_range(-1)] == ["a = 1"]
    shell.history.reset()
    typed(shell, "c = 3")
    assert shell.history.session_number == 3
    assert list(shell.history.get_range_by_str("")) == [(0, 3, "c = 3")]
    assert [row[0] for row in shell.history.search("? = ?")] == [1, 2, 3]


def test_numbers_that_begin_again_are_another_session(make: Make) -> None:
    shell = make("a = 1", "b = 2")
    shell.reset()
    typed(shell, "c = 3")
    assert shell.history.session_number == 2
    assert shell.history.search("? = ?")[-1] == (2, 1, "c = 3")


def test_any_file_is_read_without_a_shell(make: Make, path: Path, tmp_path: Path) -> None:
    make("a = 1", "%pinfo a", "a", db_log_output=True).close()
    with HistoryAccessor(hist_file=str(path)) as history:
        assert history.get_tail(2, include_latest=True) == [(1, 2, "%pinfo a"), (1, 3, "a")]
        assert history.get_range(-1) == []
        assert list(history.get_range_by_str("1/3", output=True)) == [(1, 3, ("a", "1"))]
        assert history.search("%p*", raw=False) == [(1, 2, "get_ipython().run_line_magic('pinfo', 'a')")]
    with HistoryAccessor(hist_file=tmp_path / "none.sqlite") as history:
        assert history.get_tail() == []
        assert history.get_last_session_id() is None
    assert not (tmp_path / "none.sqlite").exists()


def test_the_history_of_a_profile_is_read_by_its_name(
    make: Make, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("a = 1").close()
    monkeypatch.setenv("IPSHELL_HOME", str(tmp_path / "home"))
    for name in ("default", "work"):
        folder = tmp_path / "home" / "state" / f"profile_{name}"
        folder.mkdir(parents=True)
        shutil.copy(path, folder / "history.sqlite")
    with HistoryAccessor() as first, HistoryAccessor(profile="work") as second:
        assert first.path != second.path
        assert (
            first.get_tail(include_latest=True) == second.get_tail(include_latest=True) == [(1, 1, "a = 1")]
        )
    with pytest.raises(UsageError, match="cannot be the name of a profile"):
        HistoryAccessor("no/profile")


def test_a_search_while_another_program_holds_the_file_says_what_it_lacks(make: Make, path: Path) -> None:
    shell = make("old = 1")
    shell.history.writeout_cache()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        shell.run_cell("new = 2", store_history=True)
        done = shell.run_cell("%history -g new", store_history=True)
        other.execute("ROLLBACK")
    assert "What was typed last is found there once that has ended." in done.stderr
    assert "new = 2\n" in typed(shell, "%history -g new*2")


LOADED_BEFORE = """
import sys, threading
from pathlib import Path
from ipcore.cells import first_cell
from ipcore.shell import InteractiveShell
from iphistory.history import HistoryManager
shell = InteractiveShell()
shell.history_file = sys.argv[1]
history = HistoryManager(parent=shell, name="history")
first_cell.load(history.needed)
imported = []
class Finder:
    def find_spec(self, name, path, target=None):
        if threading.current_thread() is threading.main_thread():
            imported.append(name)
sys.meta_path.insert(0, Finder())
history.store_inputs(1, "6*7")
print(imported)
sys.meta_path.pop(0)
history.close()
print(Path(sys.argv[1]).stat().st_size > 0)
"""


def test_to_keep_the_first_cell_imports_nothing_if_that_was_done_before(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BEFORE, str(tmp_path / "history.sqlite")],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "IPSHELL_HOME": str(tmp_path)},
    )
    assert done.stdout.splitlines()[-2:] == ["[]", "True"], done.stderr
