"""What reads cells from a person or a pipe."""

from __future__ import annotations

from typing import Protocol


class Frontend(Protocol):
    """An interactive loop."""

    def run(self) -> int:
        """Read and run cells until the user leaves.

        Runs on the main thread and blocks until then.

        :returns: the exit status of the program.
        """
        ...
