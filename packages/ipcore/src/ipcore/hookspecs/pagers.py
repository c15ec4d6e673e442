"""Hooks of the family ``pagers``: show long text a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.pagers import Pager


class PagerSpecs:
    """Hooks of the ``ipshell.pagers`` group; the entry's name is what the option ``pager`` names."""

    @hookspec
    def ipshell_pager(self, name: str, shell: InteractiveShell) -> Pager:
        """Give what shows long texts.

        :param name: the entry's name, the value of ``InteractiveShell.pager``.
        :param shell: the shell whose texts it will show.
        :returns: an object as described by :class:`ipcore.types.pagers.Pager`.

        :When: when the first text is shown that is longer than the screen.
        :How often: once per shell; its method once per text.
        :Thread: the thread that runs cells.
        :May it block: the hook no; ``show`` as long as the user reads.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one.
        :On failure: reported once; the text is shown by ``$PAGER``, ``less`` or ``more``, or printed.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Numbered:
                def show(self, text, start):
                    for number, line in enumerate(text.splitlines()[start:], start + 1):
                        print(f"{number:4} {line}")

            @hookimpl
            def ipshell_pager(name):
                return Numbered()
        """
