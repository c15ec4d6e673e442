"""Arguments of a magic, declared by decorators and parsed by argparse.

.. code-block:: python

    @line_magic
    @magic_arguments()
    @argument("-n", "--times", type=int, default=1, help="how often")
    @argument("text", nargs="*")
    def say(self, line):
        '''Say something.'''
        args = parse_argstring(self.say, line)
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from ..errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

#: What adds to a parser; it is given where to add arguments, and gives where the next ones go.
_Step = Callable[["MagicArgumentParser", Any], Any]

#: Columns of a help text, whatever the terminal: a docstring must not depend on it.
_WIDTH = 79

_STEPS = "_ipshell_argument_steps"
#: What argparse replaces in a help text, and every other ``%``.
_PERCENT = re.compile(
    r"%%|%\((?:prog|default|type|choices|nargs|const|dest|metavar|required)\)"
    r"[-#0 +]*[\d.]*[diouxXeEfFgGcrsa]|%"
)


class MagicArgumentParser(argparse.ArgumentParser):
    """A parser whose errors are the user's: it raises, and never ends the program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments.

        :raises UsageError: always.
        """
        raise UsageError(f"{self.prog}: {message}")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Refuse to end the program.

        :raises UsageError: always.
        """
        raise UsageError(message.strip() if message else f"{self.prog}: wrong arguments")

    def parse_argstring(self, argstring: str, *, partial: bool = False) -> Any:
        """Parse the line of a magic; see :func:`parse_argstring`."""
        from .options import _quoting, words

        argv = [word.text for word in words(argstring, _quoting(None))]
        return self.parse_known_args(argv) if partial else self.parse_args(argv)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the paragraphs of the description, and has a width of its own."""

    def __init__(self, prog: str, **arguments: Any) -> None:
        super().__init__(prog, **{**arguments, "width": _WIDTH})

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix="")


def argument(*names: str, **options: Any) -> Callable[[F], F]:
    """Declare one argument; parameters as for :meth:`argparse.ArgumentParser.add_argument`.

    A ``%`` in ``help`` is plain, but for ``%%`` and what argparse knows, ``%(default)s`` for one.
    """
    if isinstance(options.get("help"), str):
        options["help"] = _plain(options["help"])

    def step(parser: MagicArgumentParser, place: Any) -> Any:
        place.add_argument(*names, **options)
        return place

    return _adding(step)


def argument_group(*title: str, **options: Any) -> Callable[[F], F]:
    """Put the arguments declared below under a heading of their own in the help.

    Parameters as for :meth:`argparse.ArgumentParser.add_argument_group`.
    """
    return _adding(lambda parser, place: parser.add_argument_group(*title, **options))


def defaults(**values: Any) -> Callable[[F], F]:
    """Give arguments default values, as :meth:`argparse.ArgumentParser.set_defaults` does."""

    def step(parser: MagicArgumentParser, place: Any) -> Any:
        parser.set_defaults(**values)
        return place

    return _adding(step)


def kwds(**options: Any) -> Callable[[F], F]:
    """Give the parser itself parameters, as :class:`argparse.ArgumentParser` takes them."""

    def decorate(function: F) -> F:
        function.argcmd_kwds = options  # type: ignore[attr-defined]
        return function

    return decorate


def magic_arguments(name: str | None = None) -> Callable[[F], F]:
    """Make the parser of the arguments declared below. The outermost of these decorators but for the magic's.

    The docstring becomes the help text.

    :param name: the magic's name in the help, by default the function's.
    """

    def decorate(function: F) -> F:
        function.has_arguments = True  # type: ignore[attr-defined]
        parser = _make_parser(function, name or function.__name__.removeprefix("magic_"))
        function.parser = parser  # type: ignore[attr-defined]
        function.__doc__ = parser.format_help()
        return function

    return decorate


def parse_argstring(magic_func: Callable[..., Any], argstring: str, *, partial: bool = False) -> Any:
    """Parse the line of a magic that has :func:`magic_arguments`.

    :param magic_func: the magic's function or bound method.
    :param argstring: the line.
    :param partial: whether to leave what is not known: the result is then a pair of the
        arguments and the other words.
    :returns: an :class:`argparse.Namespace`.
    :raises UsageError: if the line does not fit.
    :raises TypeError: if the function has no arguments declared.
    """
    parser = getattr(magic_func, "parser", None)
    if not isinstance(parser, MagicArgumentParser):
        raise TypeError(f"{magic_func!r} has no arguments declared: decorate it with @magic_arguments()")
    return parser.parse_argstring(argstring, partial=partial)


def _adding(step: _Step) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        # The innermost decorator comes first, and stands last in the source.
        setattr(function, _STEPS, [step, *getattr(function, _STEPS, ())])
        return function

    return decorate


def _make_parser(function: Any, name: str) -> MagicArgumentParser:
    options = dict(getattr(function, "argcmd_kwds", {}))
    options.setdefault("description", inspect.cleandoc(function.__doc__ or "") or None)
    for text in ("description", "epilog"):
        value = options.get(text)
        if isinstance(value, str) and "%(prog)" in value:  # else argparse takes it as it is
            options[text] = _plain(value)
    if isinstance(options.get("usage"), str):
        options["usage"] = _plain(options["usage"])
    settings = {
        "prog": f"%{name}",
        "add_help": False,
        "formatter_class": _Formatter,
        **options,
    }
    parser = MagicArgumentParser(**settings)
    vars(parser)["color"] = False  # from Python 3.14 on, help is coloured unless told otherwise
    place: Any = parser
    for step in getattr(function, _STEPS, ()):
        place = step(parser, place)
    return parser


def _plain(text: str) -> str:
    """Double each ``%`` that is no format code of argparse's."""
    return _PERCENT.sub(lambda match: "%%" if match[0] == "%" else match[0], text)
