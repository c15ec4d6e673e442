"""Captured output of commands: a list of lines, or one string, that know each other's forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import SupportsIndex


class LSString(str):
    """A string that gives itself as lines (``.l``), on one line (``.s``) or as paths (``.p``)."""

    __slots__ = ()

    @property
    def list(self) -> _Lines:
        """The lines, without their ends."""
        return self.split("\n")

    @property
    def spstr(self) -> str:
        """The lines joined with blanks."""
        return self.replace("\n", " ")

    @property
    def nlstr(self) -> str:
        """The string itself."""
        return self

    @property
    def paths(self) -> _Paths:
        """Those lines that name existing files or directories."""
        return _existing(self.split("\n"))

    l = list  # noqa: E741  # the names users of the field type
    s = spstr
    n = nlstr
    p = paths


class SList(list[str]):
    """A list of lines that gives itself as a string (``.n``, ``.s``) or as paths (``.p``)."""

    @property
    def list(self) -> SList:
        """The list itself."""
        return self

    @property
    def spstr(self) -> str:
        """The lines joined with blanks."""
        return " ".join(self)

    @property
    def nlstr(self) -> str:
        """The lines joined with newline characters."""
        return "\n".join(self)

    @property
    def paths(self) -> _Paths:
        """Those lines that name existing files or directories."""
        return _existing(self)

    l = list  # noqa: E741
    s = spstr
    n = nlstr
    p = paths

    def get_list(self) -> SList:
        """Give the list itself, as ``.l`` does; older code calls it so."""
        return self

    def get_spstr(self) -> str:
        """Give the lines joined with blanks, as ``.s`` does."""
        return self.spstr

    def get_nlstr(self) -> str:
        """Give the lines joined with newline characters, as ``.n`` does."""
        return self.nlstr

    def get_paths(self) -> _Paths:
        """Give the lines that name existing files or directories, as ``.p`` does."""
        return self.paths

    def grep(
        self, pattern: str | Callable[[str], object], prune: bool = False, field: int | None = None
    ) -> SList:
        """Give the lines that match.

        :param pattern: a regular expression, searched for without regard to case, or a function of a line.
        :param prune: give those that do not match instead.
        :param field: look at this column only, counted from 0; a line without it counts as empty.
        :raises re.error: if the pattern is not a regular expression.
        """
        if isinstance(pattern, str):
            expression = re.compile(pattern, re.IGNORECASE)
            matches: Callable[[str], object] = expression.search
        else:
            matches = pattern
        return SList(line for line in self if bool(matches(_column(line, field))) is not bool(prune))

    def fields(self, *columns: int) -> _Fields:
        """Give some whitespace-separated columns of each line, joined with a blank.

        :param columns: counted from 0, negative ones from the end. Without any, each line
            is given as the list of its columns.
        :returns: lines in which at least one of the columns exists; the others are left out.
        """
        if not columns:
            return [line.split() for line in self]
        picked = SList()
        for line in self:
            parts = line.split()
            found = [parts[column] for column in columns if -len(parts) <= column < len(parts)]
            if found:
                picked.append(" ".join(found))
        return picked

    def sort(self, field: int | None = None, nums: bool = False) -> SList:  # type: ignore[override]
        """Give a sorted copy; unlike :meth:`list.sort` this list stays as it is.

        :param field: sort by this column, counted from 0.
        :param nums: sort by the number that the digits in it make, 0 if there are none.
        """
        if nums:
            return SList(sorted(self, key=lambda line: _number(_column(line, field))))
        return SList(sorted(self, key=lambda line: _column(line, field)))


# Inside the classes "list" is the property.
_Lines = list[str]
_Paths = list[Path]
_Fields = SList | list[list[str]]


def _existing(names: list[str]) -> list[Path]:
    found = []
    for name in names:
        try:
            if name and Path(name).exists():
                found.append(Path(name))
        except (OSError, ValueError):  # too long, or a NUL in it: no name of a file
            continue
    return found


def _column(line: str, field: SupportsIndex | None) -> str:
    if field is None:
        return line
    parts = line.split()
    try:
        return parts[field]
    except IndexError:
        return ""


def _number(text: str) -> int:
    digits = "".join(character for character in text if character in "0123456789")
    return int(digits[:4000]) if digits else 0
