"""The tokens of the logical line that ends at the cursor, read in one pass that never fails.

What is being typed is rarely complete, so nothing here is Python's grammar: strings, comments, brackets and
continued lines are known, and an open one is simply still open. The braces of an f-string hold code of their
own, with any quotes in it, on every version of Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

#: Kinds of tokens. ``GROUP`` is a pair of brackets with all that is in it.
NAME, NUMBER, STRING, OPERATOR, GROUP = range(5)

#: What the end of the text stands in.
CODE, IN_COMMENT, IN_STRING, ESCAPE = range(4)

#: Characters that begin an escape, and no statement of Python.
ESCAPES: Final = "%!?/,;"


class Token(NamedTuple):
    """A piece of the text."""

    kind: int
    start: int
    end: int


class Frame:
    """What stands in an open bracket, or in the line itself.

    ``kind`` is the bracket, empty for the line, ``f`` for the braces of an f-string, ``s`` for the text
    of one and ``:`` for the format behind a field's colon.
    """

    __slots__ = ("kind", "opened", "quote", "start", "tokens")

    def __init__(self, kind: str, opened: int, start: int, quote: str = "") -> None:
        self.kind = kind
        #: Where the bracket stands, or the string with its prefix.
        self.opened = opened
        #: Where its content begins.
        self.start = start
        self.quote = quote
        self.tokens: list[Token] = []


class Reading(NamedTuple):
    """The logical line that ends at the cursor."""

    start: int
    """Where it begins, indentation included."""
    code: int
    """Where its first character that is not a blank stands."""
    frames: list[Frame]
    """The line itself, and the brackets and strings that are open, outermost first."""
    state: int
    """What the end stands in."""
    opened: int
    """Where the string, the comment or the escape begins."""
    content: int
    """In a string: where its content begins."""


#: No line within brackets begins so: there, a bracket before was forgotten.
_STATEMENT_START: Final = (
    r"[ \t\f]*(?:assert|break|class|continue|def|del|global|import|nonlocal|pass|raise|return|try|while|with)"
    r"\b(?![ \t]*=)"
)
_STATEMENT: Final = re.compile(_STATEMENT_START)

# What is simple is taken in one match: strings on one line whose braces hold no quotes, brackets nested three
# times at most that are closed on the same line.
_WHOLE_STRING: Final = (
    r"""'(?:[^'\\\n{]|\{[^'"\\\n{}]*+\})*+'(?!')|"(?:[^"\\\n{]|\{[^'"\\\n{}]*+\})*+"(?!")|''(?!')|""(?!")"""
)
_ATOM: Final = rf"""[^'"#()\[\]{{}}\n\\]++|{_WHOLE_STRING}"""
_GROUP: Final = rf"[(\[{{](?:{_ATOM}|[(\[{{](?:{_ATOM}|[(\[{{](?:{_ATOM})*+[)\]}}])*+[)\]}}])*+[)\]}}]"

# So are simple lines, many at once, where brackets may also be closed on a later one. In a line no escape
# may begin, at its start or behind "=".
_LINES: Final = rf"{_ATOM}|(?:\#[^\n]*+)?+\n(?!{_STATEMENT_START})"
_GROUP_OF_LINES: Final = (
    rf"[(\[{{](?:{_LINES}|[(\[{{](?:{_LINES}|[(\[{{](?:{_LINES})*+[)\]}}])*+[)\]}}])*+[)\]}}]"
)
_IN_LINE: Final = rf"""[^'"#()\[\]{{}}\n\\=]++|=(?![ \t]*+[!%])|{_WHOLE_STRING}|{_GROUP_OF_LINES}"""
_SIMPLE_LINES: Final = rf"(?:(?![ \t\f]*+[%!?/,;])(?:{_IN_LINE})*+(?:\#[^\n]*+)?+\n)*+"

_BLANK: Final = re.compile(r"[ \t\f]*")
_RAW: Final = re.compile(r"(?:[^\n]*\\\n)*[^\n]*\n?")
_REST_OF_TOKEN: Final = r"""
    |([^\W\d]\w*+)(?!['"])
    |([rRbBuUfFtT]{0,2}(?:'''|\"""|'|"))
    |([^\W\d]\w*+)
    |(\d\w*+(?:(?<=[eE])[+-]\d\w*+)?(?:\.\w*+(?:(?<=[eE])[+-]\d\w*+)?)?|\.\d\w*+(?:(?<=[eE])[+-]\d\w*+)?)
    |([(\[{])
    |([)\]}])
    |(\n)
    |(\#)
    |(\.\.\.|[=!<>:+\-*/%&|^@]=|->|\*\*=?|//=?|<<=?|>>=?|.)
)"""
_SPACE: Final = r"(?:[ \t\f]++|\\\n)*+"


# To compile these takes longer than all else of a first completion, and most texts do not need them.


@cache
def _simple_lines() -> re.Pattern[str]:
    return re.compile(_SIMPLE_LINES)


@cache
def _token(groups: bool) -> re.Pattern[str]:
    """Give the pattern of a token.

    :param groups: whether brackets with what is in them are taken as one. In the braces of an f-string a
        bracket may be left open, and the brace behind it ends the field still.
    """
    return re.compile(rf"{_SPACE}(?:({_GROUP if groups else '(?!)'}){_REST_OF_TOKEN}", re.VERBOSE)


#: What may stand in a string up to its closing quote.
_BODIES: Final = {
    "'": re.compile(r"[^'\\\n]*+(?:\\[\s\S][^'\\\n]*+)*+"),
    '"': re.compile(r'[^"\\\n]*+(?:\\[\s\S][^"\\\n]*+)*+'),
    "'''": re.compile(r"[^'\\]*+(?:(?:\\[\s\S]|'(?!''))[^'\\]*+)*+"),
    '"""': re.compile(r'[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+'),
}
_LITERAL: Final = re.compile(r"""\\N\{[^}\n'"]*\}|\\[^{}]|\{\{|\}\}|'''|\"""|[{}'"\n]""")
_FORMAT: Final = re.compile(r"""\\[^{}]|'''|\"""|[{}'"\n]""")

_ASSIGNED_ESCAPE: Final = re.compile(r"[ \t]*(?:!(?!=)|%[ \t]*(?:[^\s=]|\Z))")
#: Behind a value no other name follows, in brackets neither: a bracket before was forgotten.
_FIRST_NAME: Final = re.compile(r"[ \t\f]*([^\W\d]\w*+)(?!['\"])")
_GOING_ON: Final = frozenset("and as async else for if in is not or".split())
_CLOSES: Final = {"(": ")", "[": "]", "{": "}"}


def read(text: str, start: int, end: int) -> Reading:
    """Read the logical line that ends at a place.

    :param text: a cell.
    :param start: where code begins in it, the beginning of a line.
    :param end: the place; nothing behind it is looked at.
    """
    while True:
        if text.find("\n", start, end) >= 0:
            simple = _simple_lines().match(text, start, end)
            start = simple.end() if simple else start
        code = _BLANK.match(text, start, end).end()  # type: ignore[union-attr]  # matches always
        found = _escape(text, start, code, end) or _line(text, start, end, [Frame("", code, code)])
        if isinstance(found, Reading):
            return found
        start = found


def logical_lines(text: str, start: int, end: int) -> Iterator[Frame]:
    """Read all logical lines but those that are escapes, the last one too if something stands in it."""
    found: Reading | int = start
    while isinstance(found, int):
        start = found
        code = _BLANK.match(text, start, end).end()  # type: ignore[union-attr]  # matches always
        escape = _escape(text, start, code, end)
        line = Frame("", start, code)
        found = escape or _line(text, start, end, [line])
        if line.tokens:
            yield line


def _escape(text: str, start: int, code: int, end: int) -> Reading | int:
    """Read a line that begins with one of the escape characters: where it ends; 0 if it is none."""
    if code >= end or text[code] not in ESCAPES:
        return 0
    raw = _RAW.match(text, code, end).end()  # type: ignore[union-attr]  # matches always
    if raw == end and not _is_ended(text, code, end):
        return Reading(start, code, [Frame("", code, code)], ESCAPE, code, code)
    return raw


def read_code(text: str, start: int, end: int) -> Reading:
    """Read code that begins in the middle of a line: behind ``%timeit``, for example."""
    while True:
        found = _line(text, start, end, [Frame("", start, start)], may_escape=False)
        if isinstance(found, Reading):
            return found
        start = found


def read_behind(text: str, at: int, end: int) -> tuple[list[Token], int]:
    """Read what stands behind the cursor in the same brackets.

    :returns: the tokens, and where the bracket stands that closes them, or the end.
    """
    found = _line(text, at, end, [Frame("", at, at)], may_escape=False, inside=True)
    if isinstance(found, Reading):
        return found.frames[0].tokens, found.opened if found.state == CODE else end
    return [], end  # never: nothing ends a line here


def _is_ended(text: str, start: int, end: int) -> bool:
    return text[end - 1] == "\n" and not text.endswith("\\\n", start, end)


def _line(
    text: str, start: int, end: int, frames: list[Frame], *, may_escape: bool = True, inside: bool = False
) -> Reading | int:
    """Read a logical line; gives where the next one begins, if it ends before the end.

    :param start: where the line begins.
    :param frames: the line itself, whose content begins behind its indentation; takes the tokens.
    :param may_escape: whether ``x = !command`` may stand here.
    :param inside: whether to end where a bracket closes that none has opened.
    """
    top = frames[0]
    tokens = top.tokens
    code = at = top.start
    assigned = not may_escape
    fields = 0  # how many frames there are up to the innermost braces of an f-string
    has_brackets = "(" in text or "[" in text or "{" in text
    match_token = _token(has_brackets).match
    while True:
        match = match_token(text, at, end)
        if match is None:  # nothing but blanks is left
            return Reading(start, code, frames, CODE, end, end)
        group = match.lastindex
        begin, at = match.span(group)  # type: ignore[arg-type]  # one group matches always
        in_text = False
        if group == 2 or group == 4:
            tokens.append(Token(NAME, begin, at))
        elif group == 10:
            if top.kind == "" and text[begin] == "=" and at - begin == 1:
                if not assigned and tokens and _ASSIGNED_ESCAPE.match(text, at, end):
                    tokens.append(Token(OPERATOR, begin, at))
                    escape = _BLANK.match(text, at, end).end()  # type: ignore[union-attr]
                    raw = _RAW.match(text, escape, end).end()  # type: ignore[union-attr]
                    if raw == end and not _is_ended(text, escape, end):
                        return Reading(start, code, frames, ESCAPE, escape, escape)
                    return raw
                assigned = True
            if top.kind == "f" and text[begin] == ":":
                at = begin + 1
                frames.append(Frame(":", begin, at, top.quote))
                in_text = True
            else:
                tokens.append(Token(OPERATOR, begin, at))
        elif group == 1:
            if _is_balanced(text, begin, at):
                tokens.append(Token(GROUP, begin, at))
            else:
                at = begin + 1
                frames.append(Frame(text[begin], begin, at))
        elif group == 6:
            frames.append(Frame(text[begin], begin, at))
        elif group == 7:
            closed = _close(text[begin], frames)
            if closed is None:
                if inside and len(frames) == 1:
                    return Reading(start, code, frames, CODE, begin, begin)
            elif closed.kind == "f":  # back in the text of the string
                in_text = True
            else:
                frames[-1].tokens.append(Token(GROUP, closed.opened, at))
        elif group == 3:
            opening = match.group(3)
            quote = opening.lstrip("rRbBuUfFtT")
            if any(letter in "fFtT" for letter in opening):
                frames.append(Frame("s", begin, at, quote))
                in_text = True
            else:
                stop = _BODIES[quote].match(text, at, end).end()  # type: ignore[union-attr]  # matches always
                if text.startswith(quote, stop, end):
                    stop += len(quote)
                elif text[stop : min(stop + 1, end)] != "\n":
                    return Reading(start, code, frames, IN_STRING, begin, at)
                at = stop
                tokens.append(Token(STRING, begin, at))
        elif group == 5:
            tokens.append(Token(NUMBER, begin, at))
        else:
            if group == 9:
                stop = text.find("\n", at, end)
                if stop < 0:
                    return Reading(start, code, frames, IN_COMMENT, begin, begin)
                at = stop + 1
            while frames[-1].kind == "f" and len(frames[-1].quote) == 1:  # a string without its end
                while (string := frames.pop()).kind != "s":
                    pass
                frames[-1].tokens.append(Token(STRING, string.opened, begin))
            if not inside and (len(frames) == 1 or _begins_anew(text, at, end, frames, start)):
                return at
        if in_text:
            ended = _text(text, at, end, frames)
            if ended is None:
                string = next(frame for frame in reversed(frames) if frame.kind == "s")
                return Reading(start, code, frames, IN_STRING, string.opened, string.start)
            at = ended
        if frames[-1] is not top:
            top = frames[-1]
            tokens = top.tokens
            if top.kind == "f":
                fields = len(frames)
            elif len(frames) < fields:
                fields = max((i + 1 for i, each in enumerate(frames) if each.kind == "f"), default=0)
            match_token = _token(has_brackets and not fields).match


def _begins_anew(text: str, at: int, end: int, frames: list[Frame], start: int) -> bool:
    """Tell whether a line within brackets begins a statement, as a bracket before was forgotten."""
    if _STATEMENT.match(text, at, end):
        return True
    tokens = frames[-1].tokens
    name = _FIRST_NAME.match(text, at, end) if tokens and ends_expression(text, tokens[-1]) else None
    if name is None or name.group(1) in _GOING_ON:
        return False
    return name.start(1) - at <= frames[0].start - start


def _is_balanced(text: str, start: int, end: int) -> bool:
    """Tell whether brackets close each their like; wrongly not where strings hold brackets."""
    if end - start == 2:
        return text[start : start + 2] in ("()", "[]", "{}")
    return all(text.count(each, start, end) == text.count(_CLOSES[each], start, end) for each in "([{")


def _close(bracket: str, frames: list[Frame]) -> Frame | None:
    """Close the innermost bracket; a bracket of another kind closes nothing unless one further out fits."""
    for index in range(len(frames) - 1, 0, -1):
        kind = frames[index].kind
        if kind == "f":
            if bracket == "}":
                closed = frames[index]
                del frames[index:]
                return closed
            return None
        if _CLOSES.get(kind) == bracket:
            closed = frames[index]
            del frames[index:]
            return closed
    return None


def _text(text: str, at: int, end: int, frames: list[Frame]) -> int | None:
    """Go on in the text of an f-string, to its end or to the code in its next braces.

    :param frames: the innermost is the string, or the format of a field of it.
    :returns: where code goes on; ``None`` if the text ends in the string.
    """
    while True:
        frame = frames[-1]
        quote = frame.quote
        match = (_FORMAT if frame.kind == ":" else _LITERAL).search(text, at, end)
        if match is None:
            return None
        found, at = match.group(), match.end()
        if found == "{":
            frames.append(Frame("f", at - 1, at, quote))
            return at
        if found == "}":
            if frame.kind == ":":  # it closes the field too
                frames.pop()
                frames.pop()
        elif found == "\n":
            if len(quote) == 1:
                at -= 1
                break
        elif found == quote or (found[0] == quote and len(quote) == 1):
            at = match.start() + len(quote)
            break
    while frames[-1].kind != "s":
        frames.pop()
    string = frames.pop()
    frames[-1].tokens.append(Token(STRING, string.opened, at))
    return at


def expression_start(text: str, tokens: list[Token], last: int) -> int:
    """Tell which token begins the expression that ends with a token; -1 if none ends there.

    An expression here is a name, a literal or something in brackets, with attributes, subscripts and calls
    behind it: what binds more tightly than any operator.

    :param last: which token ends it.
    """
    at = last
    while at >= 0:
        kind = tokens[at].kind
        before = tokens[at - 1] if at else None
        if kind == GROUP:
            if text[tokens[at].start] == "{" or before is None or not ends_expression(text, before):
                return at
            at -= 1
        elif kind == NAME:
            if before is not None and is_dot(text, before):
                at -= 2
                continue
            return -1 if text[tokens[at].start : tokens[at].end] in OPERATOR_WORDS else at
        elif kind == STRING:
            if before is None or before.kind != STRING:
                return at
            at -= 1
        elif kind == NUMBER:
            return at
        else:
            return at if text.startswith("...", tokens[at].start) else -1
    return -1


def is_dot(text: str, token: Token) -> bool:
    """Tell whether a token is the dot before an attribute."""
    return token.kind == OPERATOR and text[token.start : token.end] == "."


def ends_expression(text: str, token: Token) -> bool:
    """Tell whether an expression may end with a token, so that a bracket behind it calls or subscripts."""
    if token.kind == NAME:
        return text[token.start : token.end] not in OPERATOR_WORDS
    return token.kind != OPERATOR or text.startswith("...", token.start)


#: Keywords that are no value: behind one, a bracket holds an expression of its own.
OPERATOR_WORDS: Final = frozenset(
    "and as assert async await break class continue def del elif else except finally for from global if "
    "import in is lambda nonlocal not or pass raise return try while with yield".split()
)
