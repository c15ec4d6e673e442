"""Texts that an argument or variable may have by its annotation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest


class LiteralProvider:
    """Texts that an argument or variable may have by its annotation."""

    name = "literals"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose nothing yet."""
        yield from ()
