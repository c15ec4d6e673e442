"""Naming whoever keeps the user waiting."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ipcore.plugins import watch
from ipcore.plugins.watch import watching


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name at once what takes any time, and leave no thread behind."""
    monkeypatch.setattr(watch, "PATIENCE", 0.02)
    yield
    watch.stop()


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.005)


def watcher() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ipshell-watch"]


def test_what_takes_long_is_named_once_while_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    said = ""
    with watching("plugin yak, importing yak") as one:
        wait_until(lambda: one.named)
        said += capsys.readouterr().err
    assert said == "ipshell: plugin yak, importing yak, has been busy for 0 s; Ctrl-C goes on without it.\n"
    with watching("another") as other:
        wait_until(lambda: other.named)
    assert "yak" not in capsys.readouterr().err


def test_the_remedy_is_the_callers(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("plugin yak", "wait for it") as one:
        wait_until(lambda: one.named)
    assert capsys.readouterr().err.endswith("; wait for it.\n")


def test_what_is_quick_is_not_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PATIENCE", 60.0)
    for _ in range(100):
        with watching("quick") as one:
            pass
        assert not one.named
    assert capsys.readouterr().err == ""


def test_all_that_hang_are_named_whatever_the_thread(capsys: pytest.CaptureFixture[str]) -> None:
    go_on = threading.Event()
    watches: list[watch.Watch] = []

    def work(number: int) -> None:
        with watching(f"plugin {number}") as one:
            watches.append(one)
            go_on.wait(20)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(watches) == 4 and all(each.named for each in watches))
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert sorted(capsys.readouterr().err.splitlines()) == [
        f"ipshell: plugin {number}, has been busy for 0 s; Ctrl-C goes on without it." for number in range(4)
    ]


def test_one_inside_another_both_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("outer") as outer, watching("inner") as inner:
        wait_until(lambda: outer.named and inner.named)
    assert sorted(line.split()[1] for line in capsys.readouterr().err.splitlines()) == ["inner,", "outer,"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_ends_with_an_exception_is_not_watched_any_more(error: type[BaseException]) -> None:
    with pytest.raises(error), watching("it raises"):
        raise error
    assert not watch._running


def test_the_thread_ends_when_there_is_nothing_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_LINGER", 0.02)
    with watching("something"):
        assert len(watcher()) == 1
    wait_until(lambda: not watcher())
    with watching("something else") as one:
        wait_until(lambda: one.named)


def test_stopping_ends_the_thread_and_the_next_watch_starts_one(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("something"):
        watch.stop()
        assert not watcher()
    with watching("something else") as one:
        wait_until(lambda: one.named)
    assert "something else" in capsys.readouterr().err


def test_standard_error_that_is_stuck_does_not_hold_up_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, go_on = threading.Event(), threading.Event()

    def notice(text: str) -> bool:
        stuck.set()
        return go_on.wait(20)

    monkeypatch.setattr(watch, "notice", notice)
    with watching("slow"):
        assert stuck.wait(20)
        with watching("inner"):
            pass
    assert not go_on.is_set()
    go_on.set()


FORK = """
import os, sys, threading, time, warnings
warnings.simplefilter("always")
from ipcore.plugins import watch
watch.PATIENCE = 0.02

def named(one):
    until = time.monotonic() + 20
    while not one.named and time.monotonic() < until:
        time.sleep(0.005)
    return one.named

with watch.watching("before") as before:
    child = os.fork()
    if child:
        with watch.watching("next"):
            assert named(before)
    # The child goes on from here too, though its own list is empty.
if child:
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
assert threading.active_count() == 1
with watch.watching("in the child") as one:
    assert named(one)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_while_a_plugin_runs_disturbs_neither_process() -> None:
    run = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert sorted(line for line in run.stderr.splitlines() if "next" not in line) == [
        "ipshell: before, has been busy for 0 s; Ctrl-C goes on without it.",
        "ipshell: in the child, has been busy for 0 s; Ctrl-C goes on without it.",
    ]
