"""Work that the editor's thread must not wait for: looking at the user's objects, asking for completions.

It is done on a thread like those of completion providers, which is there while there is something to do and
ends before a fork. Work that does not come back is left behind with its thread, and the next gets a new one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ipcore.completion.workers import Job, Worker
from ipcore.notices import notice
from ipcore.plugins.failures import reason_of
from ipcore.types.completion import CompletionRequest

if TYPE_CHECKING:
    from .editor import Editor

#: Seconds after which work holds up what waits behind it no longer.
PATIENCE: Final = 1.0

#: Threads that are left behind, at most; then nothing more is done until one has come back.
MOST: Final = 4


class _Task(Job):
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


class Background:
    """A thread for one kind of work, done one after the other. For any thread.

    :param label: what the work is called.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._worker = self._new()
        self._left: list[Worker] = []

    def _new(self) -> Worker:
        return Worker(None, self._label)  # type: ignore[arg-type]  # its tasks ask no provider

    def put(self, function: Callable[[], object], patience: float = PATIENCE) -> bool:
        """Have a function called. Does not block.

        :param patience: seconds after which the work behind it is not held up by it any more.
        :returns: whether it will be: not if too many have not come back.
        """
        if self._worker.held_up:
            self._left = [worker for worker in self._left if worker.held_up]
            if len(self._left) >= MOST:
                return False
            self._worker.tell_to_end()
            self._left.append(self._worker)
            self._worker = self._new()
        self._worker.put(_Task(function, self._label, patience))
        return True

    def close(self) -> None:
        """Let the thread end, and wait for nothing."""
        self._worker.tell_to_end()


def closed_with(editor: Editor, background: Background) -> None:
    """Have a thread end with the editor."""
    import asyncio

    started = False

    async def stand_by() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            background.close()

    def start() -> None:
        nonlocal started
        if not started:
            started = True
            editor.start_task(stand_by(), background._label)

    editor.before_prompt.append(start)


def _nothing() -> None:
    pass
