"""The end of the process: quick where nobody can tell, and nothing is lost where somebody could."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faulty_plugins import Run

from ipcore.application.ending import QuickEnd, end_quickly, needs_end
from ipcore.errors import UserError

KNOWN = frozenset({*sys.stdlib_module_names, "ipcore"})


def generator() -> Iterator[int]:
    yield 1


async def coroutine() -> None:
    """Nothing."""


class Deleted:
    def __del__(self) -> None: ...


def begun() -> Iterator[int]:
    made = generator()
    next(made)
    return made


def test_what_only_holds_memory_needs_no_end() -> None:
    done = generator()
    list(done)
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    loop = asyncio.new_event_loop()
    loop.close()
    objects: list[Any] = [
        {},
        [1],
        UserError,
        UserError("text"),
        generator,
        done,
        closed,
        loop,
        sys.stdin.__class__,
        int,
    ]
    assert needs_end(objects, ["sys", "ipcore.shell", "asyncio.events"], KNOWN) == ""


@pytest.mark.parametrize("make", [begun, Deleted, lambda: Deleted, socket.socket, lambda: coroutine()])
def test_what_does_something_when_it_is_freed_needs_one(make: Callable[[], Any]) -> None:
    made = make()
    try:
        assert needs_end([made], [], KNOWN).startswith("an object of the class ")
    finally:
        if hasattr(made, "close"):
            made.close()


def test_a_file_that_may_have_something_to_write_needs_one(tmp_path: Path) -> None:
    with open(tmp_path / "written", "w") as written:
        assert needs_end([written], [], KNOWN) == "an object of the class TextIOWrapper"
        assert needs_end([written.buffer], [], KNOWN) == "an object of the class BufferedWriter"
    assert needs_end([written], [], KNOWN) == ""
    with open(tmp_path / "written") as read:
        assert needs_end([read], [], KNOWN) == ""


@pytest.mark.parametrize("name", ["numpy", "_gdbm", "__main__x"])
def test_a_module_of_which_nothing_is_known_needs_one(name: str) -> None:
    assert needs_end([], ["sys", name], KNOWN - {"_gdbm"}) == f"the module {name}"


def test_it_stands_in_for_what_is_called_at_a_prompt_of_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    monkeypatch.setattr(sys, "__interactivehook__", lambda: called.append(1), raising=False)
    end_quickly([])
    hook: Any = sys.__interactivehook__
    assert isinstance(hook, QuickEnd)
    hook()
    assert called == [1]
    before = gc.get_freeze_count()
    del hook
    monkeypatch.undo()
    gc.collect()
    assert gc.get_freeze_count() == before  # the process goes on


LEFT_OPEN = """
class Log: file = open('log.txt', 'w')

Log.file.write('kept')
"""
SPEAKS = """
class Speaks:
    def __del__(self): print('freed')

it = Speaks(); it.me = it
"""


def test_nothing_is_lost(ipcore: Run, tmp_path: Path) -> None:
    done = ipcore("--nosep", typed=LEFT_OPEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "work" / "log.txt").read_text() == "kept"
    assert ipcore("--nosep", typed=SPEAKS).stdout.endswith("freed\n")


TOLD = """
import os
import ipcore.application.ending as ending
needs = ending.needs_end
def told(*given):
    reason = needs(*given)
    os.write(1, f"[{reason}]".encode())
    return reason
ending.needs_end = told
from ipcore.__main__ import main
main()
"""


@pytest.mark.parametrize(("typed", "reason"), [("1\n", ""), (SPEAKS, "an object of the class type")])
def test_an_ordinary_session_ends_quickly(home: Path, tmp_path: Path, typed: str, reason: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=tmp_path,
        env={**os.environ, "IPSHELL_HOME": str(home)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert f"[{reason}]" in done.stdout
