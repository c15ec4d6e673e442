"""The default table: what keys do in a cell without menu, selection and suggestion, and IPython's rows.

Run as a script, this records the table of ``readline_keys.txt`` anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("the editor's keys are looked up beside a pseudo-terminal", allow_module_level=True)

from prompt_toolkit.enums import EditingMode
from resting_editor import done_by, put, resting_editor

from ipcore.testing.shells import ShellMaker
from ipterminal.editor import Editor
from ipterminal.key_table import bind_defaults
from ipterminal.keys import Keys
from ipterminal.keys.names import identity, spelled
from ipterminal.keys.table import CONDITION_NAMES, REPLACED, ROWS, THEIR_OTHER_COMMANDS, THEIR_ROWS

RECORDED = Path(__file__).with_name("readline_keys.txt")

#: What GNU readline does by these keys, in the words of the commands here.
READLINE = {
    "c-a": "beginning-of-line",
    "c-b": "backward-char",
    "c-d": "cell.delete",
    "c-e": "end-of-line",
    "c-f": "forward-char",
    "c-k": "kill-line",
    "c-l": "screen.clear",
    "c-t": "transpose-chars",
    "c-u": "unix-line-discard",
    "c-w": "unix-word-rubout",
    "c-y": "yank",
    "backspace": "backward-delete-char",
    "delete": "delete-char",
    "home": "beginning-of-line",
    "end": "end-of-line",
    "left": "backward-char",
    "right": "forward-char",
    "c-left": "backward-word",
    "c-right": "forward-word",
    "escape b": "backward-word",
    "escape c": "capitalize-word",
    "escape d": "kill-word",
    "escape f": "forward-word",
    "escape l": "downcase-word",
    "escape u": "uppercase-word",
    "escape y": "yank-pop",
    "escape backspace": "backward-kill-word",
    "escape \\": "delete-horizontal-space",
    "c-x (": "start-kbd-macro",
    "c-x )": "end-kbd-macro",
    "c-x e": "call-last-kbd-macro",
    "c-_": "cell.undo",
    "x": "self-insert",
}

#: IPython's 41 names of conditions.
THEIR_CONDITIONS = """
    always never has_line_below has_line_above is_cursor_at_the_end_of_line has_selection has_suggestion
    vi_mode vi_insert_mode emacs_insert_mode emacs_like_insert_mode has_completions insert_mode
    default_buffer_focused search_buffer_focused ebivim supports_suspend is_windows_os auto_match
    focused_insert not_inside_unclosed_string readline_like_completions preceded_by_paired_double_quotes
    preceded_by_paired_single_quotes preceded_by_raw_str_prefix preceded_by_two_double_quotes
    preceded_by_two_single_quotes followed_by_closing_paren_or_end preceded_by_opening_round_paren
    preceded_by_opening_bracket preceded_by_opening_brace preceded_by_double_quote preceded_by_single_quote
    followed_by_closing_round_paren followed_by_closing_bracket followed_by_closing_brace
    followed_by_double_quote followed_by_single_quote navigable_suggestions cursor_in_leading_ws pass_through
""".split()


@pytest.fixture
def editor(make_shell: ShellMaker) -> Iterator[Editor]:
    with resting_editor(make_shell(), **without_suggestions()) as made:
        yield made


def effective(editor: Editor) -> list[str]:
    """Give what all keys do in a cell of one line, with the cursor at its end."""
    put(editor, "name|")
    bindings = [*editor.app._default_bindings.bindings, *editor.keys.bindings.bindings]
    pressed = {tuple(str(getattr(key, "value", key)) for key in each.keys) for each in bindings}
    lines = []
    for keys in sorted(pressed):
        command = done_by(editor, keys)
        if command:
            lines.append(f"{' '.join('space' if key == ' ' else key for key in keys)}  {command}")
    return lines


def without_suggestions() -> dict[str, Any]:
    return {"autosuggestions_provider": None}


def test_without_suggestions_keys_do_what_is_recorded_byte_for_byte(editor: Editor) -> None:
    assert "\n".join(effective(editor)) + "\n" == RECORDED.read_text()


def test_with_suggestions_on_but_none_shown_keys_do_the_same_but_for_one(make_shell: ShellMaker) -> None:
    with resting_editor(make_shell()) as editor:
        changed = {*effective(editor)} - {*RECORDED.read_text().splitlines()}
    assert changed <= {"right  suggestion.resume"}  # at the end of the line, where it would do nothing


@pytest.mark.parametrize(("keys", "command"), READLINE.items())
def test_keys_do_what_they_do_in_readline(editor: Editor, keys: str, command: str) -> None:
    put(editor, "name|")
    assert done_by(editor, spelled(keys)) == command


def test_every_row_of_the_table_is_bound_if_its_command_is_there(editor: Editor) -> None:
    bound = {(identity(each.keys), each.command) for each in editor.keys.bound}
    rows = [(each.keys, each.command) for each in ROWS]
    rows += [(each.ours or each.keys, each.command) for each in THEIR_ROWS]
    for keys, command in rows:
        if command in editor.keys.commands and not command.startswith("suggestion."):
            assert (identity(spelled(keys)), command) in bound


@pytest.mark.parametrize("allowed", [True, False])
def test_emacs_keys_do_in_vis_insert_mode_what_ipythons_table_says(
    make_shell: ShellMaker, allowed: bool
) -> None:
    rows = [row for row in THEIR_ROWS if "ebivim" in row.filter and row.filter.startswith("vi_insert_mode")]
    assert len(rows) == 16
    with resting_editor(make_shell(), emacs_bindings_in_vi_insert_mode=allowed) as editor:
        editor.app.editing_mode = EditingMode.VI
        put(editor, "name|")
        done = {row.keys: done_by(editor, spelled(row.keys)) for row in rows}
    if allowed:
        assert done == {row.keys: row.command for row in rows}
    else:
        assert not [row.keys for row in rows if done[row.keys] == row.command]


def test_a_row_whose_command_is_not_there_is_left_out(editor: Editor) -> None:
    keys = Keys()
    for name, condition in editor.keys.conditions.items():
        keys.condition(name, condition, "")
    keys.command("cell.enter", lambda event: None, "")
    bind_defaults(keys)
    assert [each.command for each in keys.bound] == ["cell.enter"]


def test_what_a_subject_binds_wins_over_the_table(editor: Editor) -> None:
    keys = Keys()
    for name, condition in editor.keys.conditions.items():
        keys.condition(name, condition, "")
    for command in ("screen.clear", "other.command"):
        keys.command(command, lambda event: None, "")
    keys.bind("c-l", "other.command")
    bind_defaults(keys)
    assert [each.command for each in keys.bound] == ["screen.clear", "other.command"]
    assert [each.handler for each in keys.bindings.bindings] == [each.binding.handler for each in keys.bound]


def test_ipythons_conditions_are_all_known(editor: Editor) -> None:
    assert len(THEIR_CONDITIONS) == 41
    for name in THEIR_CONDITIONS:
        assert editor.keys.filter(name)() in (True, False)
    for name in CONDITION_NAMES:
        assert editor.keys.filter(f"~{name}")() is not editor.keys.filter(name)()


def test_ipythons_table_has_all_its_67_rows() -> None:
    assert len({(row.keys, row.theirs, row.filter) for row in THEIR_ROWS}) == 67


def test_commands_of_prompt_toolkit_that_would_break_the_editor_are_not_listed(editor: Editor) -> None:
    assert not REPLACED.keys() & editor.keys.commands.keys()
    assert {"kill-line", "yank", *THEIR_OTHER_COMMANDS.values()} <= editor.keys.commands.keys()


def test_every_command_and_condition_has_a_line_of_help(editor: Editor) -> None:
    for command in editor.keys.commands.values():
        assert command.help.strip(), command.name
        assert "\n" not in command.help
    for condition in editor.keys.conditions.values():
        if condition.name not in ("in_cell", "insert_mode"):
            assert condition.help.endswith("."), condition.name


CONDITIONS = [
    ("cursor_in_leading_blanks", "  |x", True),
    ("cursor_in_leading_blanks", "x |", False),
    ("cursor_at_line_end", "ab|\nc", True),
    ("cursor_at_line_end", "a|b", False),
    ("has_line_above", "a\n|b", True),
    ("has_line_above", "a|\nb", False),
    ("has_line_below", "a|\nb", True),
    ("has_line_below", "a\nb|", False),
    ("cursor_at_name", "ab|", True),
    ("cursor_at_name", "a |b", True),
    ("cursor_at_name", "os.|", True),
    ("cursor_at_name", "|", False),
    ("cursor_at_name", "a = 12|", False),
    ("cursor_at_name", "f(1, |", True),
    ("cursor_in_string", "'a|", True),
    ("cursor_in_string", "'a'|", False),
    ("not_inside_unclosed_string", "'a'|", True),
    ("preceded_by_paired_double_quotes", '"a" |', True),
    ("preceded_by_paired_double_quotes", '"a |', False),
    ("preceded_by_paired_single_quotes", "'a' |", True),
    ("preceded_by_raw_str_prefix", "R'--|", True),
    ("preceded_by_raw_str_prefix", "'--|", False),
    ("preceded_by_two_double_quotes", '""|', True),
    ("preceded_by_two_single_quotes", "'|", False),
    ("followed_by_closing_paren_or_end", "a|", True),
    ("followed_by_closing_paren_or_end", "a|b", False),
    ("preceded_by_opening_round_paren & followed_by_closing_round_paren", "(|)", True),
    ("preceded_by_opening_bracket & followed_by_closing_bracket", "[|]", True),
    ("preceded_by_opening_brace & followed_by_closing_brace", "{|)", False),
    ("preceded_by_double_quote & followed_by_double_quote", '"|"', True),
    ("preceded_by_single_quote & followed_by_single_quote", "'|'", True),
    ("focused_insert", "|", True),
    ("emacs_like_insert_mode", "|", True),
    ("vi_mode | vi_insert_mode", "|", False),
]


@pytest.mark.parametrize(("when", "cell", "holds"), CONDITIONS)
def test_conditions(editor: Editor, when: str, cell: str, holds: bool) -> None:
    put(editor, cell)
    assert editor.keys.filter(when)() is holds


def test_a_condition_is_asked_once_for_each_key(editor: Editor) -> None:
    asked: list[int] = []

    def count() -> bool:
        asked.append(1)
        return True

    editor.keys.condition("counted", count, "Counts.")
    for command in ("lines.comment", "cell.undo", "cell.redo"):
        editor.keys.bind("f7", command, "in_cell & counted")
        editor.keys.bind("f7 f8", command, "counted & always")
    put(editor, "|")
    done_by(editor, ("f7",))
    assert len(asked) == 1
    from prompt_toolkit.key_binding.key_processor import KeyPress
    from prompt_toolkit.keys import Keys as Pressed

    assert editor.app.key_processor._is_prefix_of_longer_match([KeyPress(Pressed.F7)])
    assert len(asked) == 1
    done_by(editor, ("f7",))
    assert len(asked) == 2


def _record() -> None:
    import os
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as home:
        os.environ["IPSHELL_HOME"] = home
        from ipcore import InteractiveShell

        shell = InteractiveShell()
        with resting_editor(shell, **without_suggestions()) as editor:
            RECORDED.write_text("\n".join(effective(editor)) + "\n")
        shell.close()


if __name__ == "__main__":
    _record()
