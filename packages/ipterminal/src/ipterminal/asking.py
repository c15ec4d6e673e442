"""Asking for completions, away from the editor's thread.

What the providers answer at once is given at once; whoever takes longer is not waited for, and next time
not even asked to hurry. What comes late is told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ipcore.completion.completer import ShellCompleter
    from ipcore.completion.rounds import Round
    from ipcore.completion.workers import Job
    from ipcore.types.completion import Completion, Trigger

#: Seconds that the first answers are waited for.
FIRST: Final = 0.06

#: Seconds that Enter and other keys behind Tab wait for those who have come back before, as long as nothing
#: is known; and for anybody else, who may never come back.
PROVEN: Final = 0.5
UNPROVEN: Final = 0.1

#: Seconds after which an answer is of no use any more.
LAST: Final = 5.0


class Asking:
    """One completion under way. For any thread.

    :param completer: the shell's.
    :param text: the cell.
    :param cursor: where the cursor is.
    :param trigger: what asks.
    :param slow: names of providers that are not waited for; kept up to date.
    :param proven: names of providers that have come back before; kept up to date.
    :param late: called with this, on any thread, when more may have come since the first answers.
    """

    def __init__(
        self,
        completer: ShellCompleter,
        text: str,
        cursor: int,
        trigger: Trigger,
        slow: set[str],
        proven: set[str],
        late: Callable[[Asking], object],
    ) -> None:
        self.text = text
        self.cursor = cursor
        self.trigger: Trigger = trigger
        self._completer = completer
        self._slow = slow
        self._proven = proven
        self._late = late
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._round: Round | None = None
        self._expected: list[Job] = []
        self._given = False
        self.began = time.monotonic()
        #: When the providers were asked: the thread may have had to load them before.
        self.asked: float | None = None
        self.cancelled = False
        #: Whether all who are usually quick have answered at once.
        self.in_time = False
        #: For who shows it: what is done with the answer.
        self.how = "tab"
        #: Whether what was asked by Tab has not been shown yet; for who shows it.
        self.awaited = False
        #: Set while what came late is being taken up; for who shows it.
        self.joining = False

    def first(self) -> list[Completion] | None:
        """Ask, and give what is answered in time; ``None`` if it was cancelled meanwhile. Blocks."""
        if self.cancelled:
            return None
        self.asked = time.monotonic()
        until = self.asked + FIRST
        round = self._completer.begin(
            self.text, self.cursor, trigger=self.trigger, patience=LAST, told=self._told
        )
        with self._lock:
            self._expected = [job for name, job in round.jobs if name not in self._slow]
            self._round = round
        if self.cancelled:
            round.cancel()
            return None
        while self.waiting and not self.cancelled:
            left = until - time.monotonic()
            if left <= 0 or not self._changed.wait(left):
                break
            self._changed.clear()
        self._given = True  # from here on late answers are told: what comes just now is told once more
        self.in_time = not self.waiting
        for name, job in round.jobs:
            (self._slow.discard if job.done else self._slow.add)(name)
            if job.done:
                self._proven.add(name)
        return None if self.cancelled else round.completions()

    @property
    def waiting(self) -> bool:
        """Whether somebody who is usually quick has not answered yet."""
        return self._round is None or any(not job.done for job in self._expected)

    def patience(self, found: list[Completion]) -> float:
        """Tell for how many more seconds keys behind Tab are to wait; 0 if not at all.

        Who was late the last time is waited for only while nobody has found anything.

        :param found: what has been proposed by now.
        """
        if self.asked is None or self._round is None:
            return UNPROVEN
        expected = {id(job) for job in self._expected}
        most = 0.0
        for name, job in self._round.jobs:
            if job.done:
                self._proven.add(name)
            elif not found or id(job) in expected:
                most = max(most, PROVEN if name in self._proven else UNPROVEN)
        return max(0.0, self.asked + most - time.monotonic())

    @property
    def done(self) -> bool:
        """Whether everybody has answered."""
        return self._round is not None and self._round.done

    def now(self) -> list[Completion]:
        """Give what has been proposed by now, sorted."""
        return [] if self._round is None else self._round.completions()

    def cancel(self) -> None:
        """Say that nothing more is wanted. Does not block."""
        self.cancelled = True
        self._changed.set()
        with self._lock:
            round = self._round
        if round is not None:
            round.cancel()

    def _told(self, _: Round) -> None:
        self._changed.set()
        if self._given and not self.cancelled:
            self._late(self)
