"""embed_async(): a shell that the program's other tasks go on beside, in asyncio and in trio."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from test_embedding import Program

#: A program whose task writes to a pipe again and again, beside a shell.
ASYNCIO = """
import asyncio, os, signal, sys, termios, threading
from ipcore import embed_async, get_ipython

def state():
    return (
        len(os.listdir("/dev/fd")), [*map(str, threading.enumerate())], signal.getsignal(signal.SIGINT),
        get_ipython(), sys.displayhook, asyncio.get_event_loop(), termios.tcgetattr(0),
    )

async def tick(ticks):
    while True:
        os.write(ticks, b".")
        await asyncio.sleep(0.01)

async def main(n):
    ticks = os.open("ticks", os.O_RDWR)
    ticker = asyncio.create_task(tick(ticks))
    here = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, here.cancel)
    if "handler" in sys.argv:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, here.cancel)
    before = state()
    try:
        await embed_async("hello", exit_msg="bye")
        print("given back", n)
    except asyncio.CancelledError:
        print("cancelled")
    assert state() == before, (before, state())
    print("ticking", not ticker.done(), len(asyncio.all_tasks()))
    print("typed", input("more? "))

asyncio.run(main(1))
"""
TRIO = """
import os, signal, sys, termios, threading, trio
from ipcore import embed_async, get_ipython

def state():
    return (
        len(os.listdir("/dev/fd")), [*map(str, threading.enumerate())], signal.getsignal(signal.SIGINT),
        get_ipython(), sys.displayhook, termios.tcgetattr(0),
    )

async def tick(ticks):
    while True:
        os.write(ticks, b".")
        await trio.sleep(0.01)

async def stop(scope, task_status):
    with trio.open_signal_receiver(signal.SIGUSR1) as signals:
        task_status.started()
        async for _ in signals:
            scope.cancel()

async def main(n):
    ticks = os.open("ticks", os.O_RDWR)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(tick, ticks)
        with trio.CancelScope() as scope:
            await nursery.start(stop, scope)
            before = state()
            try:
                await embed_async("hello", exit_msg="bye")
                print("given back", n)
            finally:
                assert state() == before, (before, state())
        if scope.cancelled_caught:
            print("cancelled")
        await trio.sleep(0)
        print("ticking True", 2)
        print("typed", input("more? "))
        nursery.cancel_scope.cancel()

trio.run(main, 1)
"""
#: Where the terminal itself edits lines.
PLAIN = "import sys; sys.modules['readline'] = None" + ASYNCIO
PROGRAMS = pytest.mark.parametrize(
    ("library", "program"),
    [("asyncio", ASYNCIO), ("trio", TRIO), ("asyncio", PLAIN)],
    ids=["asyncio", "trio", "without readline"],
)


class Ticking(Program):
    """A program in a terminal, and the pipe that its task writes to."""

    def __init__(self, folder: Path, text: str, *arguments: str) -> None:
        file = folder / "program.py"
        file.write_text(text)
        os.mkfifo(folder / "ticks")
        self._ticks = os.open(folder / "ticks", os.O_RDONLY | os.O_NONBLOCK)
        super().__init__(file, *arguments, cwd=folder)

    def ticks(self) -> None:
        """Wait for signs of life of the other task, of which none may be an old one."""
        while select.select([self._ticks], [], [], 0)[0] and os.read(self._ticks, 65536):
            pass
        deadline = time.monotonic() + 30
        for _ in range(5):
            assert select.select([self._ticks], [], [], max(0, deadline - time.monotonic()))[0], "no ticks"
            os.read(self._ticks, 1)

    def line(self, text: str) -> None:
        self.type(text + "\r")

    def close(self) -> None:
        os.close(self._ticks)
        super().close()


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Callable[..., Ticking]]:
    started: list[Ticking] = []

    def start(text: str, *arguments: str) -> Ticking:
        started.append(Ticking(tmp_path, text, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


Start = Callable[..., Ticking]


@PROGRAMS
def test_other_tasks_go_on_at_the_prompt_and_in_a_cell_that_awaits(
    start: Start, library: str, program: str
) -> None:
    shell = start(program)
    shell.see("hello", "", "In [1]:")
    shell.ticks()
    shell.type("n + 1")  # half a line
    shell.ticks()
    shell.line("0")
    shell.see("In [1]: n + 10", "Out[1]: 11", "", "In [2]:")
    shell.line(f"import {library}; print('go'); await {library}.sleep(1000)")
    shell.see("In [2]: " + f"import {library}; print('go'); await {library}.sleep(1000)", "go")
    shell.ticks()
    shell.press("ctrl-c")
    shell.see("KeyboardInterrupt", "", "In [3]:")
    shell.ticks()
    for prompt, line in (("In [3]: ", "for i in range(2):"), ("   ...: ", "    n += (lambda: n)()")):
        shell.line(line)
        shell.see(prompt + line, "   ...:")
    shell.line("")
    shell.see("   ...:", "", "In [4]:")
    shell.line("exit")
    shell.see("In [4]: exit", "bye", "given back 4", "ticking True 2", "more?")
    shell.line("x")
    shell.see("more? x", "typed x")


@PROGRAMS
def test_ctrl_c_drops_a_line_or_stops_a_cell_and_nothing_of_the_program(
    start: Start, library: str, program: str
) -> None:
    shell = start(program)
    shell.see("hello", "", "In [1]:")
    for _ in range(2):
        shell.type("half a line")
        shell.see("In [1]: half a line")
        shell.press("ctrl-c")
        shell.see("KeyboardInterrupt", "", "In [1]:")
        shell.ticks()
    shell.line("import time; print('go'); [time.sleep(0.1) for _ in range(600)]")
    shell.see("In [1]: import time; print('go'); [time.sleep(0.1) for _ in range(600)]", "go")
    shell.press("ctrl-c")
    lines = shell.see("KeyboardInterrupt", "", "In [2]:")
    assert not any("ipcore" in line for line in lines)
    shell.ticks()
    shell.line(f"from {library} import sleep")
    shell.see("In [3]:")
    busy = "await sleep(0); print('go'); exec('while 1: pass')"
    shell.line(busy)
    shell.see(f"In [3]: {busy}", "go")
    shell.press("ctrl-c")
    shell.see("KeyboardInterrupt", "", "In [4]:")
    shell.ticks()
    # What starts a loop of its own takes Ctrl-C over from the handler that Python begins with.
    shell.line("import signal; own = signal.getsignal(signal.SIGINT) is signal.default_int_handler")
    shell.see("In [5]:")
    shell.line("import asyncio; asyncio.run(asyncio.sleep(0, own))")
    shell.see("Out[5]: True", "", "In [6]:")
    shell.press("ctrl-d")
    shell.see("Do you really want to exit ([y]/n)?")
    shell.line("n")
    shell.see("In [6]:")
    shell.press("ctrl-d")
    shell.see("Do you really want to exit ([y]/n)?")
    shell.line("")
    shell.see("bye", "given back 1", "ticking True 2", "more?")


#: Ctrl-C comes between the two steps, of which the second tells the system what the first has noted.
BETWEEN = """
import os, selectors, signal
def between(name):
    note = getattr(selectors._BaseSelectorImpl, name)
    def noted(self, what, *rest):
        key = note(self, what, *rest)
        if isinstance(what, int) and os.isatty(what) and os.path.exists("strike"):
            os.remove("strike")
            signal.raise_signal(signal.SIGINT)
        return key
    setattr(selectors._BaseSelectorImpl, name, noted)
"""


@pytest.mark.parametrize("step", ["register", "unregister"])
def test_ctrl_c_while_the_loop_changes_what_it_watches(start: Start, tmp_path: Path, step: str) -> None:
    shell = start(f"{BETWEEN}\nbetween({step!r})\n{ASYNCIO}")
    shell.see("hello", "", "In [1]:")
    for times in (1, 2, 3):
        (tmp_path / "strike").touch()
        shell.type("h")

        def struck(lines: list[str], times: int = times) -> bool:
            return lines[-1].startswith("In [1]:") and lines.count("KeyboardInterrupt") == times

        shell.wait_for(struck, "the prompt after Ctrl-C")
    shell.line("")  # perhaps a name: Ctrl-C may have come before the key
    shell.line("6 * 7")
    shell.wait_for(lambda lines: any(line.endswith("]: 42") for line in lines), "the value")
    shell.ticks()


@pytest.mark.parametrize(
    ("program", "who"),
    [(ASYNCIO, "thread"), (TRIO, "thread"), (ASYNCIO, "callback")],
    ids=["asyncio thread", "trio thread", "asyncio callback"],
)
def test_a_question_at_the_prompt_comes_between_the_keys_of_a_line(
    start: Start, program: str, who: str
) -> None:
    shell = start(program)
    shell.see("hello", "", "In [1]:")
    shell.line("from threading import *; go = Event(); said = []; f = lambda: said.append(input('who? '))")
    shell.see("In [2]:")
    if who == "thread":
        shell.line(
            "Thread(target=lambda: (go.wait(), f()), name='asker').start(); Timer(0.3, go.set).start()"
        )
        question = "Thread 'asker' asks: who?"
    else:
        shell.line("await asyncio.sleep(0); _ = asyncio.get_running_loop().call_later(0.3, f)")
        question = "Thread 'MainThread (a callback)' asks: who?"
    shell.see("In [3]:")
    shell.type("6 *")
    shell.see("In [3]: 6 *", question)
    shell.line("ann")
    shell.see(f"{question} ann", "In [3]: 6 *")
    shell.ticks()
    shell.line(" 7")
    shell.see("In [3]: 6 * 7", "Out[3]: 42", "", "In [4]:")
    shell.line("said")
    shell.see("Out[4]: ['ann']", "", "In [5]:")


@pytest.mark.parametrize("program", [ASYNCIO, TRIO], ids=["asyncio", "trio"])
def test_a_line_is_edited_and_recalled_beside_the_other_tasks(start: Start, program: str) -> None:
    shell = start(program)
    shell.see("hello", "", "In [1]:")
    shell.line("n + 10\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D+")  # before the +
    shell.see("In [1]: n + 10"[:9] + "+ + 10", "Out[1]: 11", "", "In [2]:")
    shell.line("'\u00e4' * 2")
    shell.see("Out[2]: '\u00e4\u00e4'", "", "In [3]:")
    shell.type("half a line")
    shell.see("In [3]: half a line")
    shell.press("ctrl-c")
    shell.see("KeyboardInterrupt", "", "In [3]:")
    shell.type("\x1b[A\x1b[A")
    shell.ticks()
    shell.line("0")
    shell.see("Out[3]: 101", "", "In [4]:")
    shell.line("input('a question of the cell: ')")
    shell.see("a question of the cell:")
    shell.line("yes")
    shell.see("Out[4]: 'yes'", "", "In [5]:")
    shell.line("exit")
    shell.see("ticking True 2", "more?")
    shell.type("\x1b[A")  # lines typed in the shell are not the program's
    shell.line("x")
    shell.see("typed x")


@PROGRAMS
@pytest.mark.parametrize("where", ["prompt", "cell"])
def test_cancelling_the_programs_task_ends_the_shell_and_leaves_nothing(
    start: Start, library: str, program: str, where: str
) -> None:
    shell = start(program)
    shell.see("hello", "", "In [1]:")
    if where == "cell":
        shell.line(f"import {library}; print('go'); await {library}.sleep(1000)")
        shell.see(f"In [1]: import {library}; print('go'); await {library}.sleep(1000)", "go")
    shell.send_signal(signal.SIGUSR1)
    shell.see("cancelled", "ticking True 2", "more?")
    shell.line("x")
    shell.see("more? x", "typed x")


def test_ctrl_c_does_not_reach_a_handler_of_the_loop_but_other_signals_do(start: Start) -> None:
    shell = start(ASYNCIO, "handler")
    shell.see("hello", "", "In [1]:")
    shell.press("ctrl-c")
    shell.see("KeyboardInterrupt", "", "In [1]:")
    shell.line("await __import__('asyncio').sleep(0, 'there')")
    shell.see("Out[1]: 'there'", "", "In [2]:")
    shell.send_signal(signal.SIGUSR1)
    shell.see("cancelled", "ticking True 2", "more?")


#: Ctrl-C comes while readline calls what is to be done at the first prompt; it forgets errors.
IN_A_HOOK = """
import ipcore.plain.prefill as prefill, signal
run = prefill._run_pending
def struck():
    signal.raise_signal(signal.SIGINT)
    run()
prefill._run_pending = struck
"""


@pytest.mark.parametrize(
    ("library", "program"), [("asyncio", ASYNCIO), ("trio", TRIO)], ids=["asyncio", "trio"]
)
def test_ctrl_c_as_the_first_prompt_comes_is_not_lost(start: Start, library: str, program: str) -> None:
    shell = start(f"{IN_A_HOOK}{program}")
    shell.see("KeyboardInterrupt", "", "In [1]:")
    shell.line(f"await __import__('{library}').sleep(0) or 'there'")
    shell.see("Out[1]: 'there'", "", "In [2]:")


# -- without a terminal ------------------------------------------------------------


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give a function that runs a program with cells on standard input."""

    def run(program: str, typed: str, **options: object) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "program.py"
        file.write_text(textwrap.dedent(program))
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [sys.executable, "-W", "error", str(file)],
            **({"input": typed} | options),
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_pipe_is_read_no_further_than_the_shell_needs(run: Run) -> None:
    program = """
        import asyncio, sys
        from ipcore import embed_async
        async def main(n):
            await embed_async()
            return n
        print("back", asyncio.run(main(1)))
        print("rest", sys.stdin.read())
    """
    done = run(program, "n = n + 41\n'ä', n\nexit\nnot ours\n")
    assert done.stderr == ""
    assert "Out[2]: ('ä', 42)" in done.stdout
    assert done.stdout.endswith("back 42\nrest not ours\n\n")


@pytest.mark.parametrize("kind", ["file", "null", "closed"])
def test_other_kinds_of_standard_input(run: Run, tmp_path: Path, kind: str) -> None:
    program = """
        import asyncio, sys
        from ipcore import embed_async
        if "CLOSED":
            sys.stdin.close()
        asyncio.run(embed_async())
        print("back")
    """.replace("CLOSED", "yes" if kind == "closed" else "")
    (tmp_path / "typed").write_text("6 * 7\n")
    with open(os.devnull if kind == "null" else tmp_path / "typed") as stdin:
        done = run(program, "", stdin=stdin, input=None)
    assert ("Out[1]: 42" in done.stdout) == (kind == "file")
    assert ("a standard stream is closed" in done.stderr) == (kind == "closed")
    assert done.stdout.endswith("back\n")


def test_lines_come_by_a_thread_where_the_loop_watches_no_descriptors(run: Run) -> None:
    program = """
        import asyncio
        from ipcore import embed_async
        class Loop(asyncio.SelectorEventLoop):
            def add_reader(self, *_):
                raise NotImplementedError
            def _add_reader(self, fd, *rest):  # what the loop uses itself
                return super()._add_reader(fd, *rest)
        async def main(n):
            try:
                await asyncio.wait_for(embed_async(), 0.1)
            except TimeoutError:
                print("timed out")
                child.stdin.write("n\\nawait asyncio.sleep(0, n + 1)\\n")
                child.stdin.flush()
                await embed_async()
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(main(1))
    """
    # Standard input is a pipe that the program itself writes to.
    program = (
        textwrap.dedent(program)
        .replace(
            "from ipcore",
            "import os, types\nends = os.pipe()\nos.dup2(ends[0], 0)\n"
            "child = types.SimpleNamespace(stdin=os.fdopen(ends[1], 'w'))\nfrom ipcore",
            1,
        )
        .replace('n + 1)\\n")', 'n + 1)\\nexit\\n")')
    )
    done = run(program, "")
    assert done.stderr == ""
    assert "timed out" in done.stdout
    assert "Out[1]: 1" in done.stdout
    assert "Out[2]: 2" in done.stdout


def test_what_it_refuses_and_takes(run: Run) -> None:
    program = """
        import asyncio, contextvars
        from ipcore import embed_async, get_ipython
        from ipcore.errors import UserError
        variable = contextvars.ContextVar("variable", default=0)
        def attempt(coroutine):
            try:
                coroutine.send(None)
            except UserError as error:
                print("refused:", error)
        async def main():
            try:
                await embed_async(colours="no")
            except TypeError as error:
                print(error)
            assert get_ipython() is None
            over = {}
            # Made a task, it still has the names of the place it was called in.
            await asyncio.create_task(embed_async(user_ns=over, cache_size=0))
            print(over, mine)
            await embed_async()
            print(variable.get())
        mine = 3
        attempt(embed_async())
        asyncio.run(main())
    """
    done = run(
        program,
        "mine = 4\nover\nexit\nvariable.set(5) and None\nawait asyncio.sleep(0, variable.get())\nexit\n",
    )
    assert done.stderr == ""
    assert "refused: embed_async() works in asyncio and in trio; elsewhere call embed()" in done.stdout
    assert "no argument 'colours'" in done.stdout
    assert "{'mine': 4} 3\n" in done.stdout
    assert "Out[2]: 5" in done.stdout
    assert done.stdout.endswith(" 5\n")


def test_banners_are_printed_before_the_header(run: Run) -> None:
    program = """
        import asyncio
        from ipcore import embed_async
        asyncio.run(embed_async("header", banner1="one\\n", banner2="two", exit_msg="end"))
    """
    done = run(program, "exit\n")
    assert done.stderr == ""
    assert done.stdout.startswith("one\ntwo\nheader\n")
    assert done.stdout.endswith("end\n")


def test_two_at_once_are_refused(run: Run) -> None:
    program = """
        import asyncio
        from ipcore import embed_async
        async def main():
            both = await asyncio.gather(embed_async(), embed_async(), return_exceptions=True)
            print([str(each) for each in both])
        asyncio.run(main())
    """
    done = run(program, "1 + 41\nawait embed_async(header='inner')\n'deep'\nexit\nexit\n")
    assert "Out[1]: 42" in done.stdout
    assert "inner\n" in done.stdout
    assert "Out[1]: 'deep'" in done.stdout
    assert "another embed_async() of this process waits for a line" in done.stdout
