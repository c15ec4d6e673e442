"""What cells leave behind: In, Out and the last error, by one policy of count and size."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Iterator
from types import FrameType

import pytest

from ipcore.cells import retention
from ipcore.cells.sizes import estimated_size
from ipcore.namespaces import frame_namespace
from ipcore.shell import InteractiveShell


@pytest.fixture(autouse=True)
def _no_last_error(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give ``sys.last_*`` back as they were."""
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)
    yield
    gc.collect()


def typed(shell: InteractiveShell, *cells: str) -> None:
    for cell in cells:
        shell.run_cell(cell, store_history=True)


MAKE = "import weakref\nclass Thing: pass\nx = Thing(); ref = weakref.ref(x)"


def gone(shell: InteractiveShell) -> bool:
    """Tell whether ``x`` is, after a collection."""
    gc.collect()
    reference = shell.user_ns["ref"]
    assert isinstance(reference, weakref.ref)
    return reference() is None


@pytest.mark.parametrize(
    "used",
    [
        ["x;"],
        ["y = x; del y"],
        ["def f(a):\n    b = a\n    1/0", "f(x)"],
        ["raise ValueError(x)"],
        ["def f(a):\n    raise KeyError(a)", "try:\n    f(x)\nexcept KeyError:\n    1/0"],
        ["raise ExceptionGroup('g', [ValueError(x)])"],
        ["x.missing"],
        ["x.__repr__ = None", "x?"],
        ["class E(Exception):\n    def __str__(self, x=[x]): return str(x)", "raise E", "del E"],
        ["%nosuch"],
    ],
)
def test_after_del_and_two_more_cells_nothing_of_ours_refers_to_it(
    shell: InteractiveShell, used: list[str]
) -> None:
    typed(shell, MAKE, *used)
    assert not gone(shell)
    typed(shell, "del x", "1", "2")
    assert gone(shell)


FAILS = "async def fails(a):\n    await asyncio.sleep(0)\n    1/0"


@pytest.mark.parametrize("hosted", [False, True], ids=["run_cell", "run_cell_async"])
@pytest.mark.parametrize(
    "used",
    [
        ["await asyncio.sleep(0, x);"],
        ["async def echo(a): return a", "y = await echo(x); del y"],
        [FAILS, "await fails(x)"],
        ["await asyncio.sleep(0)\nraise ValueError(x)"],
        [FAILS, "async with asyncio.TaskGroup() as group:\n    group.create_task(fails(x))", "del group"],
        [FAILS, "t = asyncio.create_task(fails(x)); await asyncio.sleep(0.01)", "del t"],
        [FAILS, "t = asyncio.create_task(fails(x)); del t; await asyncio.sleep(0.01)"],
        [FAILS, "asyncio.run(fails(x))"],
        [FAILS, "try:\n    await fails(x)\nexcept ZeroDivisionError as e:\n    raise KeyError(x) from e"],
        ["asyncio.current_task().cancel(x); await asyncio.sleep(1)"],
        ["async def each(a):\n    yield a\n    yield a", "async for y in each(x): break", "del y, each"],
        ["import contextvars\nv = contextvars.ContextVar('v'); token = v.set(x); await asyncio.sleep(0)",
         "v.set(0); del token; await asyncio.sleep(0)"],
    ],
)  # fmt: skip
def test_the_same_after_awaited_cells(
    shell: InteractiveShell, used: list[str], hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", "asyncio")  # a host's own loop logs tasks, and the tests keep what is logged
    cells = ["import asyncio", MAKE, *used]
    if hosted:
        asyncio.run(awaited(shell, *cells))
    else:
        typed(shell, *cells)
    assert not gone(shell)
    last = ["del x", "await asyncio.sleep(0, 1)", "2"]
    if hosted:
        asyncio.run(awaited(shell, *last))
    else:
        typed(shell, *last)
    assert gone(shell)


async def awaited(shell: InteractiveShell, *cells: str) -> None:
    for cell in cells:
        await shell.run_cell_async(cell, store_history=True)


@pytest.mark.parametrize(
    "used", [["x;"], ["x.missing"], ["def f(a):\n    1/0", "f(x)"], ["[x for _ in [1]];"]]
)
def test_the_same_in_somebodys_frame(framed: InteractiveShell, used: list[str]) -> None:
    typed(framed, MAKE, *used)
    assert not gone(framed)
    typed(framed, "del x", "1", "2")
    assert gone(framed)


def test_what_was_shown_in_somebodys_frame_goes_when_it_is_dropped_deleted_or_forgotten(
    framed: InteractiveShell,
) -> None:
    framed.cache_size = 3
    typed(framed, MAKE, "x", "2", "3", "4", "del x")
    assert gone(framed)
    typed(framed, MAKE, "x", "del x, _, _8, Out[8]")
    assert gone(framed)
    typed(framed, MAKE, "x")
    assert framed.outputs.forget(framed.user_ns["x"]) == 2
    typed(framed, "del x")
    assert gone(framed)
    framed.outputs.reset()
    assert not {"_", "__", "_4", "_i4"} & set(framed.own_names)


@pytest.fixture
def framed() -> Iterator[InteractiveShell]:
    """Give a shell in the frame of a function."""

    def function() -> FrameType:
        return sys._getframe()

    shell = InteractiveShell(namespace=frame_namespace(function()))
    yield shell
    shell.close()


def test_what_was_shown_goes_when_the_cache_is_off_and_three_others_came(shell: InteractiveShell) -> None:
    shell.cache_size = 0
    typed(shell, MAKE, "x", "del x", "1", "2")
    assert shell.user_ns["___"] is shell.user_ns["ref"]()
    typed(shell, "3")
    assert gone(shell)


def test_what_was_shown_goes_when_the_user_forgets_it(shell: InteractiveShell) -> None:
    typed(shell, MAKE, "x")
    assert shell.outputs.forget(shell.user_ns["x"]) == 2
    typed(shell, "del x")
    assert gone(shell)
    assert shell.user_ns["_"] == ""
    assert shell.user_ns["Out"] == {}


def test_what_was_shown_goes_when_the_user_deletes_our_names(shell: InteractiveShell) -> None:
    typed(shell, MAKE, "x", "del x, _, _2, Out[2]")
    assert gone(shell)
    typed(shell, "5")
    assert (shell.user_ns["_"], shell.user_ns["__"]) == (5, "")


@pytest.mark.parametrize(
    "failing", ["def f(a):\n    1/0", "import asyncio\nasync def f(a):\n    await asyncio.sleep(0)\n    1/0"]
)
def test_the_result_of_a_failed_cell_dies_without_a_collection_once_the_error_is_let_go(
    shell: InteractiveShell, failing: str
) -> None:
    typed(shell, MAKE, failing, "await f(x)" if "async" in failing else "f(x)")
    gc.disable()
    try:
        typed(shell, "del x", "0")
        assert shell.user_ns["ref"]() is None
    finally:
        gc.enable()


def test_an_error_is_let_go_at_the_second_success_and_not_before(shell: InteractiveShell) -> None:
    typed(shell, "1/0")
    first = sys.last_value
    typed(shell, "[][0]")
    assert isinstance(sys.last_value, IndexError)
    assert sys.last_value is not first
    shell.run_cell("1", silent=True)
    typed(shell, "  ")
    assert isinstance(sys.last_value, IndexError)
    typed(shell, "import pdb")
    assert isinstance(sys.last_value, IndexError)  # so that pdb.pm() can be the next cell
    typed(shell, "1")
    assert not hasattr(sys, "last_value")
    assert not hasattr(sys, "last_traceback")
    assert not hasattr(sys, "last_exc")


def test_an_error_can_be_kept_for_longer(shell: InteractiveShell) -> None:
    shell.last_error_cells = 3
    typed(shell, "1/0", "1", "1")
    assert hasattr(sys, "last_traceback")
    typed(shell, "2")
    assert not hasattr(sys, "last_traceback")
    shell.last_error_cells = -1
    typed(shell, "1/0", "1", "2", "3")
    assert hasattr(sys, "last_traceback")


def test_an_error_that_the_user_or_somebody_else_keeps_is_whole(shell: InteractiveShell) -> None:
    typed(shell, "import sys\n1/0")
    error = sys.last_value
    sys.last_type = OSError
    typed(shell, "1")
    assert error is not None
    assert error.__traceback__ is not None
    assert sys.last_type is OSError


def test_closing_the_shell_lets_the_error_go(shell: InteractiveShell) -> None:
    typed(shell, "1/0")
    shell.close()
    assert not hasattr(sys, "last_value")


# -- Out, by count -----------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, -5])
def test_a_cache_too_small_is_off_and_says_so(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], size: int
) -> None:
    shell.cache_size = size
    typed(shell, "7", "8")
    shown = capsys.readouterr()
    assert shown.out == "7\n8\n"
    assert shell.user_ns["Out"] == {}
    assert "_1" not in shell.user_ns
    assert (shell.user_ns["_"], shell.user_ns["__"]) == (8, 7)
    wanted = f"ipshell: InteractiveShell.cache_size is {size}, and no values are kept in Out: "
    assert shown.err.count(wanted) == (1 if size > 0 else 0)


def test_a_full_cache_drops_its_oldest_fifth_and_says_so_once(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.cache_size = 20
    typed(shell, *map(str, range(21)))
    assert list(shell.user_ns["Out"]) == list(range(5, 22))
    assert "_4" not in shell.user_ns
    assert "_5" in shell.user_ns
    typed(shell, *map(str, range(40)))
    assert capsys.readouterr().err == (
        "ipshell: Out held 20 values, as many as InteractiveShell.cache_size allows; "
        "the oldest 4 were dropped, and older ones will be.\n"
    )


def test_the_smallest_cache_drops_two(shell: InteractiveShell) -> None:
    shell.cache_size = 3
    typed(shell, "1", "2", "3", "4")
    assert shell.user_ns["Out"] == {3: 3, 4: 4}


def test_a_cache_made_smaller_shrinks(shell: InteractiveShell) -> None:
    typed(shell, *map(str, range(30)))
    shell.cache_size = 10
    typed(shell, "1")
    assert len(shell.user_ns["Out"]) == 10


def test_a_name_of_the_users_is_not_taken_away(shell: InteractiveShell) -> None:
    shell.cache_size = 3
    typed(shell, "1", "_1 = 'mine'", "2", "3", "4", "Out['a'] = 5", "5", "6")
    assert shell.user_ns["_1"] == "mine"
    assert shell.user_ns["Out"]["a"] == 5


# -- Out, by size ------------------------------------------------------------------


def test_values_that_together_are_too_large_go_oldest_first(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.cache_bytes = 10_000
    typed(shell, "b'a' * 4000", "b'b' * 4000", "b'c' * 4000", "b'd' * 4000")
    assert list(shell.user_ns["Out"]) == [3, 4]
    error = capsys.readouterr().err
    assert error.count("the values in Out took more than 10 kB, as much as InteractiveShell.cache_bytes") == 1


def test_a_value_that_alone_is_too_large_is_in_underscore_until_the_next(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.cache_bytes = 10_000
    typed(shell, "1", "b'x' * 20_000")
    ns = shell.user_ns
    assert ns["Out"] == {1: 1}
    assert "_2" not in ns
    assert len(ns["_"]) == 20_000
    assert "Out[2] takes 20 kB, more than InteractiveShell.cache_bytes allows" in capsys.readouterr().err
    typed(shell, "3")
    assert (ns["_"], ns["__"], ns["___"]) == (3, 1, "")


def test_no_limit_of_size(shell: InteractiveShell) -> None:
    shell.cache_bytes = 0
    typed(shell, "b'x' * 20_000")
    assert 1 in shell.user_ns["Out"]


# -- In ----------------------------------------------------------------------------


def test_old_inputs_leave_their_place(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipcore.cells.outputs.MOST_INPUTS", 3)
    typed(shell, "a = 1", "a = 2", "a = 3", "a = 4")
    assert shell.user_ns["In"] == ["", "", "a = 2", "a = 3", "a = 4"]
    assert "_i1" not in shell.user_ns
    monkeypatch.setattr("ipcore.cells.outputs.MOST_CHARACTERS", 20)
    typed(shell, "a = 5")
    assert shell.user_ns["In"] == ["", "", "", "", "a = 4", "a = 5"]


# -- reset, held -------------------------------------------------------------------


def test_reset_forgets_values_inputs_or_both(shell: InteractiveShell) -> None:
    typed(shell, "a = 1", "a", "1/0")
    ns = shell.user_ns
    out, inputs = ns["Out"], ns["In"]
    shell.outputs.reset(inputs=False)
    assert ns["Out"] is out
    assert out == {}
    assert "_2" not in ns
    assert not {"_", "__", "___"} & set(ns)
    assert not hasattr(sys, "last_value")
    assert ns["_i2"] == "a"
    shell.outputs.reset()
    assert ns["In"] is inputs
    assert inputs == ["", "", "", ""]
    assert "_i2" not in ns
    typed(shell, "7")
    assert inputs[4] == ns["_i4"] == "7"
    assert out == {4: 7}


def test_what_is_held_can_be_asked(shell: InteractiveShell) -> None:
    shell.outputs.reset()
    assert shell.outputs.held() == []
    typed(shell, "b'x' * 5000", "'y'", "def f(a):\n    1/0", "f(b'z' * 9000)")
    rows = shell.outputs.held()
    assert [row.name for row in rows[:3]] == ["sys.last_value", "Out[1]", "__"]
    assert rows[0].kind == "ZeroDivisionError"
    assert rows[0].size > 9000
    assert rows[0].why == "until 2 cells succeed"
    assert rows[1].kind == "bytes"
    assert 5000 < rows[1].size < 5100
    assert rows[1].why == "until it is the oldest of 1000 values, or of 1 GB"
    assert {"_", "Out[2]", "In"} < {row.name for row in rows}


def test_sizes_are_estimated_with_contents_in_few_steps() -> None:
    million = list(range(10**6, 2 * 10**6))
    real = sys.getsizeof(million) + 28 * 10**6
    assert 0.9 * real < estimated_size(million) < 1.1 * real
    table = dict.fromkeys(range(1000), b"x" * 1000)
    assert 1_000_000 < estimated_size(table) < 1_300_000
    thing = type("Thing", (), {})()
    thing.data = b"x" * 1000
    assert 1000 < estimated_size(thing) < 2000
    thing.self = [thing, sys, type]
    assert estimated_size(thing) < 3000


def test_sizes_are_estimated_without_code_of_the_values() -> None:
    def refuse(*arguments: object) -> int:
        raise SystemExit

    methods = dict.fromkeys(("__sizeof__", "__len__", "__iter__", "__getattribute__", "nbytes"), refuse)
    for base in (object, list, dict, tuple, set):
        assert estimated_size(type("Lying", (base,), methods)()) > 0


def test_sizes_in_words() -> None:
    assert [retention.in_words(size) for size in (0, 999, 1500, 10**9, 10**13)] == [
        "0 bytes", "999 bytes", "1.5 kB", "1 GB", "10 TB"
    ]  # fmt: skip
