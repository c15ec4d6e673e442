"""What turns a value into something to show."""

from __future__ import annotations

from typing import Protocol


class Formatter(Protocol):
    """Formats values for one MIME type."""

    mime: str
    """The MIME type produced, for example ``text/plain``."""

    def format(self, value: object) -> str | bytes | None:
        """Give the representation, or ``None`` to leave the value to the next formatter."""
        ...
