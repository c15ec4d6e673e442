"""Modules and their names, in import statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest


class ImportProvider:
    """Modules and their names, in import statements."""

    name = "imports"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose nothing yet."""
        yield from ()
