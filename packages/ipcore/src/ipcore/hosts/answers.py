"""Reading an answer straight from a terminal, where Python's ``input()`` cannot be used.

In a thread ``input()`` cannot be called off, and while a line editor waits for keys it cannot
be entered a second time. POSIX only; a Windows console is read by Python's own means.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

#: Bytes of a line that a terminal hands over at once.
_CHUNK: Final = 4096


@contextmanager
def calling_off() -> Iterator[tuple[int, Callable[[], None]]]:
    """Give what :func:`read_answer` is to watch, and the function that calls it off."""
    until, end = os.pipe()

    def call_off() -> None:
        os.write(end, b".")

    try:
        yield until, call_off
    finally:
        os.close(until)
        os.close(end)


def read_answer(prompt: str, *, password: bool = False, until: int = -1) -> str:
    """Show a prompt and read a line from the terminal that standard input is.

    Blocks. Safe in any thread, as long as nobody else reads from the terminal.

    :param password: do not show what is typed.
    :param until: a descriptor; when it can be read, the answer is not wanted any more.
    :raises EOFError: for Ctrl-D.
    :raises KeyboardInterrupt: for Ctrl-C on the main thread, or if it was called off.
    """
    stream, keys = sys.stdout, sys.stdin.fileno()
    data = b""
    with _without_echo(keys) if password else nullcontext():
        stream.write(prompt)
        stream.flush()
        try:
            while not data.endswith(b"\n"):
                ready = select.select([keys] if until < 0 else [keys, until], [], [])[0]
                if until in ready:
                    raise KeyboardInterrupt
                piece = os.read(keys, _CHUNK)
                if not piece and not data:
                    raise EOFError
                if not piece:  # Ctrl-D behind the beginning of a line hands it over as it is
                    break
                data += piece
        finally:
            if password or not data.endswith(b"\n"):
                stream.write("\n")
                stream.flush()
    return data.decode(sys.stdin.encoding or "utf-8", "surrogateescape").rstrip("\r\n")


@contextmanager
def _without_echo(keys: int) -> Iterator[None]:
    import termios

    former = termios.tcgetattr(keys)
    silent = list(former)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(keys, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(keys, termios.TCSADRAIN, former)


@contextmanager
def beside_the_prompt() -> Iterator[None]:
    """Have the terminal for a while, in the middle of the time that ``input()`` waits for a line.

    To be used on the thread that waits: in CPython's input hook, or in a handler of a signal. The
    line that is half typed comes back afterwards. Ctrl-C raises in the body.
    """
    editor = _line_editor() if _edits() else None
    main = threading.current_thread() is threading.main_thread()
    former: Any = None
    if editor is not None:
        editor.rl_deprep_terminal()
    sys.stdout.write("\n")
    sys.stdout.flush()
    if main:
        former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if main and former is not None:
            signal.signal(signal.SIGINT, former)
        sys.stdout.flush()
        if editor is not None:
            editor.rl_prep_terminal(1)
            editor.rl_on_new_line()
            editor.rl_forced_update_display()


def _edits() -> bool:
    """Tell whether a line editor has the terminal just now: then it comes key by key."""
    if sys.platform == "win32":
        return False
    import termios

    return not termios.tcgetattr(sys.stdin.fileno())[3] & termios.ICANON


def _line_editor() -> Any:
    """Give the C library that edits lines; ``None`` where the terminal's driver does it."""
    readline = sys.modules.get("readline")
    if readline is None:
        return None
    import ctypes

    library = ctypes.CDLL(getattr(readline, "__file__", None))
    names = ("rl_deprep_terminal", "rl_prep_terminal", "rl_on_new_line", "rl_forced_update_display")
    return library if all(hasattr(library, name) for name in names) else None
