"""Hooks of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipcore import InteractiveShell

    from .command import HistoryCommand
    from .history import HistoryManager


@hookimpl
def ipshell_history(shell: InteractiveShell) -> HistoryManager:
    from .history import HistoryManager

    return HistoryManager(parent=shell, name="history")


@hookimpl
def ipshell_line_magic(name: str, shell: InteractiveShell) -> Callable[[str], object]:
    from .magics import HistoryMagics

    magic: Callable[[str], object] = shell.magics.instance(HistoryMagics).magics["line"][name]
    return magic


@hookimpl
def ipshell_command(name: str) -> HistoryCommand:
    from .command import HistoryCommand

    return HistoryCommand()
