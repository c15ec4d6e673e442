"""Colours of the cell that is edited, kept up to date line by line.

Every line is read once, from the state that the line above it has left. After a change only the lines
that changed are read again, and those below them whose beginning is not the same any more: a key costs
the same in a cell of five lines and of five thousand. Lines below what is shown are not read at all.

Cells are Python with this shell's own additions: magics, system commands, question marks, and cells in
other languages. What a lexer raises never gets out of here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from .brackets import Bracket, Summary, brackets_of, summary_of
from .languages import Fragments, Languages, Stack

#: Seconds of one redraw that may go into reading lines; the rest follows between keys.
SLICE: Final = 0.004

#: Cell magics and the language of the lines below them; those of all others are Python.
BODIES: Final = {
    "!": "bash",
    "HTML": "html",
    "R": "r",
    "SVG": "xml",
    "bash": "bash",
    "css": "css",
    "cython": "cython",
    "html": "html",
    "javascript": "javascript",
    "js": "javascript",
    "latex": "latex",
    "markdown": "markdown",
    "perl": "perl",
    "ruby": "ruby",
    "script": "bash",
    "sh": "bash",
    "sql": "sql",
    "svg": "xml",
    "sx": "bash",
    "system": "bash",
}
#: Cell magics that write a file, whose name says its language.
FILES: Final = ("file", "writefile")
SUFFIXES: Final = {
    "css": "css",
    "htm": "html",
    "html": "html",
    "js": "javascript",
    "json": "json",
    "md": "markdown",
    "pl": "perl",
    "pyx": "cython",
    "r": "r",
    "rb": "ruby",
    "sh": "bash",
    "sql": "sql",
    "svg": "xml",
    "tex": "latex",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}
#: Line magics whose line is Python, or a command.
PYTHON_LINES: Final = frozenset("debug memit mprun lprun prun time timeit xdel".split())
COMMAND_LINES: Final = frozenset("sc sx system".split())

_MAGIC: Final = "class:code.magic"
_SHELL: Final = "class:code.shell"
_NO_NAMES: Final = ("class:code.comment", "class:code.string", "class:code.escape")
_CELL_MAGIC = re.compile(r"([ \t\f]*)%%([^\s%]\S*)(.*)")
_ESCAPE = re.compile(r"([ \t]*)(!!|!|%[ \t]*[^\s%=!<>]\S*|%|\?\??|[/,;])(.*)")
_ASSIGNED = re.compile(r"([^#'\"=!<>%]*[^#'\"=!<>%+\-*/&|^@:]=[ \t]*)(!!|![^=!]?|%[ \t]*(?=[^\W\d]))")
_HELP = re.compile(r"(.*[\w*\])])(\?\??)([ \t]*)")
#: Whether a line may be something else than Python where no bracket is open.
_PERHAPS_ESCAPE = re.compile(r"[ \t]*[%!?/,;]|.*(?:=[ \t]*[!%]|\?[ \t]*$)")


class State(NamedTuple):
    """What a line begins with."""

    #: The language; empty where a cell magic may still come.
    language: str
    #: The states of its lexer.
    stack: Stack
    #: How many brackets are open.
    depth: int
    #: What a backslash carries on: ``python``, ``magic``, ``shell``, or nothing.
    goes_on: str


TOP: Final = State("", ("root",), 0, "")
_PYTHON: Final = State("python", ("root",), 0, "")


class _Line:
    """A line, and what was read of it."""

    __slots__ = ("after", "before", "brackets", "fragments", "summary", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        #: What it was read from; nothing before it is read.
        self.before: State | None = None
        self.after: State = _PYTHON
        self.fragments: Fragments = [("", text)] if text else []
        self.brackets: tuple[Bracket, ...] = ()
        self.summary: Summary = ("", "")


class Lexing:
    """The colours of one text that changes. For one thread.

    :param languages: the lexers that are there.
    """

    def __init__(self, languages: Languages | None = None) -> None:
        self.languages = languages or Languages()
        #: Lines were asked for that there was no time to read; :meth:`carry_on` reads them.
        self.behind = False
        self._texts: Sequence[str] = ()
        self._lines: list[_Line] = []
        #: So many lines from the top have been read from what is above them.
        self._right = 0
        self._asked = 0
        self._deadline = float("inf")
        self._generation = self.languages.generation

    def update(self, texts: Sequence[str], seconds: float = float("inf")) -> None:
        """Take the lines as they are now.

        :param texts: all lines, without their endings; not to be changed afterwards.
        :param seconds: how long reading them may take until the next call.
        """
        self.behind = False
        self._asked = 0
        self._deadline = time.perf_counter() + seconds
        if self.outdated:
            self._generation = self.languages.generation
            self._right = 0
            for line in self._lines:
                line.before = None
        if texts is self._texts:
            return
        old, self._texts = self._texts, texts
        head = _alike(old, texts)
        tail = _alike(old[head:][::-1], texts[head:][::-1])
        end = len(texts) - tail
        self._lines[head : len(old) - tail] = [_Line(text) for text in texts[head:end]]
        self._right = min(self._right, head)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def outdated(self) -> bool:
        """Whether a language has come or gone since the last :meth:`update`."""
        return self.languages.generation != self._generation

    def line(self, number: int) -> Fragments:
        """Give a line in pieces: style and text.

        The same list as long as it is the same, not to be changed. If there is no time to read up to
        here, the line has the colours that it had, or none, and we are :attr:`behind`.

        :param number: from 0.
        :raises IndexError: if there is no such line.
        """
        if number >= self._right:
            self._read_to(number)
        return self._lines[number].fragments

    def brackets(self, number: int) -> tuple[Bracket, ...] | None:
        """Give a line's brackets that are code; ``None`` if it is not read yet."""
        return self._lines[number].brackets if number < self._right else None

    def summary(self, number: int) -> Summary | None:
        """Give what a line closes of the lines above and leaves open; ``None`` if it is not read yet."""
        return self._lines[number].summary if number < self._right else None

    def style_at(self, row: int, column: int) -> str:
        """Give the style of the character at a place: ``class:code.string`` inside of a string."""
        for style, text in self.line(row):
            column -= len(text)
            if column < 0:
                return style
        return ""

    def state_before(self, number: int) -> State:
        """Give what a line begins with: whether in brackets, in a string, in which language."""
        if number:
            self.line(number - 1)
        return self._lines[number - 1].after if number else TOP

    def carry_on(self, seconds: float = SLICE) -> bool:
        """Read lines that there was no time for.

        :returns: whether all that were asked for have been read.
        """
        self._deadline = time.perf_counter() + seconds
        if self._asked < len(self._lines):
            self.behind = False
            self._read_to(self._asked)
        return not self.behind

    def _read_to(self, number: int) -> None:
        """Read lines that are not right, up to one, if there is time."""
        self._asked = max(self._asked, number)
        if self.behind:
            return
        at, lines = self._right, self._lines
        before = lines[at - 1].after if at else TOP
        while at <= number:
            line = lines[at]
            if line.before != before:
                if time.perf_counter() > self._deadline:
                    self.behind = True
                    break
                self._read(line, before)
            before = line.after
            at += 1
        self._right = at

    def _read(self, line: _Line, before: State) -> None:
        """Read one line."""
        if line.before is not None and _reads_the_same(line.text, line.before, before):
            line.before = before
            line.after = line.after._replace(depth=_depth_after(before.depth, line.brackets))
            return
        reading = _Reading(self.languages)
        fragments, line.after = reading.cell_line(line.text, before)
        if fragments != line.fragments:
            line.fragments = fragments
        line.before = before
        line.brackets = reading.brackets
        line.summary = summary_of(line.brackets)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Tell how many items at the beginning are equal."""
    size = min(len(one), len(other))
    at = 0
    while at < size and list(one[at : at + 64]) == list(other[at : at + 64]):
        at += 64
    while at < size and one[at] == other[at]:
        at += 1
    return min(at, size)


class _Reading:
    """The reading of one line."""

    def __init__(self, languages: Languages) -> None:
        self.languages = languages
        self.brackets: tuple[Bracket, ...] = ()

    def cell_line(self, text: str, before: State) -> tuple[Fragments, State]:
        """Read a line of a cell."""
        if not before.language:
            if not text.strip():
                return _plain(text), before
            if found := _CELL_MAGIC.match(text):
                blanks, name, rest = found.groups()
                after = State(_body_of(name, rest), ("root",), 0, "")
                return [*_plain(blanks), (_MAGIC, f"%%{name}"), *_plain(rest)], after
            before = _PYTHON
        if before.language != "python":
            fragments, stack = self._in(before.language, text, before.stack)
            return fragments, before._replace(stack=stack)
        if before.goes_on in ("magic", "shell"):
            return self._escape_rest(text, before.goes_on, "")
        if before.depth == 0 and not before.goes_on and before.stack == ("root",):
            escape = self._escape(text)
            if escape is not None:
                return escape
        return self._python(text, before)

    def _python(self, text: str, before: State) -> tuple[Fragments, State]:
        fragments, stack = self._in("python", text, before.stack)
        self.brackets = brackets_of(fragments)
        depth = _depth_after(before.depth, self.brackets)
        goes_on = text.endswith("\\") and not (fragments and fragments[-1][0] == "class:code.comment")
        return fragments, State("python", stack, depth, "python" if goes_on else "")

    def _escape(self, text: str) -> tuple[Fragments, State] | None:
        """Read a line that is, or ends in, something that is not Python; nothing if it is Python."""
        found = _ESCAPE.match(text)
        if found:
            blanks, mark, rest = found.groups()
            if mark[0] == "!":
                fragments, after = self._escape_rest(rest, "shell", "")
                return [*_plain(blanks), (_SHELL, mark), *fragments], after
            if mark[0] in "?/,;" or mark == "%":
                return [*_plain(blanks), (_MAGIC, mark), *_plain(rest)], _PYTHON
            if mark.endswith("?"):  # help about a magic
                return [*_plain(blanks), (_MAGIC, mark), *_plain(rest)], _PYTHON
            fragments, after = self._escape_rest(rest, "magic", mark.lstrip("% \t"))
            return [*_plain(blanks), (_MAGIC, mark), *fragments], after
        assigned = _ASSIGNED.match(text)
        if assigned:
            return self._assigned(assigned.group(1), text[assigned.end(1) :])
        if text.rstrip().endswith("?"):
            asked = _HELP.fullmatch(text)
            if asked:
                code, marks, blanks = asked.groups()
                fragments, after = self._python(code, _PYTHON)
                if after == _PYTHON and fragments[-1][0] not in _NO_NAMES:
                    return [*fragments, (_MAGIC, marks), *_plain(blanks)], _PYTHON
        return None

    def _assigned(self, target: str, escape: str) -> tuple[Fragments, State]:
        """Read ``name = !command`` and ``name = %magic``."""
        front, _ = self._in("python", target, ("root",))
        found = _ESCAPE.match(escape)
        if found is None:
            return [*front, (_SHELL, escape)], _PYTHON
        _, mark, rest = found.groups()
        if mark[0] == "!":
            fragments, after = self._escape_rest(rest, "shell", "")
            return [*front, (_SHELL, mark), *fragments], after
        fragments, after = self._escape_rest(rest, "magic", mark.lstrip("% \t"))
        return [*front, (_MAGIC, mark), *fragments], after

    def _escape_rest(self, text: str, kind: str, name: str) -> tuple[Fragments, State]:
        """Read what follows a magic's name or an exclamation mark, or carries it on."""
        after = _PYTHON._replace(goes_on=kind) if text.endswith("\\") else _PYTHON
        if kind == "shell" or name in COMMAND_LINES:
            return self._in("bash", text, ("root",))[0], after
        if name in PYTHON_LINES:
            fragments = self._in("python", text, ("root",))[0]
            self.brackets = ()
            return fragments, after
        return _plain(text), after

    def _in(self, name: str, text: str, stack: Stack) -> tuple[Fragments, Stack]:
        """Read a line in a language; without colours if that is not there or fails."""
        language = self.languages.get(name)
        if language is None:
            return _plain(text), stack
        try:
            return language.line(text, stack)
        except Exception as error:
            self.languages.drop(name, error)
            return _plain(text), stack


def _reads_the_same(text: str, one: State, other: State) -> bool:
    """Tell whether a line of Python reads the same from two states: if only other brackets are open above it.

    That changes what a line may be, a magic or an operator, but no colours of one that is Python anyway.
    """
    if one.language != "python" or one._replace(depth=other.depth) != other:
        return False
    return 0 not in (one.depth, other.depth) or not _PERHAPS_ESCAPE.match(text)


def _depth_after(depth: int, brackets: tuple[Bracket, ...]) -> int:
    """Tell how many brackets are open after a line."""
    for _, character in brackets:
        depth = depth + 1 if character in "([{" else max(0, depth - 1)
    return depth


def _plain(text: str) -> Fragments:
    return [("", text)] if text else []


def _body_of(name: str, rest: str) -> str:
    """Tell the language of the lines below a cell magic."""
    if name in FILES:
        suffix = rest.strip().rpartition(".")[2].rstrip("'\"").lower()
        return SUFFIXES.get(suffix, "python")
    return BODIES.get(name, "python")
