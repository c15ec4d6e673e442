"""Hooks of the core's own sub-commands."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..hookspecs import hookimpl

if TYPE_CHECKING:
    from ..types.commands import Command


@hookimpl
def ipshell_command(name: str) -> Command:
    command: Command = import_module(f"ipcore.commands.{name}").command()
    return command
