"""Which call the cursor stands in, and which expression stands before it: read from text that is being typed.

Such a text is rarely complete, so nothing here parses. Brackets, strings and comments are told apart by a
scanner that remembers how far it has come: at a key only what has changed since the last one is read again.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Final

#: Characters of a call's arguments that are looked through; beyond, nothing is said of the call.
MOST: Final = 20_000

#: Characters of an expression.
_LONGEST: Final = 2_000

#: Lines whose states are kept, so that the scanner can go on from there.
_KEPT: Final = 10_000

_TOKEN: Final = re.compile(r"#[^\n]*|(?P<prefix>\b[a-zA-Z]{1,2})?(?P<quote>\"\"\"|'''|\"|')|[()\[\]{}\n;]")

_TOKEN_OR_COMMA: Final = re.compile(_TOKEN.pattern + "|,")

#: What goes on behind an opening quote, up to the closing one.
_BODIES: Final = {
    '"': re.compile(r'(?:\\.|[^"\\\n])*+(?P<end>")?', re.DOTALL),
    "'": re.compile(r"(?:\\.|[^'\\\n])*+(?P<end>')?", re.DOTALL),
    '"""': re.compile(r'(?:\\.|(?!""")[^\\])*+(?P<end>""")?', re.DOTALL),
    "'''": re.compile(r"(?:\\.|(?!''')[^\\])*+(?P<end>''')?", re.DOTALL),
}

#: What begins a statement and never stands at the beginning of a line within brackets.
_STATEMENT: Final = re.compile(
    r"[ \t]*(?:def|class|import|return|with|while|try|raise|del|pass|break|continue|global|nonlocal|assert"
    r"|async[ \t]+(?:def|with))\b(?![ \t]*=)"
)

_NAMED: Final = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Call:
    """The innermost call whose arguments the cursor stands in."""

    function: str
    """The expression that is called, as written: ``df.groupby``."""
    start: int
    """Where the arguments begin, behind the parenthesis."""
    before: str
    """What stands in the cell before the statement, with the statement's indentation behind it."""
    position: int
    """How many positional arguments stand before the cursor's."""
    keywords: tuple[str, ...]
    """Names given by arguments before the cursor's."""
    argument: str | None
    """The name whose value is being typed: of ``f(a=1`` that is ``a``."""
    unpacked: bool
    """Whether ``*something`` stands before the cursor, so that positions are not known."""
    doubly: bool
    """Whether the cursor's argument is ``**something``."""


class _State:
    """What the scanner knows at a place: the brackets that are open there."""

    __slots__ = ("at", "open", "statement")

    def __init__(self, at: int, open: tuple[int, ...], statement: int) -> None:
        self.at = at
        #: Where the brackets stand that are open.
        self.open = open
        #: Where the statement begins.
        self.statement = statement


class Scanner:
    """Tells which call the cursor stands in, for one text after the other."""

    def __init__(self) -> None:
        self._text = ""
        self._states: list[_State] = [_State(0, (), 0)]

    def call_at(self, text: str, cursor: int) -> Call | None:
        """Tell which call the cursor stands in; ``None`` outside of all.

        :param text: the cell.
        :param cursor: how many characters stand before the cursor.
        """
        state, text = self._state_at(text, cursor)
        for opening in reversed(state.open):
            if cursor - opening > MOST:
                return None
            function = called(text, opening)
            if function:
                before = before_statement(text, state.statement)
                return _arguments(text, opening + 1, cursor, function, before)
        return None

    def statement_at(self, text: str, cursor: int) -> int:
        """Tell where the statement begins that the cursor stands in."""
        return self._state_at(text, cursor)[0].statement

    def _state_at(self, text: str, cursor: int) -> tuple[_State, str]:
        """Give the state at the cursor; and the text in which its places are meant."""
        # How a line begins decides too, so the state before a line that has changed is found out anew.
        known = text.rfind("\n", 0, _common(self._text, text)) + 1
        states = self._states
        while len(states) > 1 and states[-1].at >= known:
            states.pop()
        self._text = text
        # States behind the cursor may stay for later; the one to go on from stands before it.
        index = len(states) - 1
        while states[index].at > cursor:
            index -= 1
        state = states[index]
        new = index == len(states) - 1
        return self._scan(text, state, cursor, new)

    def _scan(self, text: str, state: _State, cursor: int, keep: bool) -> tuple[_State, str]:
        at, open, statement = state.at, list(state.open), state.statement
        while True:
            token = _TOKEN.search(text, at, cursor)
            if token is None:
                return _State(cursor, tuple(open), statement), text
            found = token[0]
            at = token.end()
            if found == "\n":
                if not open or _STATEMENT.match(text, at):
                    open.clear()
                    statement = at
                if keep and len(self._states) < _KEPT:
                    self._states.append(_State(at, tuple(open), statement))
            elif found == ";":
                statement = statement if open else at
            elif token["quote"]:
                body = _BODIES[token["quote"]].match(text, at)
                end = len(text) if body is None else body.end()
                if end > cursor or (body is not None and body["end"] is None and end == cursor):
                    return self._in_string(text, token, cursor, open, statement)
                at = end
            elif found in "([{":
                open.append(token.start())
            elif found in ")]}" and open:
                wanted = _PAIRS[found]
                while open:  # one that nothing closes is passed by
                    if text[open.pop()] == wanted:
                        break

    def _in_string(
        self, text: str, token: re.Match[str], cursor: int, open: list[int], statement: int
    ) -> tuple[_State, str]:
        """Give the state within a string: as around it, but for the braces of an f-string."""
        prefix = (token["prefix"] or "").lower()
        if "f" in prefix or "t" in prefix:
            opened: list[int] = []
            at = token.end()
            while at < cursor:
                if text.startswith(("{{", "}}"), at) and not opened:
                    at += 2
                    continue
                if text[at] in "([{":
                    if text[at] == "{" or opened:
                        opened.append(at)
                elif text[at] in ")]}" and opened:
                    opened.pop()
                at += 1
            open = open + opened
        return _State(cursor, tuple(open), statement), text


def before_statement(text: str, statement: int) -> str:
    """Give what stands before a statement, with its indentation behind it."""
    at = statement
    while at < len(text) and text[at] in " \t":
        at += 1
    return text[:at]


def called(text: str, opening: int) -> str:
    """Give the expression that a parenthesis calls; empty for one that calls nothing."""
    if text[opening] != "(":
        return ""
    end = opening
    while end and text[end - 1] in " \t":
        end -= 1
    start = start_of_expression(text, end)
    function = text[start:end]
    first = re.match(r"\w*", function)
    if not function or (first is not None and keyword.iskeyword(first[0])):
        return ""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if re.search(r"\b(?:def|class)[ \t]+\Z", line) or function[0].isdigit():
        return ""
    return function


def start_of_expression(text: str, end: int) -> int:
    """Tell where the expression begins that ends at a place: names, dots, calls, subscripts, a literal.

    :returns: the place itself if none ends there.
    """
    at = end
    lowest = max(0, end - _LONGEST)
    while at > lowest:
        character = text[at - 1]
        if character.isalnum() or character == "_":
            while at > lowest and (text[at - 1].isalnum() or text[at - 1] == "_"):
                at -= 1
            if at > lowest + 1 and text[at - 1] == "." and _ends_something(text[at - 2]):
                at -= 1
                continue
            return at
        if character in ")]}":
            opening = _opening(text, at - 1, lowest)
            if opening < 0:
                return end
            at = opening
            if character == "}" or not at or not _ends_something(text[at - 1]) or _keyword_before(text, at):
                return at
            continue
        if character in "'\"":
            start = _string_start(text, at - 1, lowest)
            if start < 0:
                return end
            return start
        break
    return at


def name_around(text: str, cursor: int) -> tuple[int, int]:
    """Tell where the name stands that the cursor is on or behind, with what it is an attribute of.

    :returns: its beginning and its end; twice the cursor if it is on none.
    """
    end = cursor
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    if end == 0 or not (text[end - 1].isalnum() or text[end - 1] == "_"):
        return cursor, cursor
    start = start_of_expression(text, end)
    return (cursor, cursor) if start == end or text[start].isdigit() else (start, end)


def _ends_something(character: str) -> bool:
    return character.isalnum() or character in "_)]}'\""


def _keyword_before(text: str, at: int) -> bool:
    word = re.search(r"\w*\Z", text[max(0, at - 20) : at])
    return word is not None and keyword.iskeyword(word[0])


def _opening(text: str, at: int, lowest: int) -> int:
    """Find the bracket that a closing one belongs to; -1 if it is not found."""
    depth = 0
    while at >= lowest:
        character = text[at]
        if character in ")]}":
            depth += 1
        elif character in "([{":
            depth -= 1
            if not depth:
                return at
        elif character in "'\"":
            at = _string_start(text, at, lowest)
            if at < 0:
                return -1
        at -= 1
    return -1


def _string_start(text: str, at: int, lowest: int) -> int:
    """Find where a string begins that ends with the quote at a place; its prefix counts. -1 if not found."""
    quote = text[at]
    triple = text[max(0, at - 2) : at + 1] == quote * 3 and at - 3 >= lowest
    if triple and (start := text.rfind(quote * 3, lowest, at - 2)) >= 0:
        at = start
    else:
        at -= 1
        while at >= lowest and (text[at] != quote or _escaped(text, at)):
            if text[at] == "\n":
                return -1
            at -= 1
        if at < lowest:
            return -1
    while at > lowest and text[at - 1].isalpha() and text[at - 1] in "rbufRBUFtT":
        at -= 1
    return at


def _escaped(text: str, at: int) -> bool:
    count = 0
    while at and text[at - 1] == "\\":
        count += 1
        at -= 1
    return count % 2 == 1


def _arguments(text: str, start: int, cursor: int, function: str, before: str) -> Call:
    """Read the arguments of a call up to the cursor."""
    position, unpacked = 0, False
    keywords: list[str] = []
    pieces = _pieces(text, start, cursor)
    for piece in pieces[:-1]:
        named = _NAMED.match(piece)
        if piece.lstrip().startswith("**"):
            continue
        if piece.lstrip().startswith("*"):
            unpacked = True
        elif named is not None:
            keywords.append(named[1])
        else:
            position += 1
    last = pieces[-1]
    named = _NAMED.match(last)
    return Call(
        function,
        start,
        before,
        position,
        tuple(keywords),
        named[1] if named is not None else None,
        unpacked or (last.lstrip().startswith("*") and not last.lstrip().startswith("**")),
        last.lstrip().startswith("**"),
    )


def _pieces(text: str, start: int, cursor: int) -> list[str]:
    """Split arguments at their commas; those in brackets, strings and behind ``lambda`` do not count."""
    found: list[str] = []
    depth, began, at = 0, start, start
    while (match := _TOKEN_OR_COMMA.search(text, at, cursor)) is not None:
        at = match.end()
        if match["quote"]:
            body = _BODIES[match["quote"]].match(text, at)
            at = min(cursor, len(text) if body is None else body.end())
        elif match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth -= 1
        elif match[0] == "," and depth == 0:
            piece = text[began : match.start()]
            if not re.match(r"\s*(?:\w+\s*=\s*)?lambda\b[^:]*\Z", piece):
                found.append(piece)
                began = at
    found.append(text[began:cursor])
    return found


def _common(first: str, second: str) -> int:
    """Tell how many characters two texts have in common at their beginnings."""
    low, high = 0, min(len(first), len(second))
    if first[:high] == second[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if first.startswith(second[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low
