"""The list of Ctrl-R in a real terminal."""

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

FUNCTION = "def double(number):\n    return 2 * number"
CELLS = ["import math", "radius = 2", "area = math.pi * radius ** 2", FUNCTION, "double(radius)"]


def chosen(shell: Terminal, row: str) -> None:
    """Wait until this row of the list is the chosen one."""
    shell.wait_for(lambda lines: f"> {row}" in lines or f"* {row}" in lines, f"{row!r} chosen")


def cell_is(shell: Terminal, *rows: str, number: int = 1) -> None:
    """Wait until the list is gone, and this is the cell."""
    wanted = [f"In [{number}]: {rows[0]}".rstrip(), *(f"   ...: {row}" for row in rows[1:])]
    shell.wait_for(lambda lines: lines[-len(wanted) :] == wanted, f"the cell {wanted}")


def test_the_closest_cell_is_put_into_the_editor_and_does_not_run(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    shell = start_editor(keep(tmp_path, CELLS))
    shell.press("ctrl-r")
    chosen(shell, "double(radius)")
    shell.type("defdou")
    chosen(shell, "def double(number): …")
    cell = ["| def double(number):", "|     return 2 * number"]
    shell.wait_for(lambda lines: lines[-2:] == cell, "the cell below the list")
    shell.press("enter")
    cell_is(shell, "def double(number):", "    return 2 * number")
    shell.press("ctrl-_")
    cell_is(shell, "")


def test_among_ten_thousand_cells_and_again_to_the_next(start_editor: StartEditor, tmp_path: Path) -> None:
    many = [f"value_{number} = compute({number})" for number in range(10_000)]
    shell = start_editor(keep(tmp_path, ["needle = 'first'", *many, "needle = 'second'", *many[:2000]]))
    shell.press("ctrl-r")
    shell.type("needle")
    chosen(shell, "needle = 'second'")
    shell.wait_for("  needle = 'first'")
    shell.press("ctrl-r")
    chosen(shell, "needle = 'first'")
    shell.press("ctrl-s", "down", "up")
    chosen(shell, "needle = 'second'")
    shell.press("backspace", "ctrl-u")
    shell.type("value 7777")
    chosen(shell, "value_7777 = compute(7777)")
    shell.press("page-down", "page-up", "enter")
    cell_is(shell, "value_7777 = compute(7777)")


@pytest.mark.parametrize("key", ["escape", "ctrl-c", "ctrl-g"])
def test_a_key_leaves_with_the_cell_as_it_was(start_editor: StartEditor, tmp_path: Path, key: str) -> None:
    shell = start_editor(keep(tmp_path, CELLS))
    shell.type("rad + 1")
    shell.press("left", "left", "ctrl-r")
    shell.wait_for("nothing found")
    for _ in range(4):
        shell.press("backspace")
    chosen(shell, "double(radius)")
    shell.press("down", key)
    cell_is(shell, "rad + 1")
    shell.type("X")
    cell_is(shell, "rad +X 1")


def test_several_that_are_marked_are_taken_together(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, CELLS))
    shell.press("ctrl-r")
    shell.type("radius")
    chosen(shell, "double(radius)")
    shell.press("tab")
    chosen(shell, "radius = 2")
    assert "* double(radius)" in shell.lines
    shell.type("\x15impmath")  # Ctrl-U, and other letters
    chosen(shell, "import math")
    shell.press("tab", "enter")
    cell_is(shell, "double(radius)", "import math")


def test_places_to_look_and_cells_that_have_failed(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, ["kept = 'before'"]))
    shell.type("kept = 1 / 0\r")
    shell.wait_for_prompt(2)
    shell.type("kept = 'here'\r")
    shell.wait_for_prompt(3)
    shell.type("import os; os.chdir('/'); kept = 'elsewhere'\r")
    shell.wait_for_prompt(4)

    def rows() -> list[str]:
        lines = shell.lines
        top = next(number for number, line in enumerate(lines) if line.startswith("search:"))
        return [line[2:] for line in lines[top + 1 :]]

    def listed(where: str, *cells: str) -> None:
        shell.wait_for(lambda lines: f" {where}" in shell.text and rows() == [*cells], f"{where}: {cells}")

    elsewhere = "import os; os.chdir('/'); kept = 'elsewhere'"
    shell.press("ctrl-r")
    shell.type("kept")
    listed("in all sessions", "kept = 'here'", "kept = 1 / 0", "kept = 'before'", elsewhere)
    shell.press("ctrl-o")
    listed("in all sessions, none that failed", "kept = 'here'", "kept = 'before'", elsewhere)
    shell.press("ctrl-t")
    listed("in this session, none that failed", "kept = 'here'", elsewhere)
    shell.press("ctrl-o")
    listed("in this session", "kept = 'here'", "kept = 1 / 0", elsewhere)
    shell.press("ctrl-t")
    shell.wait_for(lambda lines: "0 in this folder" in shell.text, "none in this folder")
    shell.press("escape")
    shell.type("os.chdir(_dh[0]) if '_dh' in globals() else None\r")
    shell.wait_for_prompt(5)


@pytest.mark.parametrize(("rows", "columns"), [(24, 20), (8, 20), (6, 40)])
def test_in_a_small_window(start_editor: StartEditor, tmp_path: Path, rows: int, columns: int) -> None:
    shell = start_editor(keep(tmp_path, CELLS), rows=rows, columns=columns)
    shell.press("ctrl-r")
    shell.type("pi rad")
    wanted = "area = math.pi * …" if columns == 20 else "area = math.pi * radius ** 2"
    chosen(shell, wanted)
    assert shell.lines[1] == "In [1]:"
    below = [line for line in shell.lines[2:] if line]
    assert 2 <= len(below) <= max(rows // 2, 3)
    shell.press("enter")
    shell.wait_for(lambda lines: "In [1]: area" in shell.text and "> " not in shell.text, "the cell")


def test_a_resize_while_it_is_open(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, CELLS))
    shell.press("ctrl-r")
    chosen(shell, "double(radius)")
    shell.resize(10, 26)
    shell.type("area")
    chosen(shell, "area = math.pi * radius…")
    shell.resize(24, 80)
    chosen(shell, "area = math.pi * radius ** 2")


def test_a_history_that_cannot_be_read_leaves_the_cells_of_this_session(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    word = keep(tmp_path, CELLS)
    with closing(sqlite3.connect(tmp_path / "kept.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = delete")
        other.execute("BEGIN EXCLUSIVE")
        shell = start_editor(word)
        shell.type("mine = 1\r")
        shell.wait_for_prompt(2)
        shell.press("ctrl-r")
        shell.type("mi")
        chosen(shell, "mine = 1")
        shell.press("enter")
        cell_is(shell, "mine = 1", number=2)
        other.execute("ROLLBACK")


def test_without_a_history_the_cells_of_this_session_are_there(start_editor: StartEditor) -> None:
    shell = start_editor("-p", "no:iphistory")
    shell.type("mine = 1\r")
    shell.wait_for_prompt(2)
    shell.press("ctrl-r")
    chosen(shell, "mine = 1")
    shell.type("e")
    chosen(shell, "mine = 1")
    shell.press("escape")
    cell_is(shell, "", number=2)
    shell.type("6 * 7\r")
    shell.wait_for("Out[2]: 42")


def test_what_is_printed_meanwhile_stands_above(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, CELLS))
    shell.type("import threading; go = threading.Event()\r")
    shell.wait_for_prompt(2)
    shell.type("t = threading.Thread(target=lambda: (go.wait(20), print('printed'))); t.start()\r")
    shell.wait_for_prompt(3)
    shell.type("_ = threading.Timer(0.5, go.set).start()\r")
    shell.wait_for_prompt(4)
    shell.press("ctrl-r")
    shell.type("double")
    shell.wait_for(lambda lines: "printed" in lines, "what was printed")
    chosen(shell, "double(radius)")
    assert shell.lines.index("printed") < shell.lines.index("In [4]:")


def test_a_history_that_another_program_holds_is_told_in_words(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    words = keep(tmp_path, CELLS)
    with closing(sqlite3.connect(tmp_path / "kept.sqlite")) as other:
        other.execute("PRAGMA journal_mode = delete")
    shell = start_editor(words)
    with closing(sqlite3.connect(tmp_path / "kept.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        shell.press("ctrl-r")
        shell.wait_for(
            lambda lines: "cannot be read: another program holds it." in "".join(lines), "the words"
        )
    assert "OperationalError" not in "".join(shell.lines)
    shell.press("escape", "ctrl-r")
    chosen(shell, "double(radius)")
