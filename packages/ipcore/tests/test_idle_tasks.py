"""Tasks that go on while the plain prompt waits, and Ctrl-C, in a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing.terminal import Terminal, shell_command

#: A task that counts, and tells a file each time that it did.
TICKER = """\
import asyncio, os

async def tick():
    while True:
        os.write(ticks, b".")
        await asyncio.sleep(0.02)
"""


class Session:
    """A shell in a terminal, with a pipe that its tasks write to."""

    def __init__(self, folder: Path) -> None:
        (folder / "ticker.py").write_text(TICKER)
        os.mkfifo(folder / "ticks")
        self.shell = Terminal(shell_command("--simple-prompt", "--nosep", "--no-banner"), cwd=folder, rows=40)
        self.shell.wait_for_prompt(1)
        self.number = 1
        self.type("ticks = __import__('os').open('ticks', 2)")
        self._ticks = os.open(folder / "ticks", os.O_RDONLY)
        self.type("exec(open('ticker.py').read())")

    def type(self, line: str) -> list[str]:
        self.shell.type(line + "\r")
        self.number += 1
        return self.shell.wait_for_prompt(self.number)

    def ticks(self) -> None:
        """Wait for signs of life of the ticker, of which none may be an old one."""
        self.shell.wait_for(lambda _: self._ticked(), "ticks")

    def sign(self) -> None:
        """Wait for a single sign of life."""
        self.shell.wait_for(lambda _: bool(os.read(self._ticks, 1)), "a sign")

    def interrupt(self) -> None:
        """Press Ctrl-C until it helps; of two that arrive together only one is seen."""
        next_time = time.monotonic()

        def ended(lines: list[str]) -> bool:
            nonlocal next_time
            if "KeyboardInterrupt" not in lines and time.monotonic() >= next_time:
                self.shell.press("ctrl-c")
                next_time += 1
            return "KeyboardInterrupt" in lines

        self.shell.wait_for(ended, "an end")

    def _ticked(self) -> bool:
        import select

        while select.select([self._ticks], [], [], 0)[0]:
            os.read(self._ticks, 65536)
        return all(select.select([self._ticks], [], [], 10)[0] and os.read(self._ticks, 1) for _ in range(5))

    def close(self) -> None:
        os.close(self._ticks)
        self.shell.close()


@pytest.fixture
def session(home: Path, tmp_path: Path) -> Iterator[Session]:
    folder = tmp_path / "work"
    folder.mkdir()
    made = Session(folder)
    yield made
    made.close()


@pytest.fixture
def ticking(session: Session) -> Session:
    session.type("t = asyncio.create_task(tick(), name='ticker'); await asyncio.sleep(0)")
    return session


def test_a_task_goes_on_while_the_prompt_is_idle_and_while_a_line_is_typed(ticking: Session) -> None:
    ticking.ticks()
    ticking.shell.type("6 *")
    ticking.shell.wait_for(lambda lines: lines[-1].endswith("6 *"), "half a line")
    ticking.ticks()
    assert ticking.type(" 7")[-2].endswith("42")
    ticking.ticks()


def test_keys_are_all_there_while_a_task_runs(ticking: Session) -> None:
    # Two to the left, and to the end of the line.
    assert ticking.type("'abcdefghijklm'\x1b[D\x1b[D-\x05")[-2].endswith("'abcdefghijkl-m'")
    assert ticking.type("1\x016 * 7 + \x05")[-2].endswith(": 43")


def test_a_task_goes_on_after_asyncio_run_and_in_a_continuation_line(ticking: Session) -> None:
    ticking.type("asyncio.run(asyncio.sleep(0))")
    ticking.ticks()
    ticking.shell.type("if True:\r")
    ticking.shell.wait_for(lambda lines: lines[-1] == "   ...:", "continuation")
    ticking.ticks()


def test_ctrl_c_at_the_prompt_drops_the_line_and_touches_no_task(ticking: Session) -> None:
    ticking.shell.type("half a line")
    ticking.shell.wait_for(lambda lines: lines[-1].endswith("half a line"), "half a line")
    for count in (1, 2, 3):
        ticking.shell.press("ctrl-c")
        ticking.shell.wait_for(
            lambda lines, count=count: (
                lines.count("KeyboardInterrupt") == count  # type: ignore[misc]
                and lines[-1] == f"In [{ticking.number}]:"
            ),
            "the next prompt",
        )
        ticking.ticks()
    assert "Out" not in "".join(ticking.type("assert not t.done()")[-2])


def test_ctrl_c_stops_the_awaited_cell_and_no_other_task(ticking: Session) -> None:
    ticking.shell.type("print('waiting'); await asyncio.sleep(100)\r")
    ticking.shell.wait_for(lambda lines: "waiting" in lines, "the cell running")
    ticking.shell.press("ctrl-c")
    ticking.number += 1
    lines = ticking.shell.wait_for_prompt(ticking.number)
    assert "KeyboardInterrupt" in lines
    assert any("Cell In[4], line 1" in line for line in lines)
    ticking.ticks()
    assert ticking.type("await asyncio.sleep(0, 'usable')")[-2].endswith("'usable'")


def test_ctrl_c_stops_an_awaited_cell_with_nothing_else_going_on(session: Session) -> None:
    session.shell.type("print('waiting'); await asyncio.sleep(100)\r")
    session.shell.wait_for(lambda lines: "waiting" in lines, "the cell running")
    session.shell.press("ctrl-c")
    session.number += 1
    assert "KeyboardInterrupt" in session.shell.wait_for_prompt(session.number)


def test_ctrl_c_stops_a_cell_that_is_busy_after_its_await(ticking: Session) -> None:
    ticking.shell.type("await asyncio.sleep(0); print('busy'); exec('while 1: pass')\r")
    ticking.shell.wait_for(lambda lines: "busy" in lines, "the cell running")
    ticking.shell.press("ctrl-c")
    ticking.number += 1
    assert "KeyboardInterrupt" in ticking.shell.wait_for_prompt(ticking.number)
    ticking.ticks()


def test_a_second_ctrl_c_stops_what_keeps_the_cell_from_ending(session: Session) -> None:
    session.type("def stuck(): os.write(ticks, b'.'); exec('while 1: pass')")
    session.shell.type("asyncio.get_running_loop().call_soon(stuck); await asyncio.sleep(100)\r")
    session.sign()
    session.interrupt()
    session.number += 1
    session.shell.wait_for_prompt(session.number)
    assert session.type("await asyncio.sleep(0, 'usable')")[-2].endswith("'usable'")


def test_a_second_ctrl_c_at_the_prompt_stops_a_callback_that_does_not_end(session: Session) -> None:
    session.type("def stuck(): os.write(ticks, b'.'); exec('while 1: pass')")
    session.type("asyncio.get_event_loop().call_later(0.2, stuck).when() > 0")
    session.sign()
    session.interrupt()
    session.shell.wait_for(lambda lines: lines[-1] == "In [5]:", "the prompt")
    assert session.type("'usable'")[-2].endswith("'usable'")


def test_a_lost_task_is_told_once_after_the_line_being_typed(session: Session) -> None:
    session.type("async def boom(): await asyncio.sleep(0.05); os.write(ticks, b'.'); 1/0")
    session.type("t = asyncio.create_task(boom(), name='b'); await asyncio.sleep(0)")
    session.shell.type("'typed")
    session.sign()
    lines = session.type(" on'")
    assert sum("task 'b' (boom) failed with ZeroDivisionError" in line for line in lines) == 1
    assert lines.count("ZeroDivisionError: division by zero") == 1
    assert lines[-2].endswith("'typed on'")
    assert session.type("1").count("ZeroDivisionError: division by zero") == 1


def test_leaving_cancels_what_is_left(ticking: Session) -> None:
    ticking.type("t.add_done_callback(lambda t: print('cancelled', t.cancelled()))")
    ticking.shell.type("exit\r")
    ticking.shell.wait_for(lambda lines: lines[-1] == "cancelled True", "the end of the task")
    assert ticking.shell.exit_status() == 0


def test_an_input_hook_of_others_is_left_alone(session: Session) -> None:
    session.type("await asyncio.sleep(0)")
    session.type("import ctypes; hook = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)")
    session.type("p = ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook')")
    lines = session.type("p.value = mine = ctypes.cast(hook, ctypes.c_void_p).value")
    assert any("holds Python's input hook" in line for line in lines)
    assert session.type("p.value == mine")[-2].endswith("True")
    session.type("p.value = None")


def test_nothing_is_installed_before_asyncio_is_imported(home: Path, tmp_path: Path) -> None:
    shell = Terminal(shell_command("--simple-prompt", "--nosep", "--no-banner"), cwd=tmp_path, rows=40)
    try:
        shell.wait_for_prompt(1)
        shell.type("import sys; 'asyncio' in sys.modules, 'ipcore.plain.idle' in sys.modules\r")
        assert shell.wait_for_prompt(2)[-2].endswith("(False, False)")
    finally:
        shell.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_an_idle_prompt_costs_nothing(session: Session) -> None:
    session.type("t = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)")

    def switches() -> int:
        text = Path(f"/proc/{session.shell.pid}/status").read_text()
        return int(text.partition("\nvoluntary_ctxt_switches:")[2].split()[0])

    before = switches()
    with pytest.raises(AssertionError, match="not seen"):
        session.shell.wait_for(lambda _: False, "nothing", deadline=2)
    # A process that polls wakes up; one that waits does not.
    assert switches() - before <= 3
