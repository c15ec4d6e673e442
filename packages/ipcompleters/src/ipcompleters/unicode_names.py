"""Characters that are hard to type: where they may be meant; :mod:`ipcompleters.characters` knows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from traitlets import Bool

from ipcore import Component

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest


class UnicodeProvider(Component):
    """Characters by LaTeX command, ``\\alpha``, or by name, ``\\GREEK SMALL LETTER ALPHA``, and back."""

    name = "unicode"

    backslash_combining_completions = Bool(
        True,
        help="Whether \\alpha, \\GREEK SMALL LETTER ALPHA and the way back are completed.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=shell, **traits)

    def complete(self, request: CompletionRequest) -> Iterable[Completion]:
        """Propose characters, and names that are not typed to their end."""
        if "\\" not in request.line_before or not self.backslash_combining_completions:
            return ()
        from .characters import proposals

        return proposals(request)
