"""Which cell caused the code that runs: a context variable, and what threads inherit of it.

Tasks inherit context variables by themselves, threads do not (before Python 3.14, and there by a flag).
So while a host asks for it, the cell is noted on each thread that is started, and goes with
each call that is submitted to a pool of threads. Nothing is replaced outside of that time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

_cause: ContextVar[str | None] = ContextVar("ipshell_cause", default=None)

#: Stands for the running cell, whichever that is; no identifier of a cell.
FOLLOWING: Final = "\0following"

#: The attribute of a thread that says which cell has started it.
_NOTED: Final = "_ipshell_cause"

Function = Callable[..., Any]


def cause() -> str | None:
    """Give the cell that caused the calling code, or :data:`FOLLOWING`; ``None`` if that is not known."""
    known = _cause.get()
    if known is None:
        known = getattr(threading.current_thread(), _NOTED, None)
    return known


@contextmanager
def caused_by(cell: str) -> Iterator[None]:
    """Have what the body does, and what it starts, count as caused by a cell."""
    token = _cause.set(cell)
    try:
        yield
    finally:
        _cause.reset(token)


@contextmanager
def follow_current_cell() -> Iterator[None]:
    """Have what the body prints go to the cell that runs at that time, or else to the one that ran last.

    For a long-lived thread, such as one that reads a log, whose output would else go to the cell that has
    started it for as long as it lives. Holds for the calling thread, and for what it starts.
    Harmless where no host tells cells apart.
    """
    with caused_by(FOLLOWING):
        yield


class Inheritance:
    """While entered, threads and what is submitted to a ``ThreadPoolExecutor`` inherit the cell."""

    def __init__(self) -> None:
        self._on = False
        self._replaced: list[tuple[type, str, Function, Function]] = []

    def __enter__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._on = True
        self._replace(threading.Thread, "start", self._start)
        self._replace(ThreadPoolExecutor, "submit", self._submit)

    def __exit__(self, *_: object) -> None:
        self._on = False  # for those who have put something of theirs on top of ours
        for kind, name, former, ours in self._replaced:
            if vars(kind).get(name) is ours:
                setattr(kind, name, former)
        self._replaced.clear()

    def _replace(self, kind: type, name: str, make: Callable[[Function], Function]) -> None:
        from functools import wraps

        former = getattr(kind, name)
        ours = wraps(former)(make(former))
        setattr(kind, name, ours)
        self._replaced.append((kind, name, former, ours))

    def _start(self, former: Function) -> Function:
        def start(thread: threading.Thread, *arguments: Any, **named: Any) -> Any:
            if self._on:
                setattr(thread, _NOTED, cause())
            return former(thread, *arguments, **named)

        return start

    def _submit(self, former: Function) -> Function:
        def submit(pool: Any, function: Function, /, *arguments: Any, **named: Any) -> Any:
            known = cause() if self._on else None
            if known is not None:
                return former(pool, _caused, known, function, *arguments, **named)
            return former(pool, function, *arguments, **named)

        return submit


def _caused(cell: str, function: Function, /, *arguments: Any, **named: Any) -> Any:
    with caused_by(cell):
        return function(*arguments, **named)
