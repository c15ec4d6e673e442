"""What a front end can have loaded before the first result is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from ipcore.cells import first_cell
from ipcore.shell import InteractiveShell
shell = InteractiveShell()
shell.start()
shell.prompts.input(1)
shell.run_cell("pass", store_history=True)
if {early}:
    first_cell.load()
before = set(sys.modules)
shell.run_cell("6*7", store_history=True)
new = [each for each in sys.modules if each not in before]
shell.close()
print(new, file=sys.stderr)
sys.exit(bool(new))
"""


@pytest.mark.parametrize("early", [True, False])
def test_a_first_result_imports_nothing_if_that_was_done_before(early: bool, shell_home: Path) -> None:
    code = CODE.format(early=early)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "42" in done.stdout
    assert done.returncode == (not early), done.stderr
