"""Keys whose sequence comes in pieces, as it may over ssh.

A terminal sends Up as Escape, ``[`` and ``A``. In vi nobody wants to wait at Escape for whether more comes:
it acts, and what comes behind it within a moment makes the key that was meant.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from prompt_toolkit.keys import Keys

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPress

ESCAPE: Final = "\x1b"

#: What stands behind Escape in the sequence of a key, or begins it; of keys that repeat, with the next one.
_REST: Final = re.compile(r"(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])(?:\x1b.*)?|\[[0-9;]*|O", re.DOTALL)


class SplitKeys:
    """Puts pieces together.

    :param clock: gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._came = self._acted = float("-inf")
        self._joining = False
        #: How many such Escapes were given as keys of their own.
        self.escapes = 0
        #: Seconds within which the rest of a key comes.
        self.within = 0.0
        #: Called when it turns out that an Escape, which has acted, was the beginning of a key.
        self.undo: Callable[[], object] = lambda: None

    def came(self) -> None:
        """Take note that Escape has come, and nothing behind it."""
        self._came = self._clock()

    def acted(self) -> None:
        """Take note that this Escape was given as a key of its own."""
        self._acted, self._joining = self._came, False
        self.escapes += 1

    def joined(self, text: str) -> str:
        """Give what was read, with Escape before it if it is the rest of a key."""
        if self._acted > float("-inf"):
            late = self._clock() - self._acted >= self.within
            self._acted = float("-inf")
            if not late and _REST.fullmatch(text):
                self._joining = True
                return ESCAPE + text
        return text

    def made(self, keys: Iterable[KeyPress]) -> None:
        """Look at the keys that came of it."""
        first = next(iter(keys), None)
        if self._joining and first is not None:
            self._joining = False
            if first.key != Keys.Escape:
                self.undo()
