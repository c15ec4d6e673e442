"""One-line notices to the user on standard error, each said once per session."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_said: set[str] = set()
#: Shows notices, where that is not simply printing them.
_show: Callable[[str], object] | None = None
_level = 30
_lock = threading.Lock()

#: More different notices than this and the oldest knowledge of what was said is dropped.
_MOST = 1000


#: Levels by name, as in the module logging.
LEVELS: Final = {"DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "FATAL": 50, "CRITICAL": 50}


def set_level(level: int) -> None:
    """Have notices below a level left out; from DEBUG downwards all are followed by their details."""
    global _level
    _level = level


def show_details(on: bool) -> None:
    """Have notices followed by their details, as ``--debug`` asks."""
    set_level(LEVELS["DEBUG" if on else "WARNING"])


def notice(text: str, *, once: str = "", details: str = "", level: int = 30) -> bool:
    """Print ``ipshell: text`` on standard error.

    Safe from any thread.

    :param text: what failed, what was done about it, what to do next; no trailing newline.
    :param once: a key; a notice with a key that was said before is not repeated.
    :param details: a traceback, printed below under ``--debug``.
    :param level: how grave it is, one of :data:`LEVELS`; 50 ends the program.
    :returns: whether it was printed.
    """
    if level < _level:
        return False
    if once:
        with _lock:
            if once in _said:
                return False
            if len(_said) >= _MOST:
                _said.clear()
            _said.add(once)
    text = f"ipshell: {text}\n"
    if details and _level <= LEVELS["DEBUG"]:
        text += details.rstrip("\n") + "\n"
    stream = sys.stderr
    # A program may have no standard error at all (pythonw, closed descriptors).
    if stream is None or getattr(stream, "closed", False):
        return False
    try:
        if _show is not None:
            _show(text)
            return True
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):  # the other end of the pipe is gone: nobody to tell
        return False
    return True


@contextmanager
def shown_by(show: Callable[[str], object]) -> Iterator[None]:
    """Have a function show what the body and other threads tell meanwhile, for who paints the terminal.

    :param show: gets a notice with its line ending, on the thread that tells it.
    """
    global _show
    former, _show = _show, show
    try:
        yield
    finally:
        _show = former


def forget() -> None:
    """Let every notice be said again, as in a new session."""
    with _lock:
        _said.clear()
