"""A window made narrower, in terminals that break the rows on the screen anew."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout.screen import Char, Screen
from prompt_toolkit.utils import get_cwidth

from ipterminal.reflow import breaks_rows, rows_above


@pytest.mark.parametrize(
    ("environment", "breaks"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "screen-256color", "TMUX": "/a/place,1,0"}, True),
        ({"TERM": "screen-256color", "TMUX": "/a/place,1,0", "XTERM_VERSION": "XTerm(390)"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600", "XTERM_VERSION": "XTerm(390)"}, False),
        ({"TERM": "screen-256color", "VTE_VERSION": "7600", "STY": "1.pts-0"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600", "TERM_PROGRAM": "vscode"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "foot"}, True),
        ({}, False),
    ],
)
def test_what_is_known_of_terminals(environment: dict[str, str], breaks: bool) -> None:
    assert breaks_rows(environment) is breaks


def painted(*rows: str) -> Screen:
    screen = Screen()
    for y, text in enumerate(rows):
        x = 0
        for character in text:
            screen.data_buffer[y][x] = Char(character, "")
            for more in range(1, get_cwidth(character)):
                screen.data_buffer[y][x + more] = Char("", "")
            x += get_cwidth(character)
    return screen


@pytest.mark.parametrize(
    ("rows", "cursor", "above"),
    [
        (["abc"], (3, 0), 0),
        (["abcdefghij"], (10, 0), 0),
        (["abcdefghijk"], (11, 0), 1),
        (["abcdefghijk"], (9, 0), 0),
        (["abcdefghijk"], (10, 0), 1),
        (["abcdefghijklmnopqrstuvwxyz", "a"], (1, 1), 3),
        (["a" * 20, "", "b" * 11], (0, 2), 3),
        (["a" * 20, "", "b" * 11], (11, 2), 4),
        (["abc          ", "d"], (1, 1), 1),
        (["abc"], (25, 0), 0),
        (["aaaaaaaaa日", "b"], (1, 1), 2),
        (["日日日日日", "b"], (1, 1), 1),
    ],
)
def test_rows_above_the_cursor_when_ten_columns_are_left(
    rows: list[str], cursor: tuple[int, int], above: int
) -> None:
    assert rows_above(painted(*rows), Point(*cursor), 10) == above


class Tmux:
    """A tmux server of its own with one window.

    :param folder: for its socket, and to work in.
    """

    def __init__(self, folder: Path, command: str, columns: int) -> None:
        self._base = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", os.devnull]
        self.run("new-session", "-d", "-x", str(columns), "-y", "20", "-c", str(folder), command)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._base, *words], capture_output=True, text=True, encoding="utf-8", timeout=30, check=True
        )
        return done.stdout

    def rows(self, *options: str) -> list[str]:
        """Give what stands on the screen, without empty rows."""
        seen = self.run("capture-pane", "-p", *options)
        return [row.rstrip() for row in seen.splitlines() if row.strip()]

    def wait_for(self, rows: list[str]) -> None:
        """Wait until these are the last rows."""
        end = time.monotonic() + 30
        while (seen := self.rows())[-len(rows) :] != rows:
            assert time.monotonic() < end, "\n".join(["instead there stands:", *seen])
            time.sleep(0.05)  # tmux does not say when something has changed


@pytest.fixture
def tmux(tmp_path_factory: pytest.TempPathFactory, shell_home: Path) -> Iterator[Tmux]:
    if sys.platform == "win32" or not shutil.which("tmux"):
        pytest.skip("there is no tmux here")
    variables = [f"IPSHELL_HOME={os.environ['IPSHELL_HOME']}", "NO_COLOR=1"]
    command = ["env", *variables, sys.executable, "-m", "ipcore", "--no-banner"]
    # A short name: that of a socket may have 100 characters.
    made = Tmux(tmp_path_factory.mktemp("t"), shlex.join(command), 60)
    try:
        yield made
    finally:
        made.run("kill-server")


FIRST, SECOND = "def add(first, second):  # two", "    return first + second  # both of them"


def cell(columns: int) -> list[str]:
    """Give the rows of the cell in a window of some columns."""
    room = columns - len("In [2]: ")
    return [
        f"{prompt if not at else '      ⋮ '}{line[at : at + room]}".rstrip()
        for prompt, line in (("In [2]: ", FIRST), ("   ...: ", SECOND))
        for at in range(0, len(line), room)
    ]


def typed_below(tmux: Tmux, output: int) -> None:
    """Type the cell, below some rows of output."""
    tmux.wait_for(["In [1]:"])
    tmux.run("send-keys", "-l", f"print(*range({output}), sep=chr(10))")
    tmux.run("send-keys", "Enter")
    tmux.wait_for([f"{output - 1}", "In [2]:"])
    tmux.run("send-keys", "-l", FIRST)
    tmux.run("send-keys", "Enter")
    tmux.wait_for([f"In [2]: {FIRST}", "   ...:"])
    tmux.run("send-keys", "-l", SECOND.strip())
    tmux.wait_for(cell(60))


def test_a_window_of_tmux_made_narrower_shows_the_cell_once(tmux: Tmux) -> None:
    typed_below(tmux, 30)
    for columns in (36, 24, 20, 50):
        tmux.run("resize-window", "-x", str(columns), "-y", "20")
        tmux.wait_for(["29", *cell(columns)])
    assert sum(row.startswith("In [2]") for row in tmux.rows("-S", "-")) == 1


def test_at_the_top_of_a_screen_the_cell_is_there_once_too(tmux: Tmux) -> None:
    # tmux itself scrolls rows off the screen when it breaks others, whether or not there is place.
    typed_below(tmux, 1)
    for columns in (36, 24):
        tmux.run("resize-window", "-x", str(columns), "-y", "20")
        tmux.wait_for(cell(columns))
        assert sum(row.startswith("In [2]") for row in tmux.rows()) == 1
