"""Cells awaited in trio and by anyio, beside the tasks of asyncio and in any order with its loops."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcore.errors import UserError
from ipcore.shell import InteractiveShell

Run = Callable[..., subprocess.CompletedProcess[str]]

SETUP = """
import anyio, asyncio, sniffio, trio
async def f():
    await asyncio.sleep(0)
    return 7
async def a():
    await anyio.sleep(0)
    return 7
async def t():
    await trio.sleep(0)
    return 7
def use(runner):
    get_ipython().loop_runner = runner
"""

#: Cells whose value is 7, whatever ran before.
WAYS = {
    "await": "use('asyncio')\nawait f()",
    "asyncio.run": "asyncio.run(f())",
    "run_until_complete": "asyncio.get_event_loop().run_until_complete(f())",
    "own loop": "loop = asyncio.new_event_loop(); x = loop.run_until_complete(f()); loop.close(); x",
    "Runner": "with asyncio.Runner() as runner: x = runner.run(f())\nx",
    "await anyio": "await a()",
    "anyio.run": "anyio.run(a)",
    "anyio.run in trio": "anyio.run(a, backend='trio')",
    "trio.run": "trio.run(t)",
    "failing": "1 / 0",
    "a failing asyncio.run": "asyncio.run(1)",
    "a closed loop": "asyncio.get_event_loop().close()",
    "no loop": "asyncio.set_event_loop(None)",
}
#: Cells that have no value.
SILENT = {"failing", "a failing asyncio.run", "a closed loop", "no loop"}


@pytest.fixture
def in_trio(shell: InteractiveShell) -> InteractiveShell:
    shell.run_cell(SETUP)
    shell.loop_runner = "trio"
    return shell


@given(st.lists(st.tuples(st.sampled_from(sorted(WAYS)), st.sampled_from(["asyncio", "trio"])), max_size=12))
@settings(max_examples=60, deadline=None)
def test_all_ways_to_run_a_coroutine_work_in_any_order(ways: list[tuple[str, str]]) -> None:
    shell = InteractiveShell()
    shell.start()
    try:
        assert shell.run_cell(SETUP).success
        for way, runner in ways:
            own = "await t()" if runner == "trio" else "await f()"
            shell.loop_runner = runner
            assert shell.run_cell(own).result == 7
            if way == "await":  # drives itself
                shell.loop_runner = "asyncio"
            result = shell.run_cell(WAYS[way])
            assert way in SILENT or (way, result.result) == (way, 7)
    finally:
        shell.close()


def test_a_cell_in_trio_is_one_like_any_other(in_trio: InteractiveShell) -> None:
    run = in_trio.run_cell
    assert run("await t()").result == 7
    assert run("await a()").result == 7
    assert run("await trio.sleep(0); sniffio.current_async_library()").result == "trio"
    assert isinstance(run("await trio.sleep(0); 1 / 0").error_in_exec, ZeroDivisionError)
    assert isinstance(run("await trio.sleep(0); raise SystemExit").error_in_exec, SystemExit)
    run("import contextvars; v = contextvars.ContextVar('v')")
    run("v.set(3); await trio.sleep(0)")
    assert run("v.get()").result == 3
    assert run("async with trio.open_nursery() as n: n.start_soon(trio.sleep, 0)").success
    assert isinstance(run("await asyncio.sleep(1)").error_in_exec, TypeError)
    assert run("await t()").result == 7


def test_a_traceback_shows_the_cell_and_nothing_of_what_drives_it(
    in_trio: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    in_trio.run_cell("await trio.sleep(0)\n1 / 0")
    assert capsys.readouterr().err.splitlines() == [
        "Traceback (most recent call last):",
        "  Cell In[1], line 2",
        "    1 / 0",
        "    ~~^~~",
        "ZeroDivisionError: division by zero",
    ]


def test_tasks_of_asyncio_go_on_while_a_cell_waits_in_trio(in_trio: InteractiveShell) -> None:
    run = in_trio.run_cell
    in_trio.loop_runner = "asyncio"
    cell = "waiter = asyncio.create_task(asyncio.sleep(0.01)); await asyncio.sleep(0)"
    assert run(cell).success
    in_trio.loop_runner = "trio"
    # Only the loop of asyncio, turning beside trio, brings this to an end.
    cell = "with trio.fail_after(30):\n    while not waiter.done(): await trio.sleep(0.001)"
    assert run(cell).success
    in_trio.loop_runner = "asyncio"
    assert run("await waiter").success


@pytest.mark.parametrize("cell", ["await nested()", "trio.run(t)\nawait trio.sleep(0)"])
def test_trio_in_trio_is_refused_in_one_line(
    in_trio: InteractiveShell, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    in_trio.run_cell("async def nested(): return trio.run(t)")
    assert isinstance(in_trio.run_cell(cell).error_in_exec, UserError)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "await the function instead" in error
    assert in_trio.run_cell("trio.run(t)").result == 7


def test_a_runner_that_is_not_installed_is_named(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("curio", "trio"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, "ipcore.cells.trio_guest", raising=False)
        shell.loop_runner = name
        assert isinstance(shell.run_cell("await f()").error_in_exec, UserError)
        error = capsys.readouterr().err
        assert error.startswith(f'UserError: loop_runner is "{name}", which')
        assert error.count("\n") == 1


def test_a_shell_inside_a_running_trio_says_that_it_does_not_nest(shell: InteractiveShell) -> None:
    import trio

    shell.loop_runner = "trio"

    async def main() -> None:
        error = shell.run_cell("await x").error_in_exec
        assert isinstance(error, UserError)
        assert "trio is running already" in str(error)
        assert shell.run_cell("import asyncio\nasyncio.run(asyncio.sleep(0, 7))").result == 7
        # What asks which loop runs is told of the cell's, not of the one around.
        assert shell.run_cell("import anyio\nanyio.run(anyio.sleep, 0)").success

    trio.run(main)


#: Lets loops nest, as a well-known package does.
PATCH = """
import asyncio
former = asyncio.BaseEventLoop.run_until_complete
def run_until_complete(self, future):
    return former(self, future)
def apply():
    asyncio.BaseEventLoop.run_until_complete = run_until_complete
"""


@pytest.mark.parametrize("first", [False, True], ids=["later", "before the loop"])
def test_a_patched_loop_is_named_once_and_all_goes_on(ipcore: Run, tmp_path: Path, first: bool) -> None:
    (tmp_path / "work" / "nesting.py").write_text(PATCH)
    patch = "import nesting; nesting.apply()\n"
    cells = "asyncio.run(asyncio.sleep(0, 1))\nawait asyncio.sleep(0, 2)\n"
    done = ipcore(typed=f"import asyncio\n{patch if first else ''}{cells}{patch}{cells}")
    assert done.stdout.count(": 1\n") == 2
    assert done.stdout.count(": 2\n") == 2
    assert done.stderr.count("asyncio was patched by nesting (run_until_complete)") == 1
    assert done.stderr.count("\n") == 1


# -- in a terminal -----------------------------------------------------------------

if sys.platform != "win32":
    from test_idle_tasks import Session

    @pytest.fixture
    def session(home: Path, tmp_path: Path) -> Iterator[Session]:
        folder = tmp_path / "work"
        folder.mkdir()
        made = Session(folder)
        yield made
        made.close()

    @pytest.mark.parametrize("how", ["await trio.sleep(1000)", "await trio.sleep(0); exec('while 1: pass')"])
    def test_ctrl_c_stops_a_cell_in_trio_and_no_task_of_asyncio(session: Session, how: str) -> None:
        session.type("t = asyncio.create_task(tick(), name='ticker'); await asyncio.sleep(0)")
        session.type("import trio; get_ipython().loop_runner = 'trio'")
        session.shell.type(f"print('go'); {how}\r")
        session.shell.wait_for(lambda lines: "go" in lines, "the cell running")
        if "1000" in how:
            session.ticks()
        session.shell.press("ctrl-c")
        session.number += 1
        lines = session.shell.wait_for_prompt(session.number)
        assert "KeyboardInterrupt" in lines
        assert any("Cell In[5], line 1" in line for line in lines)
        assert not any("ipcore" in line for line in lines)
        session.ticks()
        assert session.type("await trio.sleep(0); 'usable'")[-2].endswith("'usable'")
