"""An event loop that waits for nothing but the prompt, and keeps the user's tasks going."""

from __future__ import annotations

import select

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.inputhooks import InputContext, InputHook


class Vane:
    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def __call__(self, context: InputContext) -> None:
        with self.shell.inputhooks.stepping() as tasks:
            while not context.input_is_ready():
                watched: list[int] = [context.fileno()]
                timeout: float | None = None
                if tasks is not None:
                    timeout = tasks.step()
                    watched.append(tasks.fileno())
                select.select(watched, [], [], timeout)


@hookimpl
def ipshell_inputhook(name: str, shell: InteractiveShell) -> InputHook:
    return Vane(shell)
