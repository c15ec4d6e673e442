"""The texts of cells that ran, where tracebacks, debuggers and ``inspect`` look for them."""

from __future__ import annotations

import linecache
from collections import OrderedDict
from typing import Final

#: Texts kept, in cells and in characters; the oldest go first.
MOST_CELLS: Final = 5000
MOST_CHARACTERS: Final = 20_000_000


class Sources:
    """Registers the text of each cell with :mod:`linecache` under a file name of its own.

    To be used from the thread that runs cells.
    """

    def __init__(self) -> None:
        self._labels: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._characters = 0
        self._serial = 0

    def register(self, label: str, source: str) -> str:
        """Keep a text.

        :param label: how tracebacks are to name it, for example ``Cell In[3]``.
        :returns: the file name to compile it under; angle brackets tell everybody
            that there is no such file.
        """
        self._serial += 1
        name = f"<ipshell {self._serial}: {label}>"
        # No modification time: linecache.checkcache() then leaves the entry alone.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        self._labels[name] = (label, len(source))
        self._characters += len(source)
        while len(self._labels) > MOST_CELLS or (
            self._characters > MOST_CHARACTERS and len(self._labels) > 1
        ):
            oldest, (_, size) = self._labels.popitem(last=False)
            self._characters -= size
            linecache.cache.pop(oldest, None)
        return name

    def close(self) -> None:
        """Take everything out of linecache again."""
        for name in self._labels:
            linecache.cache.pop(name, None)
        self._labels.clear()
        self._characters = 0


def label_of(filename: str) -> str:
    """Give the label in a file name made by :meth:`Sources.register`; empty for any other name."""
    if filename.startswith("<ipshell ") and filename.endswith(">"):
        return filename[:-1].partition(": ")[2]
    return ""
