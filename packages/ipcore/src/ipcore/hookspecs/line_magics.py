"""Hooks of the family ``line_magics``: ``%name`` commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell


class LineMagicSpecs:
    """Hooks of the ``ipshell.line_magics`` group; the entry's name is the magic's bare name."""

    @hookspec
    def ipshell_line_magic(self, name: str, shell: InteractiveShell) -> Callable[[str], object]:
        """Give the function behind one ``%name``.

        :param name: the entry's name, as the user types it after ``%``.
        :param shell: the shell that asks.
        :returns: a callable that takes the rest of the line and returns the magic's value: a function, or a
            method of an object that ``shell.magics.instance(Class)`` gives. The decorators of
            ``ipcore.magics`` serve here too.

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
            def ipshell_line_magic(name, shell):
                def shout(line):
                    return line.upper()

                return shout
        """
