"""``sys.ps1`` and ``sys.ps2`` of the user's: the plain prompt shows them, wherever they were set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ipcore.python_prompts import PythonPrompts
from ipcore.testing import Terminals, TestedShell

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from faulty_plugins import Run

WORDS = ("--simple-prompt", "--nosep", "--no-banner")


def startup(folder: Path, text: str) -> Path:
    """Give a file for PYTHONSTARTUP."""
    file = folder / "startup.py"
    file.write_text(text)
    return file


def test_prompts_of_a_start_up_file_stand_from_the_first_one_on(terminal: Terminals, tmp_path: Path) -> None:
    file = startup(tmp_path, "import sys\nsys.ps1, sys.ps2 = 'py> ', '.. '\n")
    shell = terminal(*WORDS, PYTHONSTARTUP=str(file))
    shell.wait_for(lambda lines: lines[-1] == "py>", "the first prompt")
    shell.type("if sys.ps3:\r    x = 42\r\r")
    shell.wait_for(
        lambda lines: lines[-4:] == ["py> if sys.ps3:", "..     x = 42", "..", "py>"],
        "the cell of several lines",
    )
    shell.type("del sys.ps1, sys.ps2\r")
    shell.wait_for_prompt(3)


def test_an_object_is_asked_for_its_text_at_each_prompt(terminal: Terminals) -> None:
    shell = terminal(*WORDS)
    shell.wait_for_prompt(1)
    shell.type("import sys, itertools; numbers = itertools.count(1)\r")
    shell.wait_for_prompt(2)
    shell.type("Counting = type('Counting', (), {'__str__': lambda self: f'{next(numbers)}# '})\r")
    shell.wait_for_prompt(3)
    shell.type("sys.ps1 = Counting()\r")
    shell.wait_for(lambda lines: lines[-1] == "1#", "the first text")
    shell.type("0\r")
    shell.wait_for(lambda lines: lines[-1] == "2#", "the second one")
    shell.type("Counting.__str__ = lambda self: 1 / 0\r")
    lines = shell.wait_for_prompt(6)
    assert any("sys.ps1: ZeroDivisionError: division by zero" in line for line in lines)


def test_ctrl_c_leaves_a_prompt_that_takes_for_ever_and_nothing_else(terminal: Terminals) -> None:
    shell = terminal(*WORDS)
    shell.wait_for_prompt(1)
    shell.type("import sys, time; kept = 42\r")
    shell.wait_for_prompt(2)
    shell.type("def text(self): print('thinking'); time.sleep(60)\r\r")
    shell.wait_for_prompt(3)
    shell.type("sys.ps1 = type('Slow', (), {'__str__': text})()\r")
    shell.wait_for(lambda lines: lines[-1] == "thinking", "the slow prompt")
    shell.press("ctrl-c")
    lines = shell.wait_for_prompt(4)
    assert any("sys.ps1: it was interrupted" in line for line in lines)
    shell.type("sys.ps1 = f'{kept}> '\r")
    shell.wait_for(lambda lines: lines[-1] == "42>", "the next prompt")


def test_in_a_pipe_they_stand_too(ipcore: Run) -> None:
    done = ipcore("--nosep", typed="import sys; sys.ps1 = 'py> '\nif 1:\n    x = 6*7\n\nx\n")
    assert done.stdout == "In [1]: py> ..: ..: py> Out[3]: 42\npy> \n"
    assert done.returncode == 0


def test_a_program_that_opens_a_shell_has_its_own_again(ipcore: Run, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, ipcore\nsys.ps1 = '>>> '\nipcore.start_ipshell(['--nosep'])\n"
        "print([getattr(sys, name, None) for name in ('ps1', 'ps2')])\n"
    )
    done = ipcore(str(program), typed="import sys; sys.ps2 = '| '\n")
    assert done.stdout == "In [1]: In [2]: \n['>>> ', None]\n"


@pytest.mark.parametrize(
    ("first", "shown"), [("py> ", "..: "), ("> ", ": "), ("", ""), ("wide above\n\x1b[1mb\x1b[m> ", ".: ")]
)
def test_further_lines_stand_below_the_first(
    shell: TestedShell, monkeypatch: pytest.MonkeyPatch, first: str, shown: str
) -> None:
    monkeypatch.setattr(sys, "ps1", first, raising=False)
    monkeypatch.setattr(sys, "ps2", "...: ", raising=False)
    prompts = PythonPrompts(shell)
    assert prompts.before_line(1, further=False) == first
    assert prompts.before_line(1, further=True) == shown
