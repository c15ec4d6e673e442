"""The assembled shell as somebody uses it who sits at a terminal: editor, completion and history together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing.terminal import Terminal
from tests.conftest import clean_environment
from tests.test_programs import SHELL

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a function that starts ``ipshell`` in a terminal, always with the same home."""
    with ExitStack() as open_ones:

        def begin(*arguments: str) -> Terminal:
            env = clean_environment(IPSHELL_HOME=str(tmp_path / "home"), TERM="xterm-256color")
            made = open_ones.enter_context(Terminal([str(SHELL), *arguments], cwd=tmp_path, env=env))
            made.wait_for_prompt(1)
            return made

        yield begin


def leave(shell: Terminal) -> None:
    """End a session whose prompt is empty."""
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert shell.tty_mode().canonical


def test_a_cell_is_coloured_completed_and_run(start: Start) -> None:
    shell = start("--no-banner")
    shell.type("import string")
    shell.wait_for("import string")
    shell.wait_for(lambda lines: shell.style_of("import") != shell.style_of("string"), "a keyword in colour")
    shell.press("enter")
    shell.wait_for_prompt(2)
    shell.type("string.ascii_low\t")
    shell.wait_for("string.ascii_lowercase")
    shell.type("[:3]\r")
    assert "Out[2]: 'abc'" in shell.wait_for_prompt(3)
    leave(shell)


def test_what_was_typed_comes_back_in_the_next_session(start: Start) -> None:
    first = start("--no-banner")
    first.type("for letter in 'ab':\rprint(letter * 3)\r\r")
    assert {"aaa", "bbb"} <= set(first.wait_for_prompt(2))
    leave(first)
    second = start("--no-banner")
    second.press("up", "up")  # the line that left the first one is the last
    second.wait_for("print(letter * 3)")
    second.press("escape", "enter")
    assert {"aaa", "bbb"} <= set(second.wait_for_prompt(2))
    leave(second)


def test_without_the_editor_the_plain_prompt_is_left(start: Start) -> None:
    shell = start("--no-banner", "--simple-prompt")
    shell.type("6 * 7\r")
    assert "Out[1]: 42" in shell.wait_for_prompt(2)
    leave(shell)
