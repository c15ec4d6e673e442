"""What is printed, as a host that shows cells gets it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamText:
    """A piece of text, and the cell that caused it."""

    cell: str
    """The identifier the host gave to the cell; empty if nobody can tell, as of C code at the prompt."""
    stream: str
    """``stdout`` or ``stderr``."""
    text: str
    """What was written. Can always be encoded in UTF-8."""
    at_prompt: bool
    """Whether no cell was running when it was written."""
