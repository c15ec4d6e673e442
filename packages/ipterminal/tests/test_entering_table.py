from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from editing import KeyBoard

from ipterminal import indentation
from ipterminal.entering import enter, finished
from ipterminal.indentation import newline, newline_behind
from ipterminal.judging import Judge

TABLE: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    Path(__file__).with_name("entering.toml").read_text("utf-8")
)
OPTIONS: dict[str, dict[str, Any]] = {
    "enter_without_autoindent": {"autoindent": False},
    "enter_without_validate": {"validate": False},
}
#: The tables that functions of text and cursor alone answer.
PURE = {
    "c-j": newline,
    "c-o": newline_behind,
    "tab": indentation.tab,
    "s-tab": indentation.shift_tab,
}


def rows(*tables: str) -> list[Any]:
    return [
        pytest.param(name, *row, id=f"{name} {row[0]!r}")
        for name in tables or [name for name in TABLE if "a_suggestion" not in name]
        for row in TABLE[name]["rows"]
    ]


def at(cell: str) -> tuple[str, int]:
    cursor = cell.index("|")
    return cell[:cursor] + cell[cursor + 1 :], cursor


def shown(text: str, cursor: int) -> str:
    return text[:cursor] + "|" + text[cursor:]


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(rows()) >= 150


@pytest.mark.parametrize(("table", "before", "after"), rows())
def test_what_keys_do(table: str, before: str, after: str) -> None:
    key = table.split("_with")[0]

    async def press() -> str:
        board = KeyBoard(**OPTIONS.get(table, {}))
        with board.at(before):
            if table == "enter_with_an_entry_chosen":
                choose(board, "path")
            board.press(*key.split("_"))
            return board.outcome

    outcome = asyncio.run(press())
    if after == "problem":
        assert outcome.startswith("problem ")
    else:
        assert outcome == after


def choose(board: KeyBoard, text: str) -> None:
    from prompt_toolkit.buffer import CompletionState
    from prompt_toolkit.completion import Completion

    board.buffer.complete_state = CompletionState(board.buffer.document, [Completion(text, -2)], 0)


@pytest.mark.parametrize(("table", "before", "after"), rows("enter", *OPTIONS))
def test_enter_is_a_function_of_text_and_cursor(table: str, before: str, after: str) -> None:
    options = OPTIONS.get(table, {})
    indent, validate = options.get("autoindent", True), options.get("validate", True)
    text, cursor = at(before)
    action = enter(text, cursor, Judge(), indent=indent, validate=validate)
    if action.kind == "run":
        assert after == "run"
    elif action.problem is not None:
        assert after.startswith("problem")
        if action.problem.cursor is not None and "|" in after:
            assert shown(text, action.problem.cursor) == after.removeprefix("problem ")
    else:
        assert action.edit is not None
        assert shown(action.edit.of(text), action.edit.cursor) == after


@pytest.mark.parametrize(("table", "before", "after"), rows(*PURE))
def test_the_other_keys_are_too(table: str, before: str, after: str) -> None:
    text, cursor = at(before)
    edit = PURE[table](text, cursor)
    result = before if edit is None else shown(edit.of(text), edit.cursor)
    assert result == after


def test_enter_again_runs_what_was_shown_to_be_wrong() -> None:
    async def press() -> list[str]:
        board = KeyBoard()
        with board.at("x = = 1|"):
            board.press("enter")
            assert board.messages
            assert not board.handed_over
            board.press("enter")
        return board.handed_over

    assert asyncio.run(press()) == ["x = = 1"]


def test_enter_judges_anew_what_was_changed_since() -> None:
    async def press() -> list[str]:
        board = KeyBoard()
        with board.at("x = = 1|"):
            board.press("enter", "backspace", "backspace", "enter")
            return board.handed_over + board.messages

    messages = asyncio.run(press())
    assert len(messages) == 1 or messages[0] == "x = 1"


def test_the_blank_lines_that_end_a_cell_are_not_part_of_it() -> None:
    assert finished("if x:\n    y\n    ") == "if x:\n    y"
    assert finished("x = 1 + \\\n") == "x = 1 + \\\n"


def test_a_word_that_stands_for_a_magic_is_no_mistake() -> None:
    async def press() -> list[str]:
        board = KeyBoard()
        board.commands_of_the_shell.add("cd")
        with board.at("cd ~/(a|"):
            board.press("enter")
        return board.handed_over

    assert asyncio.run(press()) == ["cd ~/(a"]


def test_enter_can_be_replaced() -> None:
    pressed: list[Any] = []

    async def press() -> str:
        board = KeyBoard(handle_return=lambda shell: pressed.append)
        with board.at("1|"):
            board.press("enter")
        return board.cell

    assert asyncio.run(press()) == "1|"
    assert pressed[0].data == "\r"


def test_a_replacement_that_fails_leaves_enter_as_it_is() -> None:
    def broken(shell: Any) -> None:
        raise ValueError("not today")

    async def press() -> KeyBoard:
        board = KeyBoard(handle_return=broken)
        with board.at("1|"):
            board.press("enter")
        return board

    board = asyncio.run(press())
    assert board.handed_over == ["1"]
    assert "not today" in board.told[0]


def test_a_transformer_of_an_extension_has_its_say() -> None:
    asked: list[str] = []

    def others(text: str) -> str:
        asked.append(text)
        return text.replace("unless", "if not") + "\n"

    judge = Judge(others, lambda: False)
    assert judge.status("unless x:\n    y") == "incomplete"
    assert judge.status("unless x:\n    y\n") == "complete"
    assert judge.error("unless x:\n    y\n") is None
    assert len(asked) == 2


def test_without_an_answer_in_time_the_shells_own_rules_do() -> None:
    judge = Judge(lambda text: None, lambda: False)
    assert judge.status("if x:") == "incomplete"


def test_a_transformer_that_refuses_says_why() -> None:
    def others(text: str) -> str:
        raise SyntaxError("no tabs here")

    action = enter("x", 1, Judge(others, lambda: False))
    assert action.problem is not None
    assert "no tabs here" in action.problem.message


@pytest.mark.parametrize(
    ("sequence", "result"),
    [
        ("\x1b[13;2u", "f(a)\n|"),
        ("\x1b[27;2;13~", "f(a)\n|"),
        ("\x1b[13;5u", "run"),
        ("\x1b[13;3u", "run"),
        ("\x1b[27;5;13~", "run"),
    ],
)
def test_newer_protocols_of_the_keyboard_are_known(sequence: str, result: str) -> None:
    from prompt_toolkit.input.vt100_parser import Vt100Parser

    async def press() -> str:
        board = KeyBoard()
        with board.at("f(a)|"):
            parser = Vt100Parser(board.app.key_processor.feed)
            parser.feed_and_flush(sequence)
            board.app.key_processor.process_keys()
        return board.outcome

    assert asyncio.run(press()) == result


@pytest.mark.parametrize(
    ("before", "after", "writes"),
    [
        ("1|+1", "run", False),
        ("if x|:", "if x:\n    |", True),
        ("if |x:\n    y", "if x:\n    |y", False),
        ("if x:\n    |y", "if x:\n    y\n    |", True),
        ("if x:\n    y\n|", "run", False),
        ("x |= = 1", "problem x = |= 1", False),
    ],
)
def test_enter_in_vis_navigation_mode(before: str, after: str, writes: bool) -> None:
    from prompt_toolkit.enums import EditingMode
    from prompt_toolkit.key_binding.vi_state import InputMode

    async def press() -> KeyBoard:
        board = KeyBoard()
        board.app.editing_mode = EditingMode.VI
        board.app.vi_state.input_mode = InputMode.NAVIGATION
        with board.at(before):
            board.press("enter")
        return board

    board = asyncio.run(press())
    assert board.outcome == after
    assert (board.app.vi_state.input_mode == InputMode.INSERT) is writes
