"""Characters by their LaTeX or Unicode names, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest


class UnicodeProvider:
    """Characters by their LaTeX or Unicode names, and back."""

    name = "unicode names"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose nothing yet."""
        yield from ()
