"""set_next_input at the plain prompt, in a real pseudo-terminal and without one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from test_plain_frontend import Terminal

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def terminal(home: Path, tmp_path: Path) -> Iterator[Terminal]:
    """Give a shell in a terminal, at its first prompt."""
    made = Terminal("--nosep", cwd=tmp_path)
    made.prompt(1)
    yield made
    made.process.close(force=True)


def test_the_prompt_begins_with_the_text_which_can_be_changed(terminal: Terminal) -> None:
    terminal.type("get_ipython().set_next_input('value = 1')\r")
    terminal.see(lambda lines: lines[-1] == "In [2]: value = 1", "the text in the prompt")
    terminal.type("2\r")
    terminal.prompt(3)
    terminal.type("value\r")
    terminal.see(lambda lines: lines[-2:] == ["Out[3]: 12", "In [4]:"], "the changed value")


def test_several_lines_come_one_after_the_other_as_one_cell(terminal: Terminal) -> None:
    terminal.type("get_ipython().set_next_input('a = 1\\nfor b in range(2):\\n    print(a + b)\\n')\r")
    terminal.see(lambda lines: lines[-1] == "In [2]: a = 1", "the first line")
    terminal.type("\r")
    terminal.see(lambda lines: lines[-1] == "   ...: for b in range(2):", "the second line")
    terminal.type("\r")
    terminal.see(lambda lines: lines[-1] == "   ...:     print(a + b)", "the third line")
    terminal.type("\r")
    terminal.see(lambda lines: lines[-1] == "   ...:", "the line that ends the block")
    terminal.type("\r")
    terminal.see(lambda lines: lines[-3:] == ["1", "2", "In [3]:"], "what it printed")


def test_ctrl_c_drops_the_text(terminal: Terminal) -> None:
    terminal.type("get_ipython().set_next_input('a = 1\\nb = 2')\r")
    terminal.see(lambda lines: lines[-1] == "In [2]: a = 1", "the first line")
    terminal.type("\x03")
    terminal.see(lambda lines: lines[-2:] == ["KeyboardInterrupt", "In [2]:"], "an empty prompt")


def test_input_from_a_pipe_is_not_disturbed(ipcore: Run) -> None:
    done = ipcore(typed="get_ipython().set_next_input('x = 1')\n2 + 3\n")
    assert "Out[2]: 5" in done.stdout
    assert done.stderr == ""
    assert done.returncode == 0


def test_where_lines_cannot_begin_with_a_text_it_is_shown(home: Path, tmp_path: Path) -> None:
    # The edge of the world: a Python without readline, as on Windows.
    (tmp_path / "readline.py").write_text("raise ImportError('there is none')\n")
    program = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from ipcore.__main__ import main\nsys.exit(main(['--nosep']))"
    )
    import pexpect

    child = pexpect.spawn(sys.executable, ["-c", program], cwd=str(tmp_path), timeout=30, dimensions=(40, 80))
    try:
        child.expect_exact("In [1]: ")
        child.send("get_ipython().set_next_input('the = text')\r")
        child.expect_exact("type or copy it:\r\nthe = text\r\nIn [2]: ")
    finally:
        child.close(force=True)
