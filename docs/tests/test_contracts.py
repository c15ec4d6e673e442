"""The worked examples of the reference keep to the contracts of their families."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.tests.pages import DOCS, blocks
from ipcore.testing.contracts import (
    CellMagicContract,
    FormatterContract,
    InputTransformerContract,
    LifecycleContract,
    LineMagicContract,
    PluginContract,
    PolicyContract,
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
