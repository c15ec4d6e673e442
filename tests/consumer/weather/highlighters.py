"""Reports of weather stations: METAR."""

from __future__ import annotations

from collections.abc import Sequence

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.highlighters import Highlighter


class Metar:
    def fragments(self, text: str, language: str) -> Sequence[tuple[str, str]] | None:
        if language != "metar":
            return None
        return [("code.number" if each.isdigit() else "code", each) for each in text]


@hookimpl
def ipshell_highlighter(name: str, shell: InteractiveShell) -> Highlighter:
    return Metar()
