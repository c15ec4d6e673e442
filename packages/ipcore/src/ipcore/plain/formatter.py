"""Values as plain text, by ``repr``."""

from __future__ import annotations


class ReprFormatter:
    """``text/plain`` by ``repr``."""

    mime = "text/plain"

    def format(self, value: object) -> str:
        """Give ``repr(value)``; raises what it raises, which is the user's error."""
        return repr(value)
