"""Hooks of the family ``frontends``: read cells from a person or a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.frontends import Frontend


class FrontendSpecs:
    """Hooks of the ``ipshell.frontends`` group; the entry's name is what configuration chooses by."""

    @hookspec
    def ipshell_frontend(self, name: str, shell: InteractiveShell) -> Frontend:
        """Give the front end known under one name.

        :param name: the entry's name, the value of ``IPShellApp.frontend``.
        :param shell: the shell whose cells it will read.
        :returns: an object as described by :class:`ipcore.types.frontends.Frontend`.

        :When: when the interactive loop is about to start; never for ``-c``, a module or a file alone.
        :How often: once per interactive loop.
        :Thread: the main thread.
        :May it block: the hook no; ``Frontend.run`` is the loop itself.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one.
        :On failure: reported once, the plain front end is used.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class OneCell:
                def __init__(self, shell):
                    self.shell = shell

                def run(self):
                    return 0 if self.shell.run_cell("1 + 1").success else 1

            @hookimpl
            def ipshell_frontend(name, shell):
                return OneCell(shell)
        """
