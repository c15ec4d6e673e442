"""What is left behind is found, and named so that its author knows it again."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from ipcore.testing import Leaks, TestedShell

SOON = 0.05


@pytest.fixture
def tidy() -> Iterator[ExitStack]:
    """Give a place to keep what is to be ended after the test."""
    with ExitStack() as stack:
        yield stack


def left_by(action: Callable[[], object], grace: float = SOON) -> list[str]:
    leaks = Leaks(grace=grace)
    leaks.start()
    action()
    return [str(leak) for leak in leaks.found()]


def wait_forever(ended: threading.Event) -> None:
    ended.wait(60)


def start_thread(tidy: ExitStack, name: str = "worker", daemon: bool = False) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=wait_forever, args=(ended,), name=name, daemon=daemon)
    thread.start()
    tidy.callback(thread.join, 60)
    tidy.callback(ended.set)


def test_a_thread_is_named_with_its_target_and_where_it_is(tidy: ExitStack) -> None:
    (leak,) = left_by(lambda: start_thread(tidy))
    assert leak.startswith("thread worker (runs test_testing_leaks.wait_forever, is at ")
    assert leak.endswith(" in wait_forever)")
    assert f"{__file__}:" in leak
    (leak,) = left_by(lambda: start_thread(tidy, daemon=True))
    assert leak.startswith("thread worker (a daemon, runs ")


def test_a_thread_of_a_class_and_one_of_a_pool_are_named(tidy: ExitStack) -> None:
    ended = threading.Event()

    class Poller(threading.Thread):
        def run(self) -> None:
            ended.wait(60)

    def start() -> None:
        poller = Poller()
        poller.start()
        tidy.callback(poller.join, 60)
        tidy.callback(ended.set)
        pool = tidy.enter_context(ThreadPoolExecutor(1, thread_name_prefix="pool"))
        pool.submit(int).result(60)

    one, other = sorted(left_by(start))
    assert "Poller, is at" in one
    assert other.startswith("thread pool_0 (runs concurrent.futures.thread._worker")


def test_a_thread_below_the_module_threading_is_seen(tidy: ExitStack) -> None:
    import _thread

    ended, gone, begun = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        ended.wait(60)
        gone.set()

    def start() -> None:
        _thread.start_new_thread(work, ())
        tidy.callback(gone.wait, 60)
        tidy.callback(ended.set)
        assert begun.wait(60)

    (leak,) = left_by(start)
    assert "not started by threading, is at" in leak
    assert leak.endswith(" in work)")


def test_a_foreign_thread_that_has_ended_is_no_leak() -> None:
    import _thread

    ended = threading.Event()

    def work() -> None:
        threading.current_thread()  # from now on Python has an object for it, which outlives it
        ended.set()

    def start() -> None:
        _thread.start_new_thread(work, ())
        assert ended.wait(60)

    assert left_by(start, grace=5) == []


def test_what_is_just_ending_is_given_time() -> None:
    begun = threading.Event()

    def end_slowly() -> None:
        begun.set()
        threading.Event().wait(0.3)

    def start() -> None:
        threading.Thread(target=end_slowly).start()
        assert begun.wait(60)

    assert left_by(start, grace=60) == []


def test_files_are_named_by_their_paths(tmp_path: Path, tidy: ExitStack) -> None:
    file = tmp_path.resolve() / "x.log"
    (leak,) = left_by(lambda: tidy.enter_context(file.open("w")))
    if sys.platform == "win32":
        assert leak.startswith("descriptor a file (number ")
    else:
        assert leak.startswith(f"descriptor {file} (number ")


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are no descriptors on Windows")
def test_sockets_are_named_by_their_ends_and_pipes_are_seen(tidy: ExitStack) -> None:
    port = 0

    def connect() -> None:
        nonlocal port
        server = tidy.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = server.getsockname()[1]
        tidy.enter_context(socket.create_connection(("127.0.0.1", port), 60))
        for number in os.pipe():
            tidy.callback(os.close, number)

    leaks = left_by(connect)
    assert len(leaks) == 4
    assert leaks[0].startswith(f"descriptor a socket AF_INET 127.0.0.1:{port} (number ")
    assert f" to 127.0.0.1:{port} (number " in leaks[1]
    assert all("pipe" in leak for leak in leaks[2:])


def test_a_file_of_before_that_is_removed_is_no_leak(tmp_path: Path, tidy: ExitStack) -> None:
    if sys.platform == "win32":
        pytest.skip("open files cannot be removed on Windows")
    file = tmp_path / "x"
    tidy.enter_context(file.open("w"))
    assert left_by(file.unlink) == []


def test_what_nobody_holds_any_more_is_no_leak() -> None:
    class Node:
        def __init__(self) -> None:
            self.me = self
            self.ends = os.pipe()

        def __del__(self) -> None:
            for end in self.ends:
                os.close(end)

    assert left_by(Node) == []


def test_tasks_and_loops_are_named(tidy: ExitStack) -> None:
    async def poll() -> None:
        await asyncio.sleep(600)

    def start() -> None:
        loop = asyncio.new_event_loop()
        tidy.callback(loop.close)
        task = loop.create_task(poll(), name="poller")
        loop.run_until_complete(asyncio.sleep(0))
        tidy.callback(loop.run_until_complete, asyncio.gather(task, return_exceptions=True))
        tidy.callback(task.cancel)

    leaks = [leak for leak in left_by(start) if not leak.startswith("descriptor")]
    loop, task = sorted(leaks)
    assert loop.startswith("event loop ")
    assert loop.endswith("EventLoop (open, not running)")
    assert task.startswith("task poller (runs test_tasks_and_loops_are_named.<locals>.poll, is at ")
    assert f"{__file__}:" in task


def test_a_loop_that_was_closed_is_no_leak() -> None:
    assert left_by(lambda: asyncio.run(asyncio.sleep(0))) == []


def start_process(tidy: ExitStack, code: str) -> subprocess.Popen[bytes]:
    return tidy.enter_context(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE))


def test_processes_are_named_by_their_commands(tidy: ExitStack) -> None:
    leaks = left_by(lambda: start_process(tidy, "input() # a child"))
    (leak,) = (leak for leak in leaks if leak.startswith("process"))
    assert "input() # a child" in leak
    assert " (number " in leak


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="nothing here waits for an end without taking it up")
def test_processes_that_nobody_waited_for_are_told_of(tidy: ExitStack) -> None:
    def start() -> None:
        process = start_process(tidy, "import sys; sys.stdin.read()")
        assert process.stdin is not None
        process.stdin.close()
        # Until it has ended, and without taking that up.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    (leak,) = left_by(start)
    assert leak.startswith("process ")
    assert leak.endswith(", ended, and nobody has waited for it)")


@pytest.mark.skipif(sys.platform == "win32", reason="the way of other systems than Linux and Windows")
def test_processes_are_found_by_ps_as_well(tidy: ExitStack) -> None:
    from ipcore.testing.leaks import _from_ps

    try:
        before = {row[1] for row in _from_ps()}
    except FileNotFoundError:
        pytest.skip("there is no ps here")
    process = start_process(tidy, "input() # a child")
    (row,) = (row for row in _from_ps() if row[1] not in before)
    assert row[1] == process.pid
    assert row[3].endswith("# a child")


def test_processes_of_the_standard_library_are_found_by_their_objects(tidy: ExitStack) -> None:
    from ipcore.testing.leaks import _add_known_processes

    process = start_process(tidy, "input() # a child")
    things: dict[object, Callable[[], object]] = {}
    _add_known_processes(things, [])  # type: ignore[arg-type]
    told = [str(leak) for leak in (tell() for tell in things.values()) if leak is not None]
    assert [leak for leak in told if leak.endswith(f'# a child" (number {process.pid})')]


def test_a_block_fails_with_all_that_it_left(tmp_path: Path, tidy: ExitStack) -> None:
    def leave() -> None:
        with Leaks(grace=SOON):
            start_thread(tidy)
            tidy.enter_context((tmp_path / "x").open("w"))

    with pytest.raises(AssertionError, match=r"^this was left behind:\n  thread worker .*\n  descriptor "):
        leave()


def test_the_error_of_a_block_comes_before_what_it_left(tidy: ExitStack) -> None:
    def fail() -> None:
        with Leaks(grace=SOON):
            start_thread(tidy)
            raise LookupError

    with pytest.raises(LookupError):
        fail()


def test_what_may_be_left_is_named_by_patterns(tidy: ExitStack) -> None:
    with Leaks(grace=SOON, allow=["thread pool-*"]) as leaks:
        start_thread(tidy, "pool-1")
        start_thread(tidy, "other")
        leaks.allow("thread oth*")


CELLS = [
    "import asyncio\nawait asyncio.sleep(0)",
    "kept = asyncio.ensure_future(asyncio.sleep(600)); await asyncio.sleep(0)",
    "!echo from a command",
    "lines = !echo captured",
    "1/0",
    "print?",
    "from concurrent.futures import ThreadPoolExecutor as Pool\nwith Pool(2) as e: list(e.map(str, 'ab'))",
    "from ipcore.display import capture_output\nwith capture_output(descriptors=True): print(1)",
]


def test_a_shell_leaves_nothing_behind_whatever_it_ran(shell: TestedShell, no_leaks: Leaks) -> None:
    # The shell is named first, and closed before the fixture looks all the same.
    for cell in CELLS:
        shell.run_cell(cell)
    assert shell.user_ns["lines"] == ["captured"]
