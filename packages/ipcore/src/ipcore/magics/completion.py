"""The options of a magic, found without running it: for completion."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from types import CodeType


class MagicOption(NamedTuple):
    """One option, or one argument without dashes."""

    names: tuple[str, ...]
    """As they are typed, for example ``("-n", "--times")``; of an argument without dashes empty."""
    takes_value: bool
    """Whether a value follows."""
    help: str = ""
    """What it does, as its author says; empty where that is not known."""
    choices: tuple[str, ...] = ()
    """The values there are; empty if any will do."""


def magic_options(magic: Callable[..., Any]) -> list[MagicOption]:
    """Give the options of a magic, in the order they are declared.

    They are read from its argument parser or else from the calls of ``parse_options`` in its source.
    Nothing of it is run. Names that are not written there as plain strings are not found.

    :param magic: the function or bound method of a magic.
    """
    parser = getattr(magic, "parser", None)
    if parser is not None:
        return [
            MagicOption(
                tuple(action.option_strings),
                action.nargs != 0,
                action.help or "",
                tuple(str(choice) for choice in action.choices or ()),
            )
            for action in parser._actions
        ]
    function: Any = getattr(magic, "__func__", magic)
    for _ in range(20):
        function = getattr(function, "__wrapped__", function)
    code = getattr(function, "__code__", None)
    return list(_options_in(code)) if code is not None else []


def option_names(magic: Callable[..., Any]) -> list[str]:
    """Give the options of a magic as they are typed; see :func:`magic_options`."""
    return [name for option in magic_options(magic) for name in option.names]


def options_in_source(tree: ast.AST) -> list[MagicOption]:
    """Give the options that a function's source names in its calls of ``parse_options``.

    :param tree: the function, or what it stands in, as :mod:`ast` reads it.
    """
    return list(
        {option.names: option for node in ast.walk(tree) for option in _options_of_call(node)}.values()
    )


@lru_cache(maxsize=256)
def _options_in(code: CodeType) -> tuple[MagicOption, ...]:
    import inspect
    import textwrap

    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, TypeError, SyntaxError, ValueError):  # no source, or not one that stands alone
        return ()
    return tuple(options_in_source(tree))


def _options_of_call(node: ast.AST) -> Iterator[MagicOption]:
    if not isinstance(node, ast.Call):
        return
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called != "parse_options" or len(node.args) < 2:
        return
    short, *long = (
        each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else ""
        for each in node.args[1:]
    )
    for at, letter in enumerate(short):
        if letter != ":":
            yield MagicOption((f"-{letter}",), short[at + 1 : at + 2] == ":")
    for name in long:
        if name:
            yield MagicOption((f"--{name.removesuffix('=')}",), name.endswith("="))
