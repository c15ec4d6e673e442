"""Magics and commands of the shell in a cell: where they stand, and which of them take code."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

#: Line magics whose arguments are Python code → letters of their options that take a value.
CODE_MAGICS: Final = {
    "debug": "b",
    "lprun": "fmDTsu",
    "memit": "rtic",
    "mprun": "fTc",
    "page": "",
    "pdef": "",
    "pdoc": "",
    "pfile": "",
    "pinfo": "",
    "pinfo2": "",
    "prun": "lsTD",
    "psource": "",
    "px": "",
    "time": "",
    "timeit": "nrpv",
}

#: Long options of those that take a value.
_LONG_OPTIONS: Final = frozenset({"--breakpoint"})

#: Line magics whose arguments are a command of the system shell.
SHELL_MAGICS: Final = frozenset({"sx", "system", "!"})

#: Cell magics whose first line holds code too: what is run before the body.
_CODE_HEADERS: Final = frozenset({"debug", "prun", "time", "timeit"})

#: Cell magics whose body is run by a shell.
_SHELL_BODIES: Final = frozenset({"!", "bash", "cmd", "powershell", "sh", "sx", "system", "zsh"})

#: Cell magics whose body is neither Python of this process nor a shell's.
_TEXT_BODIES: Final = frozenset(
    "HTML SVG cython file fortran html javascript js latex markdown perl pypy python python2 python3 R ruby "
    "script sql svg writefile".split()
)

_CELL_MAGIC: Final = re.compile(r"(?:[ \t\f]*\n)*[ \t\f]*%%(?!\S+\?\??[ \t\f]*\n)")
_NAME: Final = re.compile(r"[^\s]*")
_OPTION: Final = re.compile(r"-(?:-[\w-]+|[^\W\d]\w*)(?:=\S*)?(?=\s)")
_TYPED_OPTION: Final = re.compile(r"-(?:-[\w-]*(?:=\S*)?|\w*)\Z")
_BLANKS: Final = re.compile(r"(?:[ \t\f]|\\\n)*")
_WORD_END: Final = re.compile(r"[ \t\f\n]")


class CellMagic(NamedTuple):
    """A cell magic: offsets of its parts in the text."""

    name: str
    mark: int
    """Where its ``%%`` stands."""
    line: int
    """Where its arguments begin, behind white space."""
    body: int
    """Where its body begins; the text's length if there is none."""
    kind: str
    """What its body is: ``code``, ``shell`` or ``nothing`` that we know of."""


def cell_magic(text: str, start: int, end: int) -> CellMagic | None:
    """Read the ``%%name`` that a cell begins with, if it does.

    :param start: where the cell begins.
    :param end: where the cursor is.
    """
    found = _CELL_MAGIC.match(text, start)
    if found is None or found.end() > end:
        return None
    name_end = _NAME.match(text, found.end()).end()  # type: ignore[union-attr]  # matches always
    newline = text.find("\n", name_end, end)
    body = len(text) + 1 if newline < 0 else newline + 1
    name = text[found.end() : name_end]
    kind = "shell" if name in _SHELL_BODIES else "nothing" if name in _TEXT_BODIES else "code"
    if name == "script" and _runs_shell(text[name_end : body - 1]):
        kind = "shell"
    return CellMagic(name, found.end() - 2, min(skip_blanks(text, name_end, end), body), body, kind)


def _runs_shell(line: str) -> bool:
    words = [word for word in line.split() if not word.startswith("-")]
    return bool(words) and words[0].rpartition("/")[2] in ("bash", "dash", "ksh", "sh", "zsh")


def skip_blanks(text: str, at: int, end: int) -> int:
    """Give the next place that is no blank; a continued line counts as one."""
    return _BLANKS.match(text, at, end).end()  # type: ignore[union-attr]  # matches always


def code_start(name: str, text: str, at: int, end: int, *, header: bool = False) -> int:
    """Tell where code begins in the arguments of a magic; -1 if it takes none, or an option is typed.

    :param at: where the arguments begin.
    :param end: where the cursor is.
    :param header: whether it is a cell magic.
    """
    valued = CODE_MAGICS.get(name)
    if valued is None or (header and name not in _CODE_HEADERS):
        return -1
    while at < end and text[at] == "-":
        option = _OPTION.match(text, at, end)
        if option is None:
            return -1 if _TYPED_OPTION.match(text, at, end) else at
        word = option.group()
        at = skip_blanks(text, option.end(), end)
        takes = word in _LONG_OPTIONS if word.startswith("--") else word[-1] in valued and "=" not in word
        if takes:
            value = _WORD_END.search(text, at, end)
            if value is None:
                return -1
            at = skip_blanks(text, value.end(), end)
    return at


def word_start(text: str, start: int, end: int, *, separators: str = "") -> tuple[int, int]:
    """Tell where the word begins that ends at the cursor, in a command or the arguments of a magic.

    White space in quotes, and behind a backslash, belongs to a word.

    :param separators: characters that end a word too, if they stand outside of quotes.
    :returns: the word's beginning, and where the quote stands that is open at the cursor, or -1.
    """
    word, quote = start, -1
    at = start
    while at < end:
        character = text[at]
        if quote >= 0:
            if character == text[quote]:
                quote = -1
            elif character == "\\" and character != text[quote] and text[quote] == '"':
                at += 1
        elif character in "'\"":
            quote = at
        elif character == "\\":
            at += 1
            if at < end and text[at] == "\n":
                word = at + 1
        elif character.isspace() or character in separators:
            word = at + 1
        at += 1
    return min(word, end), quote
