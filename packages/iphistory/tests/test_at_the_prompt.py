"""The plain prompt with a history, in a real pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import Terminal
from ipcore.testing.terminal import environment

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a function that starts a shell; all of a test have one home, and so one history."""
    home = tmp_path / "home"
    home.mkdir()
    with ExitStack() as open_ones:

        def start(*options: str) -> Terminal:
            command = [sys.executable, "-m", "ipcore", "--simple-prompt", "--no-banner", "--nosep", *options]
            env = {**environment(None), "IPSHELL_HOME": str(home)}
            made = open_ones.enter_context(Terminal(command, cwd=tmp_path, env=env))
            made.wait_for_prompt(1)
            return made

        yield start


def leave(shell: Terminal) -> None:
    shell.type("exit\r")
    assert shell.exit_status() == 0


def test_lines_of_the_session_before_come_back_with_arrow_up(start: Start) -> None:
    first = start()
    first.type("greeting = 'hel' + 'lo'\r")
    first.wait_for_prompt(2)
    leave(first)
    second = start()
    second.press("up", "enter")
    second.wait_for_prompt(2)
    second.type("greeting * 2\r")
    second.wait_for("Out[2]: 'hellohello'")


def test_the_other_shell_s_cells_are_found_at_once(start: Start) -> None:
    one, other = start(), start()
    one.type("shared_value = 6 * 7\r")
    one.wait_for_prompt(2)
    one.type("get_ipython().history.writeout_cache()\r")
    one.wait_for_prompt(3)
    other.type("%history -n -g shared_*6\r")
    other.wait_for("1/1: shared_value = 6 * 7")


@pytest.mark.parametrize(("share", "recalled"), [("True", "theirs"), ("False", "mine")])
def test_arrow_up_finds_the_other_shell_s_cells_if_they_are_shared(
    start: Start, share: str, recalled: str
) -> None:
    mine, theirs = start(f"--HistoryManager.share={share}"), start()
    theirs.type("print('theirs' + '!')\r")
    theirs.wait_for_prompt(2)
    theirs.type("get_ipython().history.writeout_cache()\r")
    theirs.wait_for_prompt(3)
    mine.type("print('mine' + '!')\r")
    mine.wait_for_prompt(2)
    # The newest of theirs is the call that writes.
    mine.press(*(["up", "up"] if share == "True" else ["up"]), "enter")
    mine.wait_for_prompt(3)
    assert mine.lines[-2] == f"{recalled}!"


def test_no_line_of_an_earlier_session_comes_back_if_none_is_wanted(start: Start) -> None:
    first = start()
    first.type("print('bef' + 'ore')\r")
    first.wait_for_prompt(2)
    leave(first)
    second = start("--InteractiveShell.history_load_length=0")
    second.press("up")
    second.type("6 * 7\r")
    second.wait_for("Out[1]: 42")
