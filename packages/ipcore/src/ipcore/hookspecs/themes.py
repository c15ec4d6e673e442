"""Hooks of the family ``themes``: colours for semantic style names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.themes import Background, Theme


class ThemeSpecs:
    """Hooks of the ``ipshell.themes`` group; the entry's name is what the option ``colors`` names."""

    @hookspec
    def ipshell_theme(self, name: str, background: Background, shell: InteractiveShell) -> Theme:
        """Give the theme known under one name.

        :param name: the entry's name, the value of ``InteractiveShell.colors``.
        :param background: what is known of the terminal's: ``light``, ``dark``, or empty. A theme that is
            made for one of them need not look at it.
        :param shell: the shell that will show it.
        :returns: an :class:`ipcore.types.themes.Theme`.

        :When: before something is first shown in colours, which may be the first prompt.
        :How often: once, and again when the background turns out to be another, or colours are chosen anew.
        :Thread: the thread that runs cells, or that of the front end.
        :May it block: no; the prompt waits for it.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one.
        :On failure: reported once, and there are no colours.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl
            from ipcore.types.themes import Style, Theme

            INK = {"light": "#005f5f", "dark": "#5fd7d7", "": ""}

            @hookimpl
            def ipshell_theme(name, background):
                styles = {
                    "code.keyword": Style(foreground=INK[background], bold=True),
                    "prompt": Style(bold=True),
                }
                return Theme(name, background, styles)
        """
