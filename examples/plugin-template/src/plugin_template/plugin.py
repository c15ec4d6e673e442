"""The hooks, and nothing else: each imports what it needs when the shell calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipcore.shell import InteractiveShell
    from ipcore.types.commands import Command
    from ipcore.types.completion import CompletionProvider
    from ipcore.types.input import InputTransformer
    from ipcore.types.inputhooks import InputHook

#: The version of the contracts that this plugin was written for.
ipshell_api = "0.1"


@hookimpl
def ipshell_line_magic(name: str, shell: InteractiveShell) -> Callable[[str], object]:
    from .magics import line_magic

    return line_magic(shell)


@hookimpl
def ipshell_cell_magic(name: str, shell: InteractiveShell) -> Callable[[str, str], object]:
    from .magics import cell_magic

    return cell_magic(shell)


@hookimpl
def ipshell_completion_providers(shell: InteractiveShell) -> list[CompletionProvider]:
    from .completion import Durations

    return [Durations()]


@hookimpl
def ipshell_input_transformers(shell: InteractiveShell) -> list[InputTransformer]:
    from .notation import Notation

    return [Notation()]


@hookimpl
def ipshell_inputhook(name: str, shell: InteractiveShell) -> InputHook:
    from .waiting import input_hook

    return input_hook(shell)


@hookimpl
def ipshell_command(name: str) -> Command:
    from .command import RemindCommand

    return RemindCommand()
