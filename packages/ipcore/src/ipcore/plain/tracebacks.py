"""Plain tracebacks: they name cell, line and error, and show none of our frames."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ..cells.sources import label_of
from ..component import Component
from ..errors import CommandInterrupted, OutputGone, UserError
from ..plugins.failures import reason_of

if TYPE_CHECKING:
    from ..shell import InteractiveShell

_OURS: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

#: Our files, and the import system's own.
_HIDDEN: Final = (_OURS, "<frozen importlib", "<frozen runpy")

#: A frame's header as the standard library writes it, where the file is a cell of ours.
_cell_header = re.compile(r'File "(<ipshell \d+: [^\n]*?>)", line (\d+)(, in <module>)?')


class PlainTracebacks(Component):
    """The standard library's text, with cells named by their label."""

    def format(self, error: BaseException) -> list[str]:
        """Give the text of an exception, as lines without line endings.

        Causes, contexts, notes and groups are shown as the standard library shows
        them; runs of the same frame are folded.
        """
        if isinstance(error, UserError):
            return [f"{type(error).__name__}: {error}"]
        report = traceback.TracebackException.from_exception(error, compact=True)
        _hide_our_frames(report)
        text = "".join(report.format())
        lines = _cell_header.sub(_label, text).rstrip("\n").split("\n")
        if sys.version_info < (3, 12):
            lines[-1] += _suggestion(error, lines[-1])
        return lines


def _hide_our_frames(report: traceback.TracebackException) -> None:
    """Drop frames of the shell from an exception and all that hang on it."""
    seen: set[int] = set()
    waiting: list[traceback.TracebackException | None] = [report]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.stack[:] = [frame for frame in each.stack if not frame.filename.startswith(_HIDDEN)]
        waiting += [each.__cause__, each.__context__, *(each.exceptions or ())]


def _suggestion(error: BaseException, line: str) -> str:
    """Give "Did you mean …?" on Python 3.11, whose traceback module does not know it yet.

    There only the interpreter's own hook, written in C, works it out.
    """
    import io
    from contextlib import redirect_stderr

    if not isinstance(error, (NameError, AttributeError)):
        return ""
    shown = io.StringIO()
    with redirect_stderr(shown):
        sys.__excepthook__(type(error), error, error.__traceback__)
    last = shown.getvalue().rstrip("\n").rpartition("\n")[2]
    return last[len(line) :] if last.startswith(line) else ""


def _label(match: re.Match[str]) -> str:
    return f"{label_of(match[1])}, line {match[2]}"


def users_part(error: BaseException) -> TracebackType | None:
    """Give the traceback of an exception from where the user's code starts."""
    first = error.__traceback__
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_OURS):
        first = first.tb_next
    return first


def remember(error: BaseException) -> None:
    """Keep an exception where post-mortem tools look for it."""
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, users_part(error)
    if sys.version_info >= (3, 12):
        sys.last_exc = error


def show(shell: InteractiveShell, error: BaseException) -> None:
    """Print an exception on standard error, by the best means that works."""
    if isinstance(error, SystemExit):
        return
    if isinstance(error, OutputGone) and isinstance(error.cause, BrokenPipeError):
        return  # the reader has seen enough
    try:
        _print(_lines(shell, error))
    except KeyboardInterrupt:  # a second Ctrl-C: the error is told in short, the shell stays
        _print([f"{type(error).__name__} (interrupted while it was shown)"])


def _lines(shell: InteractiveShell, error: BaseException) -> list[str]:
    if isinstance(error, CommandInterrupted):
        return [""]  # the terminal shows ^C; the next prompt wants a line of its own
    return _first_that_works(
        lambda: shell.tracebacks.format(error),
        lambda: PlainTracebacks().format(error),
        lambda: traceback.format_exception_only(error),
        lambda: [reason_of(error)],
    )


def _print(lines: list[str]) -> None:
    if sys.stdout is not None:
        try:
            sys.stdout.flush()  # what the cell printed comes before what it failed with
        except (OSError, ValueError):  # its reader is gone; standard error may have one
            lines.append("(standard output is closed)")
    stream = sys.stderr
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    text = "\n".join(line.rstrip("\n") for line in lines) + "\n"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError):  # closed, or its reader is gone: there is nobody to tell
        return


def _first_that_works(*ways: Callable[[], list[str]]) -> list[str]:
    """Try each way of describing an error; what broke on the way is added below."""
    broken: list[str] = []
    for way in ways:
        try:
            lines = list(way())
            if lines and all(isinstance(line, str) for line in lines):
                return lines + broken
            broken.append("(a traceback formatter gave no text; a plainer one was used)")
        except Exception as trouble:  # a formatter's fault must not hide the user's error
            broken.append(f"(showing the traceback failed: {reason_of(trouble)}; a plainer one was used)")
    return broken
