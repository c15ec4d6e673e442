"""Keeping the user's asyncio tasks going while another event loop has the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import TracebackType

    from ..cells.user_loop import UserLoop

#: Rounds of the asyncio loop in one step, so that a busy one leaves time for the other.
_ROUNDS: Final = 10
#: Seconds between steps where the asyncio loop cannot say when it needs one.
BLIND: Final = 0.02


class Stepper:
    """The asyncio loop, seen from another event loop that runs in its place.

    That one calls :meth:`step` at first, whenever :meth:`fileno` can be read, and when the time that the
    last step gave is over. Only on the thread that runs cells. A context manager for the time of
    the other loop's run.
    """

    def __init__(self, user_loop: UserLoop) -> None:
        self._user_loop = user_loop
        self._loop: Any = user_loop.loop
        self._selector: Any = user_loop.selector
        self._select: Any = None
        self._depth = 0
        self._rounds = 0
        self._wanted: float | None = None
        self._stepping = False

    def fileno(self) -> int:
        """Give the descriptor to watch for reading; -1 where there is none, as on Windows."""
        fileno = getattr(self._selector, "fileno", None)
        return -1 if fileno is None else int(fileno())

    def step(self) -> float | None:
        """Run what is ready in the asyncio loop, without waiting.

        A task's ``SystemExit`` ends that task alone.

        :returns: the seconds after which the next step is due; ``None`` if only :meth:`fileno` tells.
        :raises KeyboardInterrupt: if Ctrl-C stopped a callback.
        """
        # A timer that outlives its loop's run; a loop that was run inside a callback of this one.
        if not self.active or self._loop.is_closed() or self._loop.is_running():
            return None
        if self._selector is None:
            self._user_loop.turn()
            return BLIND
        self._rounds = 0
        self._wanted = 0.0
        self._stepping = True
        try:
            self._user_loop.turn_until_stopped()
        finally:
            self._stepping = False
        return self._wanted

    @property
    def active(self) -> bool:
        """Whether it is entered."""
        return self._depth > 0

    # On our own loop and selector, and only for this time; no class of asyncio is touched.
    def __enter__(self) -> Stepper:
        self._depth += 1
        if self._depth == 1 and self._selector is not None:
            self._select = self._selector.select
            self._selector.select = self._look
            self._loop.call_soon = self._call_soon
            self._loop.call_at = self._call_at
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth and self._selector is not None:
            del self._selector.select, self._loop.call_soon, self._loop.call_at

    # The loop asks its selector how long it may wait: that is what the other loop has to know.
    def _look(self, timeout: float | None = None) -> Any:
        if not self._stepping:
            return self._select(timeout)
        events = self._select(0)
        self._rounds += 1
        if (not events and timeout != 0) or self._rounds > _ROUNDS:
            self._wanted = timeout if not events else 0.0
            self._loop.stop()
        return events

    # What the other loop's callbacks put into this one, between two steps, has to be noticed.
    def _call_soon(self, *arguments: Any, **named: Any) -> Any:
        return self._noticed(type(self._loop).call_soon(self._loop, *arguments, **named))

    def _call_at(self, *arguments: Any, **named: Any) -> Any:
        return self._noticed(type(self._loop).call_at(self._loop, *arguments, **named))

    def _noticed(self, handle: Any) -> Any:
        if not self._stepping:
            self._loop.call_soon_threadsafe(_nothing)
        return handle


def _nothing() -> None:
    """Do nothing: calling it makes the loop's descriptor readable."""
