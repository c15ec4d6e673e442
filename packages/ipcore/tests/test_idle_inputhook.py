"""A plugin's event loop, and signal handlers, while the plain prompt waits in a pseudo-terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipcore.testing.distributions import FakeSite

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from test_idle_tasks import Session

#: A toolkit: a loop of its own with a timer of its own, which writes to a pipe.
TOY = """
import os, selectors, time

class Toy:
    def __init__(self, shell):
        self.shell = shell
        self.timer = None

    def __call__(self, context):
        with selectors.DefaultSelector() as selector, self.shell.inputhooks.stepping() as tasks:
            selector.register(context, selectors.EVENT_READ)
            if tasks is not None:
                selector.register(tasks, selectors.EVENT_READ)
            while not context.input_is_ready():
                due = [tasks.step()] if tasks is not None else []
                if self.timer is not None:
                    self.timer()
                    due.append(0.02)
                selector.select(min((each for each in due if each is not None), default=None))

@hookimpl
def ipshell_inputhook(name, shell):
    shell.user_ns["toy"] = Toy(shell)
    return shell.user_ns["toy"]
"""
BROKEN = """
@hookimpl
def ipshell_inputhook(name, shell):
    def run(context):
        raise LookupError("no display")
    return run
"""


@pytest.fixture
def session(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    site = FakeSite(tmp_path / "site")
    site.plugin("toy", "inputhooks", "toy", TOY)
    site.plugin("broken", "inputhooks", "broken", BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(site))
    folder = tmp_path / "work"
    folder.mkdir()
    made = Session(folder)
    yield made
    made.close()


@pytest.fixture
def toy(session: Session) -> Session:
    """A session whose toolkit's timer gives signs of life, though asyncio has no part in it."""
    session.type("get_ipython().enable_gui('toy')")
    session.type("toy.timer = lambda: os.write(ticks, b'.')")
    return session


def test_the_toolkit_lives_while_the_prompt_waits_and_while_a_line_is_typed(toy: Session) -> None:
    toy.ticks()
    toy.shell.type("6 *")
    toy.shell.wait_for(lambda lines: lines[-1].endswith("6 *"), "half a line")
    toy.ticks()
    assert toy.type(" 7")[-2].endswith("42")
    toy.ticks()


def test_tasks_and_toolkit_go_on_side_by_side(session: Session) -> None:
    session.type("get_ipython().enable_gui('toy')")
    session.type("t = asyncio.create_task(tick(), name='ticker'); await asyncio.sleep(0)")
    session.ticks()
    session.type("n = 0")
    session.type("def count(): global n; n += 1")
    session.type("toy.timer = count")
    session.ticks()
    assert session.type("n > 1")[-2].endswith("True")


def test_ctrl_c_drops_the_line_and_leaves_the_toolkit_alone(toy: Session) -> None:
    for count in (1, 2, 3):
        toy.shell.type("half a line")
        toy.shell.wait_for(lambda lines: lines[-1].endswith("half a line"), "half a line")
        toy.shell.press("ctrl-c")
        toy.shell.wait_for(
            lambda lines, count=count: (
                lines.count("KeyboardInterrupt") == count  # type: ignore[misc]
                and lines[-1] == f"In [{toy.number}]:"
            ),
            "the next prompt",
        )
        toy.ticks()
    assert toy.type("get_ipython().inputhooks.current")[-2].endswith("'toy'")


def test_the_second_ctrl_c_stops_a_callback_of_the_toolkit_that_does_not_end(toy: Session) -> None:
    toy.type("def stuck(): toy.timer = None; os.write(ticks, b'.'); exec('while 1: pass')")
    toy.type("toy.timer = stuck")
    toy.sign()
    toy.interrupt()
    toy.shell.wait_for(lambda lines: lines[-1] == f"In [{toy.number}]:", "the prompt")
    assert toy.type("get_ipython().inputhooks.current")[-2].endswith("'toy'")


def test_a_toolkit_that_keeps_the_keyboard_waiting_is_named(toy: Session) -> None:
    toy.type("def stuck(): toy.timer = None; os.write(ticks, b'.'); exec('while 1: pass')")
    toy.type("toy.timer = stuck")
    toy.sign()
    toy.shell.type("x")
    toy.shell.wait_for(
        lambda lines: "the event loop toy, which keeps the keyboard" in "".join(lines), "the notice"
    )
    toy.interrupt()
    toy.shell.wait_for(lambda lines: lines[-1] == f"In [{toy.number}]:", "the prompt")


def test_a_loop_that_fails_is_named_and_the_prompt_goes_on(session: Session) -> None:
    session.type("get_ipython().enable_gui('broken')")
    session.shell.type("6 * 7")
    session.shell.wait_for(lambda lines: "LookupError: no display" in "".join(lines), "the failure")
    session.shell.type("\r")
    session.number += 1
    assert "42" in session.shell.wait_for_prompt(session.number)[-2]
    assert session.type("get_ipython().inputhooks.current")[-2].endswith("'asyncio'")


def test_a_toolkits_own_hook_of_python_is_put_back_for_cells(toy: Session) -> None:
    toy.type("import ctypes; hook = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)")
    toy.type("p = ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook')")
    toy.type("p.value = mine = ctypes.cast(hook, ctypes.c_void_p).value")
    toy.ticks()
    assert toy.type("p.value == mine")[-2].endswith("True")
    toy.type("p.value = None")


@pytest.mark.parametrize("gui", [False, True])
def test_a_loops_own_signal_handler_works_at_the_prompt_and_in_cells(session: Session, gui: bool) -> None:
    if gui:
        session.type("get_ipython().enable_gui('toy')")
    session.type("import signal; usr1 = lambda: os.write(ticks, b'.')")
    session.type(
        "await asyncio.sleep(0); asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, usr1)"
    )
    for _ in range(3):
        os.kill(session.shell.pid, signal.SIGUSR1)
        session.sign()
    session.type("os.kill(os.getpid(), signal.SIGUSR1); await asyncio.sleep(0.01)")
    session.sign()
    session.shell.type("'typed' + ' on'")
    session.shell.wait_for(lambda lines: lines[-1].endswith("'typed' + ' on'"), "half a line")
    os.kill(session.shell.pid, signal.SIGUSR1)
    session.sign()
    session.shell.type("\r")
    session.shell.wait_for(lambda lines: lines[-2].endswith("'typed on'"), "the value")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("gui", [False, True])
def test_an_idle_prompt_costs_nothing_under_any_loop(session: Session, gui: bool) -> None:
    if gui:
        session.type("get_ipython().enable_gui('toy')")
    session.type("t = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)")

    def switches() -> int:
        text = Path(f"/proc/{session.shell.pid}/status").read_text()
        return int(text.partition("\nvoluntary_ctxt_switches:")[2].split()[0])

    def wait(seconds: float) -> None:
        with pytest.raises(AssertionError, match="not seen"):
            session.shell.wait_for(lambda _: False, "nothing", deadline=seconds)

    wait(0.5)  # CPython asks its hook a tenth of a second after the prompt
    before = switches()
    wait(2)
    assert switches() - before <= 2
