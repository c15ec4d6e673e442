"""Asking a provider on a thread of its own, so that it holds up nobody else.

The thread is there while it has something to do and a little longer, and ends before a fork. A
provider that never comes back keeps its one thread.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from ..types.completion import Completion

if TYPE_CHECKING:
    from ..types.completion import CompletionProvider, CompletionRequest

#: Seconds that a thread waits for the next request before it ends.
LINGER: Final = 2.0

#: Seconds that all threads together are waited for before a fork.
PATIENCE: Final = 1.0

#: Requests that wait for one provider; of more the oldest are dropped.
MOST_WAITING: Final = 100


class Job:
    """One request to one provider, and what comes of it.

    :param ended: called when it has ended, on the thread that ended it.
    """

    __slots__ = ("_ended", "done", "error", "found", "request", "started", "wrong")

    def __init__(self, request: CompletionRequest, ended: Callable[[], object]) -> None:
        self.request = request
        self._ended = ended
        #: What the provider has proposed by now; grows while it runs.
        self.found: list[Completion] = []
        #: What it raised, or what was wrong with what it gave.
        self.error: BaseException | None = None
        self.wrong = ""
        #: When the provider was asked, by ``time.monotonic()``; 0 until then.
        self.started = 0.0
        self.done = False

    def run(self, provider: CompletionProvider) -> None:
        """Ask the provider. Whatever it raises is kept, ``SystemExit`` and ``KeyboardInterrupt`` too."""
        self.started = time.monotonic()
        try:
            self.read(provider.complete(self.request))
        except BaseException as error:  # the provider's; nobody above this could tell whose it is
            self.error = error
        self.end()

    def end(self) -> None:
        """Note that no more will come."""
        self.done = True
        self._ended()

    def read(self, given: Any) -> None:
        """Take up what a provider gives, as it comes; raises what the provider raises."""
        if given is None:
            return
        if type(given) is CoroutineType:
            given.close()
            self.wrong = "it gave a coroutine; complete() is called, not awaited"
            return
        request = self.request
        if type(given) is list:  # all at once: there may be thousands
            given = given[: request.limit]
            if are_good(given, request):
                self.found = given
                return
        try:
            for each in islice(given, request.limit):
                self.wrong = flaw(each, request)
                if self.wrong or request.cancelled():
                    return
                self.found.append(each)
        finally:
            if type(given) is GeneratorType:
                given.close()


def are_good(given: list[Any], request: CompletionRequest) -> bool:
    """Tell whether nothing is wrong with any of many completions; if not, :func:`flaw` says what."""
    if {*map(id, map(type, given))} != _COMPLETION:
        return not given
    cursor, last = request.cursor, len(request.text)
    for start, end, text, kind, signature, label, rank, _ in given:
        if not (
            type(text) is type(kind) is type(signature) is type(label) is str
            and type(start) is type(end) is type(rank) is int
            and text
            and 0 <= start <= cursor <= end <= last
        ):
            return False
    return True


#: By ``id``: the class of a class may have an ``==`` of its own.
_COMPLETION: Final = frozenset((id(Completion),))


def flaw(given: object, request: CompletionRequest) -> str:
    """Say what is wrong with a completion; empty if nothing is."""
    if type(given) is not Completion:
        return f"it gave {type(given).__name__}, not Completion"
    start, end, text, kind, signature, label, rank, _ = given
    if not type(text) is type(kind) is type(signature) is type(label) is str:
        return "a text of its completion is no str"
    if not type(start) is type(end) is type(rank) is int:
        return "a number of its completion is no int"
    if not text:
        return "the text of its completion is empty"
    if not 0 <= start <= request.cursor <= end <= len(request.text):
        return f"its completion stands for the characters {start} to {end}, not around the cursor"
    return ""


class Worker:
    """Asks one provider, one request after the other. Safe from any thread.

    :param label: how the thread is called.
    """

    def __init__(self, provider: CompletionProvider, label: str) -> None:
        self._provider = provider
        self._label = label
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        #: The newest one, which may have ended: the system counts it out a moment after that.
        self._thread: threading.Thread | None = None
        self._taking = False
        self._ending = _forking
        #: Whether it was waited for in vain when its thread was to end.
        self.hangs = False
        _see_forks()
        _all[id(self)] = self

    def put(self, job: Job) -> None:
        """Have a request answered, behind those that wait. Does not block.

        Dropped is what comes while threads are to end: a thread begun in the middle of a fork would be
        there in it.
        """
        dropped: list[Job] = []
        with self._changed:
            for each in list(self._waiting):
                if each.request.cancelled():
                    self._waiting.remove(each)
                    dropped.append(each)
            if len(self._waiting) >= MOST_WAITING:
                dropped.append(self._waiting.popleft())
            if self._ending or not self._has_thread():
                dropped.append(job)
            else:
                self._waiting.append(job)
                self._changed.notify()
        for each in dropped:
            each.end()

    def _has_thread(self) -> bool:
        """Begin a thread if none takes jobs; tell whether there is one now. With the lock held."""
        if not self._taking or self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._run, name=f"ipshell {self._label}", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads
                return False
            self._thread, self._taking = thread, True
        return True

    @property
    def held_up(self) -> bool:
        """Whether the provider has not come back from a request that is of no use any more."""
        current = self._current
        return current is not None and current.request.cancelled()

    def tell_to_end(self) -> threading.Thread | None:
        """Have the thread end after what it is doing, and drop what waits; gives the thread.

        One that has ended is given too: it may not be gone yet.
        """
        with self._changed:
            self._ending = True
            dropped, self._waiting = list(self._waiting), deque()
            thread = self._thread
            self._changed.notify()
        for each in dropped:
            each.end()
        return thread

    def go_on(self) -> None:
        """Take requests again."""
        with self._changed:
            self._ending = False

    def forget(self) -> None:
        """Begin anew, in a forked child."""
        self._changed = threading.Condition()
        self._waiting = deque()
        self._current = None
        self._thread = None
        self._taking = self._ending = False
        self.hangs = False

    def _run(self) -> None:
        from ..output.causes import follow_current_cell

        with follow_current_cell():  # not the cell that happened to be the first to complete
            while (job := self._next()) is not None:
                job.run(self._provider)
                del job  # it holds what the user typed

    def _next(self) -> Job | None:
        """Give the next job; ``None`` when there is none for a while, and then the thread has to end."""
        with self._changed:
            self._current = None
            self.hangs = False
            until = time.monotonic() + LINGER
            while not self._ending:
                if self._waiting:
                    self._current = self._waiting.popleft()
                    return self._current
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._taking = False
            return None


#: All there are; values of this kind can be read while another thread makes one.
_all: WeakValueDictionary[int, Worker] = WeakValueDictionary()
_forks_seen = False
#: Whether a fork is under way; a worker made meanwhile takes nothing either.
_forking = False

#: How many are ending threads just now.
_ending = 0


def are_ending() -> bool:
    """Tell whether threads are to end, so that providers have to come back."""
    return _ending > 0


def _workers() -> list[Worker]:
    return [worker for reference in _all.valuerefs() if (worker := reference()) is not None]


def end_threads(workers: list[Worker], seconds: float = PATIENCE) -> None:
    """End the threads of some workers, and wait for them together.

    One that hangs is left, and not waited for again until it has come back.
    """
    global _ending
    from ..hosts.forking import end_thread

    _ending += 1
    try:
        threads = [(worker, worker.tell_to_end()) for worker in workers]
        until = time.monotonic() + seconds
        for worker, thread in threads:
            if thread is None or thread is threading.current_thread() or worker.hangs:
                continue
            end_thread(thread, max(0.0, until - time.monotonic()))
            worker.hangs = thread.is_alive()
    finally:
        _ending -= 1


def _see_forks() -> None:
    global _forks_seen
    if not _forks_seen:
        _forks_seen = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_pause_all, after_in_parent=_go_on_all, after_in_child=_forget_all)


def _pause_all() -> None:
    global _forking
    _forking = True
    end_threads(_workers())


def _go_on_all() -> None:
    """Take requests again. No thread is begun for that: since 3.13 Python counts them behind this hook."""
    global _forking
    _forking = False
    for worker in _workers():
        worker.go_on()


def _forget_all() -> None:
    global _ending, _forking
    _ending, _forking = 0, False
    for worker in _workers():
        worker.forget()
