"""One round of asking: what the providers propose by now, sorted."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import repeat
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Final

from ..types.completion import Completion, distance

if TYPE_CHECKING:
    from ..types.completion import Matching
    from .completer import Source
    from .workers import Job

#: Called with a round as soon as there may be more to show.
Told = Callable[["Round"], object]

_new: Final = tuple.__new__
_start, _text, _rank, _source = map(itemgetter, (0, 2, 6, 7))
_PUBLIC: Final = 1  # the group of most names
_FIELDS: Final = len(Completion._fields) - 1  # all but the source


class Round:
    """A completion under way. Safe from any thread.

    Made by :meth:`~ipcore.completion.completer.ShellCompleter.begin`. Providers answer one by one; those of
    the core have answered when it is made.

    :param settle: takes up how the providers behaved.
    :param until: when an answer is late, by ``time.monotonic()``.
    :param told: called on a provider's thread each time one has ended.
    :param before: the text before the cursor.
    :param matching: how names have to go with what is typed.
    """

    def __init__(
        self,
        settle: Callable[[Round], object],
        until: float,
        told: Told | None = None,
        *,
        before: str = "",
        matching: Matching = "prefix",
    ) -> None:
        self._settle = settle
        self._told = told
        self._before = before
        self._matching = matching
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
        found = ((label, list(job.found)) for label, job in good)
        return merged(found, self._before, self._matching)

    def ended(self) -> None:
        """Take up that a job has ended."""
        if self.done:  # to wake who waits for each of them costs more than most of them do
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


def merged(
    found: Iterable[tuple[str, list[Completion]]], before: str = "", matching: Matching = "prefix"
) -> list[Completion]:
    """Put completions together: sorted, each once, with their source.

    Of equal ones the first counts, but for one that tells its type. They are sorted by rank, then by how
    well they go with what is typed, then names ending in ``=``, public, ``_private`` and ``__dunder__``
    ones, each by the alphabet, in which capitals are no other letters. Where names need not begin with
    what is typed, how well they go with it counts before the rank.

    :param found: source → completions.
    :param before: the text before the cursor.
    """
    given = [each for each in found if each[1]]
    alone = len(given) == 1 and len({*map(_text, given[0][1])}) == len(given[0][1])
    every = _labelled(*given[0]) if alone else _each_once(given)
    lines = "\n".join(("", *map(_text, every), ""))
    if _are_alike(every, lines, before):
        return _in_order(every, lines)
    return _by_place(every, before, closest_first=matching != "prefix")


def _labelled(source: str, completions: list[Completion]) -> list[Completion]:
    """Give completions with their source; not made anew where the provider has written it."""
    written = completions[0][_FIELDS]
    if type(written) is str and written == source:
        same = map(is_, map(_source, completions), repeat(written))
        if all(same):
            return [*completions]
    tail = (source,)
    return [_new(Completion, each[:_FIELDS] + tail) for each in completions]


def _each_once(given: list[tuple[str, list[Completion]]]) -> list[Completion]:
    kept: dict[tuple[int, int, str], Completion] = {}
    for source, completions in given:
        for each in _labelled(source, completions):
            key = each[:3]
            former = kept.get(key)
            if former is None or (not former[3] and each[3]):
                kept[key] = each
    return [*kept.values()]


def _are_alike(every: list[Completion], lines: str, before: str) -> bool:
    """Tell whether the alphabet alone sorts completions; wrongly not where texts have several lines."""
    starts, ranks = {*map(_start, every)}, {*map(_rank, every)}
    if len(starts) != 1 or len(ranks) != 1:
        return False
    typed = before[starts.pop() :]
    return (
        lines.count("\n") == len(every) + 1
        and (not typed or lines.count(f"\n{typed}") == len(every))
        and not any(mark in lines for mark in ("\n_", "=\n", "\n%"))
    )


def _by_place(every: list[Completion], before: str, *, closest_first: bool) -> list[Completion]:
    typed_from: dict[int, str] = {}
    places: dict[tuple[int, int, int], list[Completion]] = {}
    for each in every:
        start, text, rank = each[0], each[2], each[6]
        typed = typed_from.get(start)
        if typed is None:
            typed = typed_from[start] = before[start:]
        far = 0 if text.startswith(typed) else distance(_bare(text), _bare(typed))
        group = _group(text) if text[0] == "_" or text[-1] == "=" else _PUBLIC
        place = (far, -rank, group) if closest_first else (-rank, far, group)
        if place in places:
            places[place].append(each)
        else:
            places[place] = [each]
    ordered: list[Completion] = []
    for place in sorted(places):
        there = places[place]
        ordered += _in_order(there, "\n".join(map(_text, there)))
    return ordered


def _in_order(every: list[Completion], lines: str) -> list[Completion]:
    """Sort completions by the alphabet, whatever their case, and magics without their mark.

    :param lines: the texts of all.
    """
    every.sort(key=_text)  # for those that are the same but for their case
    if "%" not in lines and lines == lines.lower():  # as most are
        return every
    read = [*map(str.lower, map(_text, every))]
    if "%" in lines:
        read = [each.lstrip("%") for each in read]
    every.sort(key=partial(next, iter(read)))  # the key of each is the next one
    return every


def _group(text: str) -> int:
    if text[0] == "_":
        return 3 if text.startswith("__") else 2
    return 0 if text[-1] == "=" else _PUBLIC


def _bare(text: str) -> str:
    """Leave away what stands around a name: the mark of a magic, quotes."""
    return text.strip("%'\"")
