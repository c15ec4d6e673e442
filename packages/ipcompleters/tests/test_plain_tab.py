"""Tab at the plain prompt with all providers, in a real pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("readline", reason="without readline Tab is the terminal's own")
if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import Terminal, Terminals

SETUP = """
import os, math
d = {'first key': {'inner': 1}, b'bytes': 2, 3: 4, 'fo': 5}
text = 'abc'
def greet(name, *, loudly=False): ...
"""

#: What is typed, and the line after Tab.
LINES = [
    ("gree", "greet"),
    ("math.flo", "math.floor"),
    ("print(text.upp", "print(text.upper"),
    ("text[0].upper().isal", "text[0].upper().isal"),
    ("[os.path.absp", "[os.path.abspath"),
    ("f'{text.upp", "f'{text.upper"),
    ("d['first", "d['first key"),
    ('d["first', 'd["first key'),
    ("d[b'by", "d[b'bytes"),
    ("d['first key']['inn", "d['first key']['inner"),
    ("greet(lou", "greet(loudly="),
    ("import js", "import json"),
    ("from os import getpi", "from os import getpid"),
    ("from os.pat", "from os.path"),
    ("open('My Docu", "open('My Documents/"),
    ("open('dat", "open('data.csv"),
    ("!cat dat", "!cat data.csv"),
    ("!cat My\\ Docu", "!cat My\\ Documents/"),
    ("%cd My", "%cd My"),
    ("x = !sleep", "x = !sleep"),
    ("\\alpha", "\N{GREEK SMALL LETTER ALPHA}"),
    ("x = \\alph", "x = \\alpha"),
    ("x + \\GREEK SMALL LETTER ETA", "x + η"),
    ("%pinfo", "%pinfo"),
    ("%%capt", "%%capt"),
    ("if text:  # te", "if text:  # te"),
    ("'te", "'te"),
    ("1.", "1."),
]


@pytest.fixture
def start(tmp_path: Path, terminal: Terminals) -> Callable[..., Terminal]:
    """Give what starts a shell in a folder with some files."""
    folder = tmp_path / "folder"
    (folder / "My Documents").mkdir(parents=True)
    (folder / "data.csv").touch()
    (tmp_path / "setup.py").write_text(SETUP, encoding="utf-8")

    def begin(*arguments: str) -> Terminal:
        opened = terminal("--simple-prompt", "--no-banner", *arguments, rows=40, columns=100, cwd=folder)
        opened.wait_for_prompt(1)
        opened.type(f"exec(open({str(tmp_path / 'setup.py')!r}).read())\n")
        opened.wait_for_prompt(2)
        return opened

    return begin


def test_what_tab_makes_of_lines(start: Callable[..., Terminal]) -> None:
    terminal = start("--ShellCompleter.timeout=30")
    wrong = []
    for typed, seen in LINES:
        terminal.type(f"{typed}\t|")
        lines = terminal.wait_for(lambda lines: lines[-1].endswith("|"), f"the line after {typed!r}")
        if lines[-1] != f"In [2]: {seen}|":
            wrong.append(f"{typed!r}: {lines[-1][8:-1]!r} and not {seen!r}")
        terminal.press("ctrl-a", "ctrl-k")
        terminal.wait_for(lambda lines: lines[-1] == "In [2]:", "an empty line")
    assert not wrong, "\n".join(wrong)


def test_lists_show_names_and_not_lines(start: Callable[..., Terminal]) -> None:
    terminal = start("--ShellCompleter.timeout=30")
    terminal.type("print(text.is\t\t")

    def listed(lines: list[str]) -> bool:
        return lines[-1] == "In [2]: print(text.is" and any(line.startswith("isalnum ") for line in lines)

    lines = terminal.wait_for(listed, "the list")
    names = " ".join(lines[lines.index("In [2]: print(text.is") + 1 : -1]).split()
    assert {"isalnum", "isupper"} <= set(names)
    assert all(name.startswith("is") for name in names)


def test_names_that_do_not_go_on_with_what_is_typed_are_listed(start: Callable[..., Terminal]) -> None:
    terminal = start("--ShellCompleter.timeout=30", "--ShellCompleter.matching=substring")
    terminal.type("text.partition\t|")
    terminal.wait_for(
        lambda lines: lines[-1] == "In [2]: text.partition|" and "partition   rpartition" in lines, "the list"
    )
    terminal.press("ctrl-a", "ctrl-k")
    terminal.type("text.RPART\t|")
    terminal.wait_for(lambda lines: lines[-1] == "In [2]: text.rpartition|", "the only one in its place")
