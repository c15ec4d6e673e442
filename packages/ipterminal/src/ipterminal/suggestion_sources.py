"""Suggestions from elsewhere, such as a language model: what such a source has to be, and asking it.

The class that ``Terminal.llm_provider_class`` names is made with ``Terminal.llm_constructor_kwargs`` when it
is first asked, in a thread of its own where its ``suggest`` runs too: whatever it does there, keys are not
held up. It is asked by the command ``suggestion.ask``, or once no key has come for a while, if it says so.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .forks import end_before_forks

#: Seconds after which what a source still has to say is of no use.
LAST: Final = 30.0
#: Characters of one suggestion at most.
LONGEST: Final = 10_000
#: Characters of earlier cells that a source is given at most.
MOST_EARLIER: Final = 20_000


@dataclass(frozen=True, slots=True)
class SuggestionRequest:
    """What a source is given. Nothing in it seems to hold a secret: else it is not asked."""

    before: str
    """The cell up to the cursor."""
    after: str
    """What is behind the cursor."""
    earlier: tuple[str, ...] = ()
    """Cells of this session, the last one last, with ``Terminal.llm_prefix_from_history`` on
    ``input_history``; those that seem to hold a secret are left out."""


class SuggestionSource(Protocol):
    """Gives suggestions. Made and used in a thread of its own, where a loop of asyncio runs."""

    leaves: str
    """What it hands on, and to whom, in one line; shown when it is first asked."""
    pause: float | None
    """How many seconds no key has to come until it is asked; ``None`` for when the user asks alone."""

    def suggest(self, request: SuggestionRequest) -> AsyncIterator[str]:
        """Give what could come behind the cursor, piece by piece.

        Cancelled by the next key, and after 30 seconds. What it raises is told in one line; what came before
        that stays on the screen until the next key.
        """
        ...


class SourceThread:
    """Asks one source, one request at a time, the newest alone. For the editor's thread.

    :param make: gives the source.
    """

    def __init__(self, make: Callable[[], SuggestionSource]) -> None:
        self._make = make
        self._source: SuggestionSource | None = None
        self._lock = threading.Lock()
        self._wanted: tuple[SuggestionRequest | None, Told] | None = None
        self._thread: threading.Thread | None = None
        self._taking = False
        self._cancel: Callable[[], object] | None = None
        end_before_forks(self)

    def ask(self, request: SuggestionRequest | None, told: Told) -> None:
        """Ask, in place of what was asked before. Does not block.

        :param request: ``None`` to have the source made alone.
        """
        self.cancel()
        with self._lock:
            self._wanted = (request, told)
            if not self._taking:
                self._thread = threading.Thread(target=self._work, name="ipshell suggestions", daemon=True)
                self._thread.start()
                self._taking = True  # not if the system gives no more threads

    def cancel(self) -> None:
        """Say that nothing more is wanted. Does not block."""
        with self._lock:
            self._wanted, cancel = None, self._cancel
        if cancel is not None:
            cancel()

    def tell_to_end(self) -> threading.Thread | None:
        """Have the thread end; gives it."""
        self.cancel()
        return self._thread

    def forget(self) -> None:
        """Begin anew, in a forked child."""
        self._lock = threading.Lock()
        self._wanted = self._thread = self._cancel = None
        self._taking = False

    # -- in the thread -------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                wanted, self._wanted = self._wanted, None
                if wanted is None:
                    self._taking = False
                    return
            request, told = wanted
            try:
                asyncio.run(self._answer(request, told))
            except asyncio.CancelledError:
                pass
            except BaseException as error:  # a source's SystemExit too
                told.failed(error)
            finally:
                with self._lock:
                    self._cancel = None

    async def _answer(self, request: SuggestionRequest | None, told: Told) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def cancel() -> None:
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(task.cancel)

        with self._lock:
            if self._wanted is not None:  # something newer
                return
            self._cancel = cancel
        if self._source is None:
            self._source = self._make()
        if request is None:
            told.made(self._source)
            return
        told.began(self._source)
        size = 0
        async with asyncio.timeout(LAST), aclosing(_generator(self._source.suggest(request))) as pieces:
            async for piece in pieces:
                size += len(piece)
                if size > LONGEST:
                    return
                told.piece(piece)


class Told(Protocol):
    """Is told what comes of a request, in the thread of the source."""

    def made(self, source: SuggestionSource) -> None:
        """The source is there."""

    def began(self, source: SuggestionSource) -> None:
        """It is being asked."""

    def piece(self, text: str) -> None:
        """It has given something."""

    def failed(self, error: BaseException) -> None:
        """It, or making it, has failed."""


async def _generator(given: Any) -> Any:
    """Give what a source gives, and close it in the end, whatever kind of iterator it is."""
    try:
        async for piece in given:
            if not isinstance(piece, str):
                raise TypeError(f"it gave {type(piece).__name__}, not a text")
            yield piece
    finally:
        close = getattr(given, "aclose", None)
        if close is not None:
            await close()


def made_by_name(name: str, arguments: dict[str, Any]) -> SuggestionSource:
    """Make the source that an option names.

    :param name: ``module.Class``.
    :raises ValueError: if it is no such name, or no such source.
    :raises ImportError: if there is no such module.
    """
    from importlib import import_module

    module, _, attribute = name.rpartition(".")
    if not module:
        raise ValueError(f"{name!r} names no class in a module")
    source: SuggestionSource = getattr(import_module(module), attribute)(**arguments)
    lacking = [each for each in ("leaves", "pause", "suggest") if not hasattr(source, each)]
    if lacking:
        raise ValueError(f"{name} lacks {', '.join(lacking)}")
    return source
