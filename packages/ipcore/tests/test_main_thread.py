"""A main thread that serves a front end in another thread: order, interrupts, its end."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from ipcore.hosts.main_thread import MainThread, Stopped, quick_switching
from ipcore.hosts.wakeup import WakeUp
from ipcore.shell import InteractiveShell

#: Seconds that anything here may take before the test fails.
LONG = 30.0
#: A cell that Ctrl-C has to stop; it ends, so that a test that fails does too.
BUSY = "import time; end = time.monotonic() + 45\nwhile time.monotonic() < end: pass"


@pytest.fixture
def main(shell: InteractiveShell) -> Iterator[MainThread]:
    with MainThread(shell) as made:
        yield made


def value_of(asked: Future[Any]) -> Any:
    return asked.result(LONG)


def begun(main: MainThread, shell: InteractiveShell, source: str) -> Future[Any]:
    """Have a cell run, and wait until it has called ``begun()``."""
    said = threading.Event()
    shell.user_ns["begun"] = said.set
    asked = main.run_cell(source)
    assert said.wait(LONG)
    return asked


# -- asking ------------------------------------------------------------------------


def test_cells_and_calls_are_done_in_order_on_the_thread_that_serves(
    main: MainThread, shell: InteractiveShell
) -> None:
    seen: list[int] = []
    shell.user_ns["seen"] = seen

    def front_end(main: MainThread) -> list[Any]:
        asked: list[Future[Any]] = [
            main.run_cell("seen.append(1)", store_history=True),
            main.call(seen.append, 2),
            main.run_cell("seen.append(3)", store_history=True),
            main.call(threading.current_thread),
        ]
        return [value_of(each) for each in asked]

    *_, last, thread = main.run(front_end)
    assert seen == [1, 2, 3]
    assert last.execution_count == 2
    assert thread is threading.current_thread()


def test_each_asker_gets_its_own_errors(main: MainThread, shell: InteractiveShell) -> None:
    def front_end(main: MainThread) -> Any:
        with pytest.raises(ZeroDivisionError):
            value_of(main.call(lambda: 1 / 0))
        with pytest.raises(Stopped, match="SystemExit") as caught:
            value_of(main.call(sys.exit, 3))
        assert isinstance(caught.value.__cause__, SystemExit)
        return value_of(main.run_cell("1/0")), value_of(main.run_cell("6 * 7"))

    failed, fine = main.run(front_end)
    assert isinstance(failed.error_in_exec, ZeroDivisionError)
    assert fine.result == 42


def test_a_request_of_the_main_thread_itself_is_done_at_once(
    main: MainThread, shell: InteractiveShell
) -> None:
    shell.user_ns["main"] = main
    result = main.run(lambda main: value_of(main.run_cell("main.call(lambda: 6 * 7).result(0)")))
    assert result.result == 42


def test_a_request_that_was_cancelled_is_not_done(main: MainThread, shell: InteractiveShell) -> None:
    seen: list[int] = []

    def front_end(main: MainThread) -> None:
        gate = threading.Event()
        main.call(gate.wait, LONG)
        cancelled = main.call(seen.append, 1)
        assert cancelled.cancel()
        gate.set()
        value_of(main.call(seen.append, 2))

    main.run(front_end)
    assert seen == [2]


def test_many_threads_may_ask(main: MainThread, shell: InteractiveShell) -> None:
    shell.user_ns["total"] = 0

    def ask() -> None:
        for _ in range(50):
            value_of(main.run_cell("total += 1"))

    def front_end(main: MainThread) -> None:
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)

    main.run(front_end)
    assert shell.user_ns["total"] == 400


# -- tasks -------------------------------------------------------------------------


def test_tasks_of_a_cell_go_on_while_nothing_is_asked(main: MainThread, shell: InteractiveShell) -> None:
    ticks: queue.Queue[int] = queue.Queue()
    shell.user_ns["ticks"] = ticks

    def front_end(main: MainThread) -> None:
        source = """
import asyncio
async def tick():
    while True:
        ticks.put(1)
        await asyncio.sleep(0.001)
ticker = asyncio.create_task(tick())
await asyncio.sleep(0)
"""
        assert value_of(main.run_cell(source)).success
        for _ in range(20):
            ticks.get(timeout=LONG)
        assert value_of(main.run_cell("asyncio.run(asyncio.sleep(0, 7))")).result == 7
        while not ticks.empty():
            ticks.get()
        for _ in range(20):
            ticks.get(timeout=LONG)

    main.run(front_end)


def test_a_callback_of_the_idle_loop_that_raises_system_exit_ends_nothing(
    main: MainThread, shell: InteractiveShell
) -> None:
    def front_end(main: MainThread) -> Any:
        value_of(main.run_cell("import asyncio, sys; await asyncio.sleep(0)"))
        value_of(main.run_cell("_ = asyncio.get_event_loop().call_soon(sys.exit, 3)"))
        return value_of(main.run_cell("6 * 7"))

    assert main.run(front_end).result == 42


# -- interrupts --------------------------------------------------------------------


def test_an_interrupt_stops_the_running_cell_and_not_what_waits_behind_it(
    main: MainThread, shell: InteractiveShell
) -> None:
    def front_end(main: MainThread) -> tuple[Any, ...]:
        results = []
        for wait in (
            "import time; time.sleep(45)",
            BUSY,
            "import asyncio; await asyncio.sleep(45)",
        ):
            running = begun(main, shell, f"begun()\n{wait}")
            behind = main.run_cell("6 * 7")
            assert main.running
            assert main.interrupt()
            results.append((value_of(running), value_of(behind)))
        return tuple(results)

    for stopped, behind in main.run(front_end):
        assert isinstance(stopped.error_in_exec, KeyboardInterrupt)
        assert behind.result == 42


def test_an_interrupt_while_nothing_runs_does_nothing(main: MainThread, shell: InteractiveShell) -> None:
    def front_end(main: MainThread) -> Any:
        assert main.answers(LONG)
        assert not main.interrupt()
        return value_of(main.run_cell("6 * 7"))

    assert main.run(front_end).result == 42


HAMMERED = """
import random, threading, time
from ipcore.hosts.main_thread import MainThread, Stopped, quick_switching
from ipcore.shell import InteractiveShell

def work():
    for _ in range(random.randrange(200)):
        time.sleep(0)  # lets the other threads run
    return 42

def front_end(main):
    stop = threading.Event()
    sent = 0

    def hammer():
        nonlocal sent
        while not stop.is_set():
            sent += main.interrupt()

    thread = threading.Thread(target=hammer)
    thread.start()
    deadline = time.monotonic() + 30
    done = stopped = 0
    while (sent < 100 or not done or not stopped) and time.monotonic() < deadline:
        try:
            done += main.call_as_cell(work).result(30) == 42
        except Stopped:
            stopped += 1
        assert main.call(work).result(30) == 42  # never meets a call
    stop.set()
    thread.join(30)
    for _ in range(20):
        assert main.run_cell("6 * 7", silent=True).result(30).success
    print(sent >= 100, done > 0, stopped > 0)

shell = InteractiveShell()
shell.start()
with quick_switching(1e-5):
    MainThread(shell).run(front_end)
shell.close()
"""


def test_interrupts_at_any_moment_end_no_host_and_meet_nothing_but_cells() -> None:
    # In a process of its own, as one that meets a destructor is not raised anywhere, and pytest would see it.
    done = subprocess.run([sys.executable, "-c", HAMMERED], capture_output=True, encoding="utf-8", timeout=60)
    assert done.stdout == "True True True\n", done.stderr
    assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C reaches the whole console")
def test_ctrl_c_while_idle_is_noted_only_and_the_next_cell_is_whole(
    main: MainThread, shell: InteractiveShell
) -> None:
    def front_end(main: MainThread) -> Any:
        assert main.answers(LONG)
        for _ in range(5):
            os.kill(os.getpid(), signal.SIGINT)
            assert main.answers(LONG)
        return value_of(main.run_cell("6 * 7"))

    assert main.run(front_end).result == 42


@pytest.mark.parametrize("native", [False, True])
def test_a_stuck_callback_is_found_and_stopped(
    main: MainThread, shell: InteractiveShell, native: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def front_end(main: MainThread) -> Any:
        value_of(main.run_cell("import asyncio, time; await asyncio.sleep(0)"))
        said = threading.Event()

        def stuck() -> None:
            said.set()
            if native:
                time.sleep(45)
            exec(BUSY)

        main.call(lambda: shell.user_loop.loop.call_soon(stuck))
        assert said.wait(LONG)
        assert not main.answers(0.01)
        assert not main.interrupt()
        assert main.interrupt(callbacks=True)
        assert main.answers(LONG)
        return value_of(main.run_cell("6 * 7"))

    assert main.run(front_end).result == 42
    assert "Ctrl-C stopped a callback" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C reaches the whole console")
def test_the_second_real_ctrl_c_stops_a_stuck_callback(main: MainThread, shell: InteractiveShell) -> None:
    def front_end(main: MainThread) -> Any:
        value_of(main.run_cell("import asyncio; await asyncio.sleep(0)"))
        said = threading.Event()

        def stuck() -> None:
            said.set()
            exec(BUSY)

        main.call(lambda: shell.user_loop.loop.call_soon(stuck))
        assert said.wait(LONG)
        deadline = time.monotonic() + LONG
        while not main.answers(0.3):  # the first is noted, a later one stops it
            os.kill(os.getpid(), signal.SIGINT)
            assert time.monotonic() < deadline
        return value_of(main.run_cell("6 * 7"))

    assert main.run(front_end).result == 42


def test_a_callback_that_keeps_a_cell_waiting_is_named(
    main: MainThread,
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ipcore.plugins.watch.PATIENCE", 0.05)
    named = threading.Event()

    def notice(text: str) -> None:
        if "a callback of the event loop asyncio, which keeps a cell waiting" in text:
            named.set()

    monkeypatch.setattr("ipcore.plugins.watch.notice", notice)

    def front_end(main: MainThread) -> None:
        value_of(main.run_cell("import asyncio; await asyncio.sleep(0)"))
        said = threading.Event()

        def stuck() -> None:
            said.set()
            named.wait(LONG)

        main.call(lambda: shell.user_loop.loop.call_soon(stuck))
        assert said.wait(LONG)
        value_of(main.run_cell("6 * 7"))

    main.run(front_end)
    assert named.is_set()


# -- handlers ----------------------------------------------------------------------


def test_each_cell_has_pythons_own_handler_and_the_wake_up_descriptor_as_it_was(
    main: MainThread, shell: InteractiveShell
) -> None:
    with WakeUp() as users:
        handler = signal.signal(signal.SIGINT, lambda *_: None)
        before = signal.getsignal(signal.SIGINT)
        former = signal.set_wakeup_fd(users.signal_descriptor)
        try:
            source = (
                "import signal; n = signal.set_wakeup_fd(-1); signal.set_wakeup_fd(n); signal.getsignal(2), n"
            )

            def front_end(main: MainThread) -> Any:
                idle = value_of(main.call(signal.getsignal, signal.SIGINT))
                return idle, value_of(main.run_cell(source)).result

            idle, (in_cell, descriptor) = main.run(front_end)
            assert signal.getsignal(signal.SIGINT) is before
            assert signal.set_wakeup_fd(-1) == users.signal_descriptor == descriptor
        finally:
            signal.set_wakeup_fd(former)
            signal.signal(signal.SIGINT, handler)
    assert in_cell is signal.default_int_handler
    assert idle is not before
    assert idle is not in_cell


def test_a_handler_that_a_cell_left_behind_is_named_and_undone_at_the_next(
    main: MainThread, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def front_end(main: MainThread) -> Any:
        value_of(main.run_cell("import signal; _ = signal.signal(signal.SIGINT, lambda *_: None)"))
        running = begun(main, shell, f"begun()\n{BUSY}")
        assert main.interrupt()
        return value_of(running)

    assert isinstance(main.run(front_end).error_in_exec, KeyboardInterrupt)
    told = capsys.readouterr().err
    assert "Cell In[1] replaced what Ctrl-C does: it called <lambda>" in told
    assert told.count("Ctrl-C does") == 1


def test_a_handler_that_a_cell_left_behind_stays_where_the_user_says_so(
    main: MainThread, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.keep_signal_handlers = True

    def front_end(main: MainThread) -> Any:
        value_of(main.run_cell("import signal\ndef mine(*_): pass\n_ = signal.signal(signal.SIGINT, mine)"))
        return value_of(main.run_cell("signal.getsignal(signal.SIGINT) is mine"))

    assert main.run(front_end).result is True
    assert capsys.readouterr().err == ""


def test_a_handler_that_a_callback_of_the_idle_loop_installed_is_named_and_undone(
    main: MainThread, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def front_end(main: MainThread) -> Any:
        main.call(signal.signal, signal.SIGINT, lambda *_: None).result(30)
        return value_of(main.run_cell("import signal; signal.getsignal(signal.SIGINT)"))

    assert main.run(front_end).result is signal.default_int_handler
    assert "has replaced the handler of Ctrl-C" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="asyncio has no signal handlers there")
def test_signal_handlers_of_a_loop_work_in_a_cell_and_while_idle(
    main: MainThread, shell: InteractiveShell
) -> None:
    seen = threading.Event()
    shell.user_ns["seen"] = seen.set

    def front_end(main: MainThread) -> None:
        source = """
import asyncio, os, signal
asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, seen)
os.kill(os.getpid(), signal.SIGUSR1)
await asyncio.sleep(0.01)
"""
        assert value_of(main.run_cell(source)).success
        assert seen.is_set()
        for _ in range(3):
            seen.clear()
            os.kill(os.getpid(), signal.SIGUSR1)
            assert seen.wait(LONG)

    main.run(front_end)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals there")
def test_a_front_end_that_reads_the_signals_gets_them_and_so_does_the_user(shell: InteractiveShell) -> None:
    seen = threading.Event()
    shell.user_ns["seen"] = seen.set
    with WakeUp() as signals, MainThread(shell, signals=signals) as main:

        def front_end(main: MainThread) -> bytes:
            source = "import signal; _ = signal.signal(signal.SIGUSR1, lambda *_: seen())"
            assert value_of(main.run_cell(source)).success
            os.kill(os.getpid(), signal.SIGUSR1)
            read = socket.socket(fileno=os.dup(signals.fileno()))
            with contextlib.closing(read):
                read.settimeout(LONG)
                read.recv(1, socket.MSG_PEEK)
            numbers = signals.drain()
            main.hand_on(numbers)
            assert seen.wait(LONG)
            return numbers

        assert main.run(front_end) == bytes([signal.SIGUSR1])


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals there")
def test_what_a_users_signal_handler_raises_while_idle_is_shown(
    main: MainThread, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def front_end(main: MainThread) -> Any:
        source = "import signal; _ = signal.signal(signal.SIGUSR1, lambda *_: 1/0)"
        assert value_of(main.run_cell(source)).success
        os.kill(os.getpid(), signal.SIGUSR1)
        assert main.answers(LONG)
        return value_of(main.run_cell("6 * 7"))

    assert main.run(front_end).result == 42
    assert "ZeroDivisionError" in capsys.readouterr().err


# -- the end -----------------------------------------------------------------------


def test_what_waits_when_the_shell_closes_is_told_so_and_nothing_is_taken_after_it(
    main: MainThread, shell: InteractiveShell
) -> None:
    def front_end(main: MainThread) -> Future[Any]:
        gate = threading.Event()
        running = main.call(gate.wait, LONG)
        behind = main.run_cell("6 * 7")
        assert not main.close()
        gate.set()
        assert value_of(running)
        with pytest.raises(RuntimeError, match="takes no more"):
            main.run_cell("1")
        return behind

    with pytest.raises(Stopped, match="closes"):
        value_of(main.run(front_end))
    assert main.close()


def test_closing_interrupts_a_cell_that_goes_on_for_longer_than_it_is_given(
    main: MainThread, shell: InteractiveShell
) -> None:
    def front_end(main: MainThread) -> Any:
        running = begun(main, shell, f"begun()\n{BUSY}")
        assert main.close(0.05) or main.close(LONG)
        return value_of(running)

    assert isinstance(main.run(front_end).error_in_exec, KeyboardInterrupt)


def test_a_front_end_that_fails_ends_the_serving_and_is_told(main: MainThread) -> None:
    def front_end(main: MainThread) -> None:
        raise LookupError("no terminal")

    with pytest.raises(LookupError, match="no terminal"):
        main.run(front_end)


def test_serving_works_on_a_thread_that_is_not_the_main_one(shell: InteractiveShell) -> None:
    found: list[Any] = []

    def work() -> None:
        with MainThread(shell) as main:
            found.append(main.run(lambda main: (value_of(main.run_cell("6 * 7")).result, main.interrupt())))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(LONG)
    assert found == [(42, False)]


def test_only_the_thread_it_was_made_on_may_serve(main: MainThread) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            main.serve()
        except RuntimeError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(LONG)
    assert len(failed) == 1


def test_threads_are_switched_more_often_while_a_prompt_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.getswitchinterval()
    try:
        with quick_switching(0.0005):
            assert sys.getswitchinterval() == pytest.approx(0.0005)
        assert sys.getswitchinterval() == before
        with quick_switching(0.0005):
            sys.setswitchinterval(0.002)
        assert sys.getswitchinterval() == pytest.approx(0.002)
    finally:
        sys.setswitchinterval(before)


IDLE = """
import sys, threading
from ipcore.hosts.main_thread import MainThread
from ipcore.shell import InteractiveShell

def switches():
    with open(f"/proc/self/task/{threading.main_thread().native_id}/status") as file:
        return int(file.read().partition("\\nvoluntary_ctxt_switches:")[2].split()[0])

def front_end(main):
    main.run_cell(sys.argv[1], silent=True).result(30)
    main.answers(30)
    before = switches()
    threading.Event().wait(1.0)
    print(switches() - before)

shell = InteractiveShell()
shell.start()
MainThread(shell).run(front_end)
shell.close()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    "cell",
    ["1", "import asyncio; t = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)"],
)
def test_an_idle_main_thread_sleeps(cell: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", IDLE, cell],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert int(done.stdout) <= 3
