"""One-line notices to the user on standard error, each said once per session."""

from __future__ import annotations

import sys
import threading

_said: set[str] = set()
_verbose = False
_lock = threading.Lock()

#: More different notices than this and the oldest knowledge of what was said is dropped.
_MOST = 1000


def show_details(on: bool) -> None:
    """Have notices followed by their details, as ``--debug`` asks."""
    global _verbose
    _verbose = on


def notice(text: str, *, once: str = "", details: str = "") -> bool:
    """Print ``ipshell: text`` on standard error.

    Safe from any thread.

    :param text: what failed, what was done about it, what to do next; no trailing newline.
    :param once: a key; a notice with a key that was said before is not repeated.
    :param details: a traceback, printed below under ``--debug``.
    :returns: whether it was printed.
    """
    if once:
        with _lock:
            if once in _said:
                return False
            if len(_said) >= _MOST:
                _said.clear()
            _said.add(once)
    stream = sys.stderr
    # A program may have no standard error at all (pythonw, closed descriptors).
    if stream is None or getattr(stream, "closed", False):
        return False
    try:
        stream.write(f"ipshell: {text}\n")
        if details and _verbose:
            stream.write(details.rstrip("\n") + "\n")
        stream.flush()
    except (OSError, ValueError):  # the other end of the pipe is gone: nobody to tell
        return False
    return True


def forget() -> None:
    """Let every notice be said again, as in a new session."""
    with _lock:
        _said.clear()
