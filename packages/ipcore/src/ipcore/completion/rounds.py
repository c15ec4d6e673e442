"""One round of asking: what the providers propose by now, sorted."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from ..types.completion import Completion

if TYPE_CHECKING:
    from .completer import Source
    from .workers import Job

#: Called with a round as soon as there may be more to show.
Told = Callable[["Round"], object]

_new: Final = tuple.__new__
_FIELDS: Final = len(Completion._fields) - 1  # all but the source


class Round:
    """A completion under way. Safe from any thread.

    Made by :meth:`~ipcore.completion.completer.ShellCompleter.begin`. Providers answer one by one; those of
    the core have answered when it is made.

    :param settle: takes up how the providers behaved.
    :param until: when an answer is late, by ``time.monotonic()``.
    :param told: called on a provider's thread each time one has ended.
    """

    def __init__(self, settle: Callable[[Round], object], until: float, told: Told | None = None) -> None:
        self._settle = settle
        self._told = told
        self._changed = threading.Condition()
        self._cancelled = False
        self.until = until
        #: Who was asked, by name, and the job, in order.
        self.jobs: list[tuple[str, Job]] = []
        #: Those of which it is not known yet how the provider behaved.
        self.open: deque[tuple[Source, Job]] = deque()

    @property
    def done(self) -> bool:
        """Whether all providers have answered."""
        return all(job.done for _, job in self.jobs)

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all have answered, at most so long; tell whether they have.

        :param seconds: by default until an answer would be late.
        """
        until = self.until if seconds is None else time.monotonic() + seconds
        with self._changed:
            while not self.done and not self._cancelled:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
        return self.done

    def cancel(self) -> None:
        """Say that nothing more is wanted; providers that look at it stop. Does not block."""
        self._cancelled = True
        with self._changed:
            self._changed.notify_all()
        self._settle(self)

    def completions(self) -> list[Completion]:
        """Give what has been proposed by now, sorted, each once. May be asked again as more comes."""
        self._settle(self)
        good = [(label, job) for label, job in self.jobs if job.error is None and not job.wrong]
        return merged((label, list(job.found)) for label, job in good)

    def ended(self) -> None:
        """Take up that a job has ended."""
        with self._changed:
            self._changed.notify_all()
        if self._told is None or self._cancelled:
            return
        try:
            self._told(self)
        except Exception as error:  # the front end's
            from ..notices import notice
            from ..plugins.failures import reason_of

            text = f"showing completions that came late failed: {reason_of(error)}. They are not shown."
            notice(text, once="late completions")


def merged(found: Iterable[tuple[str, list[Completion]]]) -> list[Completion]:
    """Put completions together: sorted, each once, with their source.

    Of equal ones the first counts, but for one that tells its type.

    :param found: source → completions.
    """
    kept: dict[tuple[int, int, str], Completion] = {}
    for source, completions in found:
        for each in completions:
            key = each[:3]
            former = kept.get(key)
            if former is None or (not former[3] and each[3]):
                kept[key] = _new(Completion, (*each[:_FIELDS], source))
    return sorted(kept.values(), key=_place)


def _place(completion: Completion) -> tuple[int, int, str, str]:
    text = completion[2]
    group = 0 if text[-1] == "=" else 1
    if text[0] == "_":
        group = 3 if text.startswith("__") else 2
    return -completion[6], group, text.lstrip("%") if text[0] == "%" else text, text
