"""Asking the history away from the editor's thread: it may wait for a lock, or for a disk.

Of several questions only the newest matters; one that is overtaken is stopped. The thread is there while
there is something to ask, and ends before a fork.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from ipcore.errors import UserError
from ipcore.plugins.failures import reason_of

from .forks import end_before_forks

if TYPE_CHECKING:
    from .editor import Editor

#: Seconds after which an answer is not waited for any longer.
PATIENCE: Final = 3.0
#: Cells that a history without a finder is asked for at most.
_MOST: Final = 1000


class Finder(Protocol):
    """What a history answers one question with; ``iphistory.finding`` has more about it."""

    def recent(self, n: int) -> list[str]:
        """Give the last cells of other sessions, the oldest first."""

    def prefixed(self, prefix: str, n: int) -> list[str]:
        """Give the different cells that begin with a text, the newest first."""

    def matching(
        self, letters: str, *, folder: str = "", failed: bool = True, own: bool = False
    ) -> Iterable[list[Any]]:
        """Give cells that have some letters in this order, the newest first; the text of each comes last."""

    def stop(self) -> None:
        """End what is being looked for; on any thread."""


#: Is given a finder, and gives answers as they come.
Question = Callable[[Finder], Iterable[Any]]


class Lookups:
    """Asks one question at a time. Used on the editor's thread.

    :param editor: where the answers go.
    :param what: what fails when a question does, for messages.
    """

    def __init__(self, editor: Editor, what: str) -> None:
        self._editor = editor
        self._what = what
        self._lock = threading.Lock()
        self._number = 0
        self._wanted: tuple[int, Question] | None = None
        self._thread: threading.Thread | None = None
        self._taking = False
        self._finder: Finder | None = None
        self._take: Callable[[Any], object] = _nothing
        self._done: Callable[[], object] = _nothing
        self._timer: asyncio.TimerHandle | None = None
        self._failed = False
        #: Why the last question that came to its end has no answer; empty if it has one.
        self.problem = ""
        end_before_forks(self)

    def ask(
        self, question: Question, take: Callable[[Any], object], done: Callable[[], object] | None = None
    ) -> None:
        """Ask, and drop what was asked before.

        :param question: is called in the thread, or on the main thread where the history cannot do better.
        :param take: is given each answer, on the editor's thread.
        :param done: is called after the last one, also where it failed or took too long.
        """
        self.cancel()
        self._take, self._done = take, done or _nothing
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._give_up, self._number)
        history = self._editor.shell.history
        if not history:
            self._end(self._number)
        elif callable(getattr(history, "finder", None)):
            self._ask_thread(question)
        else:
            self._ask_main_thread(question)

    @property
    def asking(self) -> bool:
        """Whether an answer is waited for."""
        return self._timer is not None

    def cancel(self) -> None:
        """Drop what is asked."""
        with self._lock:
            self._number += 1
            self._wanted = None
            finder = self._finder
        if finder is not None:
            finder.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- who answers -------------------------------------------------------------

    def _ask_thread(self, question: Question) -> None:
        with self._lock:
            self._wanted = (self._number, question)
            if not self._taking:
                self._thread = threading.Thread(target=self._work, name="ipshell lookups", daemon=True)
                self._thread.start()
                self._taking = True  # not if the system gives no more threads

    def _ask_main_thread(self, question: Question) -> None:
        """Ask a history that is used on the thread of cells alone."""
        number = self._number
        finder = _PlainFinder(self._editor.shell.history)
        asked = self._editor.main.call(lambda: list(question(finder)))

        def answered(_: object) -> None:
            error = None if asked.cancelled() else asked.exception()
            for answer in () if asked.cancelled() or error is not None else asked.result():
                self._editor.call_soon(partial(self._give, number, answer))
            self._editor.call_soon(partial(self._end, number, error))

        asked.add_done_callback(answered)

    def _work(self) -> None:
        while True:
            with self._lock:
                wanted, self._wanted = self._wanted, None
                self._finder = None
                if wanted is None:
                    self._taking = False
                    return
            self._answer(*wanted)

    def _answer(self, number: int, question: Question) -> None:
        error: BaseException | None = None
        try:
            finder: Finder | None = self._editor.shell.history.finder()
            with self._lock:
                self._finder = finder if number == self._number else None
            if finder is not None and number == self._number:
                for answer in question(finder):
                    self._editor.call_soon(partial(self._give, number, answer))
                    if number != self._number:
                        break
        except Exception as caught:  # whatever is wrong with the file
            error = caught
        self._editor.call_soon(partial(self._end, number, error))

    # -- on the editor's thread --------------------------------------------------

    def _give(self, number: int, answer: Any) -> None:
        if number == self._number:
            self._take(answer)

    def _end(self, number: int, error: BaseException | None = None) -> None:
        if number != self._number:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if error is not None and not self._failed:
            self._failed = True  # once: it would be the same at each key
            self._editor.tell(error, self._what)
        self.problem = "" if error is None else reason(error)
        self._done()

    def _give_up(self, number: int) -> None:
        if number == self._number:
            done = self._done
            self.cancel()
            self.problem = "the history does not answer"
            self._editor.message(f"{self._what}: the history does not answer.")
            done()

    # -- forks -------------------------------------------------------------------

    def tell_to_end(self) -> threading.Thread | None:
        """Have the thread end, with nothing more to ask; gives the thread."""
        with self._lock:
            self._wanted = None
            finder, thread = self._finder, self._thread
        if finder is not None:
            finder.stop()
        return thread

    def forget(self) -> None:
        """Begin anew, in a forked child."""
        self._lock = threading.Lock()
        self._wanted = self._thread = self._finder = None
        self._taking = False


def reason(error: BaseException) -> str:
    """Say in a few words what went wrong; what is written for people as it is."""
    text = str(error) if isinstance(error, UserError) else reason_of(error)
    return text.rstrip(".")


class _PlainFinder:
    """Asks a history that has the methods of the contract alone."""

    def __init__(self, history: Any) -> None:
        self._history = history

    def recent(self, n: int) -> list[str]:
        return [str(text) for *_, text in self._history.get_tail(n, include_latest=True)]

    def prefixed(self, prefix: str, n: int) -> list[str]:
        return self._search(f"{_escaped(prefix)}*", n)

    def matching(
        self, letters: str, *, folder: str = "", failed: bool = True, own: bool = False
    ) -> Iterator[list[Any]]:
        if folder or own or not failed:  # it does not say
            return
        pattern = "".join(f"*{_escaped(each)}" for each in letters.replace(" ", ""))
        yield [(0, 0, text) for text in self._search(f"{pattern}*", _MOST)]

    def stop(self) -> None:
        """Do nothing: it is asked at once, or not."""

    def _search(self, pattern: str, n: int) -> list[str]:
        found = [str(text) for *_, text in self._history.search(pattern, n=n, unique=True)]
        return found[::-1]


def _escaped(text: str) -> str:
    return "".join(f"[{each}]" if each in "*?[" else each for each in text)


def _nothing(*_: object) -> None:
    return None
