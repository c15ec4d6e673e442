"""Tab at the plain prompt, in a real pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("readline", reason="without readline Tab is the terminal's own")
if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import FakeSite, Terminal, Terminals

PLUGIN = """
import threading, time
from ipcore.types.completion import Completion

class Mine:
    def __init__(self, name, *texts):
        self.name = name
        self.texts = texts

    def complete(self, request):
        return [
            Completion(request.word_start, request.cursor, text)
            for text in self.texts if text.startswith(request.word)
        ]

class Raises(Mine):
    def complete(self, request):
        raise LookupError("no dictionary")

class Hangs(Mine):
    def complete(self, request):
        threading.Event().wait()

class Lines(Mine):
    def complete(self, request):
        text = f"{request.word}_behind_{request.text.count(chr(10))}"
        return [Completion(request.word_start, request.cursor, text)]

class Spaces(Mine):
    def complete(self, request):
        start = request.text.find("My")
        return [Completion(start, request.cursor, "My Documents")] if start >= 0 else []

class Backslash(Mine):
    def complete(self, request):
        at = request.text.find("\\\\zzz")
        return [Completion(at, request.cursor, "slept")] if at >= 0 else []
"""

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path, terminal: Terminals, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Give what starts a shell in a terminal, with a plugin that has the given providers."""
    site = FakeSite(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", str(site))

    def begin(providers: str = "", *arguments: str) -> Terminal:
        hook = f"@hookimpl\ndef ipshell_completion_providers():\n    return [{providers}]\n"
        site.plugin("tab-plugin", "completers", "tab", PLUGIN + hook)
        opened = terminal("--simple-prompt", "--no-banner", *arguments, rows=40)
        opened.wait_for_prompt(1)
        return opened

    return begin


def last(text: str) -> Callable[[list[str]], bool]:
    return lambda lines: lines[-1] == text


def test_tab_completes_what_a_plugin_proposes_and_the_shells_own(start: Start) -> None:
    terminal = start("Mine('mine', 'greetings_from_here')")
    terminal.type("gree\t")
    terminal.wait_for(last("In [1]: greetings_from_here"), "the plugin's completion")
    terminal.type(" = 1\nimport os\n")
    terminal.wait_for_prompt(3)
    terminal.type("print(os.pardi\t + '|'")
    terminal.wait_for(last("In [3]: print(os.pardir + '|'"), "an attribute")
    terminal.type(")\n")
    terminal.wait_for(lambda lines: "..|" in lines, "what was printed")
    terminal.wait_for_prompt(4)
    terminal.type("%pinfo\t\t")
    terminal.wait_for(lambda lines: any(line.split() == ["%pinfo", "%pinfo2"] for line in lines), "magics")


def test_tab_twice_lists_what_there_is(start: Start) -> None:
    terminal = start("Mine('mine', 'greetings_one', 'greetings_two', 'greetings_\\x1b[2J')")
    terminal.type("greetings_\t\t")
    lines = terminal.wait_for(
        lambda lines: "greetings_one  greetings_two" in lines and lines[-1] == "In [1]: greetings_",
        "the list and the line below it",
    )
    assert "greetings_one  greetings_two" in lines


def test_tab_indents_where_nothing_is_typed(start: Start) -> None:
    terminal = start()
    terminal.type("if 1:\n\tprint(")
    terminal.wait_for(last("   ...:     print("), "the indentation")
    terminal.type("1)\n  \tx")
    terminal.wait_for(last("   ...:     x"), "the rest of the indentation")


def test_tab_sees_the_lines_of_the_cell_before(start: Start) -> None:
    terminal = start("Lines('lines')")
    terminal.type("zz\t")
    terminal.wait_for(last("In [1]: zz_behind_0"), "no line before")
    terminal.type(" = 1\nif 1:\n    x = 1\n    yy\t")
    terminal.wait_for(last("   ...:     yy_behind_2"), "two lines before")


def test_a_completion_may_begin_before_what_readline_takes_for_the_word(start: Start) -> None:
    terminal = start("Spaces('spaces')")
    terminal.type("open('My Docu\t')")
    terminal.wait_for(last("In [1]: open('My Documents')"), "the path")


def test_a_completion_may_take_the_place_of_a_backslash(start: Start) -> None:
    terminal = start("Backslash('backslash')")
    terminal.type("x = \\zzz\t")
    terminal.wait_for(last("In [1]: x = slept"), "what stands for the command")


def test_tab_at_a_programs_question_is_a_tab(start: Start) -> None:
    terminal = start("Mine('mine', 'greetings_from_here')")
    terminal.type("print(repr(input('? ')))\n")
    terminal.wait_for(last("?"), "the question")
    terminal.type("\tgree\there\n")
    terminal.wait_for(lambda lines: r"'\tgree\there'" in lines, "the answer")


def test_a_completer_of_somebodys_that_fails_is_told(start: Start) -> None:
    terminal = start()
    terminal.type("get_ipython().completer.completions = lambda *args, **more: 1 / 0\n")
    terminal.wait_for_prompt(2)
    terminal.type("zz\t")
    terminal.wait_for(
        lambda lines: "completion failed: ZeroDivisionError" in "".join(lines) and lines[-1] == "In [2]: zz",
        "the failure, and the line again",
    )


def test_a_failure_is_told_below_the_line_which_then_goes_on(start: Start) -> None:
    terminal = start("Raises('bad'), Mine('mine', 'greetings_from_here')")
    terminal.type("import o\t")
    lines = terminal.wait_for(
        lambda lines: "LookupError" in "".join(lines) and lines[-1] == "In [1]: import o",
        "the failure, and the line again",
    )
    assert lines[0] == ""
    assert lines[1] == "In [1]: import o"
    assert lines[2].startswith("ipshell: plugin tab-plugin[tab] 1.0 (completers), completion provider bad:")
    terminal.type("s\n")
    terminal.wait_for_prompt(2)
    terminal.type("os.pardi\t\n")
    terminal.wait_for(lambda lines: "Out[2]: '..'" in lines, "the value")


def test_one_that_hangs_is_benched_at_the_prompt_and_ctrl_c_does_not_wait_for_it(start: Start) -> None:
    terminal = start("Hangs('slow')", "--ShellCompleter.timeout=0.1")
    terminal.type("zz_lon\t\t\t")
    terminal.wait_for(
        lambda lines: "off.remove('slow')" in "".join(lines) and lines[-1] == "In [1]: zz_lon",
        "it is benched",
    )
    terminal.type("g = 1\nget_ipython().completer.timeout = 600\nget_ipython().completer.off.clear()\n")
    terminal.wait_for_prompt(4)
    terminal.type("zz_l\t")
    terminal.wait_for(last("In [4]: zz_l"), "the line")
    terminal.type("\x03")
    terminal.type("\x15zz_long\n")
    terminal.wait_for(lambda lines: "Out[4]: 1" in lines, "the value")
    terminal.type("exit\n")
    assert terminal.exit_status() == 0


def test_a_plugin_that_does_not_come_to_its_end_while_it_is_imported_is_named_and_given_up(
    tmp_path: Path, terminal: Terminals, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = FakeSite(tmp_path / "site")
    site.plugin("sleeper", "completers", "sleeper", "import time\ntime.sleep(600)\n")
    monkeypatch.setenv("PYTHONPATH", str(site))
    shell = terminal("--simple-prompt", "--no-banner", rows=40)
    shell.wait_for_prompt(1)
    shell.type("zz_long = 1\n")
    shell.wait_for_prompt(2)
    shell.type("zz_l\t")
    shell.wait_for(lambda lines: "Ctrl-C goes on without it." in "".join(lines), "who keeps us waiting")
    shell.type("\x03")
    shell.wait_for(
        lambda lines: "it was interrupted" in "".join(lines) and lines[-1] == "In [2]: zz_long",
        "what was done, and the completion of the others",
    )
    shell.type("\n")
    shell.wait_for(lambda lines: "Out[2]: 1" in lines, "the value")


WAYS = {
    "embed": "from ipcore import embed; embed(header='')",
    "embed_async": "import asyncio; from ipcore import embed_async; asyncio.run(embed_async(header=''))",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_completer_of_a_program_that_embeds_a_shell_comes_back(way: str, terminal: Terminals) -> None:
    program = (
        "import readline\n"
        "outer = lambda text, state: None\n"
        "readline.set_completer(outer); readline.set_completer_delims(' ')\n"
        f"{way}\n"
        "print(readline.get_completer() is outer, repr(readline.get_completer_delims()))\n"
    )
    shell = terminal(command=[sys.executable, "-c", program], rows=40, IPSHELL_PLUGINS="")
    shell.wait_for_prompt(1)
    shell.type("import os\n")
    shell.wait_for_prompt(2)
    shell.type("if 1:\n\tprint(os.pardi\t, 'it is')\n\n")
    shell.wait_for(lambda lines: ".. it is" in lines, "what was printed")
    shell.type("exit\n")
    shell.wait_for(lambda lines: "True ' '" in lines, "the program's own completer")
    assert shell.exit_status() == 0
