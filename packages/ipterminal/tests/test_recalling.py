"""Earlier cells in a real terminal: the arrow keys, with and without a history."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from editor_terminals import StartEditor
from kept_cells import keep

from ipcore.testing import Terminal

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

BLOCK = "for number in range(2):\n    print('number', number)"


def stands(shell: Terminal, *rows: str) -> None:
    """Wait until the cell at the last prompt is this."""
    wanted = [rows[0], *(f"   ...: {row}" for row in rows[1:])]

    def condition(lines: list[str]) -> bool:
        return lines[-len(wanted) :] == wanted

    shell.wait_for(condition, f"{wanted}")


def run(shell: Terminal, text: str, number: int) -> None:
    shell.type(f"{text}\r")
    shell.wait_for_prompt(number)


@pytest.mark.parametrize("plugins", [(), ("-p", "no:iphistory")], ids=["with history", "without"])
def test_cells_of_this_session_come_back(start_editor: StartEditor, plugins: tuple[str, ...]) -> None:
    shell = start_editor(*plugins)
    run(shell, "first = 1", 2)
    run(shell, "second = 2", 3)
    shell.type("typed")
    shell.press("page-up")
    stands(shell, "In [3]: second = 2")
    shell.press("up")
    stands(shell, "In [3]: first = 1")
    shell.press("down", "down")
    stands(shell, "In [3]: typed")
    shell.press("ctrl-p")
    stands(shell, "In [3]: typed")


def test_a_cell_of_several_lines_comes_back_whole_and_can_be_changed(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    shell = start_editor(keep(tmp_path, ["x = 1", BLOCK]))
    shell.press("up")
    stands(shell, "In [1]: for number in range(2):", "    print('number', number)")
    shell.press("up")  # within the cell
    shell.type("X")
    stands(shell, "In [1]: for number in range(2):X", "    print('number', number)")
    shell.press("backspace", "up", "up")
    stands(shell, "In [1]: x = 1")
    shell.press("down", "down", "end")
    shell.type(" # again")
    stands(shell, "In [1]: for number in range(2):", "    print('number', number) # again")
    shell.type("\r\r")
    lines = shell.wait_for_prompt(2)
    assert lines[-3:-1] == ["number 1", ""]
    shell.press("up")
    stands(shell, "In [2]: for number in range(2):", "    print('number', number) # again")


def test_what_is_typed_is_looked_for_in_all_that_is_kept(start_editor: StartEditor, tmp_path: Path) -> None:
    cells = ["wanted = 'long ago'", *(f"x = {number}" for number in range(500)), "wanted = 'lately'", "y"]
    shell = start_editor(keep(tmp_path, cells), "--InteractiveShell.history_load_length=100")
    shell.type("want")
    shell.press("up")
    stands(shell, "In [1]: wanted = 'lately'")
    shell.press("up")
    stands(shell, "In [1]: wanted = 'long ago'")
    shell.press("down", "down")
    stands(shell, "In [1]: want")


def test_without_the_option_up_goes_through_all(start_editor: StartEditor, tmp_path: Path) -> None:
    word = keep(tmp_path, ["wanted = 1", "x = 1"])
    shell = start_editor(word, "--Terminal.enable_history_search=False")
    shell.type("want")
    shell.press("up")
    stands(shell, "In [1]: x = 1")


def test_the_last_word_of_cells_before(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, ["print(1, first)", "del second"]))
    shell.type("x = ")
    shell.press("alt-.")
    stands(shell, "In [1]: x = second")
    shell.press("alt-.")
    stands(shell, "In [1]: x = first)")


def test_running_a_cell_and_going_on_with_the_next(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, ["a = 1", "b = a + 1", "a, b"]))
    shell.press("page-up", "page-up", "page-up")
    stands(shell, "In [1]: a = 1")
    shell.press("ctrl-x", "ctrl-n")
    stands(shell, "In [2]: b = a + 1")
    shell.press("ctrl-x", "ctrl-n")
    stands(shell, "In [3]: a, b")
    shell.type("\r")
    shell.wait_for("Out[3]: (1, 2)")


def test_a_locked_history_holds_up_no_key(start_editor: StartEditor, tmp_path: Path) -> None:
    word = keep(tmp_path, ["kept = 1"])
    with closing(sqlite3.connect(tmp_path / "kept.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = delete")
        other.execute("BEGIN EXCLUSIVE")
        shell = start_editor(word)
        shell.press("up")
        shell.type("6 * 7\r")
        shell.wait_for("Out[1]: 42")
        shell.wait_for_prompt(2)
        other.execute("ROLLBACK")
    shell.press("up")
    stands(shell, "In [2]: 6 * 7")


def test_cells_that_a_cell_asks_for_stand_at_the_prompt(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("get_ipython().set_next_input('1 +\\\\\\n 1')\r")
    stands(shell, "In [2]: 1 +\\", " 1")
    shell.type("\r")
    shell.wait_for("Out[2]: 2")


def test_recall_puts_a_cell_at_the_prompt(start_editor: StartEditor) -> None:
    pytest.importorskip("iphistory", reason="%recall is another distribution's")
    shell = start_editor()
    run(shell, "a = 'recalled'", 2)
    shell.type("%recall 1\r")
    stands(shell, "In [3]: a = 'recalled'")


def test_keys_typed_before_earlier_cells_are_there_are_meant_for_them(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    shell = start_editor(keep(tmp_path, ["1 + 1", "6 * 7"]))
    shell.press("up", "up", "enter", "up", "up", "enter")
    shell.wait_for("Out[2]: 42")
    assert "Out[1]: 2" in shell.lines


def test_threads_that_ask_are_gone_when_a_cell_forks(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, ["kept = 1"]))
    shell.type("nothing")
    shell.press("up", "ctrl-u")
    shell.type(
        "import os, threading; [each.name for each in threading.enumerate() if 'lookups' in each.name]\r"
    )
    shell.wait_for("Out[1]: []")
    shell.wait_for_prompt(2)
    shell.type("pid = os.fork() or os._exit(7); os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\r")
    shell.wait_for("Out[2]: 7")
    shell.wait_for_prompt(3)
    shell.type("kep")
    shell.press("up")
    stands(shell, "In [3]: kept = 1")


def test_with_the_keys_of_vi(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, ["first = 1", BLOCK]), "--Terminal.editing_mode=vi")
    shell.press("up")
    shell.wait_for("   ...:     print('number', number)")
    shell.press("escape")
    shell.type("kk")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: first = 1"), "the cell before")
    shell.type("jA # changed")
    shell.wait_for(lambda lines: lines[-2].endswith("range(2): # changed"), "the changed cell")
