"""Macros: code under a name that runs when the name is typed."""

from __future__ import annotations


class Macro:
    """Code to be run again.

    :param code: text of cells; the last line ends with a line ending.
    """

    def __init__(self, code: str) -> None:
        self.value = code if code.endswith("\n") or not code else f"{code}\n"

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"ipcore.macros.Macro({self.value!r})"

    def __add__(self, other: object) -> Macro:
        if isinstance(other, (Macro, str)):
            return Macro(self.value + str(other))
        return NotImplemented
