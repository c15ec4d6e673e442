"""The cell in a terminal: long ones, narrow windows, wide characters, line numbers."""

from __future__ import annotations

from editor_terminals import StartEditor

from ipcore.testing.terminal import Terminal


def paste(terminal: Terminal, text: str) -> None:
    """Paste when the editor is there: before that, a terminal does not mark what is pasted."""
    terminal.wait_for(lambda lines: terminal.modes.bracketed_paste)
    terminal.paste(text)


def begin(terminal: Terminal) -> None:
    """Run a first cell: the editor is there then."""
    terminal.type("pass")
    terminal.press("enter")
    terminal.wait_for_prompt(2)


def shown_behind_first_cell(terminal: Terminal) -> list[str]:
    """Give what is on the screen and what has been scrolled off it, without empty lines."""
    shown = [line for line in (*terminal.history, *terminal.lines) if line]
    return shown[shown.index("In [1]: pass") + 1 :]


def test_a_long_paste_is_shown_and_edited_where_the_cursor_is(start_editor: StartEditor) -> None:
    terminal = start_editor(rows=10, columns=40)
    paste(terminal, "\n".join(f"value_{number} = {number}" for number in range(500)))
    terminal.wait_for("   ...: value_499 = 499")
    assert terminal.lines == [f"   ...: value_{number} = {number}" for number in range(490, 500)]
    terminal.press("up", "up")
    terminal.type(" + 1")
    terminal.wait_for("value_497 = 497 + 1")
    terminal.press("ctrl-home")
    terminal.wait_for("In [1]: value_0 = 0")
    terminal.wait_for(lambda lines: terminal.cursor == (0, 8))
    assert terminal.lines[9] == "   ...: value_9 = 9"


def test_a_line_is_wrapped_anew_when_the_window_gets_narrower(start_editor: StartEditor) -> None:
    terminal = start_editor(rows=10, columns=60)
    terminal.type("print('0123456789', '文字文字')")
    terminal.wait_for("文字文字')")
    terminal.resize(10, 20)
    terminal.wait_for("      ⋮ 字文字')")
    assert [line for line in terminal.lines if line] == [
        "In [1]: print('01234",
        "      ⋮ 56789', '文",
        "      ⋮ 字文字')",
    ]
    terminal.press("enter")
    terminal.wait_for_prompt(2)
    assert "0123456789 文字文字" in terminal.lines


def test_lines_have_numbers_if_that_is_wanted(start_editor: StartEditor) -> None:
    terminal = start_editor("--Terminal.prompt_line_number_format={line}", rows=10, columns=40)
    paste(terminal, "if True:\n    x = 1\n    y = 2")
    terminal.wait_for("...:     y = 2")
    assert "2  ...:     x = 1" in terminal.lines
    assert "3  ...:     y = 2" in terminal.lines


def test_what_was_typed_stays_whole_on_the_screen(start_editor: StartEditor) -> None:
    terminal = start_editor(rows=12, columns=40)
    terminal.type("print((1, [2]))")
    terminal.wait_for("(1, [2]))")
    terminal.press("enter")
    terminal.wait_for_prompt(2)
    assert [line for line in terminal.lines if line] == ["In [1]: print((1, [2]))", "(1, [2])", "In [2]:"]


def test_a_cell_that_is_longer_than_the_screen_stays_whole_above_it(start_editor: StartEditor) -> None:
    terminal = start_editor(rows=10, columns=40)
    begin(terminal)
    cell = [f"value_{number} = {number}" for number in range(30)]
    paste(terminal, "\n".join(cell))
    terminal.wait_for("value_29 = 29")
    terminal.press("ctrl-home")
    terminal.wait_for("In [2]: value_0 = 0")
    terminal.press("escape", "enter")
    terminal.wait_for_prompt(3)
    shown = shown_behind_first_cell(terminal)
    assert shown == [f"In [2]: {cell[0]}", *(f"   ...: {line}" for line in cell[1:]), "In [3]:"]


def test_a_long_line_stays_whole_above_the_screen(start_editor: StartEditor) -> None:
    terminal = start_editor(rows=6, columns=40)
    begin(terminal)
    paste(terminal, "value = '" + "0123456789" * 60 + "'")
    terminal.wait_for("'")
    terminal.press("enter")
    terminal.wait_for_prompt(3)
    shown = "".join(line[8:] for line in shown_behind_first_cell(terminal))
    assert shown == "value = '" + "0123456789" * 60 + "'"


def test_a_dropped_cell_leaves_what_was_in_view(
    start_editor: StartEditor,
) -> None:
    terminal = start_editor(rows=10, columns=40)
    begin(terminal)
    paste(terminal, "\n".join(f"value_{number} = {number}" for number in range(30)))
    terminal.wait_for("value_29 = 29")
    terminal.press("ctrl-c")
    terminal.wait_for(lambda lines: lines[-1] == "In [2]:")
    assert not any("value_5 " in line for line in (*terminal.history, *terminal.lines))
