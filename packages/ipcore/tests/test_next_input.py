"""set_next_input at the plain prompt, in a real pseudo-terminal and without one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import Terminal, Terminals

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(terminal: Terminals) -> Terminal:
    """Give a shell in a terminal, at its first prompt."""
    made = terminal("--simple-prompt", "--nosep", rows=40)
    made.wait_for_prompt(1)
    return made


def test_the_prompt_begins_with_the_text_which_can_be_changed(shell: Terminal) -> None:
    shell.type("get_ipython().set_next_input('value = 1')\r")
    shell.wait_for(lambda lines: lines[-1] == "In [2]: value = 1", "the text in the prompt")
    shell.type("2\r")
    shell.wait_for_prompt(3)
    shell.type("value\r")
    shell.wait_for(lambda lines: lines[-2:] == ["Out[3]: 12", "In [4]:"], "the changed value")


def test_several_lines_come_one_after_the_other_as_one_cell(shell: Terminal) -> None:
    shell.type("get_ipython().set_next_input('a = 1\\nfor b in range(2):\\n    print(a + b)\\n')\r")
    shell.wait_for(lambda lines: lines[-1] == "In [2]: a = 1", "the first line")
    shell.type("\r")
    shell.wait_for(lambda lines: lines[-1] == "   ...: for b in range(2):", "the second line")
    shell.type("\r")
    shell.wait_for(lambda lines: lines[-1] == "   ...:     print(a + b)", "the third line")
    shell.type("\r")
    shell.wait_for(lambda lines: lines[-1] == "   ...:", "the line that ends the block")
    shell.type("\r")
    shell.wait_for(lambda lines: lines[-3:] == ["1", "2", "In [3]:"], "what it printed")


def test_ctrl_c_drops_the_text(shell: Terminal) -> None:
    shell.type("get_ipython().set_next_input('a = 1\\nb = 2')\r")
    shell.wait_for(lambda lines: lines[-1] == "In [2]: a = 1", "the first line")
    shell.press_until(
        "ctrl-c", lambda lines: lines[-2:] == ["KeyboardInterrupt", "In [2]:"], "an empty prompt"
    )


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
        "from ipcore.__main__ import main\nsys.exit(main(['--simple-prompt', '--nosep']))"
    )
    with Terminal([sys.executable, "-c", program], cwd=tmp_path, rows=40) as shell:
        shell.wait_for_prompt(1)
        shell.type("get_ipython().set_next_input('the = text')\r")
        lines = shell.wait_for_prompt(2)
        assert lines[-3].endswith("type or copy it:")
        assert lines[-2] == "the = text"
