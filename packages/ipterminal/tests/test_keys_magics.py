"""The magics of the terminal: %keys, %paste, %cpaste, %autoindent, and those of embedded shells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from editor_terminals import StartEditor
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import Event

from ipcore.errors import UsageError
from ipcore.testing import Terminal
from ipcore.testing.shells import ShellMaker, TestedShell
from ipterminal.embedding_magics import EmbeddingMagics
from ipterminal.key_times import KEPT, KeyTimes
from ipterminal.magics import TerminalMagics
from ipterminal.pasted_blocks import cleaned

in_terminal = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")

CODE = "def f():\n    return 42\n\nf()"

BLOCKS = [
    (">>> def f():\n...     return 42\n...\n>>> f()", CODE),
    ("In [3]: x = 1\n   ...: x\n", "x = 1\nx\n"),
    ("> x = 1\n> if x:\n>     y\n", "x = 1\nif x:\n    y\n"),
    ("> > x = 1\n> > y\n", "x = 1\ny\n"),
    ("> >>> x = 1\n> >>> y\n", "x = 1\ny\n"),
    ("+x = 1\n+if x:\n+    y\n", "x = 1\nif x:\n    y\n"),
    ("    x = 1\n    y = 2\n", "x = 1\ny = 2\n"),
    ("x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
    ("x = 1\n> y", "x = 1\n> y"),
    ("x > 1", "x > 1"),
    ("", ""),
]


@pytest.mark.parametrize(("block", "code"), BLOCKS)
def test_blocks_are_made_into_code_again(block: str, code: str) -> None:
    assert cleaned(block) == code


@given(st.text(">+ \nxy.", max_size=40))
def test_cleaning_ends_and_cleaning_again_changes_nothing(block: str) -> None:
    once = cleaned(block)
    assert cleaned(once) == once


# -- without the editor ---------------------------------------------------------


def with_magics(make_shell: ShellMaker) -> TestedShell:
    shell = make_shell()
    shell.register_magics(TerminalMagics, EmbeddingMagics)
    return shell


@pytest.fixture
def pasting(make_shell: ShellMaker) -> TestedShell:
    shell = with_magics(make_shell)
    shell.set_hook("clipboard_get", lambda shell: ">>> a = 6\n>>> print(a * 7)\n")
    return shell


def test_paste_prints_and_runs_the_clipboard(pasting: TestedShell) -> None:
    done = pasting.run_cell("%paste")
    assert done.stdout == "a = 6\nprint(a * 7)\n## -- End pasted text --\n42\n"
    assert pasting.user_ns["pasted_block"] == "a = 6\nprint(a * 7)\n"


def test_paste_quietly_again_and_into_a_name(pasting: TestedShell) -> None:
    assert pasting.run_cell("%paste -q").stdout == "42\n"
    assert pasting.run_cell("%paste -r").stdout == "Re-executing 'a = 6...' (19 chars)\n42\n"
    assert pasting.run_cell("%paste -q lines").stdout == "Block assigned to 'lines'\n"
    assert pasting.user_ns["lines"] == ["a = 6", "print(a * 7)"]
    assert "is not a string" in str(pasting.run_cell("pasted_block = 3\n%paste -r").error_in_exec)


def test_what_is_pasted_by_a_magic_has_no_number_of_its_own(pasting: TestedShell) -> None:
    pasting.run_cell("%paste -q", store_history=True)
    assert pasting.execution_count == 2
    assert len(pasting.user_ns["In"]) == 2


def test_paste_tells_why_there_is_nothing(make_shell: ShellMaker) -> None:
    shell = with_magics(make_shell)

    def empty(shell: object) -> str:
        raise UsageError("the clipboard holds no text")

    shell.set_hook("clipboard_get", empty)
    assert "the clipboard holds no text" in str(shell.run_cell("%paste").error_in_exec)
    assert "No previous pasted block" in str(shell.run_cell("%paste -r").error_in_exec)


def test_keys_says_that_there_is_no_editor_and_what_it_would_have(make_shell: ShellMaker) -> None:
    text = with_magics(make_shell).run_cell("%keys lines").stdout
    assert text.startswith("There is no editor here: keys are those of Python's own prompt.\n")
    assert "lines.comment" in text
    assert "shell.quit" not in text


def test_autoindent_and_embedding_magics_say_where_they_work(make_shell: ShellMaker) -> None:
    shell = with_magics(make_shell)
    assert "editor alone" in str(shell.run_cell("%autoindent").error_in_exec)
    for magic in ("%kill_embedded", "%exit_raise"):
        assert "for shells that embed() opens" in str(shell.run_cell(magic).error_in_exec)


def test_times_of_keys_are_kept_bounded() -> None:
    times = KeyTimes()
    assert times.lines() == ["no key has been measured yet"]
    for number in range(3 * KEPT):
        times.add(number / 1e6)
    assert len(times.last) == KEPT
    assert sum(times.classes) == 3 * KEPT
    lines = times.lines()
    assert lines[0].startswith(f"key to screen, {3 * KEPT} keys: half within 2.5 ms, 95 % within ")
    assert lines[0].endswith(", longest 3.0")
    assert len(lines) == 5


def test_the_time_between_two_keys_of_one_command_is_not_counted() -> None:
    processor = SimpleNamespace(key_buffer=[])
    processor.before_key_press, processor.after_key_press = Event(processor), Event(processor)
    app: Any = SimpleNamespace(key_processor=processor, after_render=Event(None))
    times = KeyTimes()
    times.watch(app)

    def press(waiting: bool) -> None:
        processor.before_key_press.fire()
        processor.key_buffer = ["c-x"] if waiting else []
        processor.after_key_press.fire()

    press(waiting=True)
    app.after_render.fire()
    assert not times.last
    press(waiting=False)
    app.after_render.fire()
    app.after_render.fire()
    assert len(times.last) == 1


# -- in the editor --------------------------------------------------------------


def output(shell: Terminal, line: str, number: int) -> list[str]:
    """Run a line and give what it has printed."""
    shell.type(f"{line}\r")
    lines = shell.wait_for_prompt(number + 1)
    begin = max(index for index, each in enumerate(lines) if each == f"In [{number}]: {line}")
    return lines[begin + 1 : -2]


@in_terminal
def test_keys_lists_finds_and_explains(start_editor: StartEditor) -> None:
    shell = start_editor(rows=150, columns=160)
    found = output(shell, "%keys comment", 1)
    assert found[0] == "lines:"
    assert found[1].split()[:3] == ["escape", ";", "lines.comment"]
    found = output(shell, "%keys f2", 2)
    assert found[0] == "F2 (f2) does the first of these whose condition holds:"
    assert found[1].split()[0] == "cell.edit"
    assert found[2].strip() == "when in_cell"
    found = output(shell, "%keys ctrl-k", 3)
    assert "      when vi_insert_mode & in_cell & emacs_in_vi" in found
    assert found[-1].startswith("  prompt_toolkit's own: kill-line")
    found = output(shell, "%keys c-x", 4)
    assert any("Ctrl-X Ctrl-E (cell.edit)" in line for line in found)
    found = output(shell, "%keys nothing at all", 5)
    assert found == ["There is nothing about 'nothing at all' among the keys; %keys alone lists all."]
    found = output(shell, "%keys --conditions", 6)
    assert any(line.split()[0] == "in_cell" for line in found if line.strip())


@in_terminal
def test_keys_tells_whose_a_binding_is(start_editor: StartEditor) -> None:
    shell = start_editor(rows=60, columns=160)
    output(shell, "from ipterminal import bindings; bindings.bind('f8', 'lines.comment')", 1)
    assert "      when in_cell (user)" in output(shell, "%keys f8", 2)


@in_terminal
def test_keys_waits_for_a_key_and_explains_it(start_editor: StartEditor) -> None:
    shell = start_editor(columns=160)
    shell.type("%keys --press\r")
    shell.wait_for("Press a key, within 10 s:")
    shell.press("ctrl-c")
    lines = shell.wait_for_prompt(2)
    assert "Ctrl-C (c-c) does the first of these whose condition holds:" in lines
    shell.type("%keys --press\r")
    shell.wait_for(lambda lines: lines[-1] == "Press a key, within 10 s:", "the question")
    shell.press("f2")
    shell.wait_for("F2 (f2) does the first of these whose condition holds:")
    shell.wait_for_prompt(3)
    shell.type("6 * 7\r")
    shell.wait_for("Out[3]: 42")


@in_terminal
def test_cpaste_reads_until_its_end_and_runs(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("%cpaste\r")
    shell.wait_for("Pasting code; enter '--' alone on the line to stop or use Ctrl-D.")
    shell.type(">>> for i in range(2):\n...     print('line', i)\n...\n--\n")
    lines = shell.wait_for_prompt(2)
    assert lines[-4].endswith("line 0")
    assert lines[-3] == "line 1"
    shell.type("%cpaste -q -s END kept\r")
    shell.wait_for("%cpaste -q -s END kept")
    shell.type("    first\n    --\nEND\n")
    shell.wait_for_prompt(3)
    shell.type("kept\r")
    shell.wait_for("Out[3]: ['first', '--']")


@in_terminal
def test_cpaste_ends_with_ctrl_d_and_is_stopped_by_ctrl_c(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("%cpaste\r")
    shell.wait_for("Pasting code; enter '--' alone on the line to stop or use Ctrl-D.")
    shell.type("print(6 * 7)\n\x04")
    shell.wait_for_prompt(2)
    assert "42" in shell.lines
    shell.type("%cpaste\r")
    shell.wait_for(lambda lines: lines[-1] == ":", "its prompt")
    shell.type("print('never')\n")
    shell.press_until("ctrl-c", lambda lines: lines[-1].startswith("In [3]"))
    assert "never" not in shell.lines


@in_terminal
def test_autoindent_is_turned_off_and_on(start_editor: StartEditor) -> None:
    shell = start_editor()
    assert output(shell, "%autoindent", 1) == ["Automatic indentation is: OFF"]
    shell.type("if True:\r42")
    shell.wait_for(lambda lines: lines[-1] == "   ...: 42", "a line that is not indented")
    shell.press("ctrl-c")
    shell.wait_for_prompt(2)
    assert output(shell, "%autoindent on", 2) == ["Automatic indentation is: ON"]


PROGRAM = """
from ipcore import embed
from ipcore.embedded_calls import KillEmbedded
opened = 0
for number in range(3):
    opened += 1
    try:
        embed(header=f"shell {number}", confirm_exit=False)
    except KillEmbedded as error:
        print("raised:", error)
        break
print("done", number)
"""


@in_terminal
@pytest.mark.parametrize(
    ("magic", "end"),
    [
        ("%kill_embedded -xy", ["done 2"]),
        ("%kill_embedded -i -x -y", ["done 2"]),
        ("%exit_raise", ["done 0"]),
    ],
)
def test_embedded_shells_end_as_asked_for(
    terminal_of_program: StartEditor, tmp_path: Path, magic: str, end: list[str]
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    shell = terminal_of_program(str(program))
    shell.wait_for("shell 0")
    shell.type(f"{magic}\r")
    lines = shell.wait_for(lambda lines: any(each in end for each in lines), "the program's end")
    assert not any(line in ("shell 1", "shell 2") for line in lines)
    assert any("raised:" in line for line in lines) is (magic == "%exit_raise")
    assert shell.exit_status() == 0


@in_terminal
@pytest.mark.parametrize(
    ("words", "opened"),
    [("-i -x -y", ["first at 1", "other"]), ("-x -y", ["first at 1", "first at 2", "other"])],
)
def test_an_instance_is_killed_wherever_it_is_called(
    terminal_of_program: StartEditor, tmp_path: Path, words: str, opened: list[str]
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from ipcore.embedding import InteractiveShellEmbed\n"
        "first = InteractiveShellEmbed(confirm_exit=False)\n"
        "other = InteractiveShellEmbed(confirm_exit=False)\n"
        "first('first at 1')\n"
        "first('first at 2')\n"
        "other('other')\n"
        "print('done')\n"
    )
    shell = terminal_of_program(str(program))
    for number, header in enumerate(opened):
        shell.wait_for(header)
        shell.wait_for(lambda lines: lines[-1] == "In [1]:", "the prompt")
        shell.type("exit\r" if number else f"%kill_embedded {words}\r")
    lines = shell.wait_for("done")
    assert [line for line in lines if line in ("first at 1", "first at 2", "other")] == opened


@in_terminal
def test_killing_asks_and_no_is_the_default(terminal_of_program: StartEditor, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    shell = terminal_of_program(str(program))
    shell.wait_for("shell 0")
    shell.type("%kill_embedded\r")
    shell.wait_for(lambda lines: "[y/N]" in lines[-1], "the question")
    shell.type("\rexit\r")
    shell.wait_for("shell 1")


def test_without_the_editor_nothing_of_prompt_toolkit_is_imported(shell_home: Path) -> None:
    program = (
        "import sys; from ipcore import InteractiveShell; from ipterminal.magics import TerminalMagics\n"
        "shell = InteractiveShell(); shell.register_magics(TerminalMagics)\n"
        "shell.set_hook('clipboard_get', lambda shell: '1')\n"
        'bind = \'from ipterminal import bindings; bindings.bind("f6", "cell.edit")\'\n'
        "for cell in ('%keys', '%keys tab', '%paste', bind):\n"
        "    assert shell.run_cell(cell).success, cell\n"
        "shell.close()\n"
        "assert not {'prompt_toolkit', 'pygments', 'asyncio'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
