"""``ipshell plugin_template 3m tea is ready``: a reminder in the system shell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .reminders import parse

if TYPE_CHECKING:
    import argparse

    from ipcore.application.app import IPShellApp


class RemindCommand:
    """The sub-command."""

    summary = "wait, then print a text"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the duration and the text."""
        parser.add_argument("duration", metavar="DURATION", help="for example 90s, 3m or 1h")
        parser.add_argument("text", metavar="TEXT", nargs="+", help="what to print then")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Wait and print."""
        seconds, text = parse(" ".join([arguments.duration, *arguments.text]))
        time.sleep(seconds)
        print(text)
        return 0
