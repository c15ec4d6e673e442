"""The event loop that runs while the prompt waits: it shows what is due."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

from .reminders import Reminders

if TYPE_CHECKING:
    from ipcore.shell import InteractiveShell
    from ipcore.types.inputhooks import InputContext, InputHook


def input_hook(shell: InteractiveShell) -> InputHook:
    """Give the loop for a shell."""
    reminders = Reminders.of(shell)

    def run(context: InputContext) -> None:
        """Show what is due, until there is a key; asyncio tasks of the user go on meanwhile."""
        with shell.inputhooks.stepping() as tasks:
            while not context.input_is_ready():
                watched = [context.fileno()]
                timeouts: list[float | None] = []
                if tasks is not None:
                    timeouts.append(tasks.step())
                    if tasks.fileno() >= 0:  # on Windows there is nothing to watch
                        watched.append(tasks.fileno())
                for text in reminders.take_due():
                    print(f"\n{text}", flush=True)
                timeouts.append(reminders.seconds())
                seconds = [each for each in timeouts if each is not None]
                select.select(watched, [], [], min(seconds, default=None))

    return run
