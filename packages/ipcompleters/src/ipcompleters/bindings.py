"""Names that a cell makes which has not been run: by assignments, imports, definitions, loops."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from .scanning import GROUP, NAME, OPERATOR, Frame, Token, is_dot, logical_lines, read_behind

#: What a name is, as far as that can be told: one of the types of completions, or nothing.
Bindings = dict[str, str]

#: How many cells are kept.
_KEPT: Final = 4
_kept: dict[str, Bindings] = {}

#: How deep in brackets names are looked for.
_DEEPEST: Final = 8

_LAMBDA: Final = re.compile(r"\blambda\b([^:\n]*):")
_WALRUS: Final = re.compile(r"([^\W\d]\w*)\s*:=")
_PARAMETER: Final = re.compile(r"(?:^|,)\s*\*{0,2}\s*([^\W\d]\w*)")


class _Scope:
    """A function or class that is being read: what it binds is gone behind it."""

    __slots__ = ("indent", "names")

    def __init__(self, indent: int) -> None:
        self.indent = indent
        self.names: Bindings = {}


def bound_before(text: str) -> Bindings:
    """Give the names that earlier lines of a cell bind, and that can be seen behind them.

    :param text: the lines, and behind them how far the next one is indented: what functions bind that end
        before it does not count.
    """
    if not text:
        return {}
    found = _kept.get(text)
    if found is None:
        found = _kept[text] = _read(text, len(text) - text.rfind("\n") - 1)
        while len(_kept) > _KEPT:
            try:
                _kept.pop(next(iter(_kept)), None)
            except (RuntimeError, StopIteration):  # another thread changed it: that one sees to its size
                break
    return found


def bound_within(statement: str) -> Bindings:
    """Give the names that a statement binds up to the cursor.

    Those are parameters of a lambda, names with ``:=``, and in the condition of a ``case`` what its pattern
    captures.
    """
    found: Bindings = {}
    if statement.startswith("case") and " if " in statement:
        tokens = read_behind(statement, 0, len(statement))[0]
        if (
            len(tokens) > 1
            and _text(statement, tokens[0]) == "case"
            and _may_begin_pattern(statement, tokens[1])
        ):
            _captured(statement, tokens[1:], found)
    if "lambda" in statement:
        for match in _LAMBDA.finditer(statement):
            found.update(dict.fromkeys(_PARAMETER.findall(match.group(1)), "param"))
    if ":=" in statement:
        found.update(dict.fromkeys(_WALRUS.findall(statement), ""))
    return found


def _read(text: str, indent: int) -> Bindings:
    scopes = [_Scope(-1)]
    for line in logical_lines(text, 0, len(text)):
        width = line.start - line.opened
        while scopes[-1].indent >= width:
            scopes.pop()
        _read_line(text, line, width, scopes)
    while scopes[-1].indent >= indent:
        scopes.pop()
    found: Bindings = {}
    for scope in scopes:
        found.update(scope.names)
    return found


def _read_line(text: str, line: Frame, width: int, scopes: list[_Scope]) -> None:
    tokens = line.tokens
    first = 0
    while first < len(tokens):
        last = first
        lambdas = 0
        word = _text(text, tokens[first])
        behind = tokens[first + 1] if first + 1 < len(tokens) else None
        has_block = word in _BLOCKS and not (behind is not None and _text(text, behind) == "=")
        if word in ("match", "case"):  # names as well
            has_block = behind is not None and _may_begin_pattern(text, behind)
        while last < len(tokens):
            token = tokens[last]
            if token.end - token.start == 1 and token.kind == OPERATOR:
                mark = text[token.start]
                if mark == ";" or (mark == ":" and has_block and not lambdas):
                    break
                lambdas -= mark == ":" and lambdas > 0
            elif token.kind == NAME and _text(text, token) == "lambda":
                lambdas += 1
            last += 1
        _read_statement(text, tokens[first:last], width, scopes)
        first = last + 1


_BLOCKS: Final = frozenset("async class def elif else except finally for if try while with".split())


def _read_statement(text: str, tokens: list[Token], width: int, scopes: list[_Scope]) -> None:
    if not tokens:
        return
    names = scopes[-1].names
    word = _text(text, tokens[0])
    if word == "async":
        _read_statement(text, tokens[1:], width, scopes)
    elif word in ("def", "class"):
        if len(tokens) > 1 and tokens[1].kind == NAME:
            names[_text(text, tokens[1])] = "function" if word == "def" else "class"
            scopes.append(_Scope(width))
            if word == "def" and len(tokens) > 2:
                group = next((each for each in tokens[2:] if text[each.start] == "("), None)
                _parameters(text, group, scopes[-1].names)
    elif word == "import":
        for part in _parts(text, tokens[1:]):
            bound = part[-1] if len(part) > 2 and _text(text, part[-2]) == "as" else part[0]
            names[_text(text, bound)] = "module"
    elif word == "from":
        _imported(text, tokens, names)
    elif word == "for":
        end = next((i for i, each in enumerate(tokens) if _text(text, each) == "in"), 0)
        _targets(text, tokens[1:end], names)
    elif word == "case" and len(tokens) > 1 and _may_begin_pattern(text, tokens[1]):
        _captured(text, tokens[1:], names)
    elif word in ("with", "except"):
        for before, token in pairwise(tokens):
            if _text(text, before) == "as":
                _targets(text, [token], names)
    elif word in ("global", "nonlocal"):
        _targets(text, tokens[1:], names)
    elif word == "type" and len(tokens) > 1 and tokens[1].kind == NAME:
        names[_text(text, tokens[1])] = "class"
    else:
        _assignment(text, tokens, names)
    _walrus(text, tokens, names)


def _assignment(text: str, tokens: list[Token], names: Bindings) -> None:
    begin = 0
    for index, token in enumerate(tokens):
        if token.kind != OPERATOR or token.end - token.start != 1:
            continue
        mark = text[token.start]
        if mark == "=":
            _targets(text, tokens[begin:index], names)
            begin = index + 1
        elif mark == ":" and index == 1 and tokens[0].kind == NAME:  # name: annotation
            names[_text(text, tokens[0])] = ""
            return
        elif mark not in ",.*":
            return


def _targets(text: str, tokens: list[Token], names: Bindings, depth: int = 0) -> None:
    """Take the names that are assigned to, not those of objects of which an attribute or item is."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        if token.kind == NAME:
            behind = tokens[index + 1] if index + 1 < len(tokens) else None
            part_of = behind is not None and (behind.kind == GROUP or is_dot(text, behind))
            if not part_of and not (before is not None and is_dot(text, before)):
                names[_text(text, token)] = ""
        elif token.kind == GROUP and depth < _DEEPEST and (before is None or before.kind == OPERATOR):
            _targets(text, _inside(text, token), names, depth + 1)


def _may_begin_pattern(text: str, token: Token) -> bool:
    """Tell whether ``case`` is none of the names here: what stands behind it is no operator."""
    return token.kind != OPERATOR or _text(text, token) in ("*", "-")


def _captured(text: str, tokens: list[Token], names: Bindings, depth: int = 0) -> None:
    """Take the names that a pattern of ``case`` gives to parts of what it goes with."""
    for index, token in enumerate(tokens):
        word = _text(text, token)
        if word == "if" and not depth:
            return  # a condition, which takes none
        if token.kind == GROUP and depth < _DEEPEST:
            _captured(text, _inside(text, token), names, depth + 1)
        if token.kind != NAME or word in _NO_NAMES or (index and is_dot(text, tokens[index - 1])):
            continue
        behind = tokens[index + 1] if index + 1 < len(tokens) else None
        if behind is None or (behind.kind != GROUP and _text(text, behind) not in (".", "=")):
            names[word] = ""


#: Of the words in a pattern those that are given nothing.
_NO_NAMES: Final = frozenset(("False", "None", "True", "_", "as"))


def _imported(text: str, tokens: list[Token], names: Bindings) -> None:
    start = next((i for i, each in enumerate(tokens) if _text(text, each) == "import"), len(tokens)) + 1
    listed = tokens[start:]
    if len(listed) == 1 and listed[0].kind == GROUP:
        listed = _inside(text, listed[0])
    for part in _parts(text, listed):
        if part[-1].kind == NAME:
            names[_text(text, part[-1])] = ""


def _parameters(text: str, group: Token | None, names: Bindings) -> None:
    if group is None:
        return
    for part in _parts(text, _inside(text, group)):
        name = next((each for each in part if each.kind == NAME), None)
        if name is not None:
            names[_text(text, name)] = "param"


def _walrus(text: str, tokens: list[Token], names: Bindings, depth: int = 0) -> None:
    if depth > _DEEPEST or text.find(":=", tokens[0].start, tokens[-1].end) < 0:
        return
    for before, token in pairwise(tokens):
        if before.kind == NAME and _text(text, token) == ":=":
            names[_text(text, before)] = ""
    for token in tokens:
        if token.kind == GROUP and (inside := _inside(text, token)):
            _walrus(text, inside, names, depth + 1)


def _inside(text: str, group: Token) -> list[Token]:
    """Give the tokens in a pair of brackets."""
    return read_behind(text, group.start + 1, group.end - 1)[0]


def _parts(text: str, tokens: list[Token]) -> list[list[Token]]:
    """Split tokens at commas; empty parts are left out."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if _text(text, token) == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _text(text: str, token: Token) -> str:
    return text[token.start : token.end]
