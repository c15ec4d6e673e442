"""What ``sys.stdout`` and ``sys.stderr`` are while a host shows cells."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import Any, TextIO


class CellStream(io.TextIOBase):
    """A text stream that hands on what is written to it. Safe from any thread.

    :param name: ``stdout`` or ``stderr``.
    :param descriptor: where C code writes what belongs to it.
    :param write: takes each text.
    :param flush: has what was taken delivered.
    """

    mode = "w"
    line_buffering = True
    write_through = True

    def __init__(
        self, name: str, descriptor: int, write: Callable[[str, str], None], flush: Callable[[], object]
    ) -> None:
        self._stream = name
        self._descriptor = descriptor
        self._write = write
        self._flush = flush
        #: The stream that stands behind this one, where that is a terminal's.
        self._terminal: TextIO | None = None
        self._isatty = False
        self._buffer = _Bytes(self)

    def stand_for(self, terminal: TextIO) -> None:
        """Answer as another stream would; to be called while its descriptor is still its own."""
        self._terminal = terminal
        self._isatty = terminal.isatty()

    @property
    def name(self) -> str:
        """How Python's own streams are named."""
        return f"<{self._stream}>"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Text is handed on as text; this is for those who ask."""
        return "utf-8" if self._terminal is None else self._terminal.encoding

    @property
    def errors(self) -> str:  # type: ignore[override]
        """What becomes of lone surrogates."""
        return "backslashreplace" if self._terminal is None else self._terminal.errors or "strict"

    @property
    def buffer(self) -> Any:
        """The stream for bytes."""
        return self._buffer

    def write(self, text: str, /) -> int:
        """Hand on a text.

        :raises TypeError: if it is none.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._write(self._stream, str(text))
        return len(text)

    def writable(self) -> bool:
        """Yes."""
        return True

    def isatty(self) -> bool:
        """Tell whether there is a terminal behind it."""
        return self._isatty

    def fileno(self) -> int:
        """Give the descriptor; what is written there arrives at the same place."""
        return self._descriptor

    def flush(self) -> None:
        """Have what was written delivered; waits for that a moment at most."""
        self._flush()

    def close(self) -> None:
        """Flush. Nobody who closes it by mistake takes the output from all others."""
        self._flush()

    def reconfigure(self, **options: Any) -> None:
        """Do nothing: there is no encoding and no line end to choose."""

    def __del__(self) -> None:
        """Spare the stream the ``close()`` that files get at their end."""


class _Bytes(io.BufferedIOBase):
    """The bytes' side of a stream."""

    def __init__(self, stream: CellStream) -> None:
        self._stream = stream
        self.raw = self
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data: Any, /) -> int:
        size = memoryview(data).nbytes
        self._stream.write(self._decoder.decode(bytes(data)))
        return size

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()

    def __del__(self) -> None:
        """As for the stream."""
