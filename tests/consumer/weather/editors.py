"""An editor for forecasts."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.editors import Editor


class Forecaster:
    def arguments(self, filename: str, line: int | None, wait: bool) -> list[str]:
        words = [filename] if line is None else [f"{filename}:{line}"]
        return ["--wait", *words] if wait else words


@hookimpl
def ipshell_editor(name: str, shell: InteractiveShell) -> Editor:
    return Forecaster()
