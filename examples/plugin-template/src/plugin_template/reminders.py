"""Reminders: a text, and the moment at which it is due."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from ipcore.component import Component
from ipcore.errors import UserError

if TYPE_CHECKING:
    from ipcore.shell import InteractiveShell

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse(line: str) -> tuple[int, str]:
    """Read a reminder such as ``3m tea is ready``.

    :returns: the seconds until it is due, and its text.
    :raises UserError: if it is none; the shell shows that as one line.
    """
    match = re.fullmatch(r"\s*(\d{1,4})([smh]),?\s+(\S.*?)\s*", line, re.DOTALL)
    if match is None:
        raise UserError("a reminder is a duration and a text, such as: 3m tea is ready")
    return int(match[1]) * _SECONDS[match[2]], match[3]


class Reminders(Component):
    """The reminders of one shell, which closes them when it ends."""

    def __init__(self, *, parent: InteractiveShell) -> None:
        super().__init__(parent=parent)
        self._waiting: list[tuple[float, str]] = []

    @classmethod
    def of(cls, shell: InteractiveShell) -> Reminders:
        """Give the reminders of a shell, the same ones each time."""
        found = shell.find_all(cls)
        return found[0] if found else cls(parent=shell)

    def add(self, line: str) -> str:
        """Add a reminder such as ``3m tea is ready``, and give its text."""
        seconds, text = parse(line)
        self._waiting.append((time.monotonic() + seconds, text))
        self._waiting.sort()
        return text

    def texts(self) -> list[str]:
        """Give the texts of those that are waiting, the next one first."""
        return [text for _, text in self._waiting]

    def take_due(self) -> list[str]:
        """Give the texts of those that are due, and forget them."""
        now = time.monotonic()
        due = [text for moment, text in self._waiting if moment <= now]
        del self._waiting[: len(due)]
        return due

    def seconds(self) -> float | None:
        """Give the seconds until the next one is due; ``None`` if none is waiting."""
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
