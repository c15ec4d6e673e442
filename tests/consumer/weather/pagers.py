"""Long forecasts."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.errors import TryNext
from ipcore.hookspecs import hookimpl
from ipcore.types.pagers import Pager


class Clouds:
    def show(self, text: str, start: int) -> None:
        if not text:
            raise TryNext("there is nothing to show")
        print(text, end="")


@hookimpl
def ipshell_pager(name: str, shell: InteractiveShell) -> Pager:
    return Clouds()
