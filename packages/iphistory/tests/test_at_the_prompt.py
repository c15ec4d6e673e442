"""The plain prompt with a history, in a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

import pexpect


def shell(home: Path, *options: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable,
        ["-m", "ipcore", "--no-banner", "--nosep", *options],
        env={**os.environ, "IPSHELL_HOME": str(home), "TERM": "dumb"},
        cwd=str(home.parent),
        timeout=30,
        encoding="utf-8",
    )


def test_lines_of_the_session_before_come_back_with_arrow_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = shell(home)
    first.expect_exact("In [1]: ")
    first.sendline("greeting = 'hel' + 'lo'")
    first.expect_exact("In [2]: ")
    first.sendline("exit")
    first.expect(pexpect.EOF)
    first.close()
    assert first.exitstatus == 0
    second = shell(home)
    try:
        second.expect_exact("In [1]: ")
        second.send("\x1b[A\r")
        second.expect_exact("In [2]: ")
        second.sendline("greeting * 2")
        second.expect_exact("Out[2]: 'hellohello'")
    finally:
        second.close(force=True)


def test_the_other_shell_s_cells_are_found_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shells = [shell(home), shell(home)]
    try:
        for each in shells:
            each.expect_exact("In [1]: ")
        shells[0].sendline("shared_value = 6 * 7")
        shells[0].expect_exact("In [2]: ")
        shells[0].sendline("get_ipython().history.writeout_cache()")
        shells[0].expect_exact("In [3]: ")
        shells[1].sendline("%history -n -g shared_*6")
        shells[1].expect_exact("1/1: shared_value = 6 * 7")
    finally:
        for each in shells:
            each.close(force=True)


@pytest.mark.parametrize(("share", "recalled"), [("True", "theirs"), ("False", "mine")])
def test_arrow_up_finds_the_other_shell_s_cells_if_they_are_shared(
    tmp_path: Path, share: str, recalled: str
) -> None:
    home = tmp_path / "home"
    mine, theirs = shell(home, f"--HistoryManager.share={share}"), shell(home)
    try:
        for each in (mine, theirs):
            each.expect_exact("In [1]: ")
        theirs.sendline("print('theirs' + '!')")
        theirs.expect_exact("theirs!")
        theirs.sendline("get_ipython().history.writeout_cache()")
        theirs.expect_exact("In [3]: ")
        mine.sendline("print('mine' + '!')")
        mine.expect_exact("mine!")
        mine.expect_exact("In [2]: ")
        # The newest of theirs is the call that writes.
        mine.send("\x1b[A\x1b[A\r" if share == "True" else "\x1b[A\r")
        mine.expect_exact(f"\n{recalled}!")
    finally:
        for each in (mine, theirs):
            each.close(force=True)


def test_no_line_of_an_earlier_session_comes_back_if_none_is_wanted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = shell(home)
    first.expect_exact("In [1]: ")
    first.sendline("print('bef' + 'ore')")
    first.expect_exact("before")
    first.sendline("exit")
    first.expect(pexpect.EOF)
    first.close()
    second = shell(home, "--InteractiveShell.history_load_length=0")
    try:
        second.expect_exact("In [1]: ")
        second.send("\x1b[A6 * 7\r")
        second.expect_exact("Out[1]: 42")
    finally:
        second.close(force=True)
