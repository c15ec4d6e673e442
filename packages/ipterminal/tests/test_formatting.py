from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from editing import KeyBoard
from hypothesis import given, settings
from hypothesis import strategies as st

from ipterminal import formatting
from ipterminal.children import OWN_CHILDREN
from ipterminal.formatting import FORMATTERS, Unformatted, command, formatted, hidden, same_place, shown

#: A formatter: it reads its input and puts one blank on either side of the signs of equality.
TIDY = """
import re, sys
text = sys.stdin.read()
if "= =" in text:
    print("", file=sys.stderr)
    sys.exit("error: cannot parse this")
sys.stdout.write(re.sub(r" *= *", " = ", text))
"""


@pytest.fixture
def tidy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a formatter in place of black."""
    module = tmp_path / "tidy_cells.py"
    module.write_text(TIDY, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(FORMATTERS, "black", ("tidy_cells",))
    return module


def run(board: KeyBoard, cell: str, *keys: str) -> KeyBoard:
    """Press keys in a cell, and wait for what they have begun."""

    async def press() -> None:
        with board.at(cell):
            board.press(*keys)
            await asyncio.gather(*board.tasks)

    asyncio.run(press())
    return board


@pytest.mark.usefixtures("tidy")
def test_a_key_has_the_cell_formatted() -> None:
    board = run(KeyBoard(autoformatter="black"), "x=1\ny  =|2", "c-x", "f")
    assert board.cell == "x = 1\ny =| 2"
    assert not board.handed_over
    board.buffer.undo()
    assert board.buffer.text == "x=1\ny  =2"


@pytest.mark.usefixtures("tidy")
def test_esc_enter_runs_the_cell_formatted() -> None:
    assert run(KeyBoard(autoformatter="black"), "x=1|", "escape", "enter").handed_over == ["x = 1"]


@pytest.mark.usefixtures("tidy")
@pytest.mark.parametrize(
    ("cell", "options", "outcome"),
    [
        ("x=1|", {}, ["x = 1"]),
        ("|x=1", {}, ["x = 1"]),
        ("x=1|", {"format_on_enter": False}, ["x=1"]),
        ("x=1|", {"autoformatter": None}, ["x=1"]),
        ("%%bash\nx=1\n|", {}, ["%%bash\nx=1"]),
    ],
)
def test_enter_that_runs_the_cell_has_it_formatted_first(
    cell: str, options: dict[str, Any], outcome: list[str]
) -> None:
    board = run(KeyBoard(**{"autoformatter": "black", **options}), cell, "enter")
    assert board.handed_over == outcome
    assert not any(each.startswith("not formatted") for each in board.messages)


@pytest.mark.usefixtures("tidy")
def test_enter_that_begins_a_line_formats_nothing() -> None:
    board = run(KeyBoard(autoformatter="black"), "if x==1:|", "enter")
    assert board.cell == "if x==1:\n    |"
    assert not board.tasks


def test_what_is_not_formatted_in_time_runs_as_typed(tidy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tidy.write_text("import time\ntime.sleep(1000)", "utf-8")
    monkeypatch.setattr(formatting, "BEFORE_RUN", 0.5)
    board = run(KeyBoard(autoformatter="black"), "x=1|", "enter")
    assert board.handed_over == ["x=1"]
    assert board.messages[-1] == "not formatted: black has not answered within 0.5 s"


@pytest.mark.usefixtures("tidy")
def test_esc_enter_runs_what_cannot_be_formatted_as_it_stands() -> None:
    board = run(KeyBoard(autoformatter="black"), "x = = 1|", "escape", "enter")
    assert board.handed_over == ["x = = 1"]


def test_without_a_formatter_the_key_says_which_there_are() -> None:
    board = run(KeyBoard(), "x=1|", "c-x", "f")
    assert board.cell == "x=1|"
    assert "black, ruff or yapf" in board.messages[0]


@pytest.mark.usefixtures("tidy")
def test_a_refusal_is_told_in_a_line_and_the_text_stays() -> None:
    board = run(KeyBoard(autoformatter="black"), "x = = 1|", "c-x", "f")
    assert board.cell == "x = = 1|"
    assert board.messages[-1] == "not formatted: black: cannot parse this"


def test_one_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATTERS, "black", ("no_such_formatter",))
    monkeypatch.setenv("PATH", "")
    board = run(KeyBoard(autoformatter="black"), "x=1|", "c-x", "f")
    assert board.cell == "x=1|"
    assert "black is installed neither in" in board.messages[-1]


def test_one_that_hangs_is_ended(tidy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tidy.write_text("import time\ntime.sleep(1000)", "utf-8")
    monkeypatch.setattr(formatting, "PATIENCE", 0.5)
    board = run(KeyBoard(autoformatter="black"), "x=1|", "c-x", "f")
    assert board.cell == "x=1|"
    assert "has not answered within" in board.messages[-1]


@pytest.mark.usefixtures("tidy")
def test_it_works_on_a_loop_that_starts_no_programs() -> None:
    class Loop(asyncio.SelectorEventLoop):
        async def subprocess_exec(self, *arguments: Any, **options: Any) -> Any:
            raise NotImplementedError  # as that of Windows which watches descriptors

    loop = Loop()
    try:
        assert loop.run_until_complete(formatted("x=1", "black")) == "x = 1"
    finally:
        loop.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no forks on Windows")
def test_a_formatter_that_runs_is_no_thread_at_a_fork(tidy: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    tidy.write_text(f"import time\nopen({str(begun)!r}, 'w').close()\ntime.sleep(1000)", "utf-8")

    async def fork() -> None:
        task = asyncio.create_task(formatted("x=1", "black"))
        until = time.monotonic() + 30
        while not begun.exists() and time.monotonic() < until:
            await asyncio.sleep(0.01)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of 3.12, where there are threads
            child = os.fork()
            if child == 0:
                os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(Unformatted, match="the process has forked"):
            await asyncio.wait_for(task, 30)

    asyncio.run(fork())
    assert not [each for each in threading.enumerate() if each.name == OWN_CHILDREN]


@pytest.mark.usefixtures("tidy")
def test_a_cell_that_changes_meanwhile_is_left_as_it_is() -> None:
    board = KeyBoard(autoformatter="black")

    async def press() -> None:
        with board.at("x=1|"):
            board.press("escape", "enter", "2")
            await asyncio.gather(*board.tasks)

    asyncio.run(press())
    assert board.cell == "x=12|"
    assert not board.handed_over
    assert "changed meanwhile" in board.messages[-1]


@pytest.mark.usefixtures("tidy")
def test_a_second_press_does_not_run_the_cell_twice() -> None:
    board = run(KeyBoard(autoformatter="black"), "x=1|", "escape", "enter", "escape", "enter")
    assert board.handed_over == ["x = 1"]
    assert len(board.tasks) == 1


@pytest.mark.parametrize("name", list(FORMATTERS))
def test_formatters_put_cells_in_order_and_leave_magics_alone(name: str) -> None:
    if find_spec(FORMATTERS[name][0]) is None:
        pytest.skip(f"{name} is not installed")
    text = "%time   f( 1 )\nx = !ls   -l\nif x :\n    !echo   {x}\n    print( x )"
    result = asyncio.run(formatted(text, name))
    assert result == "%time   f( 1 )\nx = !ls   -l\nif x:\n    !echo   {x}\n    print(x)"
    assert asyncio.run(formatted("%%time\nf( 1 )\n", name)) == "%%time\nf(1)\n"


@pytest.mark.parametrize("text", ["%%bash\necho   a\n", "%%html\n<b>", "%%bash"])
def test_other_languages_are_left_alone(text: str) -> None:
    with pytest.raises(Unformatted, match="no Python"):
        hidden(text)


def test_what_lies_in_the_working_directory_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('it was run')", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(FORMATTERS, "black", ("json.tool",))
    assert "-P" in command("black")
    assert asyncio.run(formatted("[1]", "black")).strip().startswith("[")


@settings(deadline=None)
@given(st.text("ab(= \n%!\\x?'#"))
def test_hiding_escapes_can_be_undone(text: str) -> None:
    try:
        head, code, escapes = hidden(text)
    except Unformatted:
        return
    assert shown(head, code, escapes) == text


def test_a_lost_escape_is_noticed() -> None:
    with pytest.raises(Unformatted, match="lost"):
        shown("", "x = 1", ["%time"])


@settings(deadline=None)
@given(st.text("ab \n", max_size=20), st.data())
def test_the_cursor_stays_at_its_place(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    new = data.draw(st.sampled_from(["", " ", "\n"])) + text.replace(" ", "  ")
    place = same_place(text, cursor, new)
    assert "".join(new[:place].split()) == "".join(text[:cursor].split())
