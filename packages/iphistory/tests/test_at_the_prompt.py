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


@pytest.mark.parametrize("asyncio", [False, True], ids=["", "with asyncio"])
def test_arrow_up_finds_the_other_shell_s_cells_if_they_are_shared(start: Start, asyncio: bool) -> None:
    loop = "--IPShellApp.exec_lines=import asyncio; await asyncio.sleep(0)"
    mine, theirs = start("--HistoryManager.share=True", *([loop] if asyncio else [])), start()
    # Each is typed while the other one waits at its prompt, the first time at the first one.
    for number in (1, 2):
        theirs.type(f"print('theirs' + '{number}')\r")
        theirs.wait_for_prompt(2 * number)
        theirs.type("get_ipython().history.writeout_cache()\r")
        theirs.wait_for_prompt(2 * number + 1)
        # The newest of theirs is the call that writes.
        mine.press("up", "up", "enter")
        mine.wait_for_prompt(number + 1)
        assert mine.lines[-2] == f"theirs{number}"
    mine.type("for each in 'ab':\r")
    mine.wait_for("...:")
    theirs.type("meanwhile = 1\r")
    theirs.wait_for_prompt(6)
    theirs.type("get_ipython().history.writeout_cache()\r")
    theirs.wait_for_prompt(7)
    mine.press("up")  # the lines of one cell stay together
    mine.wait_for(lambda lines: lines[-1].endswith("...: for each in 'ab':"), "the line before")


def test_arrow_up_leaves_the_other_shell_s_cells_alone_if_none_are_shared(start: Start) -> None:
    mine, theirs = start(), start()
    theirs.type("print('theirs' + '!')\r")
    theirs.wait_for_prompt(2)
    theirs.type("get_ipython().history.writeout_cache()\r")
    theirs.wait_for_prompt(3)
    mine.type("print('mi' + 'ne')\r")
    mine.wait_for_prompt(2)
    mine.press("up", "enter")
    mine.wait_for_prompt(3)
    assert mine.lines[-2] == "mine"


def test_ctrl_c_clears_the_line_where_cells_are_shared(start: Start) -> None:
    shell = start("--HistoryManager.share=True")
    for number in range(2):
        shell.type(f"half {number}")
        shell.wait_for(f"half {number}")
        shell.press("ctrl-c")
        shell.wait_for(f"half {number}\nKeyboardInterrupt\nIn [1]:")
    shell.type("6 * 7\r")
    shell.wait_for("Out[1]: 42")


def test_no_line_of_an_earlier_session_comes_back_if_none_is_wanted(start: Start) -> None:
    first = start()
    first.type("print('bef' + 'ore')\r")
    first.wait_for_prompt(2)
    leave(first)
    second = start("--InteractiveShell.history_load_length=0")
    second.press("up")
    second.type("6 * 7\r")
    second.wait_for("Out[1]: 42")
