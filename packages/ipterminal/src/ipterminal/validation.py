"""A mistake that more lines cannot mend, shown where it is before the cell runs."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong with a cell."""

    message: str
    cursor: int | None
    """Where it is in the text; ``None`` if that cannot be told."""


def problem(text: str, python: str, error: SyntaxError) -> Problem:
    """Tell what is wrong with a cell, and where.

    :param text: the cell as typed.
    :param python: what the transformation made of it.
    :param error: what compiling that raised.
    """
    what = f"{type(error).__name__}: {error.msg or error}"
    return Problem(f"{what} (Enter again runs it)", _place(text, python, error))


def _place(text: str, python: str, error: SyntaxError) -> int | None:
    """Find the place of an error in the text: its line as it was typed, and the column there."""
    if error.lineno is None:
        return None
    lines, typed = python.split("\n"), text.split("\n")
    if error.lineno > len(lines):
        return len(text)
    wrong = lines[max(0, error.lineno - 1)]
    number = _same_line(lines, typed, max(0, error.lineno - 1))
    if number is None:
        return None
    line = typed[number]
    code = wrong.strip()
    column = max(0, (error.offset or 1) - 1 - (len(wrong) - len(wrong.lstrip())))
    start = sum(len(each) + 1 for each in typed[:number])
    return start + min(len(line), line.rfind(code) + column)


def _same_line(lines: list[str], typed: list[str], number: int) -> int | None:
    """Find a line among those typed, some of which may have been joined, left out or moved."""
    code = lines[number].strip()
    if not code:
        return number if number < len(typed) else None
    before = sum(each.strip() == code for each in lines[:number])
    for alike in (str.__eq__, str.endswith):
        found = [index for index, each in enumerate(typed) if alike(each.strip(), code)]
        if before < len(found):
            return found[before]
    return None
