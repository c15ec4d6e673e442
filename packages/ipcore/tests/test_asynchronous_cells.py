"""Awaited cells, synchronous cells that start loops of their own, tasks that go on."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ipcore.cells import user_loop
from ipcore.cells.asynchrony import OutsideLoops, current_loop
from ipcore.errors import PolicyError, UserError
from ipcore.namespaces import Namespace
from ipcore.shell import InteractiveShell
from ipcore.types.policies import ALLOW, Request, refuse

Run = Callable[..., subprocess.CompletedProcess[str]]

SETUP = """
import asyncio
async def f():
    await asyncio.sleep(0)
    return 7
"""


@pytest.fixture(autouse=True)
def _no_current_loop() -> Iterator[None]:
    """Begin and end without a current loop, as a program does."""
    asyncio.set_event_loop(None)
    yield
    asyncio.set_event_loop(None)


def typed(shell: InteractiveShell, *cells: str) -> Any:
    result = None
    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
    return result


@pytest.mark.parametrize(
    "cell",
    [
        "await f()",
        "(await f()) + 0",
        "async with a() as x: pass\nx",
        "async for x in g(): pass\nx",
        "[x async for x in g()][0]",
        "[await f() for _ in 'ab'][0]",
        "x = await f()\nx",
        "task = asyncio.create_task(f())\nawait task",
        "class A: pass\nA.x = await f()\nA.x",
    ],
)
def test_top_level_await_in_all_its_forms(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    typed(
        shell,
        SETUP,
        "import contextlib\n"
        "@contextlib.asynccontextmanager\n"
        "async def a():\n"
        "    yield await f()\n"
        "async def g():\n"
        "    yield await f()\n",
    )
    assert typed(shell, cell).success
    assert capsys.readouterr().out == "Out[3]: 7\n"


def test_no_cell_is_parsed_or_compiled_twice(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    calls: list[str] = []
    compiler = compile

    def counting(source: Any, name: str, mode: str, *rest: Any, **options: Any) -> Any:
        if name.startswith("<ipshell "):
            calls.append(mode)
        return compiler(source, name, mode, *rest, **options)

    typed(shell, SETUP)
    monkeypatch.setattr(builtins, "compile", counting)
    assert typed(shell, "x = await f()\nx").success
    assert calls == ["exec", "single"]


def test_a_future_import_holds_for_the_statement_that_shows_its_value(shell: InteractiveShell) -> None:
    shell.ast_node_interactivity = "last"
    assert typed(shell, "from __future__ import annotations\nasync def f(x: nowhere): pass").success


@pytest.mark.parametrize("cell", ["def g(): await f()", "lambda: await f()", "await f() +"])
def test_a_misplaced_await_is_a_syntax_error(shell: InteractiveShell, cell: str) -> None:
    assert isinstance(typed(shell, SETUP, cell).error_before_exec, SyntaxError)


def test_await_is_an_error_if_autoawait_is_off(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.autoawait = False
    assert isinstance(typed(shell, SETUP, "await f()").error_before_exec, SyntaxError)
    assert "'await' outside function" in capsys.readouterr().err
    assert not shell.should_run_async("await f()")


@pytest.mark.parametrize(
    ("cell", "awaits"),
    [
        ("await f()", True),
        ("1", False),
        ("async def f(): await g()", False),
        ("%who\nawait f()", True),
        ("await f() +", False),
        ("# await", False),
    ],
)
def test_it_is_known_beforehand_whether_a_cell_awaits(
    shell: InteractiveShell, cell: str, awaits: bool
) -> None:
    assert shell.should_run_async(cell) is awaits


WAYS = {
    "await": "await f()",
    "run": "asyncio.run(f())",
    "run_until_complete": "asyncio.get_event_loop().run_until_complete(f())",
    "own loop": "loop = asyncio.new_event_loop(); x = loop.run_until_complete(f()); loop.close(); x",
    "Runner": "with asyncio.Runner() as runner: x = runner.run(f())\nx",
}


@pytest.mark.parametrize("order", list(itertools.permutations(WAYS, 3)), ids="-".join)
def test_all_ways_to_run_a_coroutine_work_in_any_order(
    shell: InteractiveShell, order: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(shell, SETUP)
    for way in (*order, *order):
        result = typed(shell, WAYS[way])
        assert (way, result.result) == (way, 7), capsys.readouterr().err


@pytest.mark.parametrize("order", [("anyio", "trio", "await"), ("await", "anyio", "trio", "anyio")])
def test_anyio_and_trio_work_between_awaits(shell: InteractiveShell, order: tuple[str, ...]) -> None:
    pytest.importorskip("anyio")
    pytest.importorskip("trio")
    cells = {
        "anyio": "import anyio\nasync def a():\n    await anyio.sleep(0)\n    return 7\nanyio.run(a)",
        "trio": "import trio\nasync def b():\n    await trio.sleep(0)\n    return 7\ntrio.run(b)",
        "await": "await f()",
    }
    typed(shell, SETUP)
    assert [typed(shell, cells[way]).result for way in order] == [7] * len(order)


def test_a_synchronous_cell_sees_no_running_loop_inside_of_one(shell: InteractiveShell) -> None:
    typed(shell, SETUP)

    async def host() -> tuple[Any, ...]:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        results = [typed(shell, WAYS[way]).result for way in WAYS if way != "run_until_complete"]
        assert asyncio.get_running_loop() is loop
        assert asyncio.current_task() is task
        assert current_loop() is loop
        await asyncio.sleep(0)
        error = typed(shell, "asyncio.get_running_loop()").error_in_exec
        return results, error

    results, error = asyncio.run(host())
    assert results == [7] * 4
    assert isinstance(error, RuntimeError)


def test_the_mark_of_the_running_loop_is_back_after_a_cell_that_fails(shell: InteractiveShell) -> None:
    async def host() -> None:
        loop = asyncio.get_running_loop()
        assert not typed(shell, "import asyncio\nasyncio.set_event_loop(None)\n1/0").success
        assert asyncio.get_running_loop() is loop
        assert asyncio.get_event_loop() is loop

    asyncio.run(host())


def test_the_current_loop_of_the_user_is_left_alone(shell: InteractiveShell) -> None:
    typed(shell, SETUP, "mine = asyncio.new_event_loop()\nasyncio.set_event_loop(mine)", "await f()")
    assert typed(shell, "asyncio.get_event_loop() is mine").result is True
    assert typed(shell, "asyncio.run(f())", "asyncio.get_event_loop() is mine").result is True
    assert typed(shell, "mine.close()", "await f()").result == 7


def test_tasks_go_on_when_a_later_cell_awaits(shell: InteractiveShell) -> None:
    typed(
        shell,
        SETUP,
        "seen = []\nasync def count():\n    for n in range(3):\n        seen.append(n)\n"
        "        await asyncio.sleep(0)\n",
        "t = asyncio.create_task(count()); await f()",
    )
    typed(shell, "asyncio.run(f())", "await t")
    assert shell.user_ns["seen"] == [0, 1, 2]


def test_a_task_of_the_loop_given_by_get_event_loop_goes_on_too(shell: InteractiveShell) -> None:
    typed(shell, SETUP, "t = asyncio.get_event_loop().create_task(f())", "await asyncio.sleep(0.01)")
    assert typed(shell, "t.result()").result == 7


def test_the_loop_that_the_user_closes_is_replaced(shell: InteractiveShell) -> None:
    typed(shell, SETUP, "await f()", "asyncio.get_event_loop().close()")
    assert typed(shell, "await f()").result == 7


def test_context_variables_set_by_an_awaited_cell_stay_set(shell: InteractiveShell) -> None:
    shell.user_ns["v"] = variable = contextvars.ContextVar("v", default=0)
    typed(shell, SETUP, "v.set(await f())")
    assert typed(shell, "v.get()").result == 7
    assert variable.get() == 7


def test_the_error_of_an_awaited_cell_shows_the_users_frames_alone(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = typed(shell, "async def boom(): 1/0", "await boom()")
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    lines = [line for line in capsys.readouterr().err.splitlines() if line.strip(" ~^")]
    assert lines == [
        "Traceback (most recent call last):",
        "  Cell In[2], line 1",
        "    await boom()",
        "  Cell In[1], line 1, in boom",
        "    async def boom(): 1/0",
        "ZeroDivisionError: division by zero",
    ]


@pytest.mark.parametrize("error", ["SystemExit(3)", "KeyboardInterrupt()", "asyncio.CancelledError()"])
def test_what_is_no_exception_ends_an_awaited_cell_alone(shell: InteractiveShell, error: str) -> None:
    result = typed(shell, SETUP, f"await f()\nraise {error}")
    assert type(result.error_in_exec).__name__ == error.partition("(")[0].rpartition(".")[2]
    assert typed(shell, "await f()").result == 7


def test_a_task_that_exits_is_told_and_ends_nothing_else(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(shell, SETUP, "async def leave(): raise SystemExit(3)")
    result = typed(shell, "t = asyncio.create_task(leave())\nawait asyncio.sleep(0.01)\nawait f()")
    assert result.result == 7
    assert "failed with SystemExit" in capsys.readouterr().err


# -- lost tasks --------------------------------------------------------------------


@pytest.mark.parametrize("kept", ["t = ", ""])
def test_a_task_that_nobody_awaits_is_reported_once(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], kept: str
) -> None:
    import gc

    typed(shell, SETUP, "async def boom(): 1/0")
    typed(shell, f"{kept}asyncio.create_task(boom(), name='b')\nawait asyncio.sleep(0.01)")
    error = capsys.readouterr().err
    assert error.startswith("ipshell: task 'b' (boom) failed with ZeroDivisionError, and nobody has awaited")
    assert "Cell In[2], line 1, in boom" in error
    typed(shell, "await f()", "t = None", "1")
    gc.collect()
    typed(shell, "await f()")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "cell",
    [
        "t = asyncio.create_task(boom())\ntry: await t\nexcept ZeroDivisionError: pass",
        "await asyncio.gather(boom(), boom(), return_exceptions=True)",
        "t = asyncio.create_task(asyncio.sleep(9))\nawait f()\nt.cancel()\nawait asyncio.sleep(0.01)",
    ],
)
def test_a_task_whose_end_somebody_saw_is_not_reported(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    assert typed(shell, SETUP, "async def boom(): 1/0", cell, "await f()").success
    assert capsys.readouterr().err == ""


def test_a_callback_that_fails_is_reported(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(shell, SETUP, "asyncio.get_event_loop().call_soon(lambda: 1/0)", "await asyncio.sleep(0.01)")
    assert capsys.readouterr().err.count("ZeroDivisionError: division by zero") == 1


def test_reports_are_bounded(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    typed(shell, SETUP, "async def boom(): 1/0")
    typed(shell, "for _ in range(100): asyncio.create_task(boom())\nawait asyncio.sleep(0.01)")
    error = capsys.readouterr().err
    assert error.count("ZeroDivisionError: ") <= 2 * user_loop.MOST_FAILURES
    assert "more failed" in error


# -- tasks -------------------------------------------------------------------------


def test_tasks_are_listed_and_cancelled(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    typed(shell, "%tasks")
    assert "asyncio" in sys.modules
    typed(shell, SETUP, "async def wait():\n    await asyncio.sleep(100)")
    typed(shell, "for n in 'ab': asyncio.create_task(wait(), name=n)\nawait f()")
    assert [task.get_name() for task in shell.tasks()] == ["a", "b"]
    capsys.readouterr()
    typed(shell, "%tasks")
    assert capsys.readouterr().out == "a  wait  Cell In[3], line 2\nb  wait  Cell In[3], line 2\n"
    typed(shell, "%tasks cancel a")
    assert capsys.readouterr().out == "cancelled: a\n"
    assert [task.get_name() for task in shell.tasks()] == ["b"]
    typed(shell, "%tasks cancel nosuch")
    assert "there is no task called nosuch" in capsys.readouterr().err
    typed(shell, "%tasks stop")
    assert "UsageError" in capsys.readouterr().err
    typed(shell, "%tasks cancel all", "%tasks")
    assert capsys.readouterr().out == "cancelled: b\nNo tasks.\n"


def test_a_task_that_does_not_end_when_cancelled_is_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(
        shell,
        "import asyncio\nstay = True\n"
        "async def stubborn():\n"
        "    while stay:\n"
        "        try: await asyncio.sleep(100)\n"
        "        except asyncio.CancelledError: pass\n",
        "t = asyncio.create_task(stubborn(), name='s'); await asyncio.sleep(0)",
        "%tasks cancel s",
    )
    assert capsys.readouterr().out.endswith("told to end, not there yet: s\n")
    typed(shell, "stay = False", "%tasks cancel s")


def test_closing_the_shell_ends_tasks_and_asynchronous_generators(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shell = InteractiveShell()
    shell.start()
    seen: list[str] = []
    shell.user_ns["seen"] = seen
    typed(
        shell,
        SETUP,
        "async def g():\n    try: yield 1; yield 2\n    finally: seen.append('generator')\n"
        "async def wait():\n    try: await asyncio.sleep(100)\n    finally: seen.append('task')\n",
        "generator = g(); await anext(generator); t = asyncio.create_task(wait()); await f()",
    )
    loop = shell.user_loop.loop
    shell.close()
    assert seen == ["task", "generator"]
    assert loop.is_closed()
    assert current_loop() is None
    assert capsys.readouterr().err == ""


def test_closing_the_shell_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(user_loop, "CLOSING", 0.05)
    shell = InteractiveShell()
    shell.start()
    typed(
        shell,
        "import asyncio\n"
        "async def stubborn():\n"
        "    while True:\n"
        "        try: await asyncio.sleep(100)\n"
        "        except asyncio.CancelledError: pass\n",
        "t = asyncio.create_task(stubborn(), name='s'); await asyncio.sleep(0)",
    )
    task = shell.user_ns["t"]
    shell.close()
    assert "tasks that did not end within 0.05 s after being cancelled: s" in capsys.readouterr().err
    task._log_destroy_pending = False


def test_nothing_of_asyncio_is_imported_for_synchronous_cells(ipcore: Run) -> None:
    done = ipcore("-c", "import sys; print('asyncio' in sys.modules, get_ipython().tasks())")
    assert done.stdout == "False []\n"


def test_await_works_in_code_files_and_pipes_without_warnings(ipcore: Run, tmp_path: Any) -> None:
    done = ipcore(
        "-c", "import asyncio; await asyncio.sleep(0, 7)", PYTHONWARNINGS="error", PYTHONDEVMODE="1"
    )
    assert (done.stdout, done.stderr, done.returncode) == ("7\n", "", 0)
    typed_cells = (
        "import asyncio\n"
        "async def boom(): 1/0\n"
        "\n"
        "t = asyncio.get_event_loop().create_task(boom())\n"
        "'next'\n"
        "await asyncio.sleep(0, 8)\n"
    )
    done = ipcore(typed=typed_cells, PYTHONWARNINGS="error", PYTHONDEVMODE="1")
    assert "Out[5]: 8" in done.stdout
    assert done.stderr.count("ZeroDivisionError: division by zero") == 1


# -- other runners, other hosts -------------------------------------------------------


def test_a_cell_can_be_awaited_in_the_callers_loop(shell: InteractiveShell) -> None:
    typed(shell, SETUP)

    async def host() -> list[Any]:
        asking = await shell.run_cell_async("asyncio.get_running_loop()", store_history=True)
        assert isinstance(asking.error_in_exec, RuntimeError)
        awaiting = await shell.run_cell_async("await f(); asyncio.get_running_loop()", store_history=True)
        blank = await shell.run_cell_async(" ")
        wrong = await shell.run_cell_async("await f(")
        return [awaiting.result is asyncio.get_running_loop(), blank.success, wrong.success]

    assert asyncio.run(host()) == [True, True, False]
    assert shell.execution_count == 4


def test_policies_hold_for_a_cell_in_the_loop_of_a_host(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def decide(request: Request) -> Any:
        return refuse("not from there") if request.origin == "remote" else ALLOW

    shell.policies.add(types.SimpleNamespace(name="here", decide=decide))
    typed(shell, SETUP)
    refused = asyncio.run(shell.run_cell_async("a = await f()", origin="remote"))
    assert isinstance(refused.error_before_exec, PolicyError)
    assert "a" not in shell.user_ns
    assert "not from there" in capsys.readouterr().err
    assert asyncio.run(shell.run_cell_async("a = await f()")).success
    with pytest.raises(ValueError, match="nowhere"):
        asyncio.run(shell.run_cell_async("await f()", origin="nowhere"))


def test_callbacks_surround_a_cell_in_the_loop_of_a_host(shell: InteractiveShell) -> None:
    seen: list[str] = []
    shell.events.register("pre_run_cell", lambda info: seen.append(info.raw_cell))
    shell.events.register("post_execute", lambda: seen.append("after"))
    asyncio.run(shell.run_cell_async("import asyncio; await asyncio.sleep(0)"))
    assert seen == ["import asyncio; await asyncio.sleep(0)", "after"]


@pytest.mark.parametrize("hosted", [False, True])
def test_an_awaited_cell_changes_the_names_of_a_function_and_of_its_module(hosted: bool) -> None:
    module = types.ModuleType("program")
    local = {"a": 1}
    shell = InteractiveShell(user_module=module, namespace=Namespace(module.__dict__, local))
    cell = SETUP + "global g\na = [await f() for _ in range(a)]\ng = a"
    try:
        result = asyncio.run(shell.run_cell_async(cell)) if hosted else shell.run_cell(cell)
        assert result.success
        assert local["a"] == module.__dict__["g"] == [7]
    finally:
        shell.close()


def test_a_closed_shell_awaits_no_cell(shell: InteractiveShell) -> None:
    shell.close()
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(shell.run_cell_async("1"))


def test_an_awaited_cell_can_await_another(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(shell, SETUP)
    assert typed(shell, "r = await get_ipython().run_cell_async('await f()')\nr.result").result == 7
    nested = typed(shell, "await f()\nr = get_ipython().run_cell('await f()')\nr").result
    assert isinstance(nested.error_in_exec, UserError)
    assert "run_cell_async" in capsys.readouterr().err
    assert typed(shell, "await f()\nget_ipython().run_cell('asyncio.run(f())').result").result == 7


def test_a_function_can_drive_awaited_cells(shell: InteractiveShell) -> None:
    calls: list[object] = []

    def drive(coroutine: Any) -> None:
        calls.append(coroutine)
        asyncio.run(coroutine)

    shell.loop_runner = drive
    assert typed(shell, SETUP, "await f()").result == 7
    shell.user_ns["drive"] = drive
    shell.loop_runner = "drive"
    assert typed(shell, "await f()").result == 7
    shell.loop_runner = "asyncio.run"
    assert typed(shell, "await f()").result == 7
    assert len(calls) == 2


def test_the_runner_sync_serves_what_never_waits(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.loop_runner = "sync"
    assert typed(shell, "async def g(): return 7", "await g()").result == 7
    assert isinstance(typed(shell, SETUP, "await f()").error_in_exec, UserError)


def test_the_runner_trio_runs_each_cell_in_trio(shell: InteractiveShell) -> None:
    pytest.importorskip("trio")
    shell.loop_runner = "trio"
    assert typed(shell, "import trio", "await trio.sleep(0)\n7").result == 7
    assert (
        typed(shell, "import sniffio\nawait trio.sleep(0)\nsniffio.current_async_library()").result == "trio"
    )
    shell.trio_runner = lambda coroutine: coroutine.close()
    assert typed(shell, "await trio.sleep(0)\n7").result is None


@pytest.mark.parametrize("name", ["nosuch", "no.such", "sys.version"])
def test_a_runner_that_is_none_is_the_users_mistake(
    shell: InteractiveShell, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.loop_runner = name
    assert isinstance(typed(shell, SETUP, "await f()").error_in_exec, UserError)
    assert "loop_runner" in capsys.readouterr().err


def test_a_patched_asyncio_is_named_once(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = types.ModuleType("nesting")
    exec("def run(main, **options):\n    return former(main, **options)", patch.__dict__)
    patch.__dict__["former"] = asyncio.run
    typed(shell, SETUP, "await f()")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(asyncio, "run", patch.run)
    assert typed(shell, "asyncio.run(f())", "await f()").result == 7
    error = capsys.readouterr().err
    assert error.count("asyncio was patched by nesting (run)") == 1
    assert asyncio.run is patch.run


def test_nothing_of_asyncio_is_replaced(shell: InteractiveShell) -> None:
    before = {**vars(asyncio), **vars(asyncio.BaseEventLoop), **vars(asyncio.SelectorEventLoop)}
    typed(shell, SETUP, *WAYS.values())
    assert {**vars(asyncio), **vars(asyncio.BaseEventLoop), **vars(asyncio.SelectorEventLoop)} == before


def test_leaving_loops_nests(shell: InteractiveShell) -> None:
    async def host() -> None:
        loop = asyncio.get_running_loop()
        with OutsideLoops(shell):
            assert asyncio.run(asyncio.sleep(0, 7)) == 7
            with OutsideLoops(shell):
                assert asyncio.run(asyncio.sleep(0, 8)) == 8
        assert asyncio.get_running_loop() is loop

    asyncio.run(host())
