"""The magics: remind of something."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .reminders import Reminders

if TYPE_CHECKING:
    from ipcore.shell import InteractiveShell


def line_magic(shell: InteractiveShell) -> Callable[[str], str | list[str]]:
    """Give ``%plugin_template`` for a shell."""
    reminders = Reminders.of(shell)

    def remind(line: str) -> str | list[str]:
        """Remind of something, such as ``3m tea is ready``; alone, give what is waiting."""
        return reminders.add(line) if line.strip() else reminders.texts()

    return remind


def cell_magic(shell: InteractiveShell) -> Callable[[str, str], str]:
    """Give ``%%plugin_template`` for a shell."""
    reminders = Reminders.of(shell)

    def remind(line: str, body: str) -> str:
        """Remind of the lines below, at the time in the first."""
        return reminders.add(f"{line} {body}")

    return remind
