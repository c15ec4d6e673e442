"""Macros: text that stands for itself under a name, and runs as a cell where the name stands alone."""

from __future__ import annotations


class Macro:
    """Code under a name: a cell of one line that begins with the name runs the code.

    :param code: the text, escapes included.
    """

    #: Read by :mod:`ipcore.cells.prefilter`.
    _ipshell_prefilter_ = "macro"

    def __init__(self, code: str) -> None:
        self.value = code if code.endswith("\n") else code + "\n"

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, Macro) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.value)

    def __add__(self, other: Macro | str) -> Macro:
        """Give a macro that runs one after the other."""
        if not isinstance(other, (Macro, str)):
            return NotImplemented
        return Macro(self.value + str(other))
