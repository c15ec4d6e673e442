"""Paste mode: text stands as it comes, and the mode ends with the cell."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

if sys.platform == "win32":
    pytest.skip("the editor's keys are looked up beside a pseudo-terminal", allow_module_level=True)

from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from resting_editor import done_by, put, resting_editor

from ipcore.testing.shells import ShellMaker
from ipterminal.editor import Editor
from ipterminal.keys.names import spelled
from ipterminal.pasting import Pasting


@pytest.fixture
def editor(make_shell: ShellMaker) -> Iterator[Editor]:
    with resting_editor(make_shell(), auto_match=True) as made:
        yield made


def press(editor: Editor, *keys: Keys | str) -> None:
    async def pressed() -> None:  # the key processor wants a loop
        for key in keys:
            editor.app.key_processor.feed(KeyPress(key, "\r" if key == Keys.ControlM else None))
        editor.app.key_processor.process_keys()

    asyncio.run(pressed())


@pytest.mark.parametrize(
    ("keys", "usual", "in_mode"),
    [
        ("(", "brackets.pair", "self-insert"),
        ("'", "brackets.pair", "self-insert"),
        ("tab", "completion.complete", "paste.tab"),
        ("right", "suggestion.resume", "forward-char"),
        ("f3", "paste.mode", "paste.mode"),
        ("escape enter", "cell.run", "cell.run"),
    ],
)
def test_what_helps_to_type_is_off(editor: Editor, keys: str, usual: str, in_mode: str) -> None:
    put(editor, "name|")
    assert done_by(editor, spelled(keys)) == usual
    press(editor, Keys.F3)
    assert done_by(editor, spelled(keys)) == in_mode


def test_enter_begins_a_line_at_the_margin_even_if_the_option_handle_return_replaces_it(
    editor: Editor,
) -> None:
    editor.terminal.handle_return = lambda shell: lambda event: pytest.fail("it was asked")
    press(editor, Keys.F3)
    put(editor, "    f(|)")
    press(editor, Keys.ControlM, Keys.ControlJ)
    assert (editor.buffer.text, editor.buffer.cursor_position) == ("    f(\n\n)", 8)


def test_the_mode_ends_by_its_key_and_with_the_cell_and_nothing_runs(editor: Editor) -> None:
    put(editor, "1 +|")
    press(editor, Keys.F3, "2", Keys.F3)
    assert editor.buffer.text == "1 +2"
    assert not editor.paste_mode
    press(editor, Keys.F6)
    assert editor.paste_mode
    for function in editor.before_prompt:
        if getattr(function, "__self__", None).__class__.__module__ == "ipterminal.paste_mode":
            function()
    assert not editor.paste_mode


@given(st.text(st.sampled_from(" \t\n\r():'\"#>.%?aé漢")), st.text("a b\n"))
def test_text_stands_as_it_was_sent_but_for_the_ends_of_its_lines(data: str, before: str) -> None:
    buffer = Buffer()
    buffer.set_document(Document(before + "|", len(before)))
    Pasting(SimpleNamespace(buffer=buffer)).as_it_comes(data)  # type: ignore[arg-type]
    assert buffer.text == before + "\n".join(_lines(data)) + "|"
    buffer.undo()
    assert buffer.text == f"{before}|"


def _lines(data: str) -> list[str]:
    return io.StringIO(data, newline=None).read().split("\n")
