"""Panes below the cell that are loaded when they are first asked for: most never are, and cost memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, Container, DynamicContainer, Window

T = TypeVar("T")


class LatePane(Generic[T]):
    """A place in the layout for a pane, and the pane once there is one.

    :param load: makes it: imports what it needs, and gives it and its rows.
    """

    def __init__(self, load: Callable[[], tuple[T, Container]]) -> None:
        self._load = load
        #: The pane; ``None`` as long as nobody has asked for it.
        self.made: T | None = None
        self._rows: Container = Window(height=0)
        there = Condition(lambda: self.made is not None)
        self.container = ConditionalContainer(DynamicContainer(lambda: self._rows), there)

    @property
    def pane(self) -> T:
        """Give the pane; load it first, if need be."""
        if self.made is None:
            self.made, self._rows = self._load()
        return self.made
