"""The LaTeX commands and the Unicode names that stand for characters; read when first needed."""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

#: What the alphabets in the table of commands go on with, in their order.
_LETTERS: Final = {
    "latin": string.ascii_uppercase + string.ascii_lowercase,
    "greek": (
        "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho varTheta "
        "Sigma Tau Upsilon Phi Chi Psi Omega alpha beta gamma delta varepsilon zeta eta theta iota kappa "
        "lambda mu nu xi omicron pi rho varsigma sigma tau upsilon varphi chi psi omega epsilon vartheta "
        "varkappa phi varrho varpi"
    ).split(),
    "digits": "zero one two three four five six seven eight nine".split(),
}

#: Where characters with names of their own are. What lies between are ideographs and syllables, whose
#: names are numbers or made of their parts; together they would be a hundred thousand more.
_NAMED: Final = ((0x20, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xABFF), (0xFB00, 0x12000), (0x1CC00, 0x20000))


class Commands(NamedTuple):
    """The LaTeX commands, without their backslash."""

    characters: dict[str, str]
    """Command → character, sorted by command."""
    names: dict[str, str]
    """Character → the command it is turned back into."""


@cache
def commands() -> Commands:
    """Give the LaTeX commands. Reads the table the first time; safe from any thread."""
    characters: dict[str, str] = {}
    for line in Path(__file__).with_name("latex_commands.txt").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] == "=":
            _, begin, letters, alphabet = words
            names_of = _LETTERS.get(letters, letters)
            pairs = [(begin + letter, each) for letter, each in zip(names_of, alphabet, strict=True)]
        else:
            pairs = list(zip(words[::2], map(_character, words[1::2]), strict=True))
        for command, character in pairs:
            characters.setdefault(command, character)
    names: dict[str, str] = {}
    for command, character in characters.items():
        names.setdefault(character, command)
    return Commands(dict(sorted(characters.items())), names)


def _character(word: str) -> str:
    return chr(int(word[2:], 16)) if len(word) > 1 else word


@cache
def character_names() -> dict[str, str]:
    """Give the characters that have names of their own, by Unicode's name. Takes some 15 ms once."""
    name = unicodedata.name
    found: dict[str, str] = {}
    for first, behind in _NAMED:
        for character in map(chr, range(first, behind)):
            named = name(character, "")
            if named:
                found[named] = character
    return found


def character_of(name: str) -> str:
    """Give the character of a whole name or alias, in capitals or not; empty if there is none."""
    try:
        found = unicodedata.lookup(name)
    except (KeyError, UnicodeError):
        return ""
    return found if len(found) == 1 else ""  # a few names stand for sequences
