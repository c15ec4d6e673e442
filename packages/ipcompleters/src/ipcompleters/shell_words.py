"""Command lines as the system's shell reads them, as far as they are typed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

#: What has a meaning of its own for a shell, and is escaped in names.
_SPECIAL: Final = re.compile(r"""([\s\\'"`$&|;<>()*?\[\]{}!#])""")
_SPECIAL_IN_DOUBLE: Final = re.compile(r"""([\\"`$])""")
_SPECIAL_ON_WINDOWS: Final = re.compile(r"[\s&()\[\]{}^=;!'+,`~%|<>]")

_ASSIGNMENT: Final = re.compile(r"[^\W\d]\w*=")

#: Commands whose arguments are a command.
_WRAPPERS: Final = frozenset({"command", "env", "exec", "nice", "nohup", "sudo", "time", "xargs"})


@dataclass(frozen=True, slots=True)
class ShellWord:
    """The word at the end of a command line."""

    start: int
    """Where it begins in the line, quotes included."""
    end: int
    """Where the line ends."""
    value: str
    """What it stands for, without quotes and backslashes."""
    offsets: tuple[int, ...]
    """Where in the line each character of the value comes from."""
    quotes: tuple[str, ...]
    """The quote that each character of the value stands in; empty for none."""
    quote: str
    """The quote that is open at its end; empty if none is."""

    def offset(self, index: int) -> int:
        """Tell where in the line the rest of the value begins."""
        return self.offsets[index] if index < len(self.offsets) else self.end

    def quote_at(self, index: int) -> str:
        """Tell which quote is open where the rest of the value begins."""
        return self.quotes[index] if index < len(self.quotes) else self.quote


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command line up to the cursor; of several commands only the last."""

    arguments: tuple[str, ...]
    """The words before the last one, the command itself first; assignments and redirections left out."""
    word: ShellWord
    redirected: bool
    """Whether the word is a file that is read or written, as behind ``>``."""
    first: bool = True
    """Whether it is the first command of the line."""


def read_command(line: str, windows: bool = os.name == "nt") -> CommandLine:
    """Read a command line.

    :param line: up to the cursor.
    :param windows: whether a backslash is a character as any other, and only double quotes count.
    """
    return _Reader(line, windows).read()


class _Reader:
    def __init__(self, line: str, windows: bool) -> None:
        self._line = line
        self._quotes = '"' if windows else "\"'"
        self._escapes = not windows
        self._arguments: list[str] = []
        self._redirected = False
        self._first = True
        self._begin(0)

    def _begin(self, at: int) -> None:
        self._start = at
        self._characters: list[str] = []
        self._offsets: list[int] = []
        self._states: list[str] = []

    def _add(self, at: int, character: str, quote: str) -> None:
        self._characters.append(character)
        self._offsets.append(at)
        self._states.append(quote)

    def _finish(self, at: int) -> None:
        """End a word."""
        if at > self._start:
            word = "".join(self._characters)
            wraps = not self._arguments and word in _WRAPPERS
            assigns = not self._arguments and _ASSIGNMENT.match(word)
            if not (wraps or assigns or self._redirected):
                self._arguments.append(word)
            self._redirected = False
        self._begin(at + 1)

    def read(self) -> CommandLine:
        line, quote, at = self._line, "", 0
        while at < len(line):
            character = line[at]
            step = 1
            if quote:
                if character == quote:
                    quote = ""
                elif (
                    character == "\\" and quote == '"' and self._escapes and line[at + 1 : at + 2] in '"\\$`'
                ):
                    step = 2
                    self._add(at, line[at + 1 : at + 2], quote)
                else:
                    self._add(at, character, quote)
            elif character in self._quotes:
                quote = character
            elif character == "\\" and self._escapes:
                step = 2
                self._add(at, line[at + 1 : at + 2], quote)
            elif character == "{" and (closing := line.find("}", at)) > 0:  # a Python expression
                step = closing - at + 1
                for inner in range(at, closing + 1):
                    self._add(inner, line[inner], quote)
            elif character.isspace() and character != "\n":
                self._finish(at)
            elif character in "|;&()\n`":
                self._finish(at)
                self._arguments.clear()
                self._redirected = self._first = False
            elif character in "<>":
                if "".join(self._characters).isdecimal():  # the number of a descriptor
                    self._begin(at + 1)
                self._finish(at)
                self._redirected = True
                if line[at + 1 : at + 2] == "&":
                    step = 2
                    self._begin(at + 2)
            else:
                self._add(at, character, quote)
            at += step
        word = ShellWord(
            min(self._start, len(line)),
            len(line),
            "".join(self._characters),
            tuple(self._offsets),
            tuple(self._states),
            quote,
        )
        return CommandLine(tuple(self._arguments), word, self._redirected, self._first)


def escaped(name: str, quote: str) -> str:
    """Write a name so that a shell takes it for one word.

    :param quote: the quote that is open where it stands; empty for none.
    """
    if quote == "'":
        return name.replace("'", "'\\''")
    text = (_SPECIAL_IN_DOUBLE if quote else _SPECIAL).sub(r"\\\1", name)
    return f"\\{text}" if not quote and text[:1] == "~" else text


def needs_quotes_on_windows(name: str) -> bool:
    """Tell whether the shell of Windows takes a name for one word only between quotes."""
    return _SPECIAL_ON_WINDOWS.search(name) is not None
