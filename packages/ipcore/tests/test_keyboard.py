"""Who may read what is typed: cells, threads, callbacks, child programs; in a real pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing.terminal import Terminal, shell_command

if TYPE_CHECKING:
    # Where several of that name are loaded, the last is the one that is imported.
    from conftest import Run

Start = Callable[[], "Asked"]

#: What the cells of these tests use.
ASKER = """\
import asyncio, contextlib, os, threading, time
from getpass import getpass

said = []
asked = threading.Event()

def ask(prompt="name? ", read=input):
    try:
        said.append(read(prompt))
    except BaseException as error:
        said.append(type(error).__name__)
    asked.set()

def thread(*arguments):
    asked.clear()
    made = threading.Thread(target=ask, args=arguments, name="worker", daemon=True)
    made.start()
    return made
"""


class Asked(Terminal):
    """A shell that knows the names above."""

    def __init__(self, folder: Path) -> None:
        (folder / "asker.py").write_text(ASKER)
        super().__init__(shell_command("--simple-prompt", "--nosep", "--no-banner"), cwd=folder, rows=40)
        self.wait_for_prompt(1)
        self.number = 1
        self.cell("from asker import *")

    def cell(self, line: str) -> list[str]:
        self.type(line + "\r")
        self.number += 1
        return self.wait_for_prompt(self.number)

    def ends_with(self, text: str) -> list[str]:
        """Wait for a question; the line that makes it ends like one for a moment, while it is typed."""
        return self.wait_for(lambda lines: lines[-1].endswith(text) and "('" not in lines[-1], text)


@pytest.fixture
def asked(home: Path, tmp_path: Path) -> Iterator[Asked]:
    folder = tmp_path / "work"
    folder.mkdir()
    made = Asked(folder)
    yield made
    made.close()


def test_a_cell_reads_as_it_would_without_a_shell(asked: Asked) -> None:
    asked.type("'<' + input('name? ') + '>'\r")
    asked.ends_with("name?")
    asked.type("Ann\x01M\x05e\r")  # the line editor is there
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith("'<MAnne>'")


def test_a_password_of_a_cell_is_not_shown(asked: Asked) -> None:
    asked.type("getpass('secret? ')[::-1]\r")
    asked.ends_with("secret?")
    asked.type("abc\r")
    asked.number += 1
    lines = asked.wait_for_prompt(asked.number)
    assert lines[-2].endswith("'cba'")
    assert not any("abc" in line for line in lines)


def test_ctrl_c_and_ctrl_d_at_the_question_of_a_cell(asked: Asked) -> None:
    asked.type("input('first? ')\r")
    asked.ends_with("first?")
    asked.press("ctrl-c")
    asked.number += 1
    assert "KeyboardInterrupt" in asked.wait_for_prompt(asked.number)
    asked.type("input('second? ')\r")
    asked.ends_with("second?")
    asked.type("\x04")
    asked.number += 1
    lines = asked.wait_for_prompt(asked.number)
    assert any(line.startswith("EOFError") for line in lines)
    assert not any("keyboard.py" in line for line in lines)


def test_the_question_of_a_thread_waits_until_the_cell_has_ended(asked: Asked) -> None:
    asked.type("thread(); exec('end = time.monotonic() + 1\\nwhile time.monotonic() < end: pass')\r")
    asked.wait_for(lambda lines: "asked when the running cell has ended" in "".join(lines), "a word")
    lines = asked.ends_with("name?")
    assert lines[-1] == "Thread 'worker' asks: name?"
    asked.type("Ann\r")
    asked.number += 1
    asked.wait_for_prompt(asked.number)
    assert asked.cell("asked.wait(10), said")[-2].endswith("(True, ['Ann'])")


def test_ctrl_d_and_ctrl_c_answer_the_question_of_a_thread_and_end_no_shell(asked: Asked) -> None:
    for key, error in (("ctrl-d", "EOFError"), ("ctrl-c", "KeyboardInterrupt")):
        asked.type("said.clear(); t = thread(); exec('while not get_ipython().keyboard._waiting: pass')\r")
        asked.ends_with("name?")
        asked.number += 1
        if key == "ctrl-d":
            asked.press(key)
            asked.wait_for_prompt(asked.number)
        else:
            asked.press_until(key, lambda lines: lines[-1] == f"In [{asked.number}]:", "the prompt")
        assert asked.cell("asked.wait(10), said")[-2].endswith(f"(True, ['{error}'])")


@pytest.mark.parametrize("how", ["thread().join()", "await asyncio.to_thread(ask)"])
def test_a_cell_that_waits_for_its_thread_lets_it_ask(asked: Asked, how: str) -> None:
    asked.type(f"{how}; said\r")
    assert asked.ends_with("name?")[-1].startswith("Thread '")
    asked.type("Ann\r")
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith("['Ann']")


def test_ctrl_c_stops_a_cell_whose_thread_asks_and_the_thread_is_asked_on(asked: Asked) -> None:
    asked.type("thread().join()\r")
    asked.ends_with("name?")
    asked.press("ctrl-c")
    asked.wait_for(lambda lines: "still waiting for its answer" in "".join(lines), "a word")
    asked.ends_with("Thread 'worker' asks: name?")
    asked.type("Ann\r")
    asked.number += 1
    assert "KeyboardInterrupt" in asked.wait_for_prompt(asked.number)
    assert asked.cell("asked.wait(10), said")[-2].endswith("(True, ['Ann'])")


def test_a_second_ctrl_c_calls_the_question_of_the_thread_off(asked: Asked) -> None:
    asked.type("thread().join()\r")
    asked.ends_with("name?")
    asked.press("ctrl-c")
    asked.wait_for(lambda lines: "still waiting for its answer" in "".join(lines), "a word")
    asked.ends_with("Thread 'worker' asks: name?")
    asked.press("ctrl-c")
    asked.number += 1
    asked.wait_for_prompt(asked.number)
    assert asked.cell("asked.wait(10), said")[-2].endswith("(True, ['KeyboardInterrupt'])")


def test_a_question_nobody_could_be_asked_ends_at_its_deadline(asked: Asked) -> None:
    asked.cell("get_ipython().keyboard.patience = 0.3")
    asked.type("thread(); exec('while not asked.is_set(): pass'); said\r")
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith("['NobodyToAsk']")


def test_a_thread_asks_beside_the_prompt_of_an_embedded_shell(asked: Asked) -> None:
    asked.type("from ipcore import embed; embed()\r")
    asked.wait_for_prompt(1)
    asked.type("thread('who? ') and 1\r")
    lines = asked.ends_with("asks: who?")
    assert "Thread 'worker' asks: who?" in lines[-1]
    asked.type("Ann\r")
    asked.wait_for_prompt(2)
    asked.type("asked.wait(10), said\r")
    assert asked.wait_for_prompt(3)[-2].endswith("(True, ['Ann'])")
    asked.type("exit\r")
    asked.number += 1
    asked.wait_for_prompt(asked.number)
    asked.cell("threading.Timer(0.5, ask).start()")
    asked.ends_with("name?")
    asked.type("Bob\r")
    asked.wait_for_prompt(asked.number)
    assert asked.cell("exec('while len(said) < 2: time.sleep(0.01)'); said")[-2].endswith("['Ann', 'Bob']")


def test_a_password_of_a_thread_is_not_shown(asked: Asked) -> None:
    asked.type("thread('secret? ', getpass).join(); said[0][::-1]\r")
    asked.ends_with("secret?")
    asked.type("abc\r")
    asked.number += 1
    lines = asked.wait_for_prompt(asked.number)
    assert lines[-2].endswith("'cba'")
    assert not any("abc" in line for line in lines)


@pytest.mark.parametrize("asyncio_too", [False, True])
def test_a_thread_asks_beside_the_prompt_and_the_half_typed_line_comes_back(
    asked: Asked, asyncio_too: bool
) -> None:
    if asyncio_too:
        asked.cell("t = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)")
    asked.cell(
        "go = threading.Event(); late = threading.Thread(target=lambda: (go.wait(), ask()), name='late')"
    )
    asked.cell("late.start(); threading.Timer(0.5, go.set).start()")
    asked.type("6 *")
    lines = asked.ends_with("name?")
    assert lines[-2:] == [f"In [{asked.number}]: 6 *", "Thread 'late' asks: name?"]
    asked.type("Ann\r")
    assert asked.ends_with(": 6 *")[-1] == f"In [{asked.number}]: 6 *"
    asked.type(" 7\r")
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith(" 42")
    assert asked.cell("late.join(10); said")[-2].endswith("['Ann']")


def test_a_callback_asks_beside_the_prompt_and_the_half_typed_line_comes_back(asked: Asked) -> None:
    asked.cell("asyncio.get_event_loop().call_later(0.5, ask).when() > 0")
    asked.type("6 *")
    lines = asked.ends_with("name?")
    assert lines[-2].endswith(": 6 *")
    asked.type("Ann\r")
    asked.ends_with(": 6 *")
    asked.type(" 7\r")
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith(" 42")
    assert asked.cell("said")[-2].endswith("['Ann']")


def test_a_cell_that_a_callback_runs_asks_beside_the_prompt_too(asked: Asked) -> None:
    asked.cell("cell = lambda: get_ipython().run_cell('ask()')")
    asked.cell("asyncio.get_event_loop().call_later(0.5, cell).when() > 0")
    asked.ends_with("name?")
    asked.type("Ann\r")
    asked.wait_for_prompt(asked.number)
    assert asked.cell("said")[-2].endswith("['Ann']")


def test_ctrl_c_at_the_question_of_a_callback_drops_no_line(asked: Asked) -> None:
    asked.cell("asyncio.get_event_loop().call_later(0.5, ask).when() > 0")
    asked.type("6 *")
    asked.ends_with("name?")
    asked.press("ctrl-c")
    asked.ends_with(": 6 *")
    asked.type(" 7\r")
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith(" 42")
    assert asked.cell("said")[-2].endswith("['KeyboardInterrupt']")


def test_a_command_of_a_callback_gets_the_terminal_and_gives_it_back(asked: Asked) -> None:
    asked.cell("run = lambda: get_ipython().system('stty -a | grep -c -w icanon; head -n 1')")
    asked.cell("asyncio.get_event_loop().call_later(0.5, run).when() > 0")
    asked.type("6 *")
    asked.ends_with("1")
    asked.type("read by head\r")
    asked.ends_with(": 6 *")
    asked.type(" 7\r")
    asked.number += 1
    assert asked.wait_for_prompt(asked.number)[-2].endswith(" 42")


def test_a_command_of_a_thread_does_not_read_what_is_typed(asked: Asked) -> None:
    asked.cell("shell = get_ipython()")
    asked.type("t = threading.Thread(target=shell.system, args=('cat; echo at its end',)); t.start()\r")
    asked.wait_for(
        lambda lines: lines[-1].endswith("at its end") or "at its end" in lines, "the command's end"
    )
    asked.type("'ty' + 'ped'\r")
    asked.wait_for(lambda lines: any("typed" in line for line in lines), "what was typed")


def test_a_thread_that_asks_where_there_is_no_terminal_is_refused(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "asker.py").write_text(ASKER)
    done = ipcore(
        "--nosep", typed="from asker import *\nthread().join(10)\nsaid\ninput()\nread by the cell\n"
    )
    assert "Out[3]: ['NobodyToAsk']" in done.stdout
    assert "Out[4]: 'read by the cell'" in done.stdout


def test_input_and_getpass_are_pythons_own_for_a_program_and_after_the_shell(home: Path, ipcore: Run) -> None:
    check = "print(type(input), getpass.getpass.__code__.co_filename == getpass.__file__)\n"
    done = ipcore("-c", f"import getpass; {check}")
    assert done.stdout == "<class 'builtin_function_or_method'> True\n"
    code = "import ipcore, getpass\nipcore.start_ipshell(['--no-banner', '--nosep'])\n" + check
    done = ipcore("-c", code, typed="input.__name__, getpass\n")
    assert "<class 'builtin_function_or_method'> True" in done.stdout
