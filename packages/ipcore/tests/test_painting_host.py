"""Output above the line being typed, and questions in its place, in a real pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import Terminal


class Painted(Terminal):
    """The host in a pseudo-terminal."""

    def __init__(self, folder: Path) -> None:
        program = Path(__file__).with_name("painting_host.py")
        super().__init__([sys.executable, str(program)], cwd=folder, rows=40)
        self.number = 1
        self.wait_for_prompt(1)
        self.line("import asyncio, os, subprocess, sys, threading, time; go = threading.Event(); said = []")

    def line(self, text: str) -> list[str]:
        self.type(text + "\r")
        self.number += 1
        return self.wait_for_prompt(self.number)

    def half(self, text: str) -> list[str]:
        """Wait until a line is half typed."""
        return self.wait_for(lambda lines: lines[-1] == f"In [{self.number}]: {text}", f"half a line: {text}")


@pytest.fixture
def painted(home: Path, tmp_path: Path) -> Iterator[Painted]:
    made = Painted(tmp_path)
    yield made
    made.close()


LATE = {
    "thread": "threading.Thread(target=lambda: (go.wait(), print('late'))).start()",
    "timer of asyncio": "asyncio.get_event_loop().call_later(0.5, print, 'late').when() > 0",
    "child": "threading.Thread(target=lambda: (go.wait(), os.system('echo late'))).start()",
    "C": "threading.Thread(target=lambda: (go.wait(), os.write(1, b'late\\n'))).start()",
}


@pytest.mark.parametrize("who", LATE)
def test_what_is_printed_at_the_prompt_stands_above_the_line_being_typed(painted: Painted, who: str) -> None:
    painted.line(LATE[who])
    painted.line("threading.Timer(0.3, go.set).start()")
    painted.type("6 *")
    painted.half("6 *")
    lines = painted.wait_for(lambda lines: "late" in lines, "what was printed late")
    lines = painted.half("6 *")
    assert lines[-2] == "late"
    assert painted.line(" 7")[-2].endswith(" 42")


def test_what_a_cell_prints_follows_its_line_and_its_children_have_the_terminal(painted: Painted) -> None:
    lines = painted.line(
        "print('printed'); os.write(1, b'below\\n'); os.system('test -t 1 && echo terminal')"
    )
    assert lines[-5:-1] == ["printed", "below", "terminal", f"Out[{painted.number - 1}]: 0"]
    assert painted.line("sys.stdout.isatty(), os.isatty(1)")[-2].endswith("(True, True)")


def test_a_cell_asks(painted: Painted) -> None:
    painted.type("'<' + input('name? ') + '>'\r")
    painted.wait_for(lambda lines: lines[-1] == "name?", "the question")
    painted.type("Ann\r")
    painted.number += 1
    assert painted.wait_for_prompt(painted.number)[-2].endswith("'<Ann>'")


def test_a_thread_asks_at_the_prompt_and_the_half_typed_line_comes_back(painted: Painted) -> None:
    painted.line("def ask(): go.wait(); said.append(input('name? '))")
    painted.line("threading.Thread(target=ask, name='w').start(); threading.Timer(0.3, go.set).start()")
    painted.type("6 *")
    painted.wait_for(lambda lines: lines[-1] == "Thread 'w' asks: name?", "the question")
    painted.type("Ann\r")
    painted.half("6 *")
    assert painted.line(" 7")[-2].endswith(" 42")
    assert painted.line("said")[-2].endswith("['Ann']")


def test_the_end_is_clean(painted: Painted) -> None:
    painted.line("print('a')")
    painted.type("\x04")
    assert painted.exit_status() == 0
