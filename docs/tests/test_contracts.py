"""The worked examples of the reference keep to the contracts of their families."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs.tests.pages import DOCS, blocks
from ipcore.testing.contracts import (
    CellMagicContract,
    ClipboardContract,
    CommandContract,
    CompletionProviderContract,
    EditorContract,
    FormatterContract,
    FrontendContract,
    HighlighterContract,
    HistoryContract,
    InputHookContract,
    InputTransformerContract,
    KeyBindingContract,
    LifecycleContract,
    LineMagicContract,
    PagerContract,
    PluginContract,
    PolicyContract,
    PromptsContract,
    ThemeContract,
    TracebackContract,
)
from ipcore.testing.fixtures import *  # noqa: F403
from ipcore.types.policies import Request


class WorkedExample(PluginContract):
    """A module on the page of its family."""

    distribution = None

    @pytest.fixture(autouse=True)
    def _module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        page = DOCS / "reference" / "hooks" / f"{self.family}.md"
        (text,) = (block.text for block in blocks(page) if block.caption == f"{self.plugin}.py")
        folder = tmp_path / "modules"
        folder.mkdir()
        (folder / f"{self.plugin}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(folder)
        yield
        sys.modules.pop(self.plugin, None)


class TestStopwatch(WorkedExample, LifecycleContract):
    plugin = key = "stopwatch"


class TestConsent(WorkedExample, PolicyContract):
    plugin = key = "consent"
    refuses = [Request("system", "rm notes.txt", "keyboard")]
    asks = [Request("cell", "6*7", "program"), Request("cell", "6*7", "remote")]
    allows = [Request("cell", "6*7", "keyboard"), Request("system", "ls", "keyboard")]


class TestCalc(WorkedExample, InputTransformerContract):
    plugin = key = "calc"
    examples = {"calc 6 times 7": "6 * 7"}
    refuses = ["calc 6 divided by 7"]
    incomplete = ["calc 6 times (7"]


class TestReverse(WorkedExample, LineMagicContract):
    plugin = key = "reverse"
    examples = {"drawer": "reward"}
    mistakes = [""]


class TestRows(WorkedExample, CellMagicContract):
    plugin = key = "rows"
    examples = {("", "ada,1815\n"): [["ada", "1815"]], (";", "a;b\nc;d\n"): [["a", "b"], ["c", "d"]]}


class TestHexdump(WorkedExample, FormatterContract):
    plugin = key = "hexdump"
    mime = "text/plain"
    examples = [(b"ipshell", "<69 70 73 68 65 6c 6c>")]


class TestSums(WorkedExample, CommandContract):
    plugin = key = "sums"
    examples = {"numbers.txt": "6.5"}
    mistakes = ["nosuch.txt", "words.txt", ""]

    def prepare(self, folder: Path) -> None:
        (folder / "numbers.txt").write_text("1\n2\n3.5\n")
        (folder / "words.txt").write_text("one\n")


class TestHosts(WorkedExample, CompletionProviderContract):
    plugin = key = "hosts"
    examples = {"!ssh localh": "localhost"}
    silent = ["localh", "!ls localh"]


class TestFolderFrontend(WorkedExample, FrontendContract):
    plugin = "folder_frontend"
    key = "folder"
    at_terminal = False
    goes_on = False

    def feed(self, folder: Path, cells: Sequence[str]) -> str:
        (folder / "cells").mkdir()
        for number, cell in enumerate(cells):
            (folder / "cells" / f"{number}.txt").write_text(cell)
        return ""


@pytest.mark.skipif(find_spec("_tkinter") is None, reason="this Python has no Tcl")
class TestTclLoop(WorkedExample, InputHookContract):
    plugin = "tcl_loop"
    key = "tcl"
    heavy = [name for name in InputHookContract.heavy if name != "tkinter"]


class TestFolderPrompts(WorkedExample, PromptsContract):
    plugin = "folder_prompts"
    key = "folder"


class TestBarePrompts(WorkedExample, PromptsContract):
    plugin = "folder_prompts"
    key = "bare"


class TestVedit(WorkedExample, EditorContract):
    plugin = key = "vedit"


class TestBrief(WorkedExample, PagerContract):
    plugin = key = "brief"


class TestFiled(WorkedExample, ClipboardContract):
    plugin = key = "filed"


class TestIni(WorkedExample, HighlighterContract):
    plugin = key = language = "ini"
    examples = {"[a]\nb = 1": [("[a]", "code.class"), ("b ", "code.name")]}


class TestSepia(WorkedExample, ThemeContract):
    plugin = key = "sepia"


class TestTerse(WorkedExample, TracebackContract):
    plugin = key = "terse"
    terse = True


class TestTextFile(WorkedExample, HistoryContract):
    plugin = key = "textfile"


class TestTwice(WorkedExample, KeyBindingContract):
    plugin = key = "twice"
    examples = {"lines.twice": ("a = 1\nb| = 2\nc", "a = 1\nb = 2\nb| = 2\nc")}
