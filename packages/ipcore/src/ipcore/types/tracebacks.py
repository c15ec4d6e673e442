"""What formats exceptions."""

from __future__ import annotations

from typing import Protocol


class Tracebacks(Protocol):
    """A component that turns exceptions into text."""

    def format(self, error: BaseException) -> list[str]:
        """Give the text of an exception, as lines without line endings.

        Frames of the shell itself are left out and cells named by their label.
        """
        ...

    def start(self) -> None:
        """Take up work; called once by the shell."""
        ...

    def close(self) -> None:
        """Release what is held; called once by the shell."""
        ...
