"""Refuses what a policy may refuse."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.policies import ALLOW, Decision, Policy, Request, ask, refuse


class NoStorms:
    name = "no storms"

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def decide(self, request: Request) -> Decision:
        if request.kind == "system" and "storm" in request.text:
            return refuse("no storms here")
        return ask("really?") if request.origin == "remote" else ALLOW


@hookimpl
def ipshell_policies(shell: InteractiveShell) -> list[Policy]:
    return [NoStorms(shell)]
