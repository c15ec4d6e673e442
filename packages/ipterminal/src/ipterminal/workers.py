"""Work that the editor's thread must not wait for: looking at the user's objects, asking for completions.

It is done on a thread like those of completion providers, which is there while there is something to do and
ends before a fork. Work that does not come back is left behind with its thread, and the next gets a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ipcore.completion.workers import Worker

#: Seconds after which work holds up what waits behind it no longer.
PATIENCE: Final = 1.0

#: Threads that are left behind, at most; then nothing more is done until one has come back.
MOST: Final = 4


class Background:
    """A thread for one kind of work, done one after the other. For any thread.

    :param label: what the work is called.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._worker: Worker | None = None
        self._left: list[Worker] = []

    def put(self, function: Callable[[], object], patience: float = PATIENCE) -> bool:
        """Have a function called. Does not block.

        :param patience: seconds after which the work behind it is not held up by it any more.
        :returns: whether it will be: not if too many have not come back.
        """
        from .background_tasks import Task, new_worker

        worker = self._worker
        if worker is not None and worker.held_up:
            self._left = [each for each in self._left if each.held_up]
            if len(self._left) >= MOST:
                return False
            worker.tell_to_end()
            self._left.append(worker)
            worker = None
        if worker is None:
            worker = self._worker = new_worker(self._label)
        worker.put(Task(function, self._label, patience))
        return True

    def close(self) -> None:
        """Let the thread end, and wait for nothing."""
        if self._worker is not None:
            self._worker.tell_to_end()
