"""Plain tracebacks: they name cell, line and error, and show none of our frames.

Laid out as the standard library does it, but read frame by frame from the exceptions
themselves: what will not be shown is never formatted, and no code of the user's
runs unless under a deadline.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from ..asking import Asker
from ..component import Component
from ..errors import CommandInterrupted, OutputGone, UserError, is_a
from ..plugins.failures import reason_of
from ..saferepr import type_name
from . import messages, stacks

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: Seconds that the exceptions' own ``__str__`` and the like may take, all together.
DEADLINE: Final = 0.2
#: Exceptions shown of one chain of causes and contexts; the newest, and the one that it began with.
MOST_LINKED: Final = 20
#: Exceptions shown of one group, and groups inside groups; as the standard library has it.
MOST_IN_GROUP: Final = 15
MOST_NESTED: Final = 10
#: Exceptions shown altogether.
MOST_SHOWN: Final = 100

_CAUSE: Final = "The above exception was the direct cause of the following exception:"
_CONTEXT: Final = "During handling of the above exception, another exception occurred:"

_cause_of: Any = BaseException.__dict__["__cause__"].__get__
_context_of: Any = BaseException.__dict__["__context__"].__get__
_suppressed: Any = BaseException.__dict__["__suppress_context__"].__get__
_members_of: Any = BaseExceptionGroup.__dict__["exceptions"].__get__


class PlainTracebacks(Component):
    """The standard library's layout, with cells named by their label."""

    def format(self, error: BaseException) -> list[str]:
        """Give the text of an exception, as lines without line endings.

        Causes, contexts, notes and groups are shown as the standard library shows
        them, frames that come again and again are folded, and nothing is unbounded: neither
        the number of frames and exceptions, nor the length of a message or source line, nor the
        time that an exception takes to give its message.
        """
        with Asker(DEADLINE) as asker:
            if is_a(error, UserError):
                return messages.lines_of(error, asker, qualified=False)
            return list(_Layout(asker).chain(error, 0))


class _Layout:
    """Lays out one exception and all that hang on it."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._seen: set[int] = set()
        self._shown = 0

    def chain(self, error: BaseException, depth: int) -> Iterator[str]:
        """Give an exception after what it came from, ``depth`` groups deep."""
        links = self._links(error)
        left_out = len(links) - MOST_LINKED
        for number, (each, sentence) in enumerate(reversed(links)):
            if number == 1 and left_out > 0:
                yield from _indented(["", f"[{left_out} exceptions in between left out]"], depth)
            if 0 < number <= left_out:
                continue
            if number:
                yield from _indented(["", sentence, ""], depth)
            yield from self._one(each, depth)

    def _links(self, error: BaseException) -> list[tuple[BaseException, str]]:
        """Give an exception and what it came from, newest first, each with what joins it to the next."""
        links: list[tuple[BaseException, str]] = []
        next_one: BaseException | None = error
        while next_one is not None:
            self._seen.add(id(next_one))
            cause, context = _cause_of(next_one), _context_of(next_one)
            sentence, former = _CAUSE, cause
            if former is None and not _suppressed(next_one):
                sentence, former = _CONTEXT, context
            if former is not None and id(former) in self._seen:
                former = None
            links.append((next_one, sentence))
            next_one = former
        return links

    def _one(self, error: BaseException, depth: int) -> Iterator[str]:
        self._shown += 1
        group = issubclass(type(error), BaseExceptionGroup)
        if group and depth > MOST_NESTED:
            yield from _indented([f"... (groups are shown {MOST_NESTED} deep)"], depth)
            return
        top = group and depth == 0
        frames = list(stacks.lines_of(error))
        if frames:
            title = f"{'Exception Group ' if group else ''}Traceback (most recent call last):"
            if top:
                yield f"  + {title}"
            else:
                yield from _indented([title], depth)
        inner = 1 if top else depth
        yield from _indented(frames, inner)
        yield from _indented(messages.lines_of(error, self._asker), inner)
        if group:
            yield from self._members(_members_of(error), inner)

    def _members(self, members: tuple[BaseException, ...], depth: int) -> Iterator[str]:
        margin = " " * (2 * depth)
        last = ""
        for number, member in enumerate(members):
            full = number >= MOST_IN_GROUP or self._shown >= MOST_SHOWN
            title = "..." if full else str(number + 1)
            yield f"{margin}{'  ' if number else '+-'}+---------------- {title} ----------------"
            if full:
                more = len(members) - number
                yield from _indented([f"and {more} more exception{'s' if more > 1 else ''}"], depth + 1)
                last = ""
                break
            for last in self.chain(member, depth + 1):
                yield last
        if not last.endswith("+------------------------------------"):  # else a group inside has closed it
            yield f"{margin}  +------------------------------------"


def _indented(lines: list[str], depth: int) -> Iterator[str]:
    """Put the margin of a group before lines."""
    margin = " " * (2 * depth) + "| " if depth else ""
    for line in lines:
        yield (margin + line) if line or not depth else margin.rstrip()


def exception_only(error: BaseException) -> list[str]:
    """Give type, message and notes of an exception, as lines without line endings."""
    with Asker(DEADLINE) as asker:
        return messages.lines_of(error, asker)


def show(shell: InteractiveShell, error: BaseException) -> None:
    """Print an exception on standard error, by the best means that works."""
    if is_a(error, SystemExit):
        return
    if is_a(error, OutputGone) and isinstance(error.cause, BrokenPipeError):
        return  # the reader has seen enough
    bdb = sys.modules.get("bdb")
    if bdb is not None and is_a(error, bdb.BdbQuit):
        return  # who leaves a debugger knows that the cell ends
    try:
        _print(_lines(shell, error))
    except KeyboardInterrupt:  # a second Ctrl-C: the error is told in short, the shell stays
        _print([f"{type_name(type(error))} (interrupted while it was shown)"])


def _lines(shell: InteractiveShell, error: BaseException) -> list[str]:
    if is_a(error, CommandInterrupted):
        return [""]  # the terminal shows ^C; the next prompt wants a line of its own
    return _first_that_works(
        lambda: shell.tracebacks.format(error),
        lambda: PlainTracebacks().format(error),
        lambda: exception_only(error),
        lambda: "".join(traceback.format_exception_only(error)).splitlines(),
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
        except KeyboardInterrupt:
            raise
        except BaseException as trouble:  # a formatter's fault must not hide the user's error
            broken.append(f"(showing the traceback failed: {reason_of(trouble)}; a plainer one was used)")
    return broken
