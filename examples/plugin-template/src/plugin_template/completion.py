"""Completion of durations, where a reminder begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ipcore.types.completion import Completion

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

_BEFORE = [
    "%plugin_template",
    "%%plugin_template",
    "in",
]
_DURATIONS = ("30s", "1m", "5m", "25m", "1h")


class Durations:
    """Proposes durations."""

    name = "plugin_template"

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose those that begin with what is typed; this runs on a thread of its own."""
        if request.line_before.removesuffix(request.token).strip() in _BEFORE:
            for text in _DURATIONS:
                if text.startswith(request.token):
                    yield Completion(request.token_start, request.cursor, text, "duration")
