"""Editors, pager, clipboard and highlighter keep to the contracts of their families."""

from __future__ import annotations

import pytest

from ipcore.testing.contracts import (
    ClipboardContract,
    EditorContract,
    HighlighterContract,
    PagerContract,
    PluginContract,
)
from ipcore.testing.fixtures import *  # noqa: F403
from ipterminal.known_editors import EDITORS, KnownEditor


class OfIpterminal(PluginContract):
    plugin = "ipterminal.plugin"
    distribution = "ipterminal"


class TestCode(OfIpterminal, EditorContract):
    key = "code"


class TestKate(OfIpterminal, EditorContract):
    key = "kate"


class TestNotepad(OfIpterminal, EditorContract):
    key = "notepad++"


class TestBuiltin(OfIpterminal, PagerContract):
    key = "builtin"
    heavy = [name for name in PagerContract.heavy if name not in ("prompt_toolkit", "asyncio")]


class TestTerminalClipboard(OfIpterminal, ClipboardContract):
    key = "terminal"


class TestPygments(OfIpterminal, HighlighterContract):
    key = "any"
    language = "python"
    heavy = [name for name in HighlighterContract.heavy if name != "pygments"]
    examples = {
        "def f(): return 'a' # b": [
            ("def", "code.keyword"),
            ("f", "code.function"),
            ("'a'", "code.string"),
            ("# b", "code.comment"),
        ],
        "x = None": [("None", "code.constant")],
    }


class TestPygmentsShell(TestPygments):
    language = "sh"
    examples = {"echo $HOME": [("echo", "code.builtin")]}


@pytest.mark.parametrize("name", EDITORS)
def test_every_editor_that_is_known_is_told_file_and_line(name: str) -> None:
    for wait in (True, False):
        words = KnownEditor(name).arguments("a b.py", 7, wait)
        assert any("a b.py" in word for word in words)
        assert any("7" in word for word in words)
        alone = KnownEditor(name).arguments("a b.py", None, wait)
        assert "a b.py" in alone
        assert not any("None" in word for word in [*words, *alone])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("code", ["--wait", "--goto", "a.py:7"]),
        ("gvim", ["-f", "+7", "a.py"]),
        ("notepad++", ["-n7", "a.py"]),
        ("gedit", ["--wait", "a.py", "+7"]),
    ],
)
def test_editors_are_told_their_way_and_to_wait(name: str, words: list[str]) -> None:
    assert KnownEditor(name).arguments("a.py", 7, True) == words
