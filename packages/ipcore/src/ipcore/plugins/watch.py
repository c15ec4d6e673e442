"""Naming whoever keeps the user waiting.

A plugin's code runs under :func:`watching`. When it takes longer than
:data:`PATIENCE`, one line says whose code it is and that Ctrl-C goes on without it.
One thread serves all watches; it ends when there is nothing to watch, and before a
fork, so that a shell at rest has no thread of ours and a fork finds none.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..notices import notice

#: Seconds that a plugin's code may run before it is named.
PATIENCE: Final = 2.0

#: Seconds that the thread waits for a further watch before it ends.
_LINGER: Final = 0.5


class Watch:
    """One piece of a plugin's code that is running."""

    __slots__ = ("ended", "label", "named", "remedy", "since")

    def __init__(self, label: str, remedy: str) -> None:
        self.label = label
        self.remedy = remedy
        self.since = time.monotonic()
        self.named = False
        self.ended = False


_changed = threading.Condition()
_running: list[Watch] = []
_thread: threading.Thread | None = None
_stopping = False
_fork_safe = False


@contextmanager
def watching(label: str, remedy: str = "Ctrl-C goes on without it") -> Iterator[Watch]:
    """Name ``label`` on standard error if the body takes longer than :data:`PATIENCE`.

    Safe from any thread.

    :param label: who is running and what for, for example ``plugin x 1.0 (commands), importing``.
    :param remedy: what the user can do.
    """
    watch = Watch(label, remedy)
    try:
        _add(watch)
        yield watch
    finally:
        ending(watch)


def starting(label: str, remedy: str) -> Watch:
    """Begin a watch that another thread will end with :func:`ending`, as :func:`watching` else."""
    watch = Watch(label, remedy)
    _add(watch)
    return watch


def _add(watch: Watch) -> None:
    with _changed:
        _running.append(watch)
        _start()


def ending(watch: Watch | None) -> None:
    """End a watch; does nothing for ``None``."""
    if watch is None:
        return
    # First of all, so that a Ctrl-C in the next line leaves nothing that is watched for ever.
    watch.ended = True
    with _changed:
        # A fork may have emptied the list, and the child go on from here.
        if watch in _running:
            _running.remove(watch)


def _start() -> None:
    """Have the thread run; the lock is held."""
    global _thread, _fork_safe
    if not _fork_safe:
        _fork_safe = True
        if hasattr(os, "register_at_fork"):
            # Not begun again in the parent: Python looks for threads after the fork, and would warn.
            os.register_at_fork(before=stop, after_in_child=_begin_anew)
    if _thread is None:
        _thread = threading.Thread(target=_watch, name="ipshell-watch", daemon=True)
        _thread.start()


def _watch() -> None:
    global _thread
    idle_since = time.monotonic()
    while True:
        with _changed:
            now = time.monotonic()
            _running[:] = [watch for watch in _running if not watch.ended]
            if _running:
                idle_since = now
            if _stopping or (not _running and now - idle_since >= _LINGER):
                _thread = None
                return
            late = [watch for watch in _running if not watch.named and now - watch.since >= PATIENCE]
            if not late:
                due = [watch.since + PATIENCE - now for watch in _running if not watch.named]
                _changed.wait(max(0.01, min(due)) if due else _LINGER)
                continue
        # Outside of the lock: a full pipe at the other end must not hold up the plugins too.
        for watch in late:
            watch.named = True
            if not watch.ended:
                notice(f"{watch.label}, has been busy for {PATIENCE:.0f} s; {watch.remedy}.")


def stop() -> None:
    """End the thread now and wait for it; the next watch starts a new one."""
    global _stopping
    with _changed:
        thread = _thread
        if thread is None or thread is threading.current_thread():
            return
        _stopping = True
        _changed.notify_all()
    from ..hosts.forking import end_thread

    end_thread(thread, 5)
    with _changed:
        _stopping = False


def _begin_anew() -> None:
    """The child has one thread and fresh state, whatever the parent was doing."""
    global _changed, _thread, _stopping
    _changed = threading.Condition()
    _running.clear()
    _thread = None
    _stopping = False
