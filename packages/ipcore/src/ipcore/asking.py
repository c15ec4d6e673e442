"""Running other people's code, such as a ``__repr__``, under a deadline.

A blocking call cannot be stopped from the thread it blocks, by any means that works on
every platform. So the call is made on a daemon thread, and the caller waits for the
answer no longer than the deadline.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from queue import SimpleQueue

#: Threads that may be blocked in other people's code at the same time; with this many, no more is asked.
MOST_STUCK: Final = 4

_stuck: list[threading.Thread] = []
_lock = threading.Lock()
_here = threading.local()


class Answer(NamedTuple):
    """What came of a call."""

    value: Any
    """What it gave; ``None`` if it failed."""
    wrong: str = ""
    """Why there is no value, one line; empty if there is one."""


class Asker:
    """Makes calls under one common deadline. A context manager; to be used by one thread.

    The thread that makes the calls is started at the first one and ended at exit. If it
    is still blocked then, it goes on until the call returns, and counts towards ``MOST_STUCK``.
    It is not interrupted: an exception set in it could leave a lock held that others wait for.
    A call made from within such a call is made at once, on the same thread.

    :param deadline: seconds for all calls together.
    """

    def __init__(self, deadline: float) -> None:
        self._allowed = deadline
        self._end = time.monotonic() + deadline
        self._thread: threading.Thread | None = None
        self._calls: SimpleQueue[Callable[[], Any] | None]
        self._answers: SimpleQueue[Answer]
        self._waiting = False

    @property
    def left(self) -> float:
        """Seconds until the deadline; 0 once it has passed."""
        return max(0.0, self._end - time.monotonic())

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self._end

    def ask(self, call: Callable[[], Any]) -> Answer:
        """Make a call and give what it gives, or why it does not.

        Raises nothing but what interrupts the waiting itself, as Ctrl-C does.
        """
        if getattr(_here, "asked", False):
            return _answer(call)
        if self.late or self._waiting:
            return Answer(None, self._too_late())
        if self._thread is None:
            reason = self._start()
            if reason:
                return Answer(None, reason)
        from queue import Empty

        self._waiting = True
        self._calls.put(call)
        try:
            answer = self._answers.get(timeout=self.left)
        except Empty:
            return Answer(None, self._too_late())
        self._waiting = False
        return answer

    def _too_late(self) -> str:
        return f"it takes more than {self._allowed:g} s"

    def _start(self) -> str:
        import contextvars
        from queue import SimpleQueue

        with _lock:
            _stuck[:] = [thread for thread in _stuck if thread.is_alive()]
            if len(_stuck) >= MOST_STUCK:
                return f"{len(_stuck)} calls like it are still blocked"
        self._calls, self._answers = SimpleQueue(), SimpleQueue()
        thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(_work, self._calls, self._answers),
            name="ipshell asks",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError as error:  # no threads on this platform, or the interpreter is ending
            return f"no thread can be started for it: {error}"
        self._thread = thread
        return ""

    def close(self) -> None:
        """End the thread, or give it up if it is blocked."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._calls.put(None)
        if not self._waiting:
            thread.join(1)
        if thread.is_alive():
            with _lock:
                _stuck.append(thread)

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def _work(calls: SimpleQueue[Callable[[], Any] | None], answers: SimpleQueue[Answer]) -> None:
    _here.asked = True
    while (call := calls.get()) is not None:
        answers.put(_answer(call))
        del call  # it refers to the user's object


def _answer(call: Callable[[], Any]) -> Answer:
    from .plugins.failures import reason_of

    try:
        return Answer(call())
    except BaseException as error:  # SystemExit and the like: an answer like any other
        return Answer(None, f"it raised {reason_of(error)}")
