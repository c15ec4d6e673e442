"""Python values in command lines: ``$name``, ``$obj.attr`` and ``{expression}``."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any

_MARK = re.compile(
    r"""\$\$(?=[^\W\d])                # $$NAME: the shell's $NAME
    | \$\{[^{}]*\}                     # ${NAME}: the shell's own notation
    | \$([^\W\d]\w*(?:\.[^\W\d]\w*)*)  # $name, $name.attribute
    | \{\{ | \}\} | [{}]""",
    re.VERBOSE,
)
_FORM = re.compile(r"(?:!([rsa]))?(?::([^{}]*))?")
_CONVERSIONS: dict[str, Callable[[object], str]] = {"r": repr, "s": str, "a": ascii}

#: Readings of one replacement field that are tried before it counts as no Python.
_MOST_READINGS = 200


class _Unexpandable(Exception):
    """The text is not meant for us."""


def expand(text: str, namespace: Mapping[str, Any], locals: Mapping[str, Any] | None = None) -> str:
    """Put values of Python names and expressions into a command line.

    * ``$name`` and ``$obj.attr``: the value. Not between single quotes, where the shell would
      not look either.
    * ``{expression}``: the value; ``{x!r}`` and ``{x:>10}`` work as in format strings.
    * ``{{`` and ``}}``: one brace. ``$$NAME``: the shell's ``$NAME``. ``${NAME}`` and ``$1`` are
      left to the shell.

    If any look-up fails, for whatever reason, the text is given back as it is, for it
    is likely meant for the shell. Expressions are evaluated: the text must be the user's own.

    :param namespace: the user's names.
    :param locals: names that go before those, for example of the function that asked.
    """
    if "$" not in text and "{" not in text and "}" not in text:
        return text
    names = dict(namespace) if locals is None else {**namespace, **locals}
    try:
        return "".join(_pieces(text, names))
    except Exception:  # the user's objects may raise anything; see above
        return text


def _pieces(text: str, names: dict[str, Any]) -> Iterator[str]:
    done = 0
    while match := _MARK.search(text, done):
        yield text[done : match.start()]
        done = match.end()
        mark, name = match.group(), match.group(1)
        if mark[0] == "$":
            if _in_single_quotes(text, match.start()) or not (name or mark == "$$"):
                yield mark
            else:
                yield str(_look_up(name, names)) if name else "$"
        elif mark == "{":
            value, done = _replacement_field(text, done, names)
            yield value
        elif mark == "}":
            raise _Unexpandable
        else:
            yield mark[0]
    yield text[done:]


def _look_up(name: str, names: dict[str, Any]) -> Any:
    """Give the value of a dotted name. Builtins do not count: ``$dir`` is a name for the shell."""
    first, *attributes = name.split(".")
    value = names[first]
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


def _in_single_quotes(text: str, position: int) -> bool:
    """Tell whether a place is quoted for the shell: an odd number of ``'`` follows it and one precedes."""
    return text.count("'", position) % 2 == 1 and "'" in text[:position]


def _replacement_field(text: str, start: int, names: dict[str, Any]) -> tuple[str, int]:
    """Evaluate the field that begins at ``start``, after its brace.

    The shortest reading that is an expression counts: braces and colons may be part of it.

    :returns: the value and where the text goes on.
    """
    tried = 0
    for closing in _all(r"\}", text, start):
        for stop in (closing, *_all("[:!]", text[:closing], start)):
            if (tried := tried + 1) > _MOST_READINGS:
                raise _Unexpandable
            code = _compiled(text[start:stop])
            if code is None:
                continue
            form = _FORM.fullmatch(text, stop, closing)
            if form is None:
                continue
            value = eval(code, names)
            if form[1]:
                value = _CONVERSIONS[form[1]](value)
            return format(value, form[2] or ""), closing + 1
    raise _Unexpandable


def _all(pattern: str, text: str, start: int) -> Iterator[int]:
    return (match.start() for match in re.compile(pattern).finditer(text, start))


def _compiled(expression: str) -> CodeType | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about text that may not even be Python
        try:
            return compile(expression.strip(), "<expansion>", "eval")
        except (SyntaxError, ValueError):
            return None
