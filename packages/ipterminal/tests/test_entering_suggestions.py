"""The table of what keys do, with all subjects of the editor, and with suggestions off, on, and shown."""

from __future__ import annotations

import asyncio
import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("the editor's keys are looked up beside a pseudo-terminal", allow_module_level=True)

from prompt_toolkit.auto_suggest import Suggestion
from resting_editor import put, resting_editor

from ipcore.testing.shells import ShellMaker
from ipterminal.editor import Editor

TABLE: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    Path(__file__).with_name("entering.toml").read_text("utf-8")
)
PLAIN = [
    (table, before, after)
    for table in TABLE
    if "_with" not in table
    for before, after in TABLE[table]["rows"]
    if after != "history"
]
SHOWN = [
    (table, *row) for table in TABLE if table.endswith("_with_a_suggestion") for row in TABLE[table]["rows"]
]


class Seen:
    """What an editor does with the cell, instead of running it."""

    def __init__(self, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
        self.editor = editor
        self.outcome = ""
        monkeypatch.setattr(editor.main, "call", _called)
        monkeypatch.setattr(editor, "submit", lambda text: self._set("run"))
        monkeypatch.setattr(editor, "message", lambda text, style="": self._set("problem " if text else ""))

    def _set(self, outcome: str) -> None:
        self.outcome = outcome

    def press(self, keys: str) -> str:
        """Press keys and give what has become of the cell, as the table says it."""
        self.outcome = ""
        presses = [_pressed(name) for name in keys.split("_")]
        self.editor.app.key_processor.feed_multiple(presses)
        self.editor.app.key_processor.process_keys()
        if self.outcome == "run":
            return "run"
        text, cursor = self.editor.buffer.text, self.editor.buffer.cursor_position
        return self.outcome + text[:cursor] + "|" + text[cursor:]


def _called(function: Callable[..., Any], *arguments: Any, **named: Any) -> Future[Any]:
    """Call a function at once, as the thread of the cells does while it has nothing else to do."""
    future: Future[Any] = Future()
    future.set_result(function(*arguments, **named))
    return future


def _pressed(name: str) -> Any:
    from prompt_toolkit.key_binding.key_processor import KeyPress
    from prompt_toolkit.keys import ALL_KEYS, KEY_ALIASES, Keys

    key = KEY_ALIASES.get(name, name)
    return KeyPress(Keys(key) if key in ALL_KEYS else key)


def test_where_no_suggestion_is_shown_keys_do_the_same(
    make_shell: ShellMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(provider: str | None) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        with resting_editor(make_shell(), autosuggestions_provider=provider) as editor:
            seen = Seen(editor, monkeypatch)
            for table, before, after in PLAIN:
                editor.buffer.reset()
                put(editor, before)
                outcome = seen.press(table)
                if not alike(outcome, after):
                    found.append((table, before, outcome, after))
        return found

    for provider in (None, "NavigableAutoSuggestFromHistory", "AutoSuggestFromHistory"):
        assert asyncio.run(wrong(provider)) == [], provider


@pytest.mark.parametrize(("table", "before", "after", "suggestion", "without"), SHOWN)
def test_what_keys_do_with_a_suggestion(
    make_shell: ShellMaker,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    before: str,
    after: str,
    suggestion: str,
    without: str,
) -> None:
    async def press(**options: Any) -> str:
        with resting_editor(make_shell(), **options) as editor:
            put(editor, before)
            if not options:
                editor.buffer.suggestion = Suggestion(suggestion)
            return Seen(editor, monkeypatch).press(table.removesuffix("_with_a_suggestion"))

    assert alike(asyncio.run(press()), after)
    assert alike(asyncio.run(press(autosuggestions_provider=None)), without)


def alike(outcome: str, expected: str) -> bool:
    return outcome == expected or (expected == "problem" and outcome.startswith(expected))
