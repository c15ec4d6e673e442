"""The thread of the editor's loop: forks, however slow it is, and loops of other kinds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from ipterminal import editor_thread
from ipterminal.editor_thread import EditorThread

PATIENCE = 30.0


class Work:
    """What the thread does: it calls what it is given, until it is told to leave."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.over = threading.Event()
        self.thread = EditorThread(self._run, self.over.set)

    async def _run(self) -> int:
        self._left = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.there.set()
        await self._left.wait()
        return 7

    def call(self, function: Callable[[], object]) -> threading.Event:
        done = threading.Event()

        def work() -> None:
            function()
            done.set()

        self._loop.call_soon_threadsafe(work)
        return done

    def leave(self) -> None:
        self._loop.call_soon_threadsafe(self._left.set)


@pytest.fixture
def work(no_leaks: object) -> Iterator[Work]:
    made = Work()
    made.thread.start()
    assert made.there.wait(PATIENCE)
    yield made
    assert made.thread.end(PATIENCE)


def test_it_goes_on_behind_a_fork_and_gives_what_the_work_gives(work: Work) -> None:
    work.thread.pause()
    done = work.call(lambda: None)
    assert not done.is_set()
    work.thread.start()
    assert done.wait(PATIENCE)
    work.leave()
    assert work.over.wait(PATIENCE)
    assert work.thread.result() == 7


@pytest.mark.parametrize("released_first", [True, False])
def test_one_that_is_held_up_at_a_fork_goes_on_behind_it(
    work: Work, monkeypatch: pytest.MonkeyPatch, released_first: bool
) -> None:
    monkeypatch.setattr(editor_thread, "PATIENCE", 0.05)
    released = threading.Event()
    for _ in range(2):
        released.clear()
        held = work.call(lambda: released.wait(PATIENCE))
        work.thread.pause()
        if released_first:
            released.set()
            assert held.wait(PATIENCE)
        work.thread.start()
        released.set()
        assert work.call(lambda: None).wait(PATIENCE)
    work.leave()
    assert work.over.wait(PATIENCE)
    assert work.thread.result() == 7


def test_the_loop_is_one_that_watches_descriptors_whatever_the_policy_is(no_leaks: object) -> None:
    class Others(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self) -> asyncio.AbstractEventLoop:
            raise NotImplementedError

    asyncio.set_event_loop_policy(Others())
    try:
        work = Work()
        work.thread.start()
        assert work.there.wait(PATIENCE)
        work.leave()
        assert work.over.wait(PATIENCE)
        assert work.thread.result() == 7
        assert work.thread.end(PATIENCE)
    finally:
        asyncio.set_event_loop_policy(None)
