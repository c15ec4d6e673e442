"""Waking a thread that waits."""

from __future__ import annotations

import os
import select
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ipcore.hosts.wakeup import WakeUp, calling_when_readable, wait_readable, wait_writable


def test_a_wake_up_from_another_thread_ends_the_wait_and_is_drained_once() -> None:
    with WakeUp() as woken, ThreadPoolExecutor() as pool:
        waiting = pool.submit(wait_readable, woken.fileno(), 30)
        woken.wake()
        assert waiting.result(30)
        woken.wake()
        assert woken.drain() == b""
        assert not wait_readable(woken.fileno(), 0)


def test_waking_never_blocks_however_often_nobody_listens() -> None:
    with WakeUp() as woken:
        for _ in range(100_000):
            woken.wake()
        assert wait_readable(woken.fileno(), 0)
        woken.drain()
        assert not wait_readable(woken.fileno(), 0)


def test_it_carries_the_numbers_of_signals() -> None:
    with WakeUp() as woken:
        handler = signal.signal(signal.SIGINT, lambda *_: None)
        former = signal.set_wakeup_fd(woken.signal_descriptor)
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.set_wakeup_fd(former)
            signal.signal(signal.SIGINT, handler)
        woken.wake()
        assert woken.drain() == bytes([signal.SIGINT])


def test_after_closing_it_is_harmless() -> None:
    woken = WakeUp()
    woken.close()
    woken.close()
    woken.wake()
    assert woken.drain() == b""
    assert woken.fileno() == woken.signal_descriptor == -1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # other tests leave threads
def test_a_child_of_a_fork_neither_wakes_the_parent_nor_takes_what_is_its() -> None:
    with WakeUp() as woken:
        child = os.fork()
        if not child:
            woken.wake()
            os._exit(0)
        os.waitpid(child, 0)
        assert not wait_readable(woken.fileno(), 0)
        woken.put(b"\2")
        child = os.fork()
        if not child:
            os._exit(len(woken.drain()))
        assert os.waitpid(child, 0)[1] == 0
        assert woken.drain() == b"\2"


@pytest.mark.skipif(not hasattr(select, "poll"), reason="elsewhere select() has no such limit")
def test_descriptors_beyond_the_reach_of_select_work() -> None:
    fcntl = pytest.importorskip("fcntl")
    resource = pytest.importorskip("resource")
    if 0 <= resource.getrlimit(resource.RLIMIT_NOFILE)[0] <= 1100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (2048, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with WakeUp() as woken:
        high = fcntl.fcntl(woken.fileno(), fcntl.F_DUPFD, 1050)
        try:
            assert not wait_readable(high, 0)
            assert wait_writable(high, 30)
            woken.wake()
            assert wait_readable(high, 30)
        finally:
            os.close(high)


def test_a_loop_without_readers_is_told_by_a_thread_that_ends() -> None:
    told = threading.Event()
    with WakeUp() as woken:
        with calling_when_readable(woken.fileno(), told.set):
            woken.wake()
            assert told.wait(30)
        told.clear()
        woken.drain()
        with calling_when_readable(woken.fileno(), told.set):
            pass
    assert not told.is_set()
    assert "ipshell-readable" not in [thread.name for thread in threading.enumerate()]
