"""A fault of the shell itself: what the user is told, and the report."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

from .. import __version__
from ..notices import notice

if TYPE_CHECKING:
    from .app import IPShellApp


def report(error: BaseException, app: IPShellApp | None) -> int:
    """Tell of a fault of ipshell itself.

    Prints the traceback, and with ``IPShellApp.verbose_crash`` writes a report to a file.

    :returns: the exit status.
    """
    text = "".join(traceback.format_exception(error))
    if sys.stderr is not None:
        sys.stderr.write(text)
    notice(
        f"this is a fault of ipshell {__version__} itself, not of your code. Please report it with the lines "
        "above; ipshell --no-plugins --quick may get round it."
    )
    if app is not None and app.verbose_crash:
        _write_report(text, app)
    return 1


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
