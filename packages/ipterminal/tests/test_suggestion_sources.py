"""Suggestions from elsewhere: slow ones, broken ones, and what they are given."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from editor_terminals import StartEditor

from ipcore.testing import Terminal

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

SOURCE = """
import asyncio, os, time

class Source:
    leaves = "the cell goes to a file"
    def __init__(self, manner, pause=0.01):
        self.manner, self.pause = manner, pause
    async def suggest(self, request):
        with open("asked", "a") as file:
            print(repr(request.before), repr(request.after), request.earlier, file=file)
        try:
            if self.manner == "blocks":
                time.sleep(600)
            yield " + 1"
            while not os.path.exists("go on"):
                await asyncio.sleep(0.01)
            yield " + 2"
            if self.manner == "breaks":
                raise ConnectionError("the line is dead")
        finally:
            open("closed", "a").close()
"""

Start = Callable[..., Terminal]


@pytest.fixture
def start(start_editor: StartEditor, tmp_path: Path) -> Start:
    """Give a function that starts a shell whose suggestions come from elsewhere."""
    (tmp_path / "fake_source.py").write_text(SOURCE)

    def function(manner: str, *words: str) -> Terminal:
        return start_editor(
            "--Terminal.llm_provider_class=fake_source.Source",
            f"--Terminal.llm_constructor_kwargs={{'manner': '{manner}'}}",
            *words,
            env={"PYTHONPATH": str(tmp_path)},
        )

    return function


def test_a_slow_source_that_breaks_holds_up_nothing(start: Start, tmp_path: Path) -> None:
    shell = start("breaks")
    shell.type("value")
    shell.wait_for("In [1]: value + 1")
    shell.wait_for("suggestions: the cell goes to a file")
    (tmp_path / "work" / "go on").touch()
    lines = shell.wait_for("suggestions: ConnectionError: the line is dead")
    assert lines[1] == "In [1]: value + 1 + 2"
    assert (tmp_path / "work" / "closed").exists()
    shell.press("ctrl-f")
    shell.type(" - value - 3\r")
    shell.wait_for("NameError: name 'value' is not defined")
    shell.wait_for_prompt(2)


def test_the_next_key_ends_what_was_asked_for(start: Start, tmp_path: Path) -> None:
    shell = start("streams")
    shell.type("6 *")
    shell.wait_for("In [1]: 6 * + 1")
    shell.type(" 7\r")
    shell.wait_for("Out[1]: 42")
    shell.wait_for_prompt(2)
    shell.type("import os, threading; os.path.exists('closed')\r")
    shell.wait_for("Out[2]: True")
    shell.wait_for_prompt(3)
    shell.type("[each.name for each in threading.enumerate() if 'suggest' in each.name]\r")
    shell.wait_for("Out[3]: []")


def test_a_source_that_blocks_holds_up_nothing(start: Start) -> None:
    shell = start("blocks")
    shell.type("6 *")
    shell.wait_for("suggestions: the cell goes to a file")
    shell.type(" 7\r")
    shell.wait_for("Out[1]: 42")
    shell.wait_for_prompt(2)
    shell.type("exit\r")
    assert shell.exit_status() == 0


def test_what_seems_to_hold_a_secret_is_not_given_away(start: Start, tmp_path: Path) -> None:
    shell = start("streams", "--Terminal.llm_prefix_from_history=input_history")
    shell.type("a = 1\r")
    shell.wait_for_prompt(2)
    shell.type("password = 'hunter22'\r")
    shell.wait_for_prompt(3)
    shell.type("value")
    shell.wait_for("In [3]: value + 1")
    shell.press("ctrl-u")
    shell.type("token('password=\"hunter22\"') ")
    shell.wait_for("not asked for suggestions: the cell seems to hold a password.")
    asked = (tmp_path / "work" / "asked").read_text()
    assert "hunter" not in asked
    assert "'value' '' ('a = 1',)" in asked


def test_a_source_that_is_none_is_told_once(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.llm_provider_class=no_such_module.Source")
    shell.type("val")
    shell.wait_for("suggestions: ModuleNotFoundError: No module named 'no_such_module'")
    shell.type("ue = 6 * 7; value\r")
    shell.wait_for("Out[1]: 42")
