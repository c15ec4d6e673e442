"""One-line notices to the user on standard error, each said once per session."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_said: set[str] = set()
#: Where notices are kept instead of being printed.
_held: list[str] | None = None
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
    if _held is not None:
        _held.append(text)
        return True
    stream = sys.stderr
    # A program may have no standard error at all (pythonw, closed descriptors).
    if stream is None or getattr(stream, "closed", False):
        return False
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):  # the other end of the pipe is gone: nobody to tell
        return False
    return True


@contextmanager
def held() -> Iterator[list[str]]:
    """Keep what the body and other threads would print meanwhile, for who has a line on the terminal.

    Gives the list of what is kept, each with its line ending.
    """
    global _held
    former, _held = _held, []
    try:
        yield _held
    finally:
        _held = former


def forget() -> None:
    """Let every notice be said again, as in a new session."""
    with _lock:
        _said.clear()
