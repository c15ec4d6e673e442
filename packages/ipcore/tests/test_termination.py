"""SIGTERM and SIGHUP: the terminal comes back, the parts close, the process ends by the signal."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("these signals are POSIX's", allow_module_level=True)

from test_interrupts import GO, Session

Run = Callable[..., subprocess.CompletedProcess[str]]

#: A part that writes a file when it closes, and then runs a statement.
PART = """\
import asyncio, os, signal, sys, time
from ipcore.component import Component
class Part(Component):
    then = "pass"
    def on_close(self):
        with open("closed", "a") as file:
            file.write("once")
        exec(self.then)
def part(): Part(parent=get_ipython(), name="part")
"""

NUMBERS = [signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def session(home: Path, tmp_path: Path) -> Iterator[Session]:
    (tmp_path / "setup.py").write_text(PART)
    made = Session(tmp_path, "-i", "setup.py")
    made.cell("part()")
    yield made
    made.terminal.close()


def ended_by(session: Session) -> int:
    """Wait for the end of the process; give the signal that it ended by."""
    return -session.terminal.exit_status()


def reads_lines(session: Session) -> bool:
    """Tell whether the terminal echoes and edits lines by itself, as it did before the shell."""
    mode = session.terminal.tty_mode()
    return mode.canonical and mode.echo


@pytest.mark.parametrize("number", NUMBERS)
def test_at_the_prompt_parts_close_and_the_terminal_comes_back(
    session: Session, tmp_path: Path, number: int
) -> None:
    assert not reads_lines(session)
    session.terminal.send_signal(number)
    assert ended_by(session) == number
    assert (tmp_path / "closed").read_text() == "once"
    assert reads_lines(session)


def test_os_exit_in_a_cell_leaves_the_terminal_as_it_was(session: Session) -> None:
    session.terminal.type("os._exit(3)\r")
    assert session.terminal.exit_status() == 3
    assert reads_lines(session)


@pytest.mark.parametrize(
    "cell",
    [
        f"{GO}; time.sleep(100)",
        f"{GO}; await asyncio.sleep(100)",
        f"{GO}; exec('while True: pass')",
        f"{GO}; asyncio.run(asyncio.sleep(100))",
        f"try: {GO}; time.sleep(100)\rexcept BaseException: time.sleep(100)\r",
    ],
)
def test_while_a_cell_runs(session: Session, tmp_path: Path, cell: str) -> None:
    session.start(cell)
    session.terminal.send_signal(signal.SIGTERM)
    assert ended_by(session) == signal.SIGTERM
    assert (tmp_path / "closed").read_text() == "once"


@pytest.mark.parametrize("cell", ["", f"{GO}; await asyncio.sleep(100)"])
def test_tasks_are_cancelled_first(session: Session, tmp_path: Path, cell: str) -> None:
    session.cell(
        "async def task():\r    try: await asyncio.sleep(100)\r    finally: open('task', 'w').close()\r"
    )
    session.cell("t = asyncio.create_task(task()); await asyncio.sleep(0)")
    if cell:
        session.start(cell)
    session.terminal.send_signal(signal.SIGTERM)
    assert ended_by(session) == signal.SIGTERM
    assert (tmp_path / "task").exists()
    assert (tmp_path / "closed").read_text() == "once"
    assert "from inside its own event loop" not in session.terminal.text


def test_a_part_that_does_not_close_is_given_a_deadline(session: Session, tmp_path: Path) -> None:
    session.cell("import ipcore.hosts.termination as t; t.DEADLINE = 0.3; Part.then = 'time.sleep(1000)'")
    session.terminal.send_signal(signal.SIGTERM)
    assert ended_by(session) == signal.SIGTERM


def test_the_second_request_ends_at_once(session: Session, tmp_path: Path) -> None:
    session.cell("import ipcore.hosts.termination as t; t.DEADLINE = 1000; Part.then = 'time.sleep(1000)'")
    session.terminal.send_signal(signal.SIGTERM)
    session.terminal.wait_for(lambda _: (tmp_path / "closed").exists(), "the part closing")
    session.terminal.send_signal(signal.SIGTERM)
    assert ended_by(session) == signal.SIGTERM


def test_a_part_that_fails_to_close_keeps_nobody(session: Session, tmp_path: Path) -> None:
    session.cell("Part.then = 'raise KeyboardInterrupt'; part()")
    session.terminal.send_signal(signal.SIGTERM)
    assert ended_by(session) == signal.SIGTERM
    assert (tmp_path / "closed").read_text() == "onceonce"


def test_what_the_user_handles_is_the_users(session: Session) -> None:
    session.cell("h = signal.signal(signal.SIGTERM, lambda *_: print('mi' + 'ne', flush=True))")
    session.terminal.send_signal(signal.SIGTERM)
    session.terminal.wait_for(lambda lines: any("mine" in line for line in lines), "the user's handler")


def test_a_forked_child_dies_of_it_as_any_process(session: Session, tmp_path: Path) -> None:
    session.cell("r, w = os.pipe(); say = lambda: os.write(w, repr(signal.getsignal(15)).encode())")
    session.cell("pid = os.fork() or (say(), time.sleep(100))")
    assert "SIG_DFL" in session.cell("os.read(r, 99)")
    assert "(0, -15)" in session.cell(
        "os.kill(pid, 15), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])"
    ).replace("None", "0")
    assert not (tmp_path / "closed").exists()


def test_a_piped_session_closes_too(home: Path, tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(PART)
    process = subprocess.Popen(
        [sys.executable, "-m", "ipcore", "--nosep", "-i", "setup.py"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(b"part(); print('going', flush=True)\n")
        process.stdin.flush()
        while b"going" not in process.stdout.readline():
            pass
        process.terminate()
        assert process.wait(30) == -signal.SIGTERM
    assert (tmp_path / "closed").read_text() == "once"


@pytest.mark.parametrize("way", [["-c"], ["program.py"], ["-m", "program"]])
def test_a_program_ends_at_once_as_under_python(ipcore: Run, tmp_path: Path, way: list[str]) -> None:
    text = "import os, signal\nassert signal.getsignal(15) == signal.SIG_DFL\nos.kill(os.getpid(), 15)\n"
    (tmp_path / "work" / "program.py").write_text(text)
    done = ipcore(*way, *([text] if way == ["-c"] else []))
    assert done.returncode == -signal.SIGTERM


def test_embed_leaves_the_programs_handlers_alone(ipcore: Run, tmp_path: Path) -> None:
    program = (
        "import signal\nfrom ipcore.embedding import embed\n"
        "def own(number, frame): pass\nsignal.signal(15, own)\nembed()\n"
        "print(signal.getsignal(15) is own)\n"
    )
    (tmp_path / "work" / "program.py").write_text(program)
    done = ipcore("program.py", typed="signal.getsignal(15) is own, signal.getsignal(1) == signal.SIG_DFL\n")
    assert "(True, True)" in done.stdout
    assert done.stdout.endswith("True\n")


def test_an_ignored_hangup_of_the_parent_process_stays_ignored(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, "-m", "ipcore", "--nosep"],
        input="import os\nos.kill(os.getpid(), 1)\n'still here'\n",
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert "still here" in done.stdout
    assert done.returncode == 0
