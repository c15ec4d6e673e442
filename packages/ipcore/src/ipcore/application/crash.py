"""A fault of the shell itself: what the user is told, and the report."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import OutputGone
from ..notices import LEVELS, notice

if TYPE_CHECKING:
    from .app import IPShellApp


def report(error: BaseException, app: IPShellApp | None) -> int:
    """Tell of a fault of ipshell itself.

    Prints the traceback, and with ``IPShellApp.verbose_crash`` writes a report to a file.

    :returns: the exit status.
    """
    text = "".join(traceback.format_exception(error))
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # closed, or its reader is gone: the status tells
            sys.stderr.write(text)
    notice(
        f"this is a fault of ipshell {__version__} itself, not of your code. Please report it with the lines "
        "above; ipshell --no-plugins --quick may get round it.",
        level=LEVELS["CRITICAL"],
    )
    if app is not None and app.verbose_crash:
        _write_report(text, app)
    return 1


def leave_output_alone(error: BrokenPipeError | OutputGone) -> None:
    """Lead standard output to nowhere, so that the interpreter does not complain of it at its end.

    The user is told, unless it is a pipe whose reader has seen enough.
    """
    if isinstance(error, OutputGone) and not isinstance(error.cause, BrokenPipeError):
        notice(f"{error}; the shell ends.", level=LEVELS["CRITICAL"])
    if sys.stdout is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with suppress(OSError, ValueError):  # closed, or no file of the system's
            os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)


def _write_report(text: str, app: IPShellApp) -> None:
    import platform
    import time

    parts = [
        f"ipshell {__version__}, Python {sys.version}, {platform.platform()}",
        f"Command line: {sys.argv}",
        text,
        "Configuration:",
    ]
    try:
        parts += [f"  {section}: {values}" for section, values in app.configuration.config.items()]
        parts += [
            "Plugins:",
            *(f"  {plugin}: {app.registry.state(plugin)}" for plugin in app.registry.declared()),
        ]
        folder = app.profile.log_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / time.strftime("crash-%Y%m%d-%H%M%S.txt")
        file.write_text("\n".join(parts) + "\n", encoding="utf-8")
    except Exception as trouble:  # the report is second to the fault, which was told already
        notice(f"the crash report could not be written: {type(trouble).__name__}: {trouble}")
        return
    notice(f"a full report is in {file}")
