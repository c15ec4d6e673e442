"""What becomes of a child process that a cell forks and that comes to the end of the cell.

Such a child has a copy of the whole shell, but the prompt, the files and the event loop are
its parent's. So it leaves where its cell ends. A program (``-c``, a file, ``-m``) is another
matter: its children go on as those of any Python program do, and only leave the shell alone.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn


def prepare() -> None:
    """Write out what Python has buffered, so that a child does not write it once more.

    Called in the parent, just before a fork. Not for a program, whose buffers are its own affair.
    """
    from ..shell import get_ipython

    shell = get_ipython()
    if shell is not None and shell.runner.children_leave:
        _flush()


def end_thread(thread: threading.Thread, seconds: float) -> None:
    """Wait for a thread that was told to end, before a fork.

    To Python it has ended a moment before the system has counted it out, and the system's count
    is what decides whether a fork is warned of.
    """
    thread.join(seconds)
    if thread.is_alive():  # it hangs, and the system will not count it out either
        return
    entry = f"/proc/self/task/{thread.native_id}"  # of Linux, which has that count
    deadline = time.monotonic() + min(seconds, 0.5)
    while os.path.exists(entry) and time.monotonic() < deadline:
        time.sleep(0.0005)


def leave(error: BaseException | None) -> NoReturn:
    """End this process, a child, without any of what a shell or an interpreter does at its end.

    :param error: what the child failed with, shown already; ``None`` if it did not.
    """
    from ..application.programs import status_of

    status = status_of(error)
    _flush()
    os._exit(status & 0xFF)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError, AttributeError):  # closed, or nobody reads it
                stream.flush()
