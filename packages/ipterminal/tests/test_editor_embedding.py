"""Shells that a program or a cell opens, with the editor, in a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from editor_terminals import StartEditor, enter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing.terminal import Terminal, environment

BODY = "{}def work(a):\n    embed('hello')\n    print('back', a)\n"
PLACES = {
    "function": "from ipcore import embed\n" + BODY.format("") + "work(3)\n",
    "coroutine": "import asyncio\nfrom ipcore import embed\n"
    + BODY.format("async ")
    + "asyncio.run(work(3))\n",
    "thread": "import threading\nfrom ipcore import embed\n"
    + BODY.format("")
    + "t = threading.Thread(target=work, args=(3,)); t.start(); t.join()\n",
    "trio": "import trio\nfrom ipcore import embed\n" + BODY.format("async ") + "trio.run(work, 3)\n",
    "thread of asyncio": "import asyncio\nfrom ipcore import embed\n"
    + BODY.format("")
    + "asyncio.run(asyncio.to_thread(work, 3))\n",
}

StartProgram = Callable[[str], Terminal]


@pytest.fixture
def start_program(shell_home: Path, tmp_path: Path) -> Iterator[StartProgram]:
    with ExitStack() as open_ones:

        def start(text: str) -> Terminal:
            file = tmp_path / "program.py"
            file.write_text(text)
            env = {**environment(None), "IPSHELL_HOME": os.environ["IPSHELL_HOME"]}
            command = [sys.executable, str(file)]
            return open_ones.enter_context(Terminal(command, cwd=tmp_path, env=env, rows=40))

        yield start


@pytest.mark.parametrize("place", PLACES)
def test_a_shell_in_a_program_sees_its_names_and_gives_the_terminal_back(
    start_program: StartProgram, place: str
) -> None:
    shell = start_program(PLACES[place])
    shell.wait_for_prompt(1)
    assert enter(shell, "a * 14", 2)[-3] == "Out[1]: 42"
    enter(shell, "a = 9", 3)
    shell.paste("print('go', 1)\nwhile True: pass")
    shell.type("\r\r")
    shell.wait_for(lambda lines: "go 1" in lines, "the cell running")
    shell.press_until("ctrl-c", "KeyboardInterrupt")
    shell.wait_for_prompt(4)
    assert enter(shell, "import asyncio; asyncio.run(asyncio.sleep(0, 5))", 5)[-3] == "Out[4]: 5"
    shell.type("half")
    shell.wait_for("In [5]: half")
    shell.press("ctrl-c")
    shell.wait_for_prompt(5)
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert shell.lines[-1] == "back 9"
    assert shell.tty_mode().echo
    assert not shell.modes.bracketed_paste


def test_a_shell_in_a_cell(start_editor: StartEditor) -> None:
    shell = start_editor()
    enter(shell, "from ipcore import embed; import threading; x = 3", 2)
    shell.type("embed(); print('back')\r")
    shell.wait_for_prompt(1)
    enter(shell, "threading.Timer(.3, print, ['from', 'within']).start()", 2)
    shell.type("x *")
    shell.wait_for(lambda lines: "from within" in lines, "what is printed at the inner prompt")
    shell.wait_for("In [2]: x *")
    assert enter(shell, " 14", 3)[-3] == "Out[2]: 42"
    shell.type("exit\r")
    shell.wait_for(lambda lines: lines[-3:] == ["back", "", "In [3]:"], "the outer prompt")
    enter(shell, "threading.Timer(.3, print, ['from', 'without']).start()", 4)
    shell.wait_for(lambda lines: "from without" in lines, "what is printed at the outer prompt")
    assert enter(shell, "x", 5)[-3] == "Out[4]: 3"


def test_keys_typed_ahead_go_to_the_prompt_that_is_shown_next(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.ask_background=False")
    enter(shell, "from ipcore import embed", 2)
    shell.type("embed(); print('back')")
    shell.wait_for("back")
    shell.send(b"\r\x1b[D6 * 7")  # in one piece with Enter: the outer editor has read them
    shell.wait_for(lambda lines: lines[-1] == "In [1]: 6 * 7", "the inner prompt, with what was typed")
    shell.type("\r")
    assert shell.wait_for_prompt(2)[-3] == "Out[1]: 42"
    shell.send(b"exit\r\x1b[D7 * 6")
    lines = shell.wait_for(
        lambda lines: lines[-1] == "In [3]: 7 * 6", "the outer prompt, with what was typed"
    )
    assert lines[-3] == "back"
    shell.type("\r")
    assert shell.wait_for_prompt(4)[-3] == "Out[3]: 42"


def test_a_shell_opened_by_a_callback_at_the_prompt(start_editor: StartEditor) -> None:
    shell = start_editor()
    enter(shell, "import asyncio, ipcore; x = 3", 2)
    enter(shell, "async def start(): asyncio.get_running_loop().call_later(.3, ipcore.embed, 'hello')\r", 3)
    enter(shell, "await start()", 4)
    shell.type("half")
    shell.wait_for("hello")
    shell.wait_for_prompt(1)
    assert enter(shell, "14 * 3", 2)[-3] == "Out[1]: 42"
    shell.type("exit\r")
    shell.wait_for(lambda lines: lines[-1] == "In [4]: half", "the line that was typed")
    shell.type(" = 6\r")
    shell.wait_for_prompt(5)
    assert enter(shell, "half * 7", 6)[-3] == "Out[5]: 42"


EARLY = """import asyncio
from ipcore import embed_async

async def tick():
    for i in range(3):
        print('tick', i)
        await asyncio.sleep(0)

async def main():
    task = asyncio.create_task(tick())
    await embed_async()

asyncio.run(main())
"""


def test_what_a_task_prints_before_the_editor_is_loaded_stands_above_the_first_prompt(
    start_program: StartProgram,
) -> None:
    shell = start_program(EARLY)
    lines = shell.wait_for(lambda lines: "tick 2" in lines and lines[-1] == "In [1]:", "prompt and output")
    assert [line for line in lines if line] == ["tick 0", "tick 1", "tick 2", "In [1]:"]
    assert enter(shell, "6 * 7", 2)[-3] == "Out[1]: 42"


def test_what_a_task_prints_is_not_lost_where_the_editor_does_not_load(start_program: StartProgram) -> None:
    shell = start_program("import sys\nsys.modules['prompt_toolkit'] = None\n" + EARLY)
    shell.wait_for(
        lambda lines: {"tick 0", "tick 1", "tick 2"} <= {*lines} and lines[-1] == "In [1]:",
        "the output and the plain prompt",
    )
