"""Search letter by letter, where the option says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from editor_terminals import StartEditor
from kept_cells import keep

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

CELLS = ["import math", "def f():\n    return math.pi", "x = 1"]


def test_letter_by_letter_through_earlier_cells(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor(keep(tmp_path, CELLS), "--Terminal.history_search=incremental")
    shell.press("page-up")
    shell.wait_for("In [1]: x = 1")
    shell.press("page-down", "ctrl-r")
    shell.wait_for("search back:")
    shell.type("math")
    shell.wait_for("   ...:     return math.pi")
    shell.press("ctrl-r")
    shell.wait_for("In [1]: import math")
    shell.press("ctrl-s")
    shell.press("ctrl-s")
    shell.wait_for("   ...:     return math.pi")
    shell.press("enter")
    shell.wait_for(lambda lines: lines[-1] == "   ...:     return math.pi", "the cell in the editor")
    shell.press("page-down")
    shell.wait_for("In [1]: x = 1")


@pytest.mark.parametrize("key", ["ctrl-g", "ctrl-c"])
def test_leaving_it_with_the_cell_as_it_was(start_editor: StartEditor, tmp_path: Path, key: str) -> None:
    shell = start_editor(keep(tmp_path, CELLS), "--Terminal.history_search=incremental")
    shell.type("6 * 7")
    shell.wait_for("In [1]: 6 * 7")
    shell.press("ctrl-r")
    shell.type("nowhere")
    shell.wait_for("search back: nowhere")
    shell.press(key)
    shell.wait_for(lambda lines: lines[-1] == "In [1]: 6 * 7", "the cell as it was")
    shell.type("\r")
    shell.wait_for("Out[1]: 42")
