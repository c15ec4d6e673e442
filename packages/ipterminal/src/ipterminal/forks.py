"""No thread of the editor's is there at a fork: the child would be in danger, and Python warns of it."""

from __future__ import annotations

import os
import threading
import time
from typing import Final, Protocol
from weakref import WeakSet

#: Seconds that all threads together get to end before a fork.
_ENDING: Final = 1.0


class HasThread(Protocol):
    """What has a thread that must not be there at a fork."""

    def tell_to_end(self) -> threading.Thread | None:
        """Have it end, and give it; also one that has ended, which the system may still count."""

    def forget(self) -> None:
        """Begin anew, in a forked child."""


_all: WeakSet[HasThread] = WeakSet()
#: Threads that were waited for in vain, and are not again.
_hanging: WeakSet[threading.Thread] = WeakSet()
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

    threads = [thread for each in list(_all) if (thread := each.tell_to_end()) is not None]
    until = time.monotonic() + _ENDING
    for thread in threads:
        if thread is not threading.current_thread() and thread not in _hanging:
            end_thread(thread, max(0.0, until - time.monotonic()))
            if thread.is_alive():
                _hanging.add(thread)


def _forget_all() -> None:
    for each in list(_all):
        each.forget()
