"""Images in the terminal, by the bytes that are written."""

from __future__ import annotations

import io
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from ipcore import InteractiveShell
from ipcore.testing import ShellMaker
from ipterminal.image_protocols import Protocol, chosen_protocol, protocol_of
from ipterminal.images import by_iterm2, by_kitty, publish_images

if TYPE_CHECKING:
    from editor_terminals import StartEditor

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")

Run = Callable[..., str]

#: What a PNG file begins with, and more than one piece of the kitty protocol.
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 30

CLASS = "class Dot:\n    def _repr_png_(self): return DATA\n    def __repr__(self): return 'a dot'\n"


@pytest.mark.parametrize(
    ("environ", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230804"}, "kitty"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "200804"}, ""),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, ""),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, ""),
        ({"TERM": "dumb", "KITTY_WINDOW_ID": "1"}, ""),
        ({}, ""),
    ],
)
def test_the_environment_tells_what_the_terminal_can(environ: dict[str, str], protocol: str) -> None:
    assert protocol_of(environ) == protocol


def test_kitty_gets_an_image_in_pieces_and_answers_nothing() -> None:
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", by_kitty(PNG))
    assert by_kitty(PNG) == "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in pieces)
    assert pieces[0][0] == "a=T,f=100,q=2,m=1"
    assert [keys for keys, _ in pieces[1:]] == ["m=1"] * (len(pieces) - 2) + ["m=0"]
    assert all(len(data) <= 4096 for _, data in pieces)
    assert b64decode("".join(data for _, data in pieces)) == PNG
    assert by_kitty(b"x") == "\x1b_Ga=T,f=100,q=2,m=0;eA==\x1b\\"


def test_iterm2_gets_an_image_whole_with_its_size() -> None:
    assert by_iterm2(b"x", {}) == "\x1b]1337;File=inline=1;size=1:eA==\x07"
    assert "width=20px;height=10px:" in by_iterm2(b"x", {"width": 20, "height": 10})
    assert "px" not in by_iterm2(b"x", {"width": "20;\x07"})


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(make_shell: ShellMaker, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs cells in a shell on a terminal, and gives what was written to that."""
    shell = make_shell()

    def run(*cells: str, protocol: Protocol = "kitty") -> str:
        publisher = publish_images(shell, protocol)
        out = Screen()
        monkeypatch.setattr(sys, "stdout", out)
        for cell in cells:
            InteractiveShell.run_cell(shell, cell, store_history=True)
        shell.display.publisher.remove(publisher)
        return out.getvalue()

    return run


@pytest.mark.parametrize("given", [PNG, b64encode(PNG).decode()], ids=["bytes", "text"])
def test_the_image_of_a_value_is_written_below_its_number(run: Run, given: object) -> None:
    shown = run(f"DATA = {given!r}\n{CLASS}Dot()", "display(Dot())")
    assert shown == f"Out[1]: \n{by_kitty(PNG)}\n{by_kitty(PNG)}\n"


def test_what_is_no_image_is_shown_as_ever(run: Run) -> None:
    shown = run("6 * 7", "display('text')", f"DATA = b''\n{CLASS}Dot()")
    assert shown == "Out[1]: 42\n'text'\nOut[3]: a dot\n"


def test_an_image_goes_to_no_file(make_shell: ShellMaker) -> None:
    shell = make_shell()
    shell.user_ns["DATA"] = PNG
    publisher = publish_images(shell, "iterm2")
    assert shell.run_cell(f"{CLASS}Dot()").stdout == "Out[1]: a dot\n"
    assert publisher.types == ()


def test_a_jpeg_is_shown_by_the_protocol_that_can(run: Run) -> None:
    source = f"DATA = b'\\xff\\xd8jpeg'\n{CLASS.replace('_repr_png_', '_repr_jpeg_')}display(Dot())"
    assert run(source) == "a dot\n"
    assert run(source, protocol="iterm2") == by_iterm2(b"\xff\xd8jpeg", {}) + "\n"


def test_images_are_off_where_the_terminal_can_show_none_or_one_wants_none() -> None:
    assert chosen_protocol("auto", {"TERM": "xterm-256color"}) == ""
    assert chosen_protocol("auto", {"TERM": "xterm-kitty"}) == "kitty"
    assert chosen_protocol("off", {"TERM": "xterm-kitty"}) == ""
    assert chosen_protocol("iterm2", {"TERM": "xterm-256color"}) == "iterm2"


@posix
def test_a_terminal_that_can_is_sent_the_image(start_editor: StartEditor) -> None:
    shell = start_editor(env={"TERM": "xterm-kitty"})
    shell.type(f"import base64; DATA = base64.b64decode({b64encode(PNG[:300]).decode()!r})\r")
    shell.wait_for_prompt(2)
    shell.type("Dot = type('Dot', (), {'_repr_png_': lambda self: DATA, '__repr__': lambda self: 'a dot'})\r")
    shell.wait_for_prompt(3)
    shell.forget_raw()
    shell.type("Dot()\r")
    shell.wait_for_prompt(4)
    assert by_kitty(PNG[:300]).encode() in shell.raw
    assert "Out[3]:" in shell.lines
    assert "Out[3]: a dot" not in shell.lines


@posix
def test_a_terminal_that_cannot_is_sent_the_text(start_editor: StartEditor) -> None:
    shell = start_editor(env={"TERM": "xterm-256color", "TERM_PROGRAM": "", "KITTY_WINDOW_ID": ""})
    shell.type("Dot = type('Dot', (), {'_repr_png_': lambda self: b'x', '__repr__': lambda self: 'a dot'})\r")
    shell.wait_for_prompt(2)
    shell.type("Dot()\r")
    shell.wait_for_prompt(3)
    assert "Out[2]: a dot" in shell.lines
    assert b"\x1b_G" not in shell.raw
