"""A host with its line editor in a thread of its own, in a real pseudo-terminal."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from test_idle_tasks import TICKER

from ipcore.testing import Terminal


class EditorTerminal(Terminal):
    """The host in a pseudo-terminal, with a pipe for signs of life and one that holds up who reads it."""

    def __init__(self, folder: Path) -> None:
        (folder / "ticker.py").write_text(TICKER)
        os.mkfifo(folder / "ticks")
        os.mkfifo(folder / "gate")
        program = Path(__file__).with_name("editor_host.py")
        super().__init__([sys.executable, str(program)], cwd=folder, rows=40)
        self.number = 1
        self.wait_for_prompt(1)
        self.line("import asyncio, os, signal, sys, threading, time")
        self.line("ticks, gate = os.open('ticks', os.O_RDWR), os.open('gate', os.O_RDWR)")
        self._ticks = os.open(folder / "ticks", os.O_RDONLY)
        self._gate = os.open(folder / "gate", os.O_WRONLY)
        self.line("sign = lambda *_: os.write(ticks, b'.')")
        self.line("held = lambda: (sign(), os.read(gate, 1), None)[-1]")

    def line(self, text: str) -> list[str]:
        """Type a line and wait for the next prompt."""
        self.type(text + "\r")
        self.number += 1
        return self.wait_for_prompt(self.number)

    def signs(self, count: int = 1) -> None:
        """Wait for that many signs of life."""

        def seen(lines: list[str]) -> bool:
            for _ in range(count):
                if not select.select([self._ticks], [], [], 30)[0]:
                    return False
                os.read(self._ticks, 1)
            return True

        self.wait_for(seen, "a sign of life")

    def no_old_signs(self) -> None:
        while select.select([self._ticks], [], [], 0)[0]:
            os.read(self._ticks, 65536)

    def open_gate(self) -> None:
        os.write(self._gate, b".")

    def close(self) -> None:
        os.close(self._ticks)
        os.close(self._gate)
        super().close()


@pytest.fixture
def editor(home: Path, tmp_path: Path) -> Iterator[EditorTerminal]:
    folder = tmp_path / "work"
    folder.mkdir()
    made = EditorTerminal(folder)
    yield made
    made.close()


@pytest.fixture
def ticking(editor: EditorTerminal) -> EditorTerminal:
    editor.line("exec(open('ticker.py').read())")
    editor.line("t = asyncio.create_task(tick(), name='ticker'); await asyncio.sleep(0)")
    return editor


Echoed = Callable[[list[str]], bool]


def echoed(text: str) -> Echoed:
    return lambda lines: lines[-1].endswith(text)


def test_cells_run_on_the_main_thread_and_may_await(editor: EditorTerminal) -> None:
    assert editor.line("threading.current_thread() is threading.main_thread()")[-2].endswith("True")
    assert editor.line("await asyncio.sleep(0.01, 'awaited')")[-2].endswith("'awaited'")
    assert editor.line("asyncio.run(asyncio.sleep(0, 'run'))")[-2].endswith("'run'")
    assert "ZeroDivisionError: division by zero" in editor.line("1/0")


def test_a_task_of_a_cell_ticks_while_the_prompt_is_up_and_while_a_line_is_typed(
    ticking: EditorTerminal,
) -> None:
    ticking.no_old_signs()
    ticking.signs(10)
    ticking.type("6 *")
    ticking.wait_for(echoed("6 *"), "the keys")
    ticking.no_old_signs()
    ticking.signs(10)
    assert ticking.line(" 7")[-2].endswith("42")
    ticking.no_old_signs()
    ticking.signs(10)


def test_keys_are_echoed_while_a_background_task_blocks_the_main_thread(editor: EditorTerminal) -> None:
    editor.line("await asyncio.sleep(0); asyncio.get_running_loop().call_soon(held).cancelled()")
    editor.signs()
    editor.type("6 *")
    editor.wait_for(echoed("6 *"), "the keys")
    editor.type(" 8\x7f7")
    editor.wait_for(echoed("6 * 7"), "more keys")
    editor.type("\r")
    editor.open_gate()
    editor.number += 1
    assert editor.wait_for_prompt(editor.number)[-2].endswith("42")


def test_ctrl_c_at_the_prompt_drops_the_line_and_nothing_else(ticking: EditorTerminal) -> None:
    ticking.type("half a line")
    ticking.wait_for(echoed("half a line"), "the keys")
    ticking.type("\x03")
    ticking.wait_for(lambda lines: lines[-1] == f"In [{ticking.number}]:", "an empty prompt")
    ticking.no_old_signs()
    ticking.signs(10)
    assert ticking.line("t.done()")[-2].endswith("False")


@pytest.mark.parametrize("what", ["time.sleep(100)", "exec('while 1: pass')", "await asyncio.sleep(100)"])
def test_ctrl_c_in_a_cell_stops_it_and_no_task(ticking: EditorTerminal, what: str) -> None:
    ticking.type(f"print('running'); {what}\r")
    ticking.wait_for(lambda lines: "running" in lines, "the cell running")
    ticking.number += 1

    next_time = time.monotonic()

    def stopped(lines: list[str]) -> bool:
        nonlocal next_time
        if lines[-1] == f"In [{ticking.number}]:":
            return True
        if time.monotonic() >= next_time:  # one that comes just before a system call does not end it
            ticking.press("ctrl-c")
            next_time += 5
        return False

    assert "KeyboardInterrupt" in ticking.wait_for(stopped, "the prompt")
    ticking.no_old_signs()
    ticking.signs(10)


@pytest.mark.parametrize("stuck", ["exec('while 1: pass')", "time.sleep(100)"])
def test_a_second_ctrl_c_at_the_prompt_stops_a_callback_that_does_not_end(
    editor: EditorTerminal, stuck: str
) -> None:
    editor.line(f"def stuck(): sign(); {stuck}")
    editor.line("await asyncio.sleep(0); asyncio.get_running_loop().call_soon(stuck).cancelled()")
    editor.signs()
    editor.type("\x03")
    editor.wait_for(
        lambda lines: "a callback does not end; Ctrl-C once more stops it" in lines, "the warning"
    )
    editor.type("\x03")
    editor.wait_for(lambda lines: any("Ctrl-C stopped a callback" in line for line in lines), "its end")
    editor.type("'usable'\r")
    editor.wait_for(lambda lines: lines[-2].endswith("'usable'"), "the value")


def test_a_cell_may_ask_with_input_and_the_line_is_edited_by_the_terminal(editor: EditorTerminal) -> None:
    editor.type("name = input('name? ')\r")
    editor.wait_for(lambda lines: lines[-1] == "name?", "the question")
    editor.type("adx\x7fa\r")
    editor.number += 1
    editor.wait_for_prompt(editor.number)
    assert editor.line("name")[-2].endswith("'ada'")


def test_a_window_handler_of_the_users_runs_while_the_prompt_is_up(editor: EditorTerminal) -> None:
    editor.line("_ = signal.signal(signal.SIGWINCH, sign)")
    for width in (70, 75, 80):
        editor.resize(40, width)
        editor.signs()


def test_a_signal_handler_of_the_users_loop_works_in_a_cell_and_at_the_prompt(editor: EditorTerminal) -> None:
    editor.line("await asyncio.sleep(0); asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, sign)")
    editor.line("os.kill(os.getpid(), signal.SIGUSR1); await asyncio.sleep(0.01)")
    editor.signs()
    for _ in range(3):
        os.kill(editor.pid, signal.SIGUSR1)
        editor.signs()


def test_a_handler_of_ctrl_c_is_named_and_undone_or_kept_if_the_user_says_so(editor: EditorTerminal) -> None:
    editor.line("_ = signal.signal(signal.SIGINT, sign)")
    lines = editor.line("signal.getsignal(signal.SIGINT) is sign")
    assert "replaced what Ctrl-C does: it called <lambda> (Cell In[3]" in " ".join(lines)
    assert lines[-2].endswith("False")
    editor.line("get_ipython().keep_signal_handlers = True")
    editor.line("_ = signal.signal(signal.SIGINT, sign)")
    assert editor.line("signal.getsignal(signal.SIGINT) is sign")[-2].endswith("True")
    assert editor.line("signal.getsignal(signal.SIGINT) is sign")[-2].endswith("True")


def test_a_real_interrupt_at_the_prompt_ends_nothing(editor: EditorTerminal) -> None:

    editor.line("_ = signal.signal(signal.SIGUSR1, sign)")
    for _ in range(3):
        os.kill(editor.pid, signal.SIGINT)
        os.kill(editor.pid, signal.SIGUSR1)
        editor.signs()
    assert editor.line("6 * 7")[-2].endswith("42")


@pytest.mark.parametrize("leave", ["exit\r", "exit()\r", "\x04"])
def test_leaving_ends_the_process_and_cancels_tasks(ticking: EditorTerminal, leave: str) -> None:
    ticking.line("t.add_done_callback(lambda t: print('cancelled', t.cancelled()))")
    ticking.type(leave)
    ticking.wait_for(lambda lines: lines[-1] == "cancelled True", "the end of the task")
    assert ticking.exit_status() == 0
