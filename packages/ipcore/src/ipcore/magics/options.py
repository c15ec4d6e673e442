"""Options in the line of a magic, in the notation of getopt."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..errors import UsageError

#: How quotes and backslashes are read. ``posix``: as a POSIX shell does. ``windows``: double quotes
#: group, backslashes are plain. ``literal``: quotes group and stay in the text.
Quoting = Literal["posix", "windows", "literal"]


class Options(dict[str, Any]):
    """The options found, by name without dashes; also as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the option {name} was not given") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def merge(self, others: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Add the options that were not given; those that were given stay.

        :param others: names and values.
        """
        for name, value in {**(others or {}), **more}.items():
            self.setdefault(name, value)


class Word(NamedTuple):
    """A word of a line."""

    text: str
    """Without the quotes, unless the quoting is ``literal``."""
    end: int
    """Where the line goes on after the word and the blank behind it."""


def parse_options(
    line: str,
    short: str,
    *long: str,
    mode: str = "string",
    list_all: bool = False,
    posix: bool | None = None,
    strict: bool = True,
    preserve_non_opts: bool = False,
) -> tuple[Options, Any]:
    """Split a magic's line into options and the rest. The first word that is no option ends them.

    :param line: as the magic got it.
    :param short: letters of the short options, those with a value followed by a colon, ``"ab:"``.
    :param long: names of the long options without dashes, those with a value followed by ``=``.
    :param mode: ``string`` gives the rest as a text, ``list`` as words.
    :param list_all: whether each option's value is a list, given once or more often; otherwise only
        that of an option given more often is.
    :param posix: whether quotes and backslashes are read as a POSIX shell does. ``False`` keeps them in the
        text. By default the platform's rule.
    :param strict: whether a quote that is not closed is an error; else the rest of the line is one word.
    :param preserve_non_opts: whether the rest, as a text, is as typed: quotes and blanks kept.
    :returns: the options, an option without a value having the value ``""``, and the rest.
    :raises UsageError: for an option that there is not or that lacks its value, and for an open quote.
    :raises ValueError: if the mode is none.
    """
    from getopt import GetoptError, getopt

    if mode not in ("string", "list"):
        raise ValueError(f"mode must be string or list, not {mode!r}")
    found = words(line, _quoting(posix), strict=strict)
    try:
        pairs, rest = getopt([word.text for word in found], short, list(long))
    except GetoptError as error:
        raise UsageError(f"{error.msg}; {_allowed(short, long)}") from None
    options = _collected(pairs, list_all)
    if mode == "list":
        return options, rest
    if preserve_non_opts:
        used = len(found) - len(rest)
        return options, line[found[used - 1].end if used else 0 :].lstrip()
    return options, " ".join(rest)


def words(line: str, quoting: Quoting, *, strict: bool = True) -> list[Word]:
    """Split a line into words.

    :param strict: whether an open quote is an error; else the rest of the line is one word.
    :raises UsageError: for an open quote.
    """
    import io
    import shlex

    stream = io.StringIO(line)
    lexer = shlex.shlex(stream, posix=quoting != "literal")
    lexer.whitespace_split = True
    lexer.commenters = ""
    if quoting == "windows":
        lexer.escape = ""
        lexer.quotes = '"'
    found: list[Word] = []
    while True:
        try:
            found.append(Word(next(lexer), stream.tell()))
        except StopIteration:
            return found
        except ValueError as error:
            if strict:
                raise UsageError(f"{str(error).lower()}: {line.strip()}") from None
            return [*found, Word(lexer.token, len(line))]


def _quoting(posix: bool | None) -> Quoting:
    if posix is None:
        return "posix" if os.name == "posix" else "windows"
    return "posix" if posix else "literal"


def _collected(pairs: list[tuple[str, str]], list_all: bool) -> Options:
    options = Options()
    for dashed, value in pairs:
        name = dashed[2:] if dashed.startswith("--") else dashed[1:]
        if name not in options:
            options[name] = [value] if list_all else value
        elif isinstance(options[name], list):
            options[name].append(value)
        else:
            options[name] = [options[name], value]
    return options


def _allowed(short: str, long: tuple[str, ...]) -> str:
    names = [f"-{letter}" for letter in short if letter != ":"]
    names += [f"--{name.removesuffix('=')}" for name in long]
    return f"there are: {' '.join(names)}" if names else "there are none"
