"""What turns a value into something to show, and what shows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Formatter(Protocol):
    """Formats values for one MIME type."""

    mime: str
    """The MIME type produced, for example ``text/plain``."""

    def format(self, value: object) -> Any:
        """Give the representation, or ``None`` to leave the value to the next formatter.

        Text is a str, binary data are bytes, JSON is a list or a dictionary. With metadata it is a pair of
        the two.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """Something to show: one value in several representations."""

    data: Mapping[str, Any]
    """Representations by MIME type: text as str, binary data as bytes, JSON as lists and dictionaries.
    Empty for a place that is kept free for an update."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """More about representations, by MIME type, for example the width of an image."""
    transient: Mapping[str, Any] = field(default_factory=dict)
    """What is for the front end and not to be stored with the output: ``display_id``."""
    update: bool = False
    """Whether it takes the place of the outputs that have the same ``display_id``."""
    number: int | None = None
    """Of a cell's value, the number of the cell, 0 for a cell without; ``None`` for what was displayed."""


class Publisher(Protocol):
    """Shows outputs."""

    @property
    def types(self) -> Collection[str] | None:
        """The MIME types it can show beside ``text/plain``; ``None`` if it takes whatever there is."""
        ...

    def publish(self, output: Output) -> bool:
        """Show an output; false leaves it to the next publisher."""
        ...

    def clear(self, wait: bool) -> bool:
        """Clear the outputs of the running cell; false leaves that to the next publisher.

        :param wait: whether to clear only when there is something new to show.
        """
        ...
