"""Ctrl-C in a real pseudo-terminal: it stops the cell and nothing else, and says why if it does not."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from test_plain_frontend import waiting_command

from ipcore.shell import InteractiveShell
from ipcore.testing.terminal import Terminal, shell_command

Run = Callable[..., subprocess.CompletedProcess[str]]
KEEP = "get_ipython().keep_signal_handlers = True"


class Session:
    """A shell in a terminal whose cells are typed one by one."""

    def __init__(self, cwd: Path, *arguments: str) -> None:
        self.terminal = Terminal(
            shell_command("--simple-prompt", "--nosep", "--no-banner", *arguments), cwd=cwd, rows=40
        )
        self.number = 1
        self.terminal.wait_for_prompt(1)

    def start(self, cell: str) -> None:
        """Type a cell that says "going" when it is, and wait for that."""
        self.terminal.type(cell + "\r")
        self.terminal.wait_for(lambda lines: lines[-1] == "going", "the cell going")

    def cell(self, cell: str) -> str:
        """Type a cell and wait for its end; give the screen from there on, long lines as one."""
        self.terminal.type(cell + "\r")
        return self.ended()

    def ended(self) -> str:
        self.number += 1
        lines = self.terminal.wait_for_prompt(self.number)
        # A long traceback drives the cell off the screen.
        at = max(
            (i for i, line in enumerate(lines) if line.startswith(f"In [{self.number - 1}]:")), default=0
        )
        return "".join(line.ljust(80) if len(line) > 76 else f"{line}\n" for line in lines[at:])

    def press(self) -> None:
        self.terminal.press("ctrl-c")

    def press_until(self, text: str) -> str:
        """Press Ctrl-C, twice a second, until a text is on the screen; give the screen."""
        next_time = time.monotonic()

        def seen(lines: list[str]) -> bool:
            nonlocal next_time
            if text in "".join(lines):
                return True
            if time.monotonic() >= next_time:
                self.press()
                next_time = time.monotonic() + 0.5
            return False

        return "".join(self.terminal.wait_for(seen, text))


@pytest.fixture
def session(home: Path, tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    yield made
    made.terminal.close()


GO = "print('go' + 'ing', flush=True)"

WAITS = {
    "sleep": f"import time; {GO}; time.sleep(100)",
    "busy": f"{GO}; exec('while True: pass')",
    "await": f"import asyncio; {GO}; await asyncio.sleep(100)",
    "asyncio.run": f"import asyncio; {GO}; asyncio.run(asyncio.sleep(100))",
    "subprocess": f"import subprocess; {GO}; subprocess.run(['sleep', '100'])",
    "lock": f"import threading; a = threading.Lock(); {GO}; a.acquire() and a.acquire()",
    "queue": f"import queue; {GO}; queue.Queue().get()",
    "select": f"import select; {GO}; select.select([], [], [], 100)",
    "thread": "import threading; t = threading.Thread(target=threading.Event().wait, daemon=True); "
    f"t.start(); {GO}; t.join()",
    "callback": "import asyncio, time; asyncio.get_event_loop().call_soon("
    "lambda: (print('go' + 'ing', flush=True), time.sleep(100))); await asyncio.sleep(50)",
}


@pytest.mark.parametrize("what", WAITS)
def test_ctrl_c_stops_the_cell_and_nothing_else(session: Session, what: str) -> None:
    session.start(WAITS[what])
    # The first one cancels the cell, which waits for the callback; Python loses one that comes just before
    # it waits for a lock.
    if what in ("callback", "thread", "lock"):
        session.press_until("KeyboardInterrupt")
    else:
        session.press()
    assert "KeyboardInterrupt" in session.ended()
    assert "Out[2]: 42" in session.cell("6 * 7")


@pytest.mark.parametrize("cell", ["!{}", "a = !{} >&2"])
def test_ctrl_c_stops_a_command(session: Session, cell: str, tmp_path: Path) -> None:
    session.start(cell.format(waiting_command("going", tmp_path)))
    session.press()
    session.ended()
    assert "Out[2]: 42" in session.cell("6 * 7")


def test_a_second_ctrl_c_says_where_the_cell_is(session: Session) -> None:
    session.cell(
        "def stubborn():\r    while True:\r        try: time.sleep(100)\r        except BaseException: pass\r"
    )
    session.cell("import time, threading")
    session.cell("t = threading.Thread(target=threading.Event().wait, name='worker', daemon=True); t.start()")
    session.start(f"{GO}; stubborn()")
    seen = session.press_until("Ctrl-C has not stopped the cell yet.")
    assert "The main thread is in C code called from stubborn, Cell In[1], line 3: try: time.sleep(100)" in (
        " ".join(seen.split())
    )
    assert "Other threads run: worker (" in seen
    session.press_until("kill ")


def test_it_is_said_in_an_awaited_cell_too(session: Session) -> None:
    session.cell("import asyncio, ctypes; usleep = ctypes.CDLL(None).usleep")
    session.cell("def stuck(): return sum(map(usleep, [500_000] * 30))")
    session.start(f"if True:\r    await asyncio.sleep(0)\r    {GO}; stuck()\r\r")
    assert "from stuck, Cell In[2]" in session.press_until("Ctrl-C has not stopped the cell yet.")


def test_ctrl_c_of_a_child_is_not_taken_for_one_of_the_shells(session: Session) -> None:
    session.cell("import os, time; r, w = os.pipe()")
    lines = [
        "def child():",
        "    try: os.write(w, b'.'), time.sleep(100)",
        "    except KeyboardInterrupt: child()",
    ]
    session.cell("\r".join(lines) + "\r")
    session.cell("pid = os.fork() or child()")
    # As long as an explanation would have to wait, and longer.
    session.cell("for _ in range(4): seen = os.read(r, 1), os.kill(pid, 2), time.sleep(0.2)")
    session.cell("os.kill(pid, 9), os.waitpid(pid, 0), os.close(w), os.close(r)")
    assert "has not stopped" not in session.terminal.text


def test_it_is_said_even_while_the_main_thread_does_not_come_back_from_c_code(session: Session) -> None:
    # Sleeps in C again and again, whatever interrupts it, with Python's lock given up.
    session.cell("import ctypes; usleep = ctypes.CDLL(None).usleep")
    session.cell("def stuck(): return sum(map(usleep, [500_000] * 30))")
    session.start(f"{GO}; stuck()")
    seen = " ".join(session.press_until("Ctrl-C has not stopped the cell yet.").split())
    assert "in C code called from stuck, Cell In[2], line 1: def stuck(): return sum(map(usleep" in seen
    assert "KeyboardInterrupt" not in seen
    session.press_until("KeyboardInterrupt")  # each ends one of the sleeps
    session.number += 1
    session.terminal.wait_for_prompt(session.number)
    assert "Out[4]: 42" in session.cell("6 * 7")


def test_one_ctrl_c_that_works_is_not_explained(session: Session) -> None:
    for _ in range(3):
        session.start(f"import time; {GO}; time.sleep(100)")
        session.press()
        assert "has not stopped" not in session.ended()


def test_a_second_ctrl_c_that_works_is_not_explained_in_the_next_cell(session: Session) -> None:
    session.cell("import asyncio, time")
    session.start(
        f"f = asyncio.get_running_loop().call_soon(lambda: ({GO}, time.sleep(100))); await asyncio.sleep(9)"
    )
    session.press()
    session.press_until("KeyboardInterrupt")
    session.ended()
    session.cell("time.sleep(0.3)")
    assert "has not stopped" not in session.terminal.text


EVIL = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
LOUD = "import signal\ndef mine(number, frame):\n    print('mine')\nsignal.signal(signal.SIGINT, mine)\n"


@pytest.mark.parametrize(
    ("source", "described"),
    [
        (EVIL, "it was ignored (SIG_IGN), since it imported evil"),
        (LOUD, "it called evil.mine (FILE, line 2)"),
        (EVIL.replace("IGN", "DFL"), "it ended the process (SIG_DFL), since it imported evil"),
    ],
)
def test_a_module_that_took_ctrl_c_away_is_named_and_that_undone(
    session: Session, tmp_path: Path, source: str, described: str
) -> None:
    (tmp_path / "evil.py").write_text(source)
    session.cell("import evil")
    session.start(f"import time; {GO}; time.sleep(100)")
    session.press()
    seen = session.ended()
    assert "KeyboardInterrupt" in seen
    seen = " ".join(session.terminal.text.split())
    told = described.replace("FILE", str(tmp_path / "evil.py"))
    assert f"Cell In[1] replaced what Ctrl-C does: {told}".replace(" ", "") in seen.replace(" ", "")
    assert "keep_signal_handlers=True" in seen.replace(" ", "")


def test_what_a_breakpoint_leaves_behind_is_undone_without_a_word(session: Session) -> None:
    session.cell("import signal; h = signal.getsignal(2); import pdb; p = pdb.Pdb(); p.sigint_handler")
    session.cell("a = signal.signal(2, p.sigint_handler)")
    session.cell("b = 1; signal.getsignal(2) is h")
    seen = session.terminal.text
    assert "Out[3]: True" in seen
    assert "replaced" not in seen


def test_a_handler_stays_where_the_user_says_so(session: Session) -> None:
    session.cell(KEEP)
    session.cell("import signal, time; h = signal.signal(signal.SIGINT, lambda *_: print('mi' + 'ne'))")
    session.start(f"{GO}; time.sleep(1)")
    session.press()
    seen = session.ended()
    assert "mine" in seen
    assert "KeyboardInterrupt" not in seen


def test_a_running_loop_keeps_the_handler_it_was_given_and_other_cells_can_be_stopped(
    session: Session,
) -> None:
    session.cell("import asyncio, time; stop = asyncio.Event()")
    session.cell("await asyncio.sleep(0); asyncio.get_running_loop().add_signal_handler(2, stop.set)")
    session.start(f"{GO}; await stop.wait()")
    session.press()
    seen = session.ended()
    assert "Out[3]: True" in seen
    assert "KeyboardInterrupt" not in seen
    session.start(f"{GO}; time.sleep(100)")
    session.press()
    assert "KeyboardInterrupt" in session.ended()
    session.cell("stop.clear()")
    session.start(f"{GO}; await stop.wait()")
    session.press()
    assert "Out[6]: True" in session.ended()
    assert "True" in session.cell("asyncio.get_event_loop().remove_signal_handler(2)")
    session.start(f"{GO}; time.sleep(100)")
    session.press()
    assert "KeyboardInterrupt" in session.ended()


def test_a_fork_in_a_cell_finds_no_thread_of_ours(session: Session) -> None:
    session.cell("import os, threading, warnings; warnings.simplefilter('always')")
    assert "Out[2]: 0" in session.cell("pid = os.fork(); left = pid and os.waitpid(pid, 0)[1]; left")
    assert "Warning" not in session.terminal.text
    session.start(f"import time; {GO}; time.sleep(100)")
    session.press()
    assert "KeyboardInterrupt" in session.ended()


def test_a_session_goes_on_whose_descriptors_were_closed(session: Session) -> None:
    session.cell("import os, time; os.closerange(3, 100)")
    session.start(f"{GO}; time.sleep(100)")
    session.press()
    assert "KeyboardInterrupt" in session.ended()
    assert "Out[3]: 42" in session.cell("6 * 7")


def test_a_host_programs_own_handler_is_left_alone(shell: InteractiveShell) -> None:
    import signal

    def own(number: int, frame: object) -> None:
        """The host's."""

    former = signal.signal(signal.SIGINT, own)
    try:
        for _ in range(2):
            shell.run_cell("import signal; handler = signal.getsignal(signal.SIGINT)")
            assert shell.user_ns["handler"] is own
        shell.run_cell("x = signal.signal(signal.SIGINT, signal.SIG_IGN)")
        shell.run_cell("handler = signal.getsignal(signal.SIGINT)")
        assert shell.user_ns["handler"] is own
    finally:
        signal.signal(signal.SIGINT, former)


def test_an_ignored_ctrl_c_of_the_parent_process_stays_ignored(ipcore: Run, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "sh",
            "-c",
            'trap "" INT; exec "$@"',
            "sh",
            sys.executable,
            "-m",
            "ipcore",
            "--simple-prompt",
            "--nosep",
        ],
        input="import os, signal\nos.kill(os.getpid(), 2)\nsignal.getsignal(2)\n",
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert "Out[3]: <Handlers.SIG_IGN: 1>" in done.stdout
    assert not done.stderr
