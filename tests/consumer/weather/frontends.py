"""A front end with a keyboard of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.cells import CellResult
from ipcore.types.frontends import Asking, Frontend


class Station:
    def __init__(self, shell: InteractiveShell, cells: list[str]) -> None:
        self.shell = shell
        self.cells = cells

    def run(self) -> int:
        for text in self.cells:
            result: CellResult = self.shell.run_cell(text, store_history=True, origin="keyboard")
            if not result.success:
                return 1
        return 0

    def ask(self, prompt: str, *, password: bool, completer: Any, history: Any, lexer: Any) -> str:
        if password:
            raise EOFError
        return "yes"

    def release_terminal(self) -> AbstractContextManager[None]:
        return nullcontext()


def questions(station: Station) -> Asking:
    return station


@hookimpl
def ipshell_frontend(name: str, shell: InteractiveShell) -> Frontend:
    return Station(shell, ["1 + 1"])
