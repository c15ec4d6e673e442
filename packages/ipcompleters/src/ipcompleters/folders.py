"""What folders hold, remembered until they change."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

#: Folders that are remembered, and the names in all of them.
MOST_FOLDERS: Final = 64
MOST_NAMES: Final = 200_000

#: Entries that are read between two looks at whether the answer is still wanted.
_CHUNK: Final = 1000

#: Seconds within which a second change of a folder may leave its time as it is: of a file system that
#: keeps fractions of seconds, and of others.
_FINE, _COARSE = 0.05, 2.0

#: What ends the name of a link, of which only a look at its target tells whether it is a folder.
LINK: Final = "\0"


class _Known:
    """What a folder held, in the order in which it was read until somebody asks again."""

    __slots__ = ("names", "ordered", "stamp")

    def __init__(self, stamp: tuple[int, int, int], names: list[str]) -> None:
        self.stamp = stamp
        self.names = names
        self.ordered = False

    def beginning(self, prefix: str) -> list[str]:
        """Give the names that begin with a text."""
        if not self.ordered:
            self.names = sorted(self.names)  # another list: a thread may be reading this one
            self.ordered = True
        names = self.names
        first = last = bisect_left(names, prefix)
        while last < len(names) and names[last].startswith(prefix):
            last += 1
        return names[first:last]


class Folders:
    """The names in folders. Safe from any thread; reading one holds up nobody who reads another."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._count = 0
        self._changing = threading.Lock()

    def names(self, folder: str, cancelled: Callable[[], bool], prefix: str = "") -> Iterator[list[str]]:
        """Give what is in a folder, piece by piece.

        Folders end with ``/`` and links with :data:`LINK`. No entry is looked at by itself.

        :param folder: an absolute path; what cannot be read is empty.
        :param cancelled: asked now and then; the rest is not read once it is true.
        :param prefix: what the names begin with.
        """
        try:
            state = os.stat(folder)
        except (OSError, ValueError):  # gone, forbidden, or with a null character
            return
        stamp = (state.st_mtime_ns, state.st_ino, state.st_dev)
        with self._changing:
            known = self._known.get(folder)
            if known is not None and known.stamp == stamp:
                self._known.move_to_end(folder)
        if known is not None and known.stamp == stamp:
            yield known.beginning(prefix) if prefix else known.names
            return
        settled = time.time() - state.st_mtime > (_FINE if state.st_mtime_ns % 10**9 else _COARSE)
        found: list[str] = []
        few = True
        try:
            with os.scandir(folder) as entries:
                while chunk := list(islice(entries, _CHUNK)):
                    names = [
                        f"{entry.name}/"
                        if entry.is_dir(follow_symlinks=False)
                        else f"{entry.name}{LINK}"
                        if entry.is_symlink()
                        else entry.name
                        for entry in chunk
                    ]
                    few = few and len(found) + len(names) <= MOST_NAMES // 2
                    if few:
                        found += names
                    yield [name for name in names if name.startswith(prefix)] if prefix else names
                    if cancelled():
                        return
        except OSError:
            return
        if few and settled:
            self._remember(folder, _Known(stamp, found))

    def _remember(self, folder: str, known: _Known) -> None:
        with self._changing:
            former = self._known.pop(folder, None)
            if former is not None:
                self._count -= len(former.names)
            self._known[folder] = known
            self._count += len(known.names)
            while len(self._known) > MOST_FOLDERS or self._count > MOST_NAMES:
                _, dropped = self._known.popitem(last=False)
                self._count -= len(dropped.names)


#: What all providers share.
FOLDERS: Final = Folders()
