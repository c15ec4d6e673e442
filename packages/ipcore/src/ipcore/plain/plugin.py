"""Hooks of the core's plain fallbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..shell import InteractiveShell
    from ..types.clipboards import Clipboard
    from ..types.display import Formatter
    from ..types.frontends import Frontend
    from ..types.inputhooks import InputHook
    from ..types.prompts import Prompts
    from ..types.themes import Theme
    from ..types.tracebacks import Tracebacks


@hookimpl
def ipshell_prompts(name: str, shell: InteractiveShell) -> Prompts:
    from .prompts import ClassicPrompts, PlainPrompts

    return ClassicPrompts() if name == "classic" else PlainPrompts()


@hookimpl
def ipshell_frontend(name: str, shell: InteractiveShell) -> Frontend:
    from .frontend import PlainFrontend

    return PlainFrontend(shell)


@hookimpl
def ipshell_theme(name: str) -> Theme:
    from .colorless import theme

    return theme(name)


@hookimpl
def ipshell_clipboard(name: str) -> Clipboard:
    from ..system.clipboard import SystemClipboard

    return SystemClipboard()


@hookimpl
def ipshell_inputhook(name: str, shell: InteractiveShell) -> InputHook:
    return shell.inputhooks.wait_plainly


@hookimpl
def ipshell_tracebacks(shell: InteractiveShell) -> Tracebacks:
    from .tracebacks import PlainTracebacks

    return PlainTracebacks(parent=shell, name="tracebacks")


@hookimpl(trylast=True)
def ipshell_formatters(shell: InteractiveShell) -> list[Formatter]:
    from .formatter import ReprFormatter

    return [ReprFormatter(shell)]


@hookimpl
def ipshell_line_magic(name: str, shell: InteractiveShell) -> Callable[[str], object]:
    if name == "tasks":
        from . import tasks

        return tasks.magic(shell)
    if name == "rewind":
        from .. import rewinding

        return rewinding.magic(shell)
    from .inspector import magic

    return magic(name, shell)
