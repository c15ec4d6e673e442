"""Hooks of the family ``cell_magics``: ``%%name`` commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell


class CellMagicSpecs:
    """Hooks of the ``ipshell.cell_magics`` group; the entry's name is the magic's bare name."""

    @hookspec
    def ipshell_cell_magic(self, name: str, shell: InteractiveShell) -> Callable[[str, str], object]:
        """Give the function behind one ``%%name``.

        :param name: the entry's name, as the user types it after ``%%``.
        :param shell: the shell that asks.
        :returns: a callable that takes the rest of the first line and the body of
            the cell, and returns the magic's value: a function, or a method of an object that
            ``shell.magics.instance(Class)`` gives. The decorators of ``ipcore.magics`` serve here too.

        :When: at the magic's first use, help included; listing and completion of names import nothing.
        :How often: once per name and shell.
        :Thread: the thread that runs cells.
        :May it block: no; import what is heavy inside the function that is returned.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one.
        :On failure: reported once, the magic counts as missing for the session.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            @hookimpl
            def ipshell_cell_magic(name, shell):
                def count_lines(line, body):
                    return len(body.splitlines())

                return count_lines
        """
