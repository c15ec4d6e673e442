"""Catching what is written below Python: by C code and by child processes.

The descriptors 1 and 2 lead into pipes: one pair for the time between cells, and one for each
cell, which its children keep for as long as they live. So what a child writes later is still known to
be of the cell that has started it.
"""

from __future__ import annotations

import codecs
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

#: The streams, by descriptor.
STREAMS: Final = {1: "stdout", 2: "stderr"}
#: Pairs of pipes that the children of earlier cells may keep alive; further cells share one.
MOST_PAIRS: Final = 64
#: Bytes that a pipe holds where the system lets that be chosen: C code that writes more at once waits.
_ROOM: Final = 1 << 20
_CHUNK: Final = 1 << 16
#: Seconds between looks at pipes on Windows, where nothing can wait for several.
_LOOK: Final = 0.02


class Pair:
    """One pipe for standard output, and one for standard error.

    :param cell: whose they are; ``None`` for those of whichever cell runs.
    """

    def __init__(self, cell: str | None) -> None:
        self.cell = cell
        self.readers: dict[int, int] = {}
        self.writers: dict[int, int] = {}
        self._decoders: dict[int, Any] = {}
        for target in STREAMS:
            reader, writer = os.pipe()
            self.readers[reader] = target
            self.writers[target] = writer
            self._decoders[reader] = codecs.getincrementaldecoder("utf-8")("replace")
            if sys.platform != "win32":
                os.set_blocking(reader, False)
            if sys.platform == "linux":
                import fcntl

                with suppress(OSError):  # more than the system lets a user have
                    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _ROOM)

    def read(self, reader: int) -> str:
        """Read what is there; closes the pipe at its end."""
        pieces = []
        while True:
            if sys.platform == "win32" and not _available(reader):
                break
            try:
                data = os.read(reader, _CHUNK)
            except BlockingIOError:
                break
            pieces.append(data)
            if len(data) < _CHUNK:
                break
        text = self._decoders[reader].decode(b"".join(pieces), pieces[-1:] == [b""])
        if pieces[-1:] == [b""]:
            os.close(reader)
            del self.readers[reader]
        return str(text)

    def close_writers(self) -> None:
        """Let go of our ends: the pipes end when no child has them any more."""
        for writer in self.writers.values():
            os.close(writer)
        self.writers.clear()

    def close_readers(self) -> None:
        """Read no more."""
        for reader in self.readers:
            os.close(reader)
        self.readers.clear()


class Descriptors:
    """The descriptors 1 and 2, led into pipes.

    Not safe from several threads at once, but for :meth:`wait` and :meth:`wake`.

    :param only_between: whether they lead where they led before while a cell runs.
    """

    def __init__(self, *, only_between: bool = False) -> None:
        self._only_between = only_between
        self._waker, self._wake = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(self._waker, False)
            os.set_blocking(self._wake, False)
        self._woken = threading.Event()
        #: Where the descriptors led before; ``None`` for one that was closed.
        self.saved = {target: _dup(target) for target in STREAMS}
        self._flush_c = _c_flusher()
        self._pairs: list[Pair] = []
        self._stack: list[Pair] = []
        #: What :meth:`read` looks with; made anew after the pipes have changed.
        self._looking: Any = None
        self.push(None)

    # -- which pipes -----------------------------------------------------------

    def push(self, cell: str | None) -> None:
        """Lead what is written from now on to a cell."""
        self._flush_buffers()
        if self._only_between and self._stack:
            self._stack.append(self._stack[0])
            self._lead_back()
            return
        if len(self._pairs) >= MOST_PAIRS:
            pair = self._stack[0]
        else:
            pair = Pair(cell)
            self._pairs.append(pair)
            self._looking = None
        self._stack.append(pair)
        self._lead(pair)

    def pop(self) -> None:
        """Lead it to whom it was led before."""
        self._flush_buffers()
        pair = self._stack.pop()
        if not self._only_between or len(self._stack) == 1:
            self._lead(self._stack[-1])
        if pair not in self._stack:
            pair.close_writers()

    def _lead(self, pair: Pair) -> None:
        for target, writer in pair.writers.items():
            os.dup2(writer, target)
        self.wake()

    def _flush_buffers(self) -> None:
        """Have what C and Python's first streams hold back written, as it belongs to who has written it."""
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.flush()
        self._flush_c()

    # -- reading ---------------------------------------------------------------

    def read(self) -> Iterator[tuple[str | None, str, str]]:
        """Give what has arrived: cell, stream, text. Does not wait."""
        for ready in self._arrived():
            pair = next((each for each in self._pairs if ready in each.readers), None)
            if pair is None:
                continue
            stream = STREAMS[pair.readers[ready]]
            text = pair.read(ready)
            if ready not in pair.readers:
                self._looking = None
            if not pair.readers:
                self._pairs.remove(pair)
            if text:
                yield pair.cell, stream, text

    def wait(self, seconds: float | None) -> None:
        """Wait until something can be read, or :meth:`wake` is called."""
        if sys.platform == "win32":
            while not self._woken.wait(_LOOK if seconds is None else min(seconds, _LOOK)):
                if seconds is not None or self._arrived():
                    break
            self._woken.clear()
            return
        # Made anew, as the other one is in use by whoever writes.
        poll = select.poll()
        for reader in (*self._readers(), self._waker):
            poll.register(reader, select.POLLIN)
        if any(reader == self._waker for reader, _ in poll.poll(None if seconds is None else seconds * 1000)):
            with suppress(BlockingIOError):
                os.read(self._waker, _CHUNK)

    def wake(self) -> None:
        """End :meth:`wait`."""
        if sys.platform == "win32":
            self._woken.set()
        else:
            with suppress(BlockingIOError):
                os.write(self._wake, b".")

    def _readers(self) -> list[int]:
        return [reader for pair in list(self._pairs) for reader in list(pair.readers)]

    def _arrived(self) -> list[int]:
        """Give the pipes that can be read without waiting."""
        if sys.platform == "win32":
            return [reader for reader in self._readers() if _available(reader)]
        if self._looking is None:
            self._looking = select.poll()
            for reader in self._readers():
                self._looking.register(reader, select.POLLIN)
        return [reader for reader, _ in self._looking.poll(0)]

    # -- end -------------------------------------------------------------------

    def write_saved(self, target: int, data: bytes) -> None:
        """Write to where a descriptor led before."""
        saved = self.saved[target]
        with suppress(OSError):
            while saved is not None and data:
                data = data[os.write(saved, data) :]

    def restore(self) -> None:
        """Lead the descriptors where they led before; what is in the pipes can still be read."""
        self._flush_buffers()
        self._lead_back()
        for pair in self._pairs:
            pair.close_writers()
        self._stack.clear()

    def _lead_back(self) -> None:
        for target, saved in self.saved.items():
            if saved is not None:
                os.dup2(saved, target)
            elif not self._only_between:
                os.close(target)

    def close(self) -> None:
        """Close everything that is ours."""
        for pair in self._pairs:
            pair.close_writers()
            pair.close_readers()
        self._pairs.clear()
        for descriptor in (self._waker, self._wake, *self.saved.values()):
            if descriptor is not None:
                os.close(descriptor)
        self.saved = dict.fromkeys(self.saved)

    def leave_to_parent(self) -> None:
        """In the child of a fork: write into the pipes, and read nothing from them."""
        for pair in self._pairs:
            pair.close_readers()
        os.close(self._waker)
        os.close(self._wake)
        self._pairs.clear()


def _dup(target: int) -> int | None:
    try:
        return os.dup(target)
    except OSError:  # closed: something has to be there, lest a pipe gets its number
        nothing = os.open(os.devnull, os.O_WRONLY)
        if nothing != target:
            os.dup2(nothing, target)
            os.close(nothing)
        return None


def _available(reader: int) -> bool:
    """Tell, on Windows, whether a pipe can be read without waiting."""
    if sys.platform != "win32":
        return True
    import _winapi
    import msvcrt

    try:
        return bool(_winapi.PeekNamedPipe(msvcrt.get_osfhandle(reader), 0)[0])
    except OSError:  # its end: reading gives that
        return True


def _c_flusher() -> Callable[[], object]:
    """Give a function that has C's standard output written; it is held back wherever it is no terminal."""
    try:
        import ctypes

        library: Any
        if sys.platform == "win32":
            library = ctypes.CDLL("ucrtbase")
            library.__acrt_iob_func.restype = ctypes.c_void_p
            stream = library.__acrt_iob_func(1)
        else:
            library = ctypes.CDLL(None)
            name = "__stdoutp" if sys.platform == "darwin" else "stdout"
            stream = ctypes.c_void_p.in_dll(library, name).value
        library.fflush.argtypes = [ctypes.c_void_p]
        flush = library.fflush
    except (ImportError, OSError, AttributeError, ValueError):  # a C library of another kind
        return lambda: None
    return lambda: flush(stream)
