"""Keys take what a user sees as one character for one, however many the string has."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("the editor's keys are looked up beside a pseudo-terminal", allow_module_level=True)

from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.auto_suggest import Suggestion
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.keys import KEY_ALIASES, Keys
from resting_editor import put, resting_editor

from ipcore.testing.shells import ShellMaker
from ipterminal.editor import Editor
from ipterminal.graphemes import boundary_at, boundary_before, next_boundary, steps

#: Each of them is one character to the eye.
CLUSTERS = {
    "accent": "e\u0301",
    "two accents": "o\u0302\u0323",
    "skin tone": "\U0001f44b\U0001f3fd",
    "family": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "heart": "\u2764\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "flag": "\U0001f1e9\U0001f1ea",
    "subdivision": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "jamo": "\u1112\u1161\u11ab",
    "vowel sign": "\u0928\u093f",
    "wide": "日",
    "plain": "x",
}
clusters = st.lists(st.sampled_from([*CLUSTERS.values(), "a", "'", "\n"]), max_size=12)

EMACS = [
    ("left", "a{}|b", "a|{}b"),
    ("c-b", "a{}|b", "a|{}b"),
    ("right", "a|{}b", "a{}|b"),
    ("c-f", "a|{}b", "a{}|b"),
    ("backspace", "a{}|b", "a|b"),
    ("c-h", "a{}{}|b", "a{}|b"),
    ("delete", "a|{}b", "a|b"),
    ("c-d", "a|{}{}b", "a|{}b"),
    ("escape 2 c-b", "a{}{}|b", "a|{}{}b"),
    ("escape 2 c-d", "a|{}{}b", "a|b"),
    ("c-t", "a{}b|", "ab{}|"),
]
VI = [
    ("h", "a{}|b", "a|{}b"),
    ("l", "a|{}bc", "a{}|bc"),
    ("x", "a|{}bc", "a|bc"),
    ("X", "a{}|bc", "a|bc"),
    ("2 h", "a{}{}|b", "a|{}{}b"),
    ("d l", "a|{}bc", "a|bc"),
    ("d h", "a{}|bc", "a|bc"),
    ("$", "|ab{}", "ab|{}"),
    ("l", "a|b{}", "ab|{}"),
    ("x", "ab|{}", "a|b"),
    ("3 x", "a|{}b{}cd", "a|cd"),
    ("9 x", "a|{}b{}\nc", "|a\nc"),
    ("3 X", "a{}b{}|c", "a|c"),
    ("9 X", "a\n{}b{}|c", "a\n|c"),
    ("2 s", "a|{}{}bc", "a|bc"),
    ("9 s", "a|{}{}b\nc", "a|\nc"),
    ("2 x P", "a|{}bc", "a{}|bc"),
]


def pressed(make_shell: ShellMaker, keys: str, cells: list[str], *, vi: bool = False) -> list[str]:
    """Give cells after keys were pressed in them; the bar is the cursor."""

    async def press() -> list[str]:
        with resting_editor(make_shell()) as editor:
            if vi:
                editor.app.editing_mode = EditingMode.VI
            return [press_in(editor, keys, cell) for cell in cells]

    return asyncio.run(press())


def press_in(editor: Editor, keys: str, cell: str) -> str:
    editor.app.vi_state.input_mode = InputMode.NAVIGATION
    put(editor, cell)
    return press_keys(editor, keys)


def press_keys(editor: Editor, keys: str) -> str:
    for name in keys.split():
        name = KEY_ALIASES.get(name, name)
        key: Any = Keys(name) if len(name) > 1 else name
        editor.app.key_processor.feed(KeyPress(key, name))
    editor.app.key_processor.process_keys()
    text, cursor = editor.buffer.text, editor.buffer.cursor_position
    return f"{text[:cursor]}|{text[cursor:]}"


def filled(cell: str) -> list[str]:
    return [cell.replace("{}", cluster) for cluster in CLUSTERS.values()]


@pytest.mark.parametrize(("keys", "before", "after"), EMACS)
def test_keys_of_emacs(make_shell: ShellMaker, keys: str, before: str, after: str) -> None:
    assert pressed(make_shell, keys, filled(before)) == filled(after)


@pytest.mark.parametrize(("keys", "before", "after"), VI)
def test_keys_of_vi(make_shell: ShellMaker, keys: str, before: str, after: str) -> None:
    assert pressed(make_shell, keys, filled(before), vi=True) == filled(after)


def test_up_and_down_stop_before_a_character(make_shell: ShellMaker) -> None:
    for cluster in CLUSTERS.values():
        line = f"{'a' * (len(cluster) - 1)}|aa"
        plain = line.replace("|", "")
        assert pressed(make_shell, "up", [f"{cluster}b\n{line}"]) == [f"|{cluster}b\n{plain}"]
        assert pressed(make_shell, "down", [f"{line}\n{cluster}b"]) == [f"{plain}\n|{cluster}b"]


def test_a_shown_suggestion_is_taken_and_deleted_by_whole_characters(make_shell: ShellMaker) -> None:
    async def press() -> list[str]:
        with resting_editor(make_shell()) as editor:
            put(editor, "a|")
            editor.buffer.suggestion = Suggestion(CLUSTERS["family"] + "b")
            taken = press_keys(editor, "escape right")
            editor.buffer.suggestion = Suggestion("b")
            return [taken, press_keys(editor, "backspace")]

    assert asyncio.run(press()) == [f"a{CLUSTERS['family']}|", "a|"]


@pytest.mark.parametrize(
    ("keys", "vi", "before", "after"),
    [
        ("c-k", False, "a|e\u0301 b\u0301\nc", "a|\nc"),
        ("c-w", False, "a e\u0301|b", "a |b"),
        ("escape d", False, "|日本 b", "| b"),
        ("D", True, "ab|e\u0301 b\nc", "a|b\nc"),
    ],
)
def test_commands_that_delete_more_delete_as_much_as_ever(
    make_shell: ShellMaker, keys: str, vi: bool, before: str, after: str
) -> None:
    assert pressed(make_shell, keys, [before], vi=vi) == [after]


@given(clusters)
def test_steps_go_over_all_and_back(pieces: list[str]) -> None:
    text = "".join(pieces)
    forth, back = [0], [len(text)]
    while forth[-1] < len(text):
        forth.append(next_boundary(text, forth[-1]))
    while back[-1] > 0:
        back.append(boundary_before(text, back[-1]))
    assert forth == back[::-1]
    assert len(forth) <= len(pieces) + 1
    for position in range(len(text) + 1):
        assert boundary_at(text, position) == max(each for each in forth if each <= position)
    assert steps(text, 0, len(pieces) + 1) == len(text)
    assert steps(text, len(text), -len(pieces) - 1) == 0


def test_a_long_line_is_gone_through_as_well() -> None:
    text = "日e\u0301" * 2000
    assert next_boundary(text, len(text) - 2) == len(text)
    assert boundary_before(text, len(text)) == len(text) - 2
