"""The option shortcuts: entries that change, take away and add keys, and what is said about wrong ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from prompt_toolkit.key_binding.key_processor import KeyPress

if sys.platform == "win32":
    pytest.skip("the editor's keys are looked up beside a pseudo-terminal", allow_module_level=True)

from resting_editor import done_by, put, resting_editor

from ipcore.testing.shells import ShellMaker
from ipterminal.editor import Editor
from ipterminal.keys import Keys
from ipterminal.keys.names import spelled
from ipterminal.keys.shortcuts import apply


@pytest.fixture
def editor(make_shell: ShellMaker) -> Iterator[Editor]:
    with resting_editor(make_shell(), auto_match=True) as made:
        yield made


def follow(editor: Editor, **entry: Any) -> None:
    assert apply(editor.keys, [entry]) == []


def done(editor: Editor, keys: str, cell: str = "name|") -> str:
    put(editor, cell)
    return done_by(editor, spelled(keys))


def test_keys_are_added(editor: Editor) -> None:
    follow(editor, command="lines.comment", new_keys=["c-x", "c"], create=True)
    assert done(editor, "c-x c") == "lines.comment"
    assert done(editor, "escape ;") == "lines.comment"


def test_keys_are_added_under_a_condition(editor: Editor) -> None:
    follow(
        editor, command="lines.comment", new_keys=["f7"], new_filter="in_cell & has_line_below", create=True
    )
    assert done(editor, "f7", "a|\nb") == "lines.comment"
    assert done(editor, "f7", "a|") == ""


def test_keys_are_changed(editor: Editor) -> None:
    follow(editor, command="cell.edit", match_keys=["f2"], new_keys=["f12"])
    assert done(editor, "f12") == "cell.edit"
    assert done(editor, "f2") == ""


def test_the_condition_alone_is_changed(editor: Editor) -> None:
    follow(editor, command="cell.edit", match_keys=["f2"], new_filter="has_line_below")
    assert done(editor, "f2", "a|\nb") == "cell.edit"
    assert done(editor, "f2", "a|") == ""


def test_empty_new_keys_take_a_binding_away(editor: Editor) -> None:
    follow(editor, command="cell.edit", match_keys=["f2"], new_keys=[])
    assert done(editor, "f2") == ""
    assert "cell.edit" in editor.keys.commands


def test_the_users_keys_win_over_all(editor: Editor) -> None:
    follow(editor, command="lines.comment", new_keys=["tab"], create=True)
    for cell in ("|", "name|", "    |"):
        assert done(editor, "tab", cell) == "lines.comment"


def test_what_is_changed_wins_over_all_too(editor: Editor) -> None:
    follow(editor, command="cell.edit", match_keys=["f2"], new_keys=["tab"])
    for cell in ("|", "name|", "    |"):
        assert done(editor, "tab", cell) == "cell.edit"


def test_commands_of_prompt_toolkit_are_bound_by_readlines_names(editor: Editor) -> None:
    follow(editor, command="kill-word", new_keys=["f7"], create=True)
    assert done(editor, "f7") == "kill-word"


THEIRS = [
    ("IPython:shortcuts.open_input_in_editor", "cell.edit"),
    ("IPython.terminal.shortcuts.shortcuts.open_input_in_editor", "cell.edit"),
    ("shortcuts.open_input_in_editor", "cell.edit"),
    ("IPython:shortcuts.quit", "shell.quit"),
    ("IPython:auto_match.skip_over", "brackets.pair"),
    ("prompt_toolkit:named_commands.kill_line", "kill-line"),
    ("prompt_toolkit.key_binding.bindings.named_commands.kill_line", "kill-line"),
    ("prompt_toolkit:named_commands.edit_and_execute", "cell.edit"),
    ("prompt_toolkit:named_commands.beginning_of_buffer", "beginning-of-buffer"),
    ("prompt_toolkit:named_commands.transpose_chars", "transpose-chars"),
    ("prompt_toolkit:completion.display_completions_like_readline", "completion.complete"),
    ("undo", "cell.undo"),
]


@pytest.mark.parametrize(("theirs", "ours"), THEIRS)
def test_ipythons_names_of_commands_are_known(editor: Editor, theirs: str, ours: str) -> None:
    follow(editor, command=theirs, new_keys=["f7"], create=True)
    assert done(editor, "f7") == ours


def test_an_entry_written_for_ipython_is_followed(editor: Editor) -> None:
    follow(
        editor,
        command="IPython:auto_match.parenthesis",
        match_keys=["("],
        match_filter="focused_insert & auto_match & followed_by_closing_paren_or_end",
        new_keys=["f7"],
    )
    assert done(editor, "f7", "f|") == "brackets.pair"
    assert done(editor, "(", "f|") == "self-insert"


def test_rows_of_ipython_that_are_one_binding_here_are_found_by_any_of_their_filters(editor: Editor) -> None:
    follow(
        editor,
        command="IPython:auto_match.delete_pair",
        match_filter="focused_insert & preceded_by_opening_brace & auto_match & followed_by_closing_brace",
        new_keys=[],
    )
    assert done(editor, "backspace", "{|}") == "backward-delete-char"


def test_the_order_in_a_filter_makes_no_difference(editor: Editor) -> None:
    follow(
        editor,
        command="cell.edit",
        match_keys=["f2"],
        match_filter="default_buffer_focused",
        new_keys=["f12"],
    )
    assert done(editor, "f12") == "cell.edit"


def test_entries_are_followed_in_their_order(editor: Editor) -> None:
    entries = [
        {"command": "cell.edit", "match_keys": ["f2"], "new_keys": ["f12"]},
        {"command": "cell.edit", "match_keys": ["f12"], "new_keys": ["f11"]},
    ]
    assert apply(editor.keys, entries) == []
    assert (done(editor, "f12"), done(editor, "f11")) == ("", "cell.edit")


WRONG = [
    ("cell.edit", "an entry is a dict"),
    ({}, "an entry needs a command"),
    ({"command": "cell.edit"}, "cell.edit is bound 5 times; say match_keys or match_filter: c-x c-e when "),
    ({"command": "cell.edit", "match_keys": ["f2"]}, "an entry needs new_keys, new_filter, or both"),
    ({"command": "cell.edit", "keys": ["f2"]}, "an entry has no 'keys'; it may have command, match_keys"),
    ({"command": "cell.edti", "new_keys": ["f7"]}, "there is no command 'cell.edti'; did you mean cell.edit"),
    ({"command": "cell.edti", "new_keys": ["f7"], "create": True}, "did you mean cell.edit"),
    (
        {"command": "IPython:shortcuts.quitt", "new_keys": ["f7"]},
        "there is no command 'IPython:shortcuts.quitt'",
    ),
    ({"command": "cell.edit", "new_keys": ["c-xy"], "create": True}, "there is no key 'c-xy'"),
    (
        {"command": "cell.edit", "new_keys": 7, "create": True},
        "new_keys are keys, such as ['c-x', 'c-e'], not 7",
    ),
    ({"command": "cell.edit", "create": True}, "create needs new_keys"),
    (
        {"command": "cell.edit", "new_keys": ["f7"], "new_filter": "in_cel", "create": True},
        "there is no condition 'in_cel'; did you mean in_cell",
    ),
    (
        {"command": "cell.edit", "new_keys": ["f7"], "new_filter": "in_cell &", "create": True},
        "the condition 'in_cell &' cannot be read at its end",
    ),
    (
        {"command": "cell.edit", "new_keys": ["f7"], "new_filter": 3, "create": True},
        "new_filter is a text of conditions, not 3",
    ),
    (
        {"command": "cell.edit", "match_keys": ["f9"], "new_keys": ["f7"]},
        "cell.edit is not bound by these keys, but by ",
    ),
    (
        {"command": "cell.edit", "match_keys": ["f2"], "match_filter": "vi_mode", "new_keys": ["f7"]},
        "cell.edit is not bound by these keys and this filter, but by ",
    ),
    (
        {"command": "cell.edit", "match_filter": "vi_mod", "new_keys": ["f7"]},
        "there is no condition 'vi_mod'; did you mean vi_mode",
    ),
    ({"command": "yank-nth-arg", "new_keys": ["f7"]}, "yank-nth-arg is bound to no keys; create=True"),
    (
        {"command": "IPython:auto_match.skip_over", "new_keys": ["f7"]},
        "IPython:auto_match.skip_over is bound 5 times; say match_keys or match_filter: ",
    ),
    ({"command": "IPython:auto_suggest.nothing", "new_keys": ["f7"]}, "there is no command"),
]


@pytest.mark.parametrize(("entry", "said"), WRONG)
def test_a_wrong_entry_is_told_and_changes_nothing(editor: Editor, entry: object, said: str) -> None:
    before = [*editor.keys.bound]
    right = {"command": "cell.edit", "new_keys": ["f8"], "create": True}
    problems = apply(editor.keys, [entry, right])
    assert [index for index, _ in problems] == [0]
    assert said in problems[0][1]
    assert "\n" not in problems[0][1]
    assert editor.keys.bound[:-1] == before
    assert done(editor, "f8") == "cell.edit"


def test_a_command_of_ipython_whose_subject_is_not_there_is_told() -> None:
    problems = apply(Keys(), [{"command": "IPython:auto_suggest.accept_word", "new_keys": ["f7"]}])
    assert problems == [
        (0, "IPython:auto_suggest.accept_word is suggestion.accept_word here, which is not there")
    ]


def test_a_binding_may_hand_the_key_on_to_those_below(editor: Editor) -> None:
    seen = []

    def look(event: Any) -> None:
        seen.append(event.data)
        editor.keys.pass_on(event)

    editor.keys.command("test.look", look, "Look.")
    editor.keys.bind("x", "test.look", "in_cell & pass_through")
    put(editor, "a|")
    for key in "xy":
        editor.app.key_processor._process_coroutine.send(KeyPress(key, key))
    assert editor.buffer.text == "axy"
    assert seen == ["x"]
