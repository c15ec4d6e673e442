"""The last error: where post-mortem tools look for it, and for how long it is there."""

from __future__ import annotations

import sys
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from typing import TYPE_CHECKING, Any, Final

from ..component import Component

if TYPE_CHECKING:
    from types import FrameType, TracebackType

#: Frames below the user's that are looked at when an error is let go.
MOST_FRAMES: Final = 200

_MAY_WAIT: Final = CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR

traceback_of: Any = BaseException.__dict__["__traceback__"].__get__


class LastError(Component):
    """Keeps the last error in ``sys.last_exc`` and its like, until cells have succeeded after it.

    To be used from the thread that runs cells.
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._kept: dict[str, Any] = {}
        self._successes = 0

    @property
    def error(self) -> BaseException | None:
        """The error that is kept; ``None`` if there is none."""
        error = self._kept.get("last_value")
        return error if isinstance(error, BaseException) else None

    def keep(self, error: BaseException) -> None:
        """Keep an error, in place of the one before."""
        from ..plain.stacks import users_part

        self.let_go()
        self._kept = {"last_type": type(error), "last_value": error, "last_traceback": users_part(error)}
        if sys.version_info >= (3, 12):
            self._kept["last_exc"] = error
        for name, value in self._kept.items():
            setattr(sys, name, value)
        self._successes = 0

    def count_success(self, most: int) -> None:
        """Take up that a cell succeeded; once ``most`` have, let the error go; if negative, never."""
        if self._kept:
            self._successes += 1
            if 0 <= most <= self._successes:
                self.let_go()

    def let_go(self) -> None:
        """Forget the error, and with it the frames and values of the cell that failed.

        The exception itself is not changed, for the user may have it under a name. What
        somebody else has put into ``sys.last_exc`` and its like is left there.
        """
        error = self._kept.get("last_value")
        for name, value in self._kept.items():
            if getattr(sys, name, self) is value:
                delattr(sys, name)
        self._kept = {}
        if error is not None:
            _clear_our_frames(error)

    def on_close(self) -> None:
        """Let the error go with the shell."""
        self.let_go()


def _clear_our_frames(error: BaseException) -> None:
    """Empty finished frames of the shell that an error's frames hang on.

    They hold the cell's result, or the task that it ran in, which hold the error: a cycle
    that would live until the next full garbage collection.
    """
    from ..plain.stacks import is_ours

    seen: set[FrameType] = set()
    entry: TracebackType | None = traceback_of(error)
    while entry is not None:
        # A coroutine's frame has lost the one below it: hence a walk from each.
        frame: FrameType | None = entry.tb_frame
        while frame is not None and frame not in seen and len(seen) < MOST_FRAMES:
            seen.add(frame)
            # A coroutine's may be waiting: emptying it would end it, before Python 3.13.
            if is_ours(frame.f_code) and not frame.f_code.co_flags & _MAY_WAIT:
                try:
                    frame.clear()
                except RuntimeError:  # it is running: a cell within a cell
                    break
            frame = frame.f_back
        entry = entry.tb_next if is_ours(entry.tb_frame.f_code) else None
