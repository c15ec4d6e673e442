"""Hooks of the family ``policies``: allow, ask about or refuse what is about to run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.policies import Policy


class PolicySpecs:
    """Hooks of the ``ipshell.policies`` group."""

    @hookspec
    def ipshell_policies(self, shell: InteractiveShell) -> Iterable[Policy]:
        """Contribute policies for what runs in a shell.

        :param shell: the shell whose cells, system commands, magics and files are judged.
        :returns: objects as described by :class:`ipcore.types.policies.Policy`. Of several the
            strictest decision counts.

        :When: before the first cell, system command, magic or file runs.
        :How often: once per shell; the policies are then asked each time.
        :Thread: the thread that asks first, in practice the main thread.
        :May it block: no; ``decide`` stands between Enter and the result.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: everything is refused until the plugin is switched off with ``-p no:NAME``. A
            policy that raises, or does not give a decision, refuses what it was asked about.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl
            from ipcore.types.policies import ALLOW, refuse

            class NoRemoteCommands:
                name = "no remote commands"

                def decide(self, request):
                    if request.kind == "system" and request.origin == "remote":
                        return refuse("commands are typed at the keyboard here")
                    return ALLOW

            @hookimpl
            def ipshell_policies(shell):
                return [NoRemoteCommands()]
        """
