"""The editor's way to the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.data_structures import Size
from prompt_toolkit.output.vt100 import Vt100_Output

from .first_paint import write

if TYPE_CHECKING:
    from prompt_toolkit.output import Output

#: Size of a terminal that does not tell its own.
UNKNOWN = Size(rows=24, columns=80)


class _Screen:
    """What prompt_toolkit writes to: a text stream that is a terminal, in a few methods.

    Not ``sys.stdout``: that is caught while the prompt waits.
    """

    encoding = "utf-8"

    def __init__(self, descriptor: Callable[[], int]) -> None:
        self._descriptor = descriptor

    def write(self, text: str) -> int:
        write(self._descriptor(), text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._descriptor()

    def isatty(self) -> bool:
        return True


class TerminalOutput(Vt100_Output):
    """Writes to a descriptor, and never asks where the cursor is: some terminals answer late or never."""

    def __init__(self, descriptor: Callable[[], int]) -> None:
        stream: Any = _Screen(descriptor)
        term = os.environ.get("TERM")
        super().__init__(stream, lambda: size_of(descriptor()), term=term, enable_cpr=False)
        self._descriptor = descriptor

    def flush(self) -> None:
        """Write what is held back, at once."""
        if self._buffer:
            text = "".join(self._buffer)
            self._buffer = []
            write(self._descriptor(), text)

    def write_now(self, text: str) -> None:
        """Write a text behind what is held back, at once."""
        self.write_raw(text)
        self.flush()


def open_output(descriptor: Callable[[], int]) -> Output:
    """Give the output to a terminal; on Windows prompt_toolkit's own, which knows the consoles there are.

    :param descriptor: gives the terminal's descriptor, which may change.
    """
    if sys.platform == "win32":
        from prompt_toolkit.output import create_output

        return create_output()
    return TerminalOutput(descriptor)


def size_of(descriptor: int) -> Size:
    """Give the size of a terminal."""
    try:
        found = os.get_terminal_size(descriptor)
    except OSError:
        return UNKNOWN
    if not found.lines or not found.columns:
        return UNKNOWN
    return Size(rows=found.lines, columns=found.columns)
