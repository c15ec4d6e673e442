"""Where the statements of a cell begin and end, found without parsing it.

One pass over the text that knows strings, comments, brackets and continued lines.
Unlike :mod:`tokenize` it never fails, takes text that is not Python yet (escapes,
half-typed code) and costs about a microsecond and a half per line.
"""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

#: Kinds of logical lines.
BLANK, PYTHON, ESCAPE, ASSIGNMENT, HELP = range(5)

#: Characters that no Python statement begins with, and that begin an escape.
ESCAPES = "%!?/,;"

_INDENT = re.compile(r"[ \t\f]*")
_TOKEN = re.compile(r"""['"#()\[\]{}\n\\]""")
_TOKEN_OR_ESCAPE = re.compile(r"""['"#()\[\]{}\n\\?=]""")
_RAW = re.compile(r"(?:[^\n]*\\\n(?=[\s\S]))*[^\n]*\n?")
_ASSIGNED_ESCAPE = re.compile(r"[ \t]*(?:![^=]|%[ \t]*[^\s=])")
_HELP_SUFFIX = re.compile(r"\?\??[ \t\f]*(?:\n|\Z)")

# A whole line in one match where that is possible: brackets closed on the line and nested
# at most twice, strings without braces, nothing that could be an escape. The rest is done
# by the token, below.
_ATOM = r"""[^'"#()\[\]{}\n\\?!%]++|'[^'\\\n{]++'(?!')|"[^"\\\n{]++"(?!")"""
_FLAT = rf"""(?:{_ATOM}|[?!%]|''(?!')|""(?!"))*+"""
_NESTED = rf"""(?:{_ATOM}|[?!%]|''(?!')|""(?!")|[(\[{{]{_FLAT}[)\]}}])*+"""
_SIMPLE = re.compile(
    rf"""([ \t\f]*+)(?:(?=[^%!?/,;\s])(?:{_ATOM}|[(\[{{]{_NESTED}[)\]}}])*+)?+((?:\#[^\n]*+)?+)\n"""
)

_STRINGS = {
    "'": re.compile(r"'[^'\\\n]*+(?:\\[\s\S][^'\\\n]*+)*+'"),
    '"': re.compile(r'"[^"\\\n]*+(?:\\[\s\S][^"\\\n]*+)*+"'),
    "'''": re.compile(r"'''[^'\\]*+(?:(?:\\[\s\S]|'(?!''))[^'\\]*+)*+'''"),
    '"""': re.compile(r'"""[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+"""'),
}

#: Prefix letters of strings that hold expressions with quotes of their own (PEP 701, PEP 750).
_NESTING = "fFtT" if sys.version_info >= (3, 14) else "fF" if sys.version_info >= (3, 12) else ""
_PREFIX_LETTERS = frozenset("rRbBuUfFtT")
_LITERAL = re.compile(r"""\\N\{[^}\n'"]*\}|\\[^{}]|\{\{|\}\}|[{}'"\n]""")
_EXPRESSION = re.compile(r"""['"#()\[\]{}:]""")


class LogicalLine(NamedTuple):
    """One logical line; offsets are into the text."""

    kind: int
    """``BLANK`` (also: comment only), ``PYTHON``, ``ESCAPE`` (begins with an escape character),
    ``ASSIGNMENT`` (of an escape) or ``HELP`` (ends with question marks)."""
    start: int
    """Where it begins, indentation included."""
    code: int
    """Where its first character that is not a blank stands."""
    mark: int
    """``ASSIGNMENT``, ``HELP``: where the escape stands; else where the code ends and a comment may begin."""
    end: int
    """Just past its line ending."""
    open: str
    """What is still open at the end of the text: a bracket, ``'"'`` for a string, a backslash. On any line:
    a closing bracket that nothing opened. Else empty."""


def scan(source: str) -> list[LogicalLine]:
    """Split a text into its logical lines.

    :param source: the text; lines end with a newline character, the last one may lack it.
    :returns: the lines in order; together they cover the text.
    """
    token = _TOKEN_OR_ESCAPE if "?" in source or "!" in source or "%" in source else _TOKEN
    lines: list[LogicalLine] = []
    position, size = 0, len(source)
    while position < size:
        if simple := _SIMPLE.match(source, position):
            code, mark = simple.end(1), simple.start(2)
            start, position = position, simple.end()
            lines.append(LogicalLine(PYTHON if mark > code else BLANK, start, code, mark, position, ""))
            continue
        code = _INDENT.match(source, position).end()  # type: ignore[union-attr]  # matches always
        first = source[code : code + 1]
        if first == "\n" or not first:
            line = LogicalLine(BLANK, position, code, code, min(code + 1, size), "")
        elif first == "#":
            line = LogicalLine(BLANK, position, code, code, _line_end(source, code), "")
        elif first in ESCAPES:
            line = LogicalLine(ESCAPE, position, code, code, raw_end(source, code), "")
        else:
            line = _statement(source, position, code, token)
        lines.append(line)
        position = line.end
    return lines


def raw_end(source: str, position: int) -> int:
    """Tell where an escape's text ends: at the end of the line, or of its continuation lines."""
    return _RAW.match(source, position).end()  # type: ignore[union-attr]  # matches always


def string_end(source: str, position: int) -> int:
    """Tell where a string literal ends.

    :param position: of its first quote.
    :returns: just past the closing quote; the end of the line for a single-quoted string
        without one, and -1 for a triple-quoted one.
    """
    quote = source[position]
    if source.startswith(quote * 3, position):
        quote *= 3
    if _NESTING and position and source[position - 1] in _PREFIX_LETTERS:
        begin = position - 1
        if begin and source[begin - 1] in _PREFIX_LETTERS:
            begin -= 1
        prefix = source[begin:position]
        if any(letter in _NESTING for letter in prefix) and not _is_name_character(source, begin - 1):
            return _nesting_string_end(source, position + len(quote), quote)
    match = _STRINGS[quote].match(source, position)
    if match:
        return match.end()
    return -1 if len(quote) == 3 else _unterminated(source, position)


def _statement(source: str, start: int, code: int, token: re.Pattern[str]) -> LogicalLine:
    """Find the end of the statement that begins at ``code``."""
    brackets = unmatched = ""
    assigned = False
    comment = -1
    at = code
    while True:
        match = token.search(source, at)
        if match is None:
            return LogicalLine(PYTHON, start, code, len(source), len(source), brackets[-1:])
        at = match.end()
        character = match.group()
        if character == "\n":
            if not brackets:
                return LogicalLine(PYTHON, start, code, at - 1 if comment < 0 else comment, at, unmatched)
        elif character in "'\"":
            at = string_end(source, at - 1)
            if at < 0:
                return LogicalLine(PYTHON, start, code, len(source), len(source), '"')
        elif character in "([{":
            brackets += character
        elif character in ")]}":
            unmatched = unmatched if brackets else character
            brackets = brackets[:-1]
        elif character == "#":
            comment = at - 1
            at = source.find("\n", at)
            if at < 0:
                return LogicalLine(PYTHON, start, code, comment, len(source), brackets[-1:])
        elif character == "\\":
            if source.startswith("\n", at):
                at += 1
                if at == len(source):
                    return LogicalLine(PYTHON, start, code, at, at, "\\")
        elif brackets:
            continue
        elif character == "=":
            if assigned or source[at - 2] in "=!<>:+-*/%&|^@" or source.startswith("=", at):
                continue
            assigned = True
            if _ASSIGNED_ESCAPE.match(source, at):
                mark = _INDENT.match(source, at).end()  # type: ignore[union-attr]
                return LogicalLine(ASSIGNMENT, start, code, mark, raw_end(source, mark), "")
        elif suffix := _HELP_SUFFIX.match(source, at - 1):
            return LogicalLine(HELP, start, code, at - 1, suffix.end(), "")


def _line_end(source: str, position: int) -> int:
    return source.find("\n", position) + 1 or len(source)


def _unterminated(source: str, position: int) -> int:
    """Where to go on after a single-quoted string that is not closed: at the line's end."""
    end = source.find("\n", position)
    return len(source) if end < 0 else end


def _is_name_character(source: str, position: int) -> bool:
    return position >= 0 and (source[position].isalnum() or source[position] == "_")


def _nesting_string_end(source: str, position: int, quote: str, *, in_format: bool = False) -> int:
    """Find the end of a string with replacement fields, from inside its literal part.

    :param in_format: the part is a format specification, which the field's brace ends.
    :returns: as :func:`string_end`; for a format specification the offset of its brace.
    """
    begin = position
    while match := _LITERAL.search(source, position):
        found, position = match.group(), match.end()
        if found == "{" or (in_format and found == "{{"):
            position = _field_end(source, match.start() + 1, quote)
            if position < 0:
                break
        elif in_format and found in ("}", "}}"):
            return match.start()
        elif found == "\n" and len(quote) == 1:
            return -1 if in_format else match.start()
        elif source.startswith(quote, match.start()):
            return -1 if in_format else match.start() + len(quote)
    if in_format or len(quote) == 3:
        return -1
    return _unterminated(source, begin)


def _field_end(source: str, position: int, quote: str) -> int:
    """Find the end of a replacement field: just past its closing brace, -1 if it has none."""
    depth = 0
    while match := _EXPRESSION.search(source, position):
        found, position = match.group(), match.end()
        if found in "'\"":
            position = string_end(source, match.start())
        elif found == "#":
            position = source.find("\n", position)
        elif found in "([{":
            depth += 1
        elif found in ")]}":
            if depth == 0:
                return position
            depth -= 1
        elif depth == 0:
            position = _nesting_string_end(source, position, quote, in_format=True)
        if position < 0:
            break
    return -1
