"""Every host beside every other: what becomes of a cell, a task, a question, Ctrl-C, a fork in each.

With ``IPSHELL_HOST_TABLE=FILE`` in the environment a table of what was seen is written there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from driven_hosts import EMBEDDING, HOSTS, Host, MessageHost
from outcomes import FAILED

PLAIN, PIPE, EDITOR, PAINTER, MESSAGES, EMBED, EMBED_RUN, EMBED_THREAD, EMBED_ASYNC = HOSTS
COLUMNS = (
    "cell",
    "await",
    "background task",
    "input()",
    "child on the tty",
    "interrupt",
    "fork",
    "embed",
    "exit",
)
#: What comes first in each session.
IMPORTS = "from prelude import *; from ipcore import embed"

Note = Callable[[str, str, str], None]


class Sessions:
    """One session of each host, begun anew after a test that failed in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._open: dict[str, Host] = {}

    def new(self, name: str) -> Host:
        self._count += 1
        made = HOSTS[name](self._folder / f"{self._count}")
        try:
            assert made.cell(IMPORTS) == []
        except BaseException:
            made.close()
            raise
        return made

    def take(self, name: str) -> Host:
        """Give the session; it has to be given back, or it is over."""
        return self._open.pop(name, None) or self.new(name)

    def give_back(self, name: str, host: Host) -> None:
        self._open[name] = host

    def close(self) -> None:
        for each in self._open.values():
            each.close()


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    made = Sessions(tmp_path_factory.mktemp("hosts"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def note() -> Iterator[Note]:
    """Give a function that notes what was seen of a host in a column."""
    seen: dict[tuple[str, str], str] = {}

    def add(host: str, column: str, phrase: str) -> None:
        seen[host, column] = phrase

    yield add
    file = os.environ.get("IPSHELL_HOST_TABLE")
    if file:
        rows = [[name, *(seen.get((name, column), "") for column in COLUMNS)] for name in HOSTS]
        table = [["host", *COLUMNS], ["---"] * (1 + len(COLUMNS)), *rows]
        Path(file).write_text("".join(f"| {' | '.join(row)} |\n" for row in table), encoding="utf-8")


@pytest.fixture(params=HOSTS, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def host(sessions: Sessions, name: str, request: pytest.FixtureRequest) -> Iterator[Host]:
    taken = sessions.take(name)
    yield taken
    if request.node.stash.get(FAILED, True):
        taken.close()
    else:
        sessions.give_back(name, taken)


def test_a_cell(host: Host, name: str, note: Note) -> None:
    assert host.cell("one = 1; print('printed'); one + 1") == ["printed", f"Out[{host.number - 1}]: 2"]
    lines = host.cell("1 / 0")
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert not any("ipcore" in line for line in lines)
    assert host.cell("one + 2")[-1].endswith("]: 3")
    note(name, "cell", "printed, then `Out[1]: 2`; a traceback of its own lines alone")


def test_await(host: Host, name: str, note: Note) -> None:
    assert host.cell("await asyncio.sleep(0.01, 'awaited')") == [f"Out[{host.number - 1}]: 'awaited'"]
    assert host.cell("asyncio.run(asyncio.sleep(0.01, 'run'))") == [f"Out[{host.number - 1}]: 'run'"]
    assert host.cell("await asyncio.sleep(0, 'again')")[-1].endswith("'again'")
    note(name, "await", "`Out[1]: 'awaited'`; `asyncio.run()` in the next cell works too")


def value(host: Host, code: str) -> int:
    return int(host.cell(code)[-1].partition("]: ")[2])


def test_a_background_task(host: Host, name: str, note: Note) -> None:
    by_turns = name in (PIPE, EMBED_THREAD)
    assert (
        host.cell(f"t = asyncio.create_task({'spin' if by_turns else 'tick'}()); await asyncio.sleep(0)")
        == []
    )
    if by_turns:
        first = value(host, "count[0]")
        second = value(host, "count[0]")
        # A loop that ran freely would make thousands of rounds.
        assert first < second < first + 10
        phrase = "has a turn at each prompt, and stands still while that waits"
    else:
        host.wait_for_signs()
        phrase = "ticks while the prompt waits"
        if not isinstance(host, MessageHost):
            host.type("6 *")
            host.until(" 6 *")
            host.wait_for_signs()
            assert host.cell(" 7")[-1].endswith("]: 42")
            host.wait_for_signs()
            phrase += " and while a line is typed"
    if name in (EMBED_RUN, EMBED_ASYNC):
        before = value(host, "outer[0]")
        host.wait_for_signs()
        after = value(host, "outer[0]")
        assert (after == before) == (name == EMBED_RUN)
        phrase += "; the program's own stand still" if after == before else "; so do the program's own"
    assert host.cell("_ = t.cancel()") == []
    host.cell("async def lost(): 1/0")
    told = host.cell("t = asyncio.create_task(lost()); await asyncio.sleep(0.01)")
    if name != EMBED_ASYNC:  # the program's loop tells by itself, when the task is collected
        assert any("(lost) failed with ZeroDivisionError, and nobody has awaited it" in line for line in told)
        phrase += "; a lost one is told"
    note(name, "background task", phrase)


def test_input(host: Host, name: str, note: Note) -> None:
    host.begin("'<' + input('name? ') + '>'")
    host.answer("name? ", "ann")
    assert host.ended()[-1].endswith("'<ann>'")
    phrase = "the next line of the pipe" if name == PIPE else "answered in the terminal"
    if isinstance(host, MessageHost):
        phrase = "a question to the client, by a message"
    host.cell("said = []")
    host.cell("asker = threading.Thread(target=lambda: said.append(input('who? ')), name='asker')")
    host.begin("asker.start(); asker.join(); said")
    if name == PIPE:
        assert host.ended()[-1].endswith("]: []")
        phrase += "; of a thread: an error that says so"
    elif name == EDITOR:  # as small as can be, it answers no questions itself
        host.answer("who? ", "bob")
        assert host.ended()[-1].endswith("['bob']")
        phrase += "; of a thread, in this host: read by the thread"
    else:
        host.answer("Thread 'asker' asks: who? ", "bob")
        assert host.ended()[-1].endswith("['bob']")
        phrase += "; of a thread: `Thread 'asker' asks: who?`"
    note(name, "input()", phrase)


def test_a_child_on_the_terminal(host: Host, name: str, note: Note) -> None:
    host.begin("child()")
    if isinstance(host, MessageHost):
        assert host.ended() == ["no terminal", "asked", "got"]
        phrase = "its output is the cell's; it has no terminal and reads nothing"
    else:
        host.until("asked")
        host.type("this\r")
        lines = host.ended()
        assert lines[0] == ("a terminal" if host.terminal else "no terminal")
        assert lines[-1] == "got this"
        phrase = (
            "reads from the terminal, then the prompt, once"
            if host.terminal
            else "reads the next line of the pipe"
        )
    assert host.cell("6 * 7")[-1].endswith("]: 42")
    note(name, "child on the tty", phrase)


def test_an_interrupt(host: Host, name: str, note: Note) -> None:
    host.cell("t = asyncio.create_task(tick()); await asyncio.sleep(0)")
    for code in ("naps()" if name == EMBED_THREAD else "nap()", "await anap()", "asyncio.run(anap())"):
        host.begin(code)
        host.until("going")
        lines = host.interrupt()
        assert lines[-1] == "KeyboardInterrupt"
        assert not any("ipcore" in line for line in lines)
    if name not in (PIPE, EMBED_THREAD):
        host.wait_for_signs()
    assert host.cell("t.done()")[-1].endswith("]: False")
    phrase = "`KeyboardInterrupt`, the shell and its tasks stay"
    if name == EMBED_THREAD:
        phrase += "; acts at the next bytecode"
    if isinstance(host, MessageHost):
        host.client.settle()
        host.client.send("interrupt", id="idle")
        host.client.see("interrupted", "idle", done=False)
        phrase += "; at the prompt it does nothing"
    elif host.terminal:
        host.type("half a line")
        host.until("half a line")
        if name == EMBED_THREAD:
            host.press()
            host.type("\r")
            host.prompt()
            phrase += "; at the prompt it drops the line once that ends"
        else:
            host.press_until_prompt(host.number)
            phrase += "; at the prompt it drops the line"
    assert host.cell("t.done()")[-1].endswith("]: False")
    host.cell("_ = t.cancel()")
    if name != EMBED_THREAD:  # there Python lets nobody replace it
        told = host.cell("import signal; _ = signal.signal(signal.SIGINT, signal.SIG_IGN)")
        told += host.cell("'next'")
        assert sum("replaced what Ctrl-C does: it was ignored (SIG_IGN)" in line for line in told) == 1
        host.begin("naps()")
        host.until("going")
        assert host.interrupt()[-1] == "KeyboardInterrupt"
        phrase += "; a replaced handler is named and undone"
    note(name, "interrupt", phrase)


#: Hosts that have a thread which cannot end before a fork; since 3.12 Python warns of that.
THREADED = (EDITOR, PAINTER, MESSAGES, EMBED_THREAD)


def test_a_fork(host: Host, name: str, note: Note) -> None:
    lines = host.cell("pid = os.fork(); pid and ended(pid);")
    assert "child ended with 0" in lines
    warned = any("DeprecationWarning: This process (pid=" in line for line in lines)
    assert warned == (name in THREADED and sys.version_info >= (3, 12))
    host.cell("import warnings; warnings.simplefilter('ignore', DeprecationWarning)")
    ends = "ended(pid) if pid else print('child', flush=True)"
    for code in (f"pid = os.fork(); {ends}", f"await asyncio.sleep(0); pid = os.fork(); {ends}"):
        assert host.cell(code) == ["child", "child ended with 0"]
    assert host.cell("pid = os.fork(); ended(pid) if pid else sys.exit(3)") == ["child ended with 3"]
    assert host.cell("await asyncio.to_thread(lambda: 6 * 7)")[-1].endswith("]: 42")
    phrase = "the child leaves where its cell ends; the prompt comes once"
    if name in THREADED:
        phrase += "; from 3.12 on Python warns of the host's other thread"
    note(name, "fork", phrase)


def test_an_embedded_shell(host: Host, name: str, note: Note) -> None:
    outer = host.number
    host.begin("embed(header='inner', confirm_exit=False)")
    if isinstance(host, MessageHost):
        for code in ("mine = 5", "6 * 7", "exit"):
            host.answer("", code)
        lines = host.ended()
        assert lines[0] == "inner"
        assert "In [2]: Out[2]: 42" in lines
        phrase = "its prompts are the cell's output, its cells answers to questions"
    else:
        host.number = 1
        host.prompt()
        assert host.cell("mine = 5") == []
        assert host.cell("6 * 7") == ["Out[2]: 42"]
        host.begin("naps()")
        host.until("going")
        assert host.interrupt()[-1] == "KeyboardInterrupt"
        assert host.cell("await asyncio.sleep(0.01, mine)")[-1] == "Out[4]: 5"
        host.begin("exit")
        host.number = outer
        host.ended()
        phrase = "`In [1]:` of its own, Ctrl-C stops its cells, `exit` leads back"
    assert host.cell("mine")[-1].endswith("]: 5")
    host.begin("naps()")
    host.until("going")
    assert host.interrupt()[-1] == "KeyboardInterrupt"
    note(name, "embed", f"{phrase}; names are kept")


def test_leaving(sessions: Sessions, name: str, note: Note) -> None:
    host = sessions.new(name)
    try:
        host.cell("import atexit; _ = atexit.register(print, 'at exit')")
        host.cell("t = asyncio.create_task(tick()); await asyncio.sleep(0)")
        host.cell("t.add_done_callback(lambda t: print('task cancelled', t.cancelled()))")
        if isinstance(host, MessageHost):
            assert host.cell("exit") == []
            assert host.cell("6 * 7")[-1].endswith("]: 42")
            host.client.send("shutdown")
            host.client.see("ended")
            status, text = host.client.end()
            assert (status, text) == (0, "task cancelled True\nat exit\n")
            phrase = "`exit` is noted; the client's shutdown ends it with status 0"
        else:
            status, lines = host.leave()
            assert status == 0
            lines = host.since(lines, host.number)
            last = ["task cancelled True", "at exit"]
            if name in EMBEDDING:
                last.insert(1, "given back 1")
                if name in (EMBED_RUN, EMBED_ASYNC):
                    last[1] += " and the program goes on: True"
            if name == EMBED_ASYNC:  # the task is the program's now
                last = last[1:2] + last[:1] + last[2:]
            assert lines == last
            phrase = "tasks cancelled, then status 0"
            if name in EMBEDDING:
                phrase = "tasks cancelled, the program goes on and ends with status 0"
            if name == EMBED_ASYNC:
                phrase = "the program and the tasks go on, and end with status 0"
        note(name, "exit", phrase)
    finally:
        host.close()
