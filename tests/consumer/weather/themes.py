"""Colours of the sky."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.styles import STYLES, read_style
from ipcore.types.themes import Background, Style, Theme

BLUE = {"light": "#005faf", "dark": "#87d7ff", "": "default"}


@hookimpl
def ipshell_theme(name: str, background: Background, shell: InteractiveShell) -> Theme:
    styles = {name: Style(foreground=BLUE[background]) for name in STYLES if name.startswith("code.")}
    for each in ("match", "selected", "search.match", "menu.current"):
        styles[each] = read_style("bold reverse")
    return Theme(name, background, styles)
