"""A line of input taken apart: its first word, what follows, and what the word names."""

from __future__ import annotations

import builtins
import re
from functools import cached_property
from inspect import getattr_static
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..shell import InteractiveShell

_PARTS = re.compile(r"(\s*)((?:[^\W\d]\w*(?:\.[^\W\d]\w*)*)?)(.*)", re.DOTALL)

_absent: Any = object()


class Found(NamedTuple):
    """What a name means."""

    found: bool
    """Whether it means anything."""
    obj: Any
    """The object."""


class LineInfo:
    """One line, as checkers and handlers see it.

    :param line: the line, without its line ending.
    """

    #: Read by extensions; cells of several lines are not taken apart.
    continue_prompt = False
    #: Read by extensions; escapes are rewritten before a line comes here.
    esc = ""

    def __init__(self, line: str) -> None:
        self.line = line
        match = _PARTS.match(line)
        assert match is not None  # it matches any text
        #: The blanks it begins with.
        self.pre_whitespace = self.pre = match[1]
        #: The first word: a name, with dots and more names.
        self.ifun = match[2]
        #: What follows the first word and blanks.
        self.the_rest = match[3].lstrip()
        #: Whether something stands right after the first word.
        self.touching = bool(match[3]) and not match[3][0].isspace()

    @cached_property
    def comment_at(self) -> int:
        """Where the rest of the line ends and a comment begins: an offset into :attr:`the_rest`."""
        if "#" not in self.the_rest:
            return len(self.the_rest)
        from .logical_lines import scan

        mark = scan(self.line + "\n")[0].mark
        return max(0, mark - (len(self.line) - len(self.the_rest)))

    @property
    def arguments(self) -> str:
        """The rest without comment, a last semicolon and the blanks before them."""
        return self._code.removesuffix(";").rstrip()

    @property
    def semicolon(self) -> str:
        """The semicolon that the line's code ends with, if it does."""
        return ";" if self._code.endswith(";") else ""

    @property
    def comment(self) -> str:
        """The comment, with two blanks before it; empty if there is none."""
        comment = self.the_rest[self.comment_at :]
        return f"  {comment}" if comment else ""

    @property
    def _code(self) -> str:
        return self.the_rest[: self.comment_at].rstrip()

    def ofind(self, shell: InteractiveShell) -> Found:
        """Find the object that the first word names, among the user's names and the builtins.

        Runs no code of the object's: attributes are looked up statically, so one that a
        property or ``__getattr__`` would make is not found.
        """
        first, *others = self.ifun.split(".")
        value = shell.user_ns.get(first, _absent) if first else _absent
        if value is _absent:
            value = getattr(builtins, first, _absent) if first else _absent
        for name in others:
            if value is _absent:
                break
            value = static_attribute(value, name)
        return Found(value is not _absent, None if value is _absent else value)


def static_attribute(value: Any, name: str) -> Any:
    """Give an attribute without running code of the object's; :data:`_absent` if there is none so."""
    if isinstance(value, ModuleType):
        return vars(value).get(name, _absent)
    try:
        found = getattr_static(value, name)
    except AttributeError:
        return _absent
    except Exception:  # an object whose class is made to break such look-ups
        return _absent
    return found.__func__ if isinstance(found, (classmethod, staticmethod)) else found


def has_static(value: Any, name: str) -> bool:
    """Tell whether an object has an attribute, without running code of it."""
    return static_attribute(value, name) is not _absent
