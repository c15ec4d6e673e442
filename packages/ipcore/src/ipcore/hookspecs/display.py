"""Hooks of the family ``display``: show values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.display import Formatter


class DisplaySpecs:
    """Hooks of the ``ipshell.display`` group."""

    @hookspec
    def ipshell_formatters(self, shell: InteractiveShell) -> Iterable[Formatter]:
        """Contribute formatters, each of one MIME type.

        :param shell: the shell whose values will be shown.
        :returns: objects as described by :class:`ipcore.types.display.Formatter`.

        :When: before the first value is shown.
        :How often: once per shell; a formatter then runs once per value shown and
            MIME type that the front end asks for.
        :Thread: the thread that runs cells.
        :May it block: no; it stands between the result and the screen.
        :Order: third parties first, by distribution and key, the core's plain one last;
            for each MIME type the first formatter that does not return ``None`` counts.
        :On failure: reported once, the formatter is off for the session, the next one is asked.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Polite:
                mime = "text/plain"

                def format(self, value):
                    return f"{value}, please" if isinstance(value, str) else None

            @hookimpl
            def ipshell_formatters(shell):
                return [Polite()]
        """
