"""The core's own text of a value: Python's for plain data, bounded for all that is large, slow or broken."""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict, defaultdict, deque, namedtuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcore.plain.formatter import is_small
from ipcore.shell import InteractiveShell
from ipcore.testing import Terminals

Capture = pytest.CaptureFixture[str]

ATOMS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()
)
HASHABLE = st.none() | st.booleans() | st.integers() | st.text()
DATA = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHABLE, inner)
        | st.sets(HASHABLE)
        | st.frozensets(HASHABLE)
    ),
)


Point = namedtuple("Point", "x y")


@pytest.fixture(scope="module")
def text() -> Any:
    """Give what represents values in a shell on the core alone."""
    shell = InteractiveShell()
    yield shell.display.text
    shell.close()


@settings(deadline=None)
@given(DATA)
def test_plain_data_look_as_in_python(text: Any, value: Any) -> None:
    assert text(value) == repr(value)


@settings(deadline=None)
@given(DATA, st.integers(0, 400))
def test_what_is_taken_for_small_is_of_that_order(value: Any, most: int) -> None:
    # Characters may be escaped, as \\U0001f600 at the longest; a float has at most 24.
    if is_small(value, most):
        assert len(repr(value)) <= 12 * most + 30


@pytest.mark.parametrize(
    "value",
    [
        OrderedDict(a=1),
        defaultdict(list, a=[1]),
        Point(1, 2),
        type("Sub", (list,), {})([1]),
        range(5),
        print,
        is_small,
        sys,
        os,
        deque([1], 3),
        [print, int, len],
        int,
        object(),
        ValueError("x"),
        Path("a"),
        -(10**4000),
        {1: {2: {3: [4, (5,)]}}},
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_look_as_in_python(text: Any, value: Any) -> None:
    assert text(value) == repr(value)


def test_cycles_and_depth_do_no_harm(text: Any) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert text(cycle) == "[[...]]"
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert "more..." in text(deep)
    less_deep: list[Any] = []
    for _ in range(3000):
        less_deep = [less_deep]
    assert text(less_deep)


@pytest.mark.parametrize(
    "value",
    [
        {n: {"a": n, "b": [n, str(n)]} for n in range(250_000)},
        list(range(10**6)),
        "x" * 10**7,
        b"x" * 10**7,
        set(range(10**6)),
        [["y" * 1000] * 1000] * 1000,
    ],
    ids=["dict", "list", "str", "bytes", "set", "nested"],
)
def test_of_a_huge_value_beginning_and_end_are_shown(
    shell: InteractiveShell, capsys: Capture, value: Any
) -> None:
    shell.user_ns["value"] = value
    shell.run_cell("value", store_history=True)
    shown = capsys.readouterr().out
    assert 30_000 < len(shown) < 50_020
    assert "more..." in shown
    assert shell.user_ns["_1"] is value


def test_a_number_with_more_digits_than_python_writes_is_described(
    shell: InteractiveShell, capsys: Capture
) -> None:
    shell.run_cell("10 ** 5000", store_history=True)
    assert capsys.readouterr() == ("Out[1]: <int of 16610 bits>\n", "")
    assert shell.run_cell("range(10 ** 5000)").success
    assert "<range object at 0x" in capsys.readouterr().out


def test_the_limits_are_options(capsys: Capture) -> None:
    from traitlets.config import Config

    shell = InteractiveShell(config=Config({"Display": {"max_chars": 100}}))
    shell.run_cell("list(range(1000))")
    assert len(capsys.readouterr().out) <= 110
    shell.display.max_chars = 0
    shell.run_cell("list(range(100_000))")
    assert len(capsys.readouterr().out) == len(repr(list(range(100_000)))) + len("Out[1]: \n")
    shell.close()


def test_a_repr_that_sleeps_is_cut(shell: InteractiveShell, capsys: Capture) -> None:
    shell.display.deadline = 0.1
    go = shell.user_ns["go"] = threading.Event()
    shell.run_cell("class Slow:\n    def __repr__(self): go.wait(60); return 'late'")
    result = shell.run_cell("Slow()", store_history=True)
    assert result.success
    assert not go.is_set()
    shown = capsys.readouterr()
    assert shown.out.startswith("Out[1]: <Slow object at 0x")
    assert shown.out.endswith("; no repr: it takes more than 0.1 s>\n")
    assert "showing Slow was given up" in shown.err
    assert shell.user_ns["_"] is result.result
    shell.run_cell("[Slow()]")
    assert "it takes more than 0.1 s>]" in capsys.readouterr().out
    go.set()
    shell.run_cell("_1")
    assert capsys.readouterr().out == "Out[2]: late\n"


def test_without_a_deadline_a_repr_runs_on_the_thread_of_the_cell(
    shell: InteractiveShell, capsys: Capture
) -> None:
    code = "import threading\nclass Where:\n    def __repr__(self): return str(threading.get_ident() == main)"
    shell.user_ns["main"] = threading.get_ident()
    shell.run_cell(code)
    shell.run_cell("Where()")
    shell.display.deadline = 0
    shell.run_cell("Where()")
    assert capsys.readouterr().out == "Out[1]: False\nOut[1]: True\n"


def test_an_object_that_belongs_to_its_thread_is_shown(shell: InteractiveShell, capsys: Capture) -> None:
    shell.run_cell(
        "import sqlite3\nconnection = sqlite3.connect(':memory:')\n"
        "class Query:\n    def __repr__(self): return str(connection.execute('select 1').fetchall())\n"
    )
    shell.run_cell("Query()")
    shell.run_cell("connection.close()")
    assert capsys.readouterr() == ("Out[1]: [(1,)]\n", "")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("1/0", "it raised ZeroDivisionError: division by zero"),
        ("raise SystemExit(4)", "it tried to end the program (SystemExit: 4)"),
        ("return 3", "it raised TypeError: __repr__ returned non-string (type int)"),
        ("raise type('Bad', (Exception,), {'__str__': lambda e: 1/0})", None),
        ("return repr(self)", None),
    ],
    ids=["raises", "exits", "no text", "a message that raises", "endless"],
)
def test_a_broken_repr_is_told_and_the_session_goes_on(
    shell: InteractiveShell, capsys: Capture, body: str, reason: str | None
) -> None:
    result = shell.run_cell(
        f"class Broken:\n    def __repr__(self):\n        {body}\nBroken()", store_history=True
    )
    assert result.success
    shown = capsys.readouterr()
    assert shown.out.startswith("Out[1]: <Broken object at 0x")
    assert shown.out.count("\n") == 1
    assert reason is None or shown.out.endswith(f"; no repr: {reason}>\n")
    if body == "1/0":
        assert "Cell In[1], line 3, in __repr__" in shown.err
    assert "ipcore" not in shown.err
    assert shell.user_ns["_1"] is result.result
    shell.run_cell("display(_1)\n6 * 7")
    assert capsys.readouterr().out.endswith("\nOut[2]: 42\n")


def test_a_repr_of_millions_of_characters_is_cut(shell: InteractiveShell, capsys: Capture) -> None:
    shell.run_cell("class Long:\n    def __repr__(self): return 'a' * 5_000_000 + 'z'\nLong()")
    shown = capsys.readouterr().out
    assert len(shown) < 50_020
    assert shown.endswith("az\n")


def test_what_lies_about_its_class_is_shown(shell: InteractiveShell, capsys: Capture) -> None:
    shell.run_cell(
        "class Liar:\n    @property\n    def __class__(self): raise SystemExit\n"
        "    def __repr__(self): return 'liar'\nLiar()",
        store_history=True,
    )
    assert capsys.readouterr() == ("Out[1]: liar\n", "")


def test_ctrl_c_while_a_value_is_shown_gives_the_prompt_back(terminal: Terminals) -> None:
    shell = terminal("--no-banner", "--nosep", "--Display.deadline=0", columns=200)
    shell.wait_for_prompt(1)
    shell.type(
        "import time; Slow = type('Slow', (), {'__repr__': lambda s: print('now') or time.sleep(99)})\r"
    )
    shell.wait_for_prompt(2)
    shell.type("Slow()\r")
    shell.wait_for(lambda lines: lines[-1] == "now", "the value being shown")
    shell.press("ctrl-c")
    lines = shell.wait_for_prompt(3)
    assert "KeyboardInterrupt" in lines
    assert "Out[2]" not in shell.text
    shell.type("type(_).__name__ + '!'\r")
    assert "Out[3]: 'Slow!'" in shell.wait_for_prompt(4)
