"""What breaks in the editor: it is told, and the shell goes on."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from editor_terminals import StartEditor, enter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import Terminal

#: Gives a cell the editor, as a subject has it.
REACH = "import threading; editor = lambda: get_ipython().keyboard._frontends[-1].editor"
BREAK = (
    "breaks = lambda: editor().call_soon("
    "lambda: editor().app.future.set_exception(RuntimeError('by the test')))"
)


@pytest.fixture
def shell(start_editor: StartEditor) -> Terminal:
    made = start_editor(rows=40, columns=120)
    enter(made, REACH, 2)
    enter(made, BREAK, 3)
    return made


def test_a_broken_editor_is_told_and_comes_back_with_its_text(shell: Terminal) -> None:
    enter(shell, "threading.Timer(.3, breaks).start()", 4)
    shell.type("6 *")
    shell.wait_for("the editor broke: RuntimeError: by the test. It is started again with its text.")
    shell.wait_for(lambda lines: lines[-1] == "In [4]: 6 *", "the text")
    assert enter(shell, " 7", 5)[-3] == "Out[4]: 42"


def test_an_editor_that_breaks_while_a_cell_runs_comes_back_after_it(shell: Terminal) -> None:
    enter(shell, "import time; breaks(); time.sleep(.5); print('the cell', 'has ended')", 4)
    lines = enter(shell, "6 * 7", 5)
    assert "the cell has ended" in lines
    assert lines[-3] == "Out[4]: 42"


NO_THREAD = """
import threading
start = threading.Thread.start
def starts(thread):
    if thread.name == "ipshell-lexers":
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = starts
"""


def test_a_cell_runs_where_its_colours_cannot_be_had(start_editor: StartEditor, tmp_path: Path) -> None:
    (tmp_path / "no_thread.py").write_text(NO_THREAD)
    shell = start_editor(env={"PYTHONSTARTUP": str(tmp_path / "no_thread.py")})
    shell.type("6 * 7\r")
    lines = shell.wait_for("Out[1]: 42")
    assert not [line for line in lines if "can't start new thread" in line]


AWAY = """
import asyncio, os
async def away(before, within):
    await asyncio.sleep(.3)
    before()
    with get_ipython().keyboard.release_terminal():
        within()
        os.system("printf 'name? '; read name; echo I am $name")
"""


@pytest.mark.parametrize(
    ("before", "within", "told"),
    [
        (
            "spoils",
            "int",
            "the editor does not leave the terminal, which is taken from it: ZeroDivisionError",
        ),
        ("int", "breaks", "the editor broke: RuntimeError: by the test"),
    ],
    ids=["as it leaves", "meanwhile"],
)
def test_a_program_gets_the_terminal_of_an_editor_that_breaks(
    shell: Terminal, tmp_path: Path, before: str, within: str, told: str
) -> None:
    (tmp_path / "work" / "away.txt").write_text(AWAY)
    enter(shell, "import asyncio; exec(open('away.txt').read())", 4)
    enter(shell, "spoils = lambda: setattr(editor(), '_rest', lambda *a, **k: 1 / 0)", 5)
    enter(shell, f"t = asyncio.create_task(away({before}, {within})); await asyncio.sleep(0)", 6)
    shell.type("6 *")
    shell.wait_for(lambda lines: lines[-1] == "name?", "the program")
    shell.type("Ann\r")
    shell.wait_for("I am Ann")
    shell.wait_for(lambda lines: any(told in line for line in lines), "what is told")
    shell.wait_for(lambda lines: lines[-1] == "In [6]: 6 *", "the text")
    assert enter(shell, " 7", 7)[-3] == "Out[6]: 42"


def started_again(times: int, lines: list[str]) -> bool:
    return sum("started again" in line for line in lines) == times


def test_an_editor_that_breaks_again_and_again_gives_way_to_the_plain_prompt(shell: Terminal) -> None:
    for number in (4, 5):
        shell.type("threading.Timer(.3, breaks).start()\r")
        shell.wait_for_prompt(number)
        shell.wait_for(partial(started_again, number - 3), "the break")
        shell.wait_for_prompt(number)
    shell.type("threading.Timer(.3, breaks).start()\r")
    shell.wait_for("The plain prompt takes its place.")
    shell.wait_for_prompt(6)
    assert shell.tty_mode().canonical or shell.tty_mode().signals
    shell.type("6 * 7\r")
    shell.wait_for("Out[6]: 42")
    shell.type("%keys suspend\r")
    shell.wait_for("There is no editor here")
    shell.type("exit\r")
    assert shell.exit_status() == 0


@pytest.mark.parametrize("error", ["ValueError('wrong')", "KeyboardInterrupt", "SystemExit(3)", "EOFError"])
def test_a_key_that_raises_ends_nothing(shell: Terminal, error: str) -> None:
    shell.paste(
        f"def raises(event): raise {error}\n"
        "editor().call_soon(lambda: (editor().keys.command('test.raises', raises, ''),"
        " editor().keys.bind('f5', 'test.raises')))"
    )
    shell.type("\r")
    shell.wait_for_prompt(4)
    shell.type("6 *")
    shell.wait_for("In [4]: 6 *")
    shell.press("f5")
    shell.wait_for("the key f5")
    shell.wait_for(lambda lines: lines[-1] == "In [4]: 6 *", "the line")
    assert enter(shell, " 7", 5)[-3] == "Out[4]: 42"


@pytest.mark.parametrize("error", ["ValueError('wrong')", "KeyboardInterrupt", "SystemExit(3)"])
def test_a_task_or_callback_of_the_editor_that_raises_ends_nothing(shell: Terminal, error: str) -> None:
    shell.paste(
        f"async def raises(): raise {error}\n"
        f"def calls(): raise {error}\n"
        "editor().call_soon(lambda: editor().start_task(raises(), 'a task of the test'))\n"
        "editor()._loop.call_soon_threadsafe(calls)\n"
        "editor().call_soon(calls)"
    )
    shell.type("\r")
    shell.wait_for("a task of the test: ")
    assert enter(shell, "6 * 7", 5)[-3] == "Out[4]: 42"


def test_a_subject_that_fails_is_left_out(start_editor: StartEditor) -> None:
    shell = start_editor("-i", "-c", "import ipterminal.features as f; f.SUBJECTS += ('nosuchmodule',)")
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    assert "ipshell: the editor goes without nosuchmodule" in "".join(shell.lines)
    assert "Out[1]: 42" in shell.lines
