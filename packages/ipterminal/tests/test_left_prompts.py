"""The prompt to the left of the cell: by the options, and as a cell sets it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from editor_terminals import StartEditor

from ipcore.testing import Terminal, TestedShell
from ipterminal.frontend import Terminal as FrontEnd
from ipterminal.prompt_classes import lend
from ipterminal.prompt_parts import Parts

WORDS = ("-m", "ipcore", "--no-banner")

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")


def test_a_text_says_how_its_parts_look(shell: TestedShell) -> None:
    pieces = Parts(shell).pieces("a{style:code.keyword}b{number}{style}c{number}", "prompt")
    assert pieces == [
        ("", "a"),
        ("code.keyword", "b"),
        ("code.keyword", "1"),
        ("", "c"),
        ("prompt.number", "1"),
    ]


def test_a_style_that_there_is_not_is_told_once(
    shell: TestedShell, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert Parts(shell).pieces("{style:green}a", "Terminal.prompt") == [("", "a")]
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Terminal.prompt: there is no style called 'green'" in err


class Own:
    """Prompts of a class, as a configuration names it."""

    def __init__(self, shell: object) -> None:
        """There is nothing to keep."""

    def in_prompt_tokens(self) -> list[tuple[str, str]]:
        return [("Token.Prompt", "own> ")]


@pytest.mark.parametrize("other", [None, "", "IPython.terminal.prompts.Prompts"])
def test_the_prompts_of_a_class_go_when_another_is_named(shell: TestedShell, other: str | None) -> None:
    terminal = FrontEnd(parent=shell)
    terminal.prompts_class = Own
    assert shell.prompts.input(1) == "own> "
    terminal.prompts_class = other
    assert shell.prompts.input(1) == "In [1]: "


def define(shell: Terminal) -> None:
    """Type a function, line by line as a person does: what comes at once is pasted."""
    rows = len(shell.lines)
    for row, text in enumerate(("def f():", "1", ""), rows):
        shell.type(f"{text}\r")
        shell.wait_for(partial(_more_than, row), f"the line behind {text!r}")


def _more_than(rows: int, lines: list[str]) -> bool:
    return len(lines) > rows


def run_at_py(shell: Terminal, text: str) -> None:
    """Run a cell at the prompt ``py> ``."""
    shell.type(f"{text}\r")
    shell.wait_for(
        lambda lines: lines[-1] == "py>" and f"py> {text[:50]}" in shell.text, "the prompt behind it"
    )


@posix
def test_the_prompt_is_what_the_option_says(terminal_of_program: StartEditor) -> None:
    form = "{cwd} {branch} {style:code.keyword}<{number}>{style} $ "
    shell = terminal_of_program(*WORDS, f"--Terminal.prompt={form}")
    shell.wait_for(lambda lines: lines[-1].endswith("<1> $"), "the prompt")
    define(shell)
    lines = shell.wait_for(lambda lines: lines[-1].endswith("<2> $"), "the next prompt")
    width = lines[-1].index("$") + 2
    assert f"{'...: '.rjust(width)}    1" in lines
    shell.type("\x0cdef g")
    shell.wait_for("def g")
    shell.wait_for(  # in the colour of a theme that may have become known meanwhile
        lambda lines: shell.style_of("def").foreground == shell.style_of("<2>").foreground, "one colour"
    )
    assert shell.style_of("<2>").foreground != shell.style_of("$").foreground
    shell.type("\x15get_ipython().find('terminal').prompt = '{nosuch}{number}> '\r")
    shell.wait_for("Terminal.prompt: there is no part called 'nosuch'")
    shell.wait_for(lambda lines: lines[-1] == "3>", "the new prompt")
    shell.type("get_ipython().find('terminal').prompt = '{number'\r")
    shell.wait_for("Terminal.prompt: '{number' is no text with parts")


@posix
def test_a_prompt_may_have_two_lines(terminal_of_program: StartEditor) -> None:
    options = "--Terminal.prompt=({number})\n# ", "--Terminal.continuation_prompt=| "
    shell = terminal_of_program(*WORDS, *options)
    shell.wait_for(lambda lines: lines[-2:] == ["(1)", "#"], "the prompt")
    shell.type("def f():\r")
    shell.wait_for(lambda lines: lines[-1] == "|", "a further line")
    shell.type("1")
    shell.wait_for(lambda lines: lines[-3:] == ["(1)", "# def f():", "|     1"], "the cell")


@posix
def test_vis_mode_before_a_prompt_of_two_lines_shifts_no_further_line(
    terminal_of_program: StartEditor,
) -> None:
    shell = terminal_of_program(*WORDS, "--Terminal.prompt=({number})\n# ", "--Terminal.editing_mode=vi")
    shell.wait_for(lambda lines: lines[-2:] == ["[ins] (1)", "#"], "the prompt")
    shell.type("(1,\r")
    shell.wait_for(lambda lines: len(lines) == 4 and lines[-1].startswith(":"), "a further line")
    shell.type("2)")
    shell.wait_for(lambda lines: lines[-3:] == ["[ins] (1)", "# (1,", ":  2)"], "the cell")


@posix
def test_prompts_that_a_cell_sets_are_shown_as_in_python(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type(r"import sys; sys.ps1 = '\001\033[1;32m\002py> \001\033[0m\002'" + "\r")
    shell.wait_for(lambda lines: lines[-1] == "py>", "the prompt")
    define(shell)
    shell.wait_for(lambda lines: lines[-1] == "py>" and "..:     1" in lines, "a continuation as wide")
    run_at_py(shell, "sys.ps2 = '.. '")
    define(shell)
    shell.wait_for(lambda lines: lines[-1] == "py>" and "..     1" in lines, "the other continuation")
    run_at_py(shell, "import itertools; numbers = itertools.count(1)")
    run_at_py(shell, "Counting = type('Counting', (), {'__str__': lambda self: f'{next(numbers)}# '})")
    shell.type("sys.ps1 = Counting()\r")
    shell.wait_for(lambda lines: lines[-1] == "1#", "the first text of the object")
    shell.type("0\r")
    shell.wait_for(lambda lines: lines[-1] == "2#", "the second one")
    shell.type("Counting.__str__ = lambda self: 1 / 0\r")
    shell.wait_for("sys.ps1: ZeroDivisionError: division by zero")
    shell.wait_for_prompt(10)
    shell.type("sys.ps1 = 'a> '\r")
    shell.wait_for(lambda lines: lines[-1] == "a>", "a prompt again")
    shell.type("del sys.ps1, sys.ps2\r")
    shell.wait_for_prompt(12)


@posix
def test_prompts_of_a_start_up_file_stand_from_the_first_one_on(
    terminal_of_program: StartEditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "startup.py"
    file.write_text("import sys\nsys.ps1 = 'py> '\n")
    monkeypatch.setenv("PYTHONSTARTUP", str(file))
    shell = terminal_of_program(*WORDS)
    shell.wait_for(lambda lines: lines[-1] == "py>", "the first prompt")
    run_at_py(shell, "1")


#: Prompts that wait for a file: those of a class, and those of ``sys.ps1``.
WAITING = """
import os, time
class Waiting:
    def __init__(self, shell): self.shell = shell
    def wait(self):
        open("asked", "a").close()
        while os.path.exists("wait") and not os.path.exists("go"): time.sleep(0.01)
        return f"{self.shell.execution_count}> "
    def in_prompt_tokens(self): return [("prompt", self.wait())]
    def __str__(self): return self.wait()
"""


@pytest.mark.parametrize(
    ("cell", "whose"), [("get_ipython().prompts = w", "Waiting"), ("sys.ps1 = w", "sys.ps1 or sys.ps2")]
)
@posix
def test_a_prompt_that_is_late_holds_nobody_up(
    start_editor: StartEditor, tmp_path: Path, cell: str, whose: str
) -> None:
    folder = tmp_path / "work"
    (folder / "waiting.py").write_text(WAITING)
    (folder / "wait").touch()
    shell = start_editor(env={"PYTHONSAFEPATH": ""})
    shell.type(f"import sys, waiting; w = waiting.Waiting(get_ipython()); {cell}\r")
    shell.wait_for(lambda lines: f"the prompts of {whose} take longer than" in shell.text, "what is late")
    shell.type("6 * 7")
    shell.wait_for(lambda lines: lines[-1] == "In [1]: 6 * 7", "keys, at the prompt before")
    (folder / "go").touch()
    shell.wait_for(lambda lines: lines[-1] == "2> 6 * 7", "the prompt that was late")
    shell.type("\r")
    shell.wait_for(lambda lines: "Out[2]: 42" in lines and lines[-1] == "3>", "the value")


@posix
def test_ctrl_c_stops_a_prompt_that_does_not_come(start_editor: StartEditor, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / "waiting.py").write_text(WAITING)
    (folder / "wait").touch()
    shell = start_editor(env={"PYTHONSAFEPATH": ""})
    shell.type("import sys, waiting; sys.ps1 = waiting.Waiting(0)\r")
    shell.wait_for(lambda lines: "sys.ps1 or sys.ps2 take longer than" in shell.text, "what is late")
    shell.press("ctrl-c")
    shell.wait_for("Ctrl-C once more stops it")
    shell.press("ctrl-c")
    shell.wait_for("sys.ps1: it was interrupted")
    shell.type("del sys.ps1\r")
    shell.wait_for(lambda lines: lines[-1] == "In [3]:", "a prompt again")


@posix
def test_ctrl_c_stops_the_first_prompt_of_a_class(terminal_of_program: StartEditor, tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text(WAITING)
    (tmp_path / "wait").touch()
    shell = terminal_of_program(*WORDS, "--Terminal.prompts_class=waiting.Waiting")
    shell.wait_for(lambda lines: (tmp_path / "asked").exists(), "the class")
    shell.press("ctrl-c")
    shell.wait_for("Waiting.in_prompt_tokens(): it was interrupted; the plain prompt is used")
    shell.wait_for_prompt(1)


@posix
def test_each_prompt_of_a_class_is_asked_once(start_editor: StartEditor, tmp_path: Path) -> None:
    (tmp_path / "work" / "ticking.py").write_text(
        "import itertools\n"
        "class Ticking:\n"
        "    ticks = itertools.count(1)\n"
        "    def __init__(self, shell): pass\n"
        "    def in_prompt_tokens(self): return [('prompt', f'{next(self.ticks)}> ')]\n"
    )
    shell = start_editor(env={"PYTHONSAFEPATH": ""})
    shell.type("import ticking; get_ipython().prompts = ticking.Ticking(0)\r")
    shell.wait_for(lambda lines: lines[-1] == "1>", "the first one")
    define(shell)
    shell.wait_for(lambda lines: lines[-1] == "2>" and "..:     1" in shell.text, "the second one")


#: As classes written for IPython are: the base class has both methods.
LOOKING = """
class Looking:
    def __init__(self, shell): pass
    def in_prompt_tokens(self): return [("prompt", f"{self.vi_mode()}{self.current_line()}> ")]
    def continuation_prompt_tokens(self, width): return [("prompt", "." * (width - 1) + " ")]
"""


@posix
@pytest.mark.parametrize("first", [True, False])
def test_prompts_of_a_class_know_vis_mode_and_the_line(
    terminal_of_program: StartEditor, tmp_path: Path, first: bool
) -> None:
    (tmp_path / "looking.py").write_text(LOOKING)
    words = ["--Terminal.prompts_class=looking.Looking"] if first else []
    shell = terminal_of_program(*WORDS, "--Terminal.editing_mode=vi", *words)
    if not first:
        shell.wait_for(lambda lines: lines[-1] == "[ins] In [1]:", "the prompt")
        shell.type("import looking; get_ipython().prompts = looking.Looking(0)\r")
    shell.wait_for(lambda lines: lines[-1] == "[ins] 0>", "the prompt of the class")
    shell.type("(1,\r")
    shell.wait_for(lambda lines: lines[-2:] == ["[ins] 1> (1,", "........"], "the second line")
    shell.press("escape")
    shell.wait_for(lambda lines: lines[-2] == "[nav] 1> (1,", "the other mode")
    shell.type("k")
    shell.wait_for(lambda lines: lines[-2] == "[nav] 0> (1,", "the first line")


def test_methods_that_a_class_has_itself_stay(shell: TestedShell) -> None:
    class Mine(Own):
        def vi_mode(self) -> str:
            return "mine"

    terminal = FrontEnd(parent=shell)
    terminal.prompts_class = Mine
    lend(terminal)
    given: Any = getattr(shell.prompts, "given")  # noqa: B009 - of prompts that the user gives
    assert given.vi_mode() == "mine"
    assert given.current_line() == 0
