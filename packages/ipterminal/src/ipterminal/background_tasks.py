"""What the threads of :mod:`ipterminal.workers` do; imported when there is something to be done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ipcore.completion.workers import Job, Worker
from ipcore.notices import notice
from ipcore.plugins.failures import reason_of
from ipcore.types.completion import CompletionRequest


class Task(Job):
    """A function to be called on the thread."""

    __slots__ = ("_function", "_label")

    def __init__(self, function: Callable[[], object], label: str, patience: float) -> None:
        super().__init__(CompletionRequest("", 0, deadline=time.monotonic() + patience), _nothing)
        self._function = function
        self._label = label

    def run(self, provider: Any) -> None:
        """Call it. What it raises is told in one line."""
        self.started = True
        try:
            self._function()
        except BaseException as error:  # an extension's, even SystemExit
            self.error = error
            notice(f"{self._label}: {reason_of(error).rstrip('.')}.", once=f"{self._label} {type(error)}")
        self.end()


def new_worker(label: str) -> Worker:
    """Make the owner of a thread that performs tasks.

    :param label: what the thread is called.
    """
    return Worker(None, label)  # type: ignore[arg-type]  # its tasks ask no provider


def _nothing() -> None:
    pass
