"""Hooks of the terminal front end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipcore import InteractiveShell
    from ipcore.types.clipboards import Clipboard
    from ipcore.types.editors import Editor
    from ipcore.types.frontends import Frontend
    from ipcore.types.highlighters import Highlighter
    from ipcore.types.pagers import Pager
    from ipcore.types.themes import Background, Theme


@hookimpl
def ipshell_frontend(name: str, shell: InteractiveShell) -> Frontend:
    from .frontend import Terminal

    return Terminal(parent=shell, name="terminal")


@hookimpl
def ipshell_line_magic(name: str, shell: InteractiveShell) -> Callable[[str], object]:
    from .embedding_magics import EmbeddingMagics
    from .magics import TerminalMagics

    magics = EmbeddingMagics if name in ("exit_raise", "kill_embedded") else TerminalMagics
    magic: Callable[[str], object] = shell.magics.instance(magics).magics["line"][name]
    return magic


@hookimpl
def ipshell_theme(name: str, background: Background) -> Theme:
    from .palettes import theme

    return theme(name, background)


@hookimpl
def ipshell_clipboard(name: str) -> Clipboard:
    from .terminal_clipboard import TerminalClipboard

    return TerminalClipboard()


@hookimpl
def ipshell_editor(name: str) -> Editor:
    from .known_editors import KnownEditor

    return KnownEditor(name)


@hookimpl
def ipshell_highlighter(name: str) -> Highlighter:
    from .highlighter import PygmentsHighlighter

    return PygmentsHighlighter()


@hookimpl
def ipshell_pager(name: str, shell: InteractiveShell) -> Pager:
    from .pager import ScreenPager

    return ScreenPager(shell)
