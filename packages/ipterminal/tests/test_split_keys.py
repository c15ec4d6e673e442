"""Keys whose sequence comes in pieces: which pieces belong together."""

from __future__ import annotations

import pytest
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from ipterminal.split_keys import SplitKeys


class Pieces:
    def __init__(self) -> None:
        self.now = 0.0
        self.undone = 0
        self.split = SplitKeys(lambda: self.now)
        self.split.within, self.split.undo = 0.1, self._undo

    def _undo(self) -> None:
        self.undone += 1

    def escape(self) -> None:
        self.split.came()
        self.split.acted()


@pytest.mark.parametrize("rest", ["[A", "OA", "[", "O", "[1;5C", "[3~", "[1;", "[D\x1b[D"])
def test_the_rest_of_a_key_gets_its_escape_back(rest: str) -> None:
    pieces = Pieces()
    pieces.escape()
    pieces.now = 0.05
    assert pieces.split.joined(rest) == "\x1b" + rest


@pytest.mark.parametrize("text", ["b", "0", "[A[B", "[x)", "[\x1bb", "OK, then", "[200~x", "x[A"])
def test_what_is_no_rest_of_a_key_was_typed(text: str) -> None:
    pieces = Pieces()
    pieces.escape()
    assert pieces.split.joined(text) == text


def test_what_comes_late_or_second_was_typed() -> None:
    pieces = Pieces()
    assert pieces.split.joined("[A") == "[A"
    pieces.escape()
    pieces.now = 0.1
    assert pieces.split.joined("[A") == "[A"
    pieces.escape()
    assert pieces.split.joined("x") == "x"
    assert pieces.split.joined("[A") == "[A"


def test_what_escape_did_is_undone_once_the_key_is_known() -> None:
    pieces = Pieces()
    pieces.escape()
    pieces.split.joined("[")
    pieces.split.made([])
    assert pieces.undone == 0
    pieces.split.made([KeyPress(Keys.Up, "")])
    pieces.split.made([KeyPress("a", "a")])
    assert pieces.undone == 1


def test_what_turns_out_to_be_no_key_undoes_nothing() -> None:
    pieces = Pieces()
    pieces.escape()
    pieces.split.joined("O")
    pieces.split.made([KeyPress(Keys.Escape, ""), KeyPress("O", "O")])
    pieces.split.made([KeyPress(Keys.Up, "")])
    assert pieces.undone == 0
