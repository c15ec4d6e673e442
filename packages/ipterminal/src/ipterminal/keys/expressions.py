"""The small language of conditions: names, joined by ``&``, ``|``, ``~`` and parentheses.

As in Python ``~`` binds closer than ``&``, and ``&`` closer than ``|``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from ipcore.errors import UserError

_TOKEN: Final = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)|(?P<sign>[&|~()])|(?P<wrong>\S))")
_JOINED: Final = {"|": " | ", "&": " & "}


class ConditionError(UserError, ValueError):
    """An expression of conditions cannot be read, or names one that does not exist."""


class Expression(NamedTuple):
    """What an expression is made of."""

    kind: str
    """``name``, ``~``, ``&`` or ``|``."""
    parts: tuple[Expression, ...] = ()
    name: str = ""

    def __str__(self) -> str:
        if self.kind == "name":
            return self.name
        shown = [f"({part})" if _LOOSER[part.kind] < _LOOSER[self.kind] else str(part) for part in self.parts]
        return f"~{shown[0]}" if self.kind == "~" else _JOINED[self.kind].join(shown)


_LOOSER: Final = {"|": 0, "&": 1, "~": 2, "name": 3}


def parse(text: str) -> Expression:
    """Read an expression.

    :raises ConditionError: if it cannot be read; says where.
    """
    return _Reader(text).whole()


def names(expression: Expression) -> Iterator[str]:
    """Give the names of conditions in an expression."""
    if expression.kind == "name":
        yield expression.name
    for part in expression.parts:
        yield from names(part)


def replaced(expression: Expression, others: Mapping[str, Expression]) -> Expression:
    """Put expressions in the place of names."""
    if expression.kind == "name":
        return others.get(expression.name, expression)
    return expression._replace(parts=tuple(replaced(part, others) for part in expression.parts))


def canonical(expression: Expression) -> str:
    """Give the same text for expressions that differ in order, nesting and repetition alone."""
    if expression.kind == "name":
        return expression.name
    if expression.kind == "~":
        return f"~({canonical(expression.parts[0])})"
    flat = {canonical(part) for part in _flattened(expression, expression.kind)}
    flat.discard({"&": "always", "|": "never"}[expression.kind])
    if len(flat) < 2:
        return next(iter(flat), "always" if expression.kind == "&" else "never")
    return "(" + _JOINED[expression.kind].join(sorted(flat)) + ")"


def _flattened(expression: Expression, kind: str) -> Iterator[Expression]:
    if expression.kind != kind:
        yield expression
        return
    for part in expression.parts:
        yield from _flattened(part, kind)


def compiled(expression: Expression, condition: Callable[[str], Callable[[], bool]]) -> Callable[[], bool]:
    """Make a function of an expression.

    :param condition: gives the function of a name.
    """
    if expression.kind == "name":
        return condition(expression.name)
    parts = [compiled(part, condition) for part in expression.parts]
    if expression.kind == "~":
        inner = parts[0]
        return lambda: not inner()
    if expression.kind == "&":
        return lambda: all(part() for part in parts)
    return lambda: any(part() for part in parts)


class _Reader:
    """Reads one expression, by recursive descent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [*_TOKEN.finditer(text)]
        self.at = 0

    def whole(self) -> Expression:
        if not self.tokens:
            raise ConditionError("the condition is empty: it is made of names, &, |, ~ and parentheses")
        found = self.either()
        if self.at < len(self.tokens):
            sign = self.token
            raise self.wrong("nothing is open that it closes" if sign == ")" else "expected & or |")
        return found

    @property
    def token(self) -> str:
        return self.tokens[self.at].group().strip() if self.at < len(self.tokens) else ""

    def either(self) -> Expression:
        return self.joined("|", self.both)

    def both(self) -> Expression:
        return self.joined("&", self.one)

    def joined(self, sign: str, read: Callable[[], Expression]) -> Expression:
        parts = [read()]
        while self.token == sign:
            self.at += 1
            parts.append(read())
        return parts[0] if len(parts) == 1 else Expression(sign, tuple(parts))

    def one(self) -> Expression:
        token = self.token
        if token == "~":
            self.at += 1
            return Expression("~", (self.one(),))
        if token == "(":
            self.at += 1
            found = self.either()
            if self.token != ")":
                raise self.wrong("expected & or | or )")
            self.at += 1
            return found
        if self.at < len(self.tokens) and self.tokens[self.at]["name"]:
            if token in ("and", "or", "not"):
                sign = {"and": "&", "or": "|", "not": "~"}[token]
                raise self.wrong(f"{token} is written {sign}")
            self.at += 1
            return Expression("name", name=token)
        raise self.wrong("expected a name, ~ or (")

    def wrong(self, why: str) -> ConditionError:
        if self.at < len(self.tokens):
            match = self.tokens[self.at]
            where = f"at {self.token!r}, column {match.end() - len(self.token) + 1}"
        else:
            where = "at its end"
        return ConditionError(f"the condition {self.text!r} cannot be read {where}: {why}")
