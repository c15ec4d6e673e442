"""No thread of the editor's is there at a fork: the child would be in danger, and Python warns of it."""

from __future__ import annotations

import os
import threading
from typing import Final, Protocol
from weakref import WeakSet

#: Seconds that a thread gets to end before a fork.
_ENDING: Final = 1.0


class HasThread(Protocol):
    """What has a thread that must not be there at a fork."""

    def tell_to_end(self) -> threading.Thread | None:
        """Have it end, and give it; also one that has ended, which the system may still count."""

    def forget(self) -> None:
        """Begin anew, in a forked child."""


_all: WeakSet[HasThread] = WeakSet()
_forks_seen = False


def end_before_forks(each: HasThread) -> None:
    """Have a thread ended before each fork from now on; what is wanted next begins another."""
    global _forks_seen
    _all.add(each)
    if not _forks_seen and hasattr(os, "register_at_fork"):
        _forks_seen = True
        os.register_at_fork(before=_pause_all, after_in_child=_forget_all)


def _pause_all() -> None:
    from ipcore.hosts.forking import end_thread

    for each in list(_all):
        thread = each.tell_to_end()
        if thread is not None and thread is not threading.current_thread():
            end_thread(thread, _ENDING)


def _forget_all() -> None:
    for each in list(_all):
        each.forget()
