"""Whose turn it is to import a module, or to make a part of a shell.

Python's own import locks do not know that a plugin may ask the registry for other
plugins while it is imported: two threads could wait for each other for ever, one for
a lock of Python's and one for the registry. So a thread takes the turn for a module
here first, where who waits for whom is known. So it is for the parts of a shell, as
to make one may import plugins, and ask for other parts.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Final

#: Seconds that one thread may have a turn before the others go on without the plugin.
DEADLINE: Final = 60.0


class Turns:
    """Lets one thread at a time do a thing, and never lets two wait for each other."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """Begin anew: in a forked child the threads that have a turn do not go on."""
        self._process = os.getpid()
        self._changed = threading.Condition()
        #: Module → the thread that has the turn, and since when.
        self._holders: dict[str, tuple[int, float]] = {}
        #: Thread → the module whose turn it waits for.
        self._waiting: dict[int, str] = {}

    def take(self, module: str) -> bool:
        """Take the turn for a module, or for a part; to be given back with :meth:`give_back`.

        Blocks while another thread has it.

        :returns: ``False`` if this thread must go on without it, because it has the turn
            already or the thread that has it waits, through others, for this one.
        :raises TimeoutError: if the other thread has had it for :data:`DEADLINE` seconds.
        """
        me = threading.get_ident()
        if self._process != os.getpid():
            self._forget()
        with self._changed:
            try:
                while (held := self._holders.get(module)) is not None:
                    thread, since = held
                    if thread == me or self._waits_for(thread, me):
                        return False
                    left = since + DEADLINE - time.monotonic()
                    if left <= 0:
                        raise TimeoutError(module)
                    self._waiting[me] = module
                    self._changed.wait(left)
            finally:
                self._waiting.pop(me, None)
            self._holders[module] = (me, time.monotonic())
            return True

    def give_back(self, module: str) -> None:
        """Let the next thread have the turn."""
        with self._changed:
            self._holders.pop(module, None)
            self._changed.notify_all()

    def _waits_for(self, thread: int, me: int) -> bool:
        """Tell whether a thread waits, through others, for this one."""
        seen = set()
        while thread not in seen and thread in self._waiting:
            seen.add(thread)
            held = self._holders.get(self._waiting[thread])
            if held is None:
                return False
            thread = held[0]
            if thread == me:
                return True
        return False
