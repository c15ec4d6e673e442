"""Hooks of the terminal front end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.frontends import Frontend
    from ipcore.types.themes import Background, Theme


@hookimpl
def ipshell_frontend(name: str, shell: InteractiveShell) -> Frontend:
    from .frontend import Terminal

    return Terminal(parent=shell, name="terminal")


@hookimpl
def ipshell_theme(name: str, background: Background) -> Theme:
    from .palettes import theme

    return theme(name, background)
