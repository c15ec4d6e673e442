"""Taking up what is written to a descriptor, by whatever process or library."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import BinaryIO, Final

NUMBERS: Final = {"stdout": 1, "stderr": 2}


class DescriptorFile:
    """What is written to a descriptor, in a file.

    :param writing: a descriptor of the file that others write to as well; never moved by us.
    :param reading: the same file, with a position of its own.
    """

    def __init__(self, writing: int, reading: BinaryIO) -> None:
        self.writing = writing
        self._reading = reading
        self._read = b""

    def contents(self) -> bytes:
        """Give all that was written so far."""
        if not self._reading.closed:
            flush_c_streams()
            self._read += self._reading.read()
        return self._read


@contextmanager
def redirected(name: str) -> Iterator[DescriptorFile]:
    """Have a standard stream's descriptor lead into a file.

    :param name: ``stdout`` or ``stderr``.
    :raises OSError: if there is no such descriptor, or no room for a file.
    """
    number = NUMBERS[name]
    with ExitStack() as stack:
        saved = os.dup(number)
        stack.callback(os.close, saved)
        writing, path = tempfile.mkstemp(prefix="ipshell-")
        stack.callback(_remove, path)
        stack.callback(os.close, writing)
        file = DescriptorFile(writing, stack.enter_context(open(path, "rb", buffering=0)))
        stack.callback(file.contents)
        flush_c_streams()  # what is still on its way belongs outside
        inheritable = os.get_inheritable(number)
        os.dup2(writing, number, inheritable)
        try:
            yield file
        finally:
            flush_c_streams()
            os.dup2(saved, number, inheritable)


def _remove(path: str) -> None:
    # Windows keeps a file that a child process still has open; its folder is for temporary files.
    with suppress(OSError):
        os.unlink(path)


def flush_c_streams() -> None:
    """Have C code's own buffers written, where that can be asked for."""
    import sys

    try:
        import ctypes

        ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None).fflush(None)
    except (ImportError, OSError, AttributeError):  # no ctypes, no C library: what it holds comes later
        return
