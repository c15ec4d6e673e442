"""Prompts that tell the weather."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.prompts import Prompts


class Sky:
    def input(self, number: int) -> str:
        return f"☀ {number}> "

    def continuation(self, number: int) -> str:
        return " " * len(self.input(number))

    def output(self, number: int) -> str:
        return f"☁ {number}> "


@hookimpl
def ipshell_prompts(name: str, shell: InteractiveShell) -> Prompts:
    return Sky()
