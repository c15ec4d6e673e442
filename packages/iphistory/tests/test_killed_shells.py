"""Nothing typed is lost, whatever becomes of the process: other programs' locks, kills, signals, forks."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from typists import cells, environment, next_shell, note, process, typist

from iphistory.spool import SUFFIX, Spool
from iphistory.writer import Writer

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")


def spools(path: Path) -> list[Path]:
    return sorted(path.with_name(f"{path.name}-spool").glob(f"*{SUFFIX}"))


@pytest.mark.parametrize("seconds", [0.0, pytest.param(5.0, marks=pytest.mark.nightly)])
def test_eight_shells_lose_nothing_while_another_program_holds_the_lock(
    tmp_path: Path, seconds: float
) -> None:
    path = tmp_path / "history.sqlite"
    next_shell(path)
    began = time.monotonic()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    typists = [typist(path, f"t{number}", 500) for number in range(8)]
    for each in typists:
        assert each.stdout is not None
        while each.stdout.readline() != "500\n":
            pass
    # All have typed all, and wait at their ends, when the lock goes; some may have gone before.
    while time.monotonic() < began + seconds:
        time.sleep(0.1)
    holder.execute("ROLLBACK")
    holder.close()
    told = [each.communicate(timeout=60)[1] for each in typists]
    assert "Traceback" not in "".join(told)
    assert all(each.returncode == 0 for each in typists)
    assert all(text.count("\n") <= 1 for text in told)
    next_shell(path)
    expected = ["next", "next"] + [f"t{number} {line}" for number in range(8) for line in range(1, 501)]
    assert sorted(cells(path)) == sorted(expected)
    assert not list(tmp_path.glob("*corrupt*"))
    assert not spools(path)
    gone = sum("the next shell moves it" in text for text in told)
    note(
        f"8 shells of 500 cells, the lock held for {seconds:g} s and until all is typed",
        1,
        "nothing",
        f"{gone} that ended before the lock went: where the rest is, and that the next shell moves it",
    )


def test_a_shell_ends_while_another_program_keeps_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    next_shell(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        done = typist(path, "kept", 20)
        _, told = done.communicate(timeout=30)
    finally:
        holder.close()
    assert done.returncode == 0
    [left] = spools(path)
    assert told.count("\n") == 1
    assert str(left) in told
    assert next_shell(path) == []
    assert set(cells(path)) == {"next", *(f"kept {line}" for line in range(1, 21))}
    assert not spools(path)
    note("the lock kept beyond the end of the shell", 1, "nothing", told.strip().replace(str(tmp_path), "…"))


ROUNDS = [15, pytest.param(300, marks=pytest.mark.nightly)]


@POSIX
@pytest.mark.parametrize("rounds", ROUNDS)
def test_what_was_typed_before_a_kill_is_found_by_the_next_shell(tmp_path: Path, rounds: int) -> None:
    path = tmp_path / "history.sqlite"
    chance = random.Random(5)
    typed: list[str] = []
    for number in range(rounds):
        each = typist(path, f"k{number}", 100_000)
        assert each.stdout is not None
        last = 0
        for _ in range(chance.randrange(1, 400)):
            last = int(each.stdout.readline())
        os.kill(each.pid, signal.SIGKILL)
        rest, told = each.communicate(timeout=30)
        assert told == ""
        # What it printed was put before; more may be there than it could print.
        last = max([last, *map(int, re.findall(r"^(\d+)\n", rest, re.MULTILINE))])
        typed += [f"k{number} {line}" for line in range(1, last + 1)]
    assert next_shell(path) == []
    found = cells(path)
    assert set(typed) <= set(found)
    assert len(found) == len(set(found))
    assert not spools(path)
    note("kill -9 while typing", rounds, f"0 of {len(typed)} cells", "nothing")


#: A parent and a child that type, each with a file's name of its own.
FAMILY = """
import os, sys, subprocess
code = sys.argv[1]
child = subprocess.Popen([sys.executable, "-c", code, sys.argv[2], sys.argv[3] + "-child", sys.argv[4]])
sys.argv = ["", sys.argv[2], sys.argv[3] + "-parent", sys.argv[4]]
exec(code)
"""


@POSIX
@pytest.mark.parametrize("rounds", [3, pytest.param(60, marks=pytest.mark.nightly)])
def test_a_kill_of_a_whole_process_group(tmp_path: Path, rounds: int) -> None:
    from typists import TYPIST

    path = tmp_path / "history.sqlite"
    chance = random.Random(6)
    naming = TYPIST.replace("print(line, flush=True)", "print(f'{name} {line}', flush=True)")
    typed: set[str] = set()
    for number in range(rounds):
        each = process(FAMILY, naming, str(path), f"g{number}", "100000", alone=True)
        assert each.stdout is not None
        seen = {each.stdout.readline() for _ in range(chance.randrange(2, 600))}
        os.killpg(each.pid, signal.SIGKILL)
        seen.update(each.communicate(timeout=30)[0].splitlines(True))
        # A line that two wrote at once, or that was cut, is no cell.
        typed |= {line.strip() for line in seen if line.endswith("\n") and line.count("g") == 1}
    next_shell(path)
    found = cells(path)
    assert typed <= set(found)
    assert len(found) == len(set(found))
    note("kill -9 of a process group, two shells in it", rounds, f"0 of {len(typed)} cells", "nothing")


MERGER = """
import sys, time
from pathlib import Path
from iphistory.writer import Writer

writer = Writer(Path(sys.argv[1]), print)
writer.put({"kind": "input", "line": 1, "raw": sys.argv[2], "at": time.time()})
print("put", flush=True)
writer.flush(20)
time.sleep(60)
"""


@POSIX
@pytest.mark.parametrize("rounds", [6, pytest.param(150, marks=pytest.mark.nightly)])
def test_a_kill_while_what_others_left_is_moved(tmp_path: Path, rounds: int) -> None:
    path = tmp_path / "history.sqlite"
    chance = random.Random(7)
    left = []
    for number in range(rounds):
        for name in range(4):
            spool = Spool(path.with_name("history.sqlite-spool"), {"kind": "head", "uid": f"{number}-{name}"})
            for line in range(1, 26):
                left.append(f"left {number} {name} {line}")
                spool.append({"kind": "input", "line": line, "raw": left[-1], "at": 1e9})
            spool.close(delete=False)
        merger = process(MERGER, str(path), f"m{number}")
        assert merger.stdout is not None
        assert merger.stdout.readline() == "put\n"
        try:
            merger.wait(chance.random() * 0.12)
        except subprocess.TimeoutExpired:
            merger.kill()
        merger.communicate(timeout=30)
    assert next_shell(path) == []
    found = cells(path)
    assert sorted(found) == sorted([*left, "next", *(f"m{number}" for number in range(rounds))])
    assert not spools(path)
    note("kill -9 while others' spools are merged", rounds, f"0 of {len(found)} cells, none twice", "nothing")


#: A handler that raises anywhere while the user's thread types.
INTERRUPTED = """
import signal, sys, time
from pathlib import Path
from iphistory.writer import Writer

class Alarm(KeyboardInterrupt):
    pass

def interrupt(number, frame):
    raise Alarm

signal.signal(signal.SIGALRM, interrupt)
writer = Writer(Path(sys.argv[1]), print)
broken = line = 0
kept = []
reach = 0.0002  # the longest time to a signal, changed so that about half of the cells are broken off
while broken < int(sys.argv[2]):
    line += 1
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.000002 + line % 100 / 100 * reach)
        writer.put({"kind": "input", "line": line, "raw": f"cell {line}", "at": time.time()})
        kept.append(line)
        signal.setitimer(signal.ITIMER_REAL, 0)
        reach = max(reach / 1.02, 0.00001)
    except Alarm:
        broken += 1
        reach = min(reach * 1.02, 0.1)
signal.setitimer(signal.ITIMER_REAL, 0)
writer.close()
print(*kept, sep="\\n")
"""


@POSIX
@pytest.mark.parametrize("rounds", [400, pytest.param(20_000, marks=pytest.mark.nightly)])
def test_a_signal_between_any_two_steps_costs_no_cell(tmp_path: Path, rounds: int) -> None:
    path = tmp_path / "history.sqlite"
    done = process(INTERRUPTED, str(path), str(rounds))
    told, wrong = done.communicate(timeout=300)
    assert done.returncode == 0, wrong
    # Python itself tells of a signal that came while it was tidying up.
    assert "iphistory" not in wrong
    kept = {f"cell {line}" for line in told.split()}
    assert len(kept) > rounds / 10
    next_shell(path)
    found = cells(path)
    assert kept <= set(found)
    assert len(found) == len(set(found))
    assert not spools(path)
    note("a signal's handler raises while a cell is kept", rounds, f"0 of {len(kept)} cells", "nothing")


FORKING = """
import ctypes, os, sys, time
from pathlib import Path
from iphistory.forks import follow_forks
from iphistory.writer import Writer

def put(line, raw):
    writer.put({"kind": "input", "line": line, "raw": raw, "at": time.time()})

writer = Writer(Path(sys.argv[1]), lambda text: print(text, file=sys.stderr))
follow_forks(writer)
how = {"python": os.fork, "other": ctypes.PyDLL(None).fork}[sys.argv[2]]
for line in range(1, int(sys.argv[3]) + 1):
    put(2 * line, f"before {line}")
    child = how()
    if child == 0:
        put(2 * line + 1, "of the child")
        writer.flush(5)
        writer.close()
        os._exit(0)
    put(2 * line + 1, f"after {line}")
    if os.waitpid(child, 0)[1]:
        sys.exit("a child failed")
writer.close()
"""


@POSIX
@pytest.mark.parametrize("how", ["python", "other"])
def test_forked_children_write_nothing_and_cost_nothing(tmp_path: Path, how: str) -> None:
    path = tmp_path / "history.sqlite"
    done = process(FORKING, str(path), how, "25")
    _, wrong = done.communicate(timeout=60)
    assert done.returncode == 0, wrong
    assert wrong == ""
    expected = [f"{when} {line}" for line in range(1, 26) for when in ("before", "after")]
    assert cells(path) == expected
    assert not spools(path)
    note(f"a fork at each cell, by {how} code", 25, "nothing; of the children nothing is kept", "nothing")


def test_threads_that_wait_and_pause_meanwhile_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    said: list[str] = []
    writer = Writer(path, said.append)
    over = threading.Event()

    def disturb(number: int) -> None:
        while not over.is_set():
            writer.pause() if number % 2 else writer.flush(1)

    threads = [threading.Thread(target=disturb, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for line in range(1, 1001):
        writer.put({"kind": "input", "line": line, "raw": f"cell {line}", "at": time.time()})
    over.set()
    for each in threads:
        each.join(30)
    writer.close()
    assert said == []
    assert cells(path) == [f"cell {line}" for line in range(1, 1001)]


def test_a_handler_that_runs_a_cell_while_one_is_kept_does_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    writer = Writer(path, print)
    with writer._lock:  # as in a signal's handler, on the thread that is in there
        writer.put({"kind": "input", "line": 1, "raw": "inner", "at": time.time()})
    writer.close()
    assert cells(path) == ["inner"]


CRASHES = {
    "os._exit": "import os; os._exit(9)",
    "abort": "import os; os.abort()",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "kill -9 of itself": "import os; os.kill(os.getpid(), 9)",
}


@POSIX
@pytest.mark.parametrize("crash", CRASHES)
def test_a_cell_that_takes_the_interpreter_down_is_found(tmp_path: Path, crash: str) -> None:
    path = tmp_path / "history.sqlite"

    def shell(typed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ipcore", "--no-banner", f"--HistoryManager.hist_file={path}"],
            input=typed,
            env=environment(tmp_path / "home"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert shell(f"first = 1\n{CRASHES[crash]}\n").returncode != 0
    done = shell("%history -n -g import*\n")
    assert done.returncode == 0
    assert done.stderr == ""
    assert f"1/2: {CRASHES[crash]}" in done.stdout
    assert cells(path)[:2] == ["first = 1", CRASHES[crash]]
    note(f"a cell that ends the interpreter: {crash}", 1, "nothing, that cell is found", "nothing")
