"""Showing a long text a screen at a time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ..cells.displayhook import write_out
from ..errors import TryNext
from ..notices import notice
from ..providers import provider

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: Terminals without a cursor that a pager could move.
_DUMB: Final = ("dumb", "emacs")

#: Lines of a screen that are left for the prompt.
_MARGIN: Final = 2


def page(shell: InteractiveShell, data: object, start: int = 0, screen_lines: int = 0) -> None:
    """Show a text through the pager that the option ``pager`` names; a short one is printed.

    Without that option it is ``$PAGER``, else ``less -R``, else ``more``.

    Without a terminal it is printed whatever its length; on one that has no cursor to move it is
    printed a screen at a time. Blocks until the user leaves the pager.

    :param data: the text, or a mapping of MIME types with one for ``text/plain``.
    :param start: the line to begin at, counted from 0.
    :param screen_lines: height of the screen; 0 for the terminal's.
    """
    given: Any = data
    text = given.get("text/plain", "") if isinstance(given, dict) else str(given)
    lines = text.split("\n")[max(start, 0) :]
    height = screen_lines if screen_lines > 0 else shutil.get_terminal_size().lines - _MARGIN
    height = max(height, 3)
    if not _on_terminal() or _rows(lines) <= height:
        write_out("\n".join(lines) + "\n", flush=True)
    elif _by_plugin(shell, text, max(start, 0)):
        return
    elif os.environ.get("TERM", "") in _DUMB:
        _by_screens(lines, height)
    elif not _through_pager("\n".join(lines) + "\n"):
        write_out("\n".join(lines) + "\n", flush=True)


def _by_plugin(shell: InteractiveShell, text: str, start: int) -> bool:
    """Have the pager that the user named show a text; tell whether it did."""
    if not shell.pager:
        return False
    known = shell.registry.keys("pagers")
    given = provider(shell, "pagers", shell.pager, "ipshell_pager", check_pager)
    if given is None:
        if shell.pager not in known:
            notice(
                f"InteractiveShell.pager: there is no pager called {shell.pager!r}; "
                + (f"there is {', '.join(known)}. " if known else "none is installed. ")
                + "Another command is named by $PAGER.",
                once=f"pager {shell.pager}",
            )
        return False
    try:
        given.value.show(text, start)
    except TryNext:
        return False
    except Exception as error:  # a plugin's: the text has to be shown
        from ..plugins.failures import reason_of

        shell.registry.disable(given.plugin, "show", reason_of(error))
        return False
    return True


def check_pager(value: object) -> str:
    """Say what is wrong with what a plugin gave as pager; empty if nothing is."""
    return "" if callable(getattr(value, "show", None)) else "what it gave has no show()"


def _on_terminal() -> bool:
    streams = (sys.stdin, sys.stdout)
    try:
        return all(stream is not None and stream.isatty() for stream in streams)
    except ValueError:  # closed
        return False


def _rows(lines: list[str]) -> int:
    """Give how many rows of the screen some lines take, roughly: long ones are wrapped."""
    width = max(shutil.get_terminal_size().columns, 10)
    return sum(max(1, -(-len(line) // width)) for line in lines)


def _by_screens(lines: list[str], height: int) -> None:
    from ..plain.reading import NoInput, read_line

    for at in range(0, len(lines), height):
        write_out("\n".join(lines[at : at + height]) + "\n", flush=True)
        if at + height < len(lines):
            try:
                answer = read_line("-- more: Enter; q ends --")
            except (EOFError, NoInput, KeyboardInterrupt):
                return
            if answer.strip().lower().startswith("q"):
                return


def _through_pager(text: str) -> bool:
    """Run the pager; tell whether it showed the text."""
    from subprocess import PIPE, Popen

    from .shell_commands import shell_arguments

    command = os.environ.get("PAGER", "").strip()
    if not command:
        program = next((each for each in ("less", "more") if shutil.which(each)), "")
        command = "less -R" if program == "less" else program
    if not command:
        return False
    arguments, folder = shell_arguments(command, os.getcwd())
    with _interrupts_ignored():  # Ctrl-C is for the pager, which gets it too
        try:
            process = Popen(
                arguments, cwd=folder, stdin=PIPE, text=True, encoding="utf-8", errors="backslashreplace"
            )
        except OSError:
            return False
        try:
            with process.stdin as pipe:  # type: ignore[union-attr]
                pipe.write(text)
        except OSError:  # it has ended before the text did: the user left it, or it cannot run
            pass
        status = process.wait()
    # 126 and 127: the system shell found no such program.
    return status not in (126, 127, 9009)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Have Ctrl-C do nothing to this process; one that is started meanwhile has the default."""
    import signal
    import threading

    former = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or former is None:
        yield
        return
    # A function, as SIG_IGN would be handed down.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
