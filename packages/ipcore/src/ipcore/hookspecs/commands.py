"""Hooks of the family ``commands``: sub-commands of ``ipshell``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..types.commands import Command


class CommandSpecs:
    """Hooks of the ``ipshell.commands`` group; the entry's name is what the user types."""

    @hookspec
    def ipshell_command(self, name: str) -> Command:
        """Give the sub-command known under one name.

        :param name: the entry's name, as typed after ``ipshell``.
        :returns: an object as described by :class:`ipcore.types.commands.Command`.

        :When: when the user runs the sub-command or asks for its help; the list of
            commands in ``ipshell --help`` comes from metadata alone.
        :How often: once per run of the program.
        :Thread: the main thread.
        :May it block: the hook no; ``Command.run`` may.
        :Order: one entry owns a name; the core's own come first; with two other owners
            neither is used until configuration picks one.
        :On failure: one line, exit status 1.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Hello:
                summary = "greet somebody"

                def add_arguments(self, parser):
                    parser.add_argument("who")

                def run(self, arguments, app):
                    print(f"hello {arguments.who}")
                    return 0

            @hookimpl
            def ipshell_command(name):
                return Hello()
        """
