"""Shells that a program awaits, with the editor, in a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest
from editor_terminals import enter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore import InteractiveShell
from ipcore.hosts.main_thread import Stopped as NotDone
from ipcore.testing.terminal import Terminal, environment
from ipterminal.awaited import AwaitedThread

ASYNCIO = """
import asyncio, ipcore
ticks = []
async def tick():
    while True:
        ticks.append(1)
        await asyncio.sleep(.02)
async def main(a):
    task = asyncio.create_task(tick())
    await {awaits}
    print('back', a)
    task.cancel()
asyncio.run(main(3))
"""
TRIO = """
import trio, ipcore
ticks = []
async def tick():
    while True:
        ticks.append(1)
        await trio.sleep(.02)
async def main(a):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(tick)
        await {awaits}
        print('back', a)
        nursery.cancel_scope.cancel()
trio.run(main, 3)
"""
PROGRAMS = {"asyncio": ASYNCIO, "trio": TRIO}

StartProgram = Callable[..., Terminal]


@pytest.fixture
def start_program(shell_home: Path, tmp_path: Path) -> Iterator[StartProgram]:
    with ExitStack() as open_ones:

        def start(library: str, awaits: str = "ipcore.embed_async('hello')") -> Terminal:
            file = tmp_path / "program.py"
            file.write_text(PROGRAMS[library].format(awaits=awaits))
            env = {**environment(None), "IPSHELL_HOME": os.environ["IPSHELL_HOME"]}
            command = [sys.executable, str(file)]
            made = open_ones.enter_context(Terminal(command, cwd=tmp_path, env=env, rows=40))
            made.wait_for_prompt(1)
            return made

        yield start


@pytest.mark.parametrize("library", PROGRAMS)
def test_the_programs_tasks_go_on_at_the_prompt_and_in_cells_that_await(
    start_program: StartProgram, library: str
) -> None:
    shell = start_program(library)
    enter(shell, f"import time, {library}; before = len(ticks)", 2)
    shell.type("len(ticks) > be")
    shell.wait_for("In [2]: len(ticks) > be")
    assert enter(shell, "fore", 3)[-3] == "Out[2]: True"
    sleeping = f"before = len(ticks); await {library}.sleep(.5); len(ticks) - before > 3"
    assert enter(shell, sleeping, 4)[-3] == "Out[3]: True"
    blocking = "before = len(ticks); time.sleep(.3); len(ticks) - before"
    assert enter(shell, blocking, 5)[-3] == "Out[4]: 0"
    enter(shell, "a = 9", 6)
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert shell.lines[-1] == "back 9"
    assert shell.tty_mode().echo
    assert not shell.modes.bracketed_paste


@pytest.mark.parametrize("library", PROGRAMS)
@pytest.mark.parametrize("cell", ["while True: pass", "await {library}.sleep(60)"])
def test_ctrl_c_stops_a_cell_and_nothing_of_the_program(
    start_program: StartProgram, library: str, cell: str
) -> None:
    shell = start_program(library)
    enter(shell, f"import {library}", 2)
    shell.paste("print('go', 1)\n" + cell.format(library=library))
    shell.type("\r\r")
    shell.wait_for(lambda lines: "go 1" in lines, "the cell running")
    shell.press_until("ctrl-c", "KeyboardInterrupt")
    shell.wait_for_prompt(3)
    shell.type("half")
    shell.wait_for("In [3]: half")
    shell.press("ctrl-c")
    shell.wait_for_prompt(3)
    assert enter(shell, "a * 14", 4)[-3] == "Out[3]: 42"


@pytest.mark.parametrize("library", PROGRAMS)
def test_what_the_programs_tasks_print_stands_above_the_prompt(
    start_program: StartProgram, library: str
) -> None:
    shell = start_program(library)
    shell.paste(
        f"import {library}\nasync def later():\n    await {library}.sleep(.5)\n    print('from', 'a task')"
    )
    shell.type("\r\r")
    shell.wait_for_prompt(2)
    if library == "asyncio":
        enter(shell, "running = asyncio.create_task(later()); await asyncio.sleep(0)", 3)
    else:
        enter(shell, "_ = trio.lowlevel.spawn_system_task(later); await trio.sleep(0)", 3)
    shell.type("6 *")
    shell.wait_for(lambda lines: lines[-3:] == ["from a task", "", "In [3]: 6 *"], "what the task prints")
    assert enter(shell, " 7", 4)[-3] == "Out[3]: 42"


def test_a_program_that_cancels_the_shell_has_its_terminal_back(start_program: StartProgram) -> None:
    shell = start_program(
        "asyncio", "asyncio.wait([asyncio.create_task(ipcore.embed_async('hello'))], timeout=2)"
    )
    shell.type("half")
    shell.wait_for("In [1]: half")
    assert shell.exit_status() == 0
    assert shell.lines[-1] == "back 3"
    assert shell.tty_mode().echo
    assert not shell.modes.bracketed_paste


def test_two_at_once_are_refused(start_program: StartProgram) -> None:
    shell = start_program("asyncio")
    shell.wait_for_prompt(1)
    enter(shell, "import ipcore", 2)
    enter(shell, "running = asyncio.create_task(ipcore.embed_async()); await asyncio.sleep(0)", 3)
    assert "another embed_async()" in "".join(enter(shell, "running.exception()", 4))


BREAKS_AT_HALF = """
import threading, time
def breaks_at_half():
    conversation, broken = get_ipython().keyboard._frontends[-1]._conversation, None
    for _ in range(3):
        while (editor := conversation.editor) in (None, broken) or editor.buffer.text != "half":
            time.sleep(.01)
        broken = editor
        error = RuntimeError("by the test")
        editor.call_soon(lambda: editor.app.future.set_exception(error))
threading.Thread(target=breaks_at_half, daemon=True).start()
"""


def test_an_editor_that_breaks_again_and_again_gives_way_and_loses_no_text(
    start_program: StartProgram,
) -> None:
    shell = start_program("asyncio")
    shell.paste(BREAKS_AT_HALF.strip())
    shell.type("\r\r")
    shell.wait_for_prompt(2)
    shell.type("half")
    shell.wait_for("The plain prompt takes its place.")
    lines = shell.wait_for(lambda lines: lines[-1] == "In [2]:", "the plain prompt")
    told = next(at for at, line in enumerate(lines) if "The plain prompt takes" in line)
    assert any(line.endswith("half") for line in lines[told + 1 :])
    shell.type("a * 14\r")
    shell.wait_for("Out[2]: 42")
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert shell.lines[-1] == "back 3"


def test_what_nobody_waits_for_any_more_is_no_error_at_the_end(
    shell: InteractiveShell, no_leaks: object
) -> None:
    loop = AwaitedThread(shell)
    asked: list[Future[int]] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: asked.append(loop.call(int)))
        thread.start()
        thread.join(30)
    assert asked[0].cancel()
    assert loop.close()
    loop.close_descriptors()
    assert isinstance(asked[1].exception(30), NotDone)
