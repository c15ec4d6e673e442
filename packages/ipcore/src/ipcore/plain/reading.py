"""Reading lines, and telling cheaply when a cell cannot be complete yet."""

from __future__ import annotations

import sys

from ..cells.displayhook import write_out


class NoInput(Exception):
    """There is no standard input to read from, or it was taken away."""


def read_line(prompt: str) -> str:
    """Show a prompt and read a line, without its line ending.

    ``input()`` edits lines on a terminal, but insists on all three standard streams:
    in a pipe, or with one of them closed, the line is read without it.

    :raises EOFError: at the end of input.
    :raises NoInput: if there is nothing to read from.
    :raises OutputGone: if the prompt cannot be shown.
    """
    if sys.stdin is None:
        raise NoInput("there is no standard input")
    try:
        if _all_terminals():
            from ..hosts.input_functions import plain_input

            return plain_input(prompt)
        write_out(prompt, flush=True)
        line = sys.stdin.readline()
    except UnicodeError:
        raise
    except ValueError as error:
        raise NoInput("a standard stream is closed") from error
    except OSError as error:
        raise NoInput(f"standard input cannot be read: {error.strerror}") from error
    if not line:
        raise EOFError
    return line.removesuffix("\n")


def edits_lines() -> bool:
    """Tell whether :func:`read_line` would use ``input()``, which edits lines."""
    try:
        return _all_terminals()
    except ValueError:  # closed, which read_line() tells
        return False


def _all_terminals() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


class Growing:
    """A cell as it is typed, line by line.

    Compiling the whole text at each line makes a long cell quadratic. Most lines cannot
    complete a cell: an indented one in an open block, one inside a bracket or a string
    that does not close it, one of a cell magic that is not blank.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open_from = 0
        self._open = ""

    @property
    def text(self) -> str:
        """The text so far."""
        return "\n".join(self.lines)

    def add(self, line: str) -> bool:
        """Take up a line; tell whether the text may be complete now."""
        self.lines.append(line)
        if self.lines[0].startswith("%%"):
            return not line.strip() or (len(self.lines) == 1 and line.rstrip().endswith("?"))
        if self._open and not self._closes(line):
            return False
        from ..cells.logical_lines import scan

        found = scan("\n".join(self.lines[self._open_from :]))
        self._open = found[-1].open if found else ""
        if self._open:
            return len(self.lines) - self._open_from < 2  # asked once: more lines may not help
        self._open_from = len(self.lines)
        # An indented line leaves its block open, whatever it says.
        return len(self.lines) == 1 or not (line[:1] in (" ", "\t") and line.strip())

    def _closes(self, line: str) -> bool:
        if self._open == "\\":
            return True
        return any(mark in line for mark in ("'", '"', ")", "]", "}", "\\"))
