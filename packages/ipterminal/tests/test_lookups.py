"""Asking a history beside the editor: of any kind, slow, broken, overtaken."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from ipterminal import lookups
from ipterminal.lookups import Lookups


class Board:
    """What an editor is asked for here."""

    def __init__(self, history: Any) -> None:
        self.shell = SimpleNamespace(history=history)
        self.main = SimpleNamespace(call=self._call)
        self.told: list[str] = []
        self.messages: list[str] = []
        self.loop = asyncio.get_running_loop()

    def call_soon(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: what comes now comes too late
            self.loop.call_soon_threadsafe(function)

    def tell(self, error: BaseException, what: str) -> None:
        self.told.append(f"{what}: {error}")

    def message(self, text: str) -> None:
        self.messages.append(text)

    def _call(self, function: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)
        return future


def waiting(answer: str) -> Callable[[Any], Any]:
    """Give a question to a slow history."""
    return lambda finder: finder.wait(answer)


async def answers(asking: Lookups, question: Callable[[Any], Any]) -> list[Any]:
    """Ask, and wait for all answers."""
    found: list[Any] = []
    done = asyncio.Event()
    asking.ask(question, found.append, done.set)
    await asyncio.wait_for(done.wait(), 20)
    return found


class Plain:
    """A history that has the methods of the contract alone."""

    cells = ("import os", "x = 1", "import re", "x[0]")

    def get_tail(self, n: int, include_latest: bool = False) -> list[tuple[int, int, str]]:
        return [(1, line, text) for line, text in enumerate(self.cells, 1)][-n:]

    def search(self, pattern: str, n: int | None = None, unique: bool = False) -> list[tuple[int, int, str]]:
        from fnmatch import fnmatchcase

        return [(1, 1, text) for text in self.cells if fnmatchcase(text, pattern)]


def test_a_history_of_the_contract_alone_is_asked_on_the_thread_of_cells() -> None:
    async def main() -> None:
        asking = Lookups(Board(Plain()), "cells")  # type: ignore[arg-type]
        assert await answers(asking, lambda finder: [finder.recent(2)]) == [["import re", "x[0]"]]
        assert await answers(asking, lambda finder: [finder.prefixed("import", 9)]) == [
            ["import re", "import os"]
        ]
        assert await answers(asking, lambda finder: [finder.prefixed("x[", 9)]) == [["x[0]"]]
        found = await answers(asking, lambda finder: finder.matching("i r"))
        assert [text for *_, text in found[0]] == ["import re", "import os"]
        assert await answers(asking, lambda finder: finder.matching("i", failed=False)) == []

    asyncio.run(main())


def test_where_there_is_no_history_the_end_comes_at_once() -> None:
    async def main() -> None:
        asking = Lookups(Board(None), "cells")  # type: ignore[arg-type]
        assert await answers(asking, lambda finder: [1]) == []
        assert not asking.asking

    asyncio.run(main())


class Slow:
    """A history whose answers wait until they are let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.stopped: list[object] = []

    def finder(self) -> Any:
        return SimpleNamespace(stop=lambda: self.stopped.append(1), wait=self.wait)

    def wait(self, *answers: str) -> Iterator[str]:
        self.begun.set()
        self.go_on.wait(20)
        yield from answers


def test_a_question_that_is_overtaken_is_stopped_and_gives_nothing() -> None:
    async def main() -> None:
        history = Slow()
        asking = Lookups(Board(history), "cells")  # type: ignore[arg-type]
        first: list[str] = []
        asking.ask(waiting("first"), first.append)
        await asyncio.to_thread(history.begun.wait, 20)
        found = asyncio.ensure_future(answers(asking, waiting("second")))
        await asyncio.sleep(0)
        assert history.stopped
        history.go_on.set()
        assert await found == ["second"]
        assert first == []

    asyncio.run(main())


def test_one_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "PATIENCE", 0.01)

    async def main() -> None:
        history = Slow()
        board = Board(history)
        asking = Lookups(board, "cells")  # type: ignore[arg-type]
        assert await answers(asking, waiting("late")) == []
        assert board.messages == ["cells: the history does not answer."]
        assert asking.problem == "the history does not answer"
        history.go_on.set()

    asyncio.run(main())


def test_what_is_wrong_is_told_once() -> None:
    def fail(finder: Any) -> Any:
        raise OSError("the disk is gone")

    async def main() -> None:
        history = Slow()
        board = Board(history)
        asking = Lookups(board, "cells")  # type: ignore[arg-type]
        assert await answers(asking, fail) == []
        assert await answers(asking, fail) == []
        assert board.told == ["cells: the disk is gone"]
        assert asking.problem == "OSError: the disk is gone", "as long as it is so"
        assert await answers(asking, lambda finder: ["found"]) == ["found"]
        assert asking.problem == ""

    asyncio.run(main())


def test_the_thread_is_gone_before_a_fork() -> None:
    async def main() -> None:
        history = Slow()
        asking = Lookups(Board(history), "cells")  # type: ignore[arg-type]
        asking.ask(waiting("never"), print)
        await asyncio.to_thread(history.begun.wait, 20)
        history.go_on.set()
        thread = asking.tell_to_end()
        if thread is not None:
            await asyncio.to_thread(thread.join, 20)
            assert not thread.is_alive()
        assert await answers(asking, waiting("again")) == ["again"]

    asyncio.run(main())
