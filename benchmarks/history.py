"""What the history costs: iphistory beside IPython's, on the same cells, in one run.

Run it with a Python that has iphistory and IPython installed:

    python benchmarks/history.py [--cells N] [--rounds N] [--strict]

Both write a file with the same cells, and are asked the same. What does not depend on the machine decides the
exit status: the size of the file, that a question costs the same whatever its size, and how the answers
compare with IPython's; with ``--strict`` the times do too. Cells are run in processes of their own, in turn.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

PER_SESSION = 200


def cells(number: int) -> list[str]:
    """Make cells such as people type: names from a small set, calls, some of several lines."""
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz_"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(5000)]

    def word() -> str:
        return chance.choice(words)

    made = []
    for _ in range(number):
        kind = chance.random()
        if kind < 0.5:
            made.append(f"{word()} = {word()}.{word()}({word()}, {chance.randint(0, 99)})")
        elif kind < 0.8:
            made.append(f"{word()}.{word()}()")
        else:
            body = "\n".join(f"    {word()}({word()})" for _ in range(3))
            made.append(f"for {word()} in {word()}:\n{body}")
    made[number // 2] = "needle_in_hay = 1"
    return made


def fill_ours(path: Path, made: list[str]) -> None:
    from iphistory.database import Cells, connect

    with closing(connect(path)) as connection:
        write = Cells(connection)
        for number, session in enumerate(batched(made)):
            head = {"kind": "head", "uid": str(number), "at": 1.7e9 + number}
            records: list[dict[str, Any]] = []
            for line, cell in enumerate(session, 1):
                at = 1.7e9 + number + line / 1000
                records.append({"kind": "input", "line": line, "raw": cell, "at": at, "folder": "/home/ada"})
                records.append({"kind": "done", "line": line, "seconds": 0.001, "outcome": "ok"})
            write.write(head, records)


def batched(made: list[str]) -> list[list[str]]:
    return [made[at : at + PER_SESSION] for at in range(0, len(made), PER_SESSION)]


def fill_theirs(path: Path, made: list[str]) -> None:
    from iphistory.schema import PEER

    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in PEER:
            connection.execute(statement)
        for number, session in enumerate(batched(made), 1):
            values = (number, "2024-01-01 00:00:00.000000", len(session))
            connection.execute("INSERT INTO sessions VALUES (?, ?, NULL, ?, '')", values)
            rows = [(number, line, cell, cell) for line, cell in enumerate(session, 1)]
            connection.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", rows)


def best(function: Callable[[], object], rounds: int = 5) -> float:
    """Give the milliseconds of the quickest of some calls."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def listed(function: Callable[..., Any], *arguments: Any, **options: Any) -> list[Any]:
    return list(function(*arguments, **options))


def writes(folder: Path) -> tuple[float, float]:
    """Give the microseconds that one cell costs the user's thread, ours and theirs."""
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell

    from iphistory.writer import Writer

    theirs = HistoryManager(shell=InteractiveShell.instance(), hist_file=str(folder / "w-theirs.sqlite"))
    ours = Writer(folder / "w-ours.sqlite", print)
    taken: dict[str, list[float]] = {"ours": [], "theirs": []}
    for line in range(1, 2001):
        text = f"value_{line} = compute({line})"
        began = time.perf_counter()
        ours.put({"kind": "input", "line": line, "raw": text, "at": time.time(), "folder": "/home/ada"})
        taken["ours"].append(time.perf_counter() - began)
        began = time.perf_counter()
        theirs.store_inputs(line, text, text)
        taken["theirs"].append(time.perf_counter() - began)
    ours.close()
    theirs.end_session()
    return statistics.median(taken["ours"]) * 1e6, statistics.median(taken["theirs"]) * 1e6


#: Cells that one batch runs.
BATCH = 300


def work(which: str, folder: Path) -> None:
    """Run a batch of cells in one kind of shell for each line of input; tell the microseconds of each."""
    run = {"with": ours_with_history, "without": ours_without, "IPython": theirs_with_history}[which](folder)
    for line in sys.stdin:
        taken = []
        for number in range(BATCH):
            text = f"value_{line.strip()}_{number} = {number}"
            began = time.perf_counter()
            run(text)
            taken.append((time.perf_counter() - began) * 1e6)
        print(json.dumps(taken), flush=True)


def ours_without(folder: Path) -> Callable[[str], object]:
    from ipcore.shell import InteractiveShell

    shell = InteractiveShell()
    shell.start()
    return partial(shell.run_cell, store_history=True)


def ours_with_history(folder: Path) -> Callable[[str], object]:
    from ipcore.shell import InteractiveShell
    from iphistory.history import HistoryManager

    shell = InteractiveShell()
    shell.start()
    shell.history_file = str(folder / "with.sqlite")
    shell.replace_part("history", HistoryManager(parent=shell, name="history"))
    return partial(shell.run_cell, store_history=True)


def theirs_with_history(folder: Path) -> Callable[[str], object]:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.hist_file = str(folder / "peer.sqlite")
    shell = InteractiveShell.instance(config=config)
    return partial(shell.run_cell, store_history=True)


def run_cells(folder: Path, batches: int) -> dict[str, list[float]]:
    """Give the microseconds of each cell, by kind of shell; the first batch does not count."""
    kinds = ("with", "without", "IPython")
    environment = {**os.environ, "IPSHELL_HOME": str(folder / "home"), "IPYTHONDIR": str(folder / "peer")}
    workers = {
        kind: subprocess.Popen(
            [sys.executable, __file__, "--worker", kind, "--folder", str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for kind in kinds
    }
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    try:
        for number in range(batches + 1):
            for kind, worker in workers.items():
                assert worker.stdin is not None
                assert worker.stdout is not None
                worker.stdin.write(f"{number}\n")
                worker.stdin.flush()
                answer = worker.stdout.readline()
                if not answer:
                    raise SystemExit(f"the shell {kind} ended with {worker.wait(10)}")
                if number:
                    taken[kind] += json.loads(answer)
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()
    return taken


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", type=int, default=200_000)
    parser.add_argument("--strict", action="store_true", help="fail where a target of time is missed")
    parser.add_argument("--rounds", type=int, default=8, help="counted batches of cells that are run")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.folder)
        return 0
    with tempfile.TemporaryDirectory() as place:
        return measure(Path(place), options)


def filled(folder: Path, number: int) -> tuple[Path, Path, float]:
    """Make files of both with the same cells; give the seconds that the index took."""
    from iphistory.database import connect
    from iphistory.index import update

    made = cells(number)
    ours, theirs = folder / f"ours-{number}.sqlite", folder / f"theirs-{number}.sqlite"
    fill_ours(ours, made)
    fill_theirs(theirs, made)
    with closing(connect(ours)) as connection:
        connection.execute("PRAGMA wal_checkpoint(truncate)")
        began = time.perf_counter()
        update(connection, ours, lambda: True)
        return ours, theirs, time.perf_counter() - began


def measure(folder: Path, options: argparse.Namespace) -> int:
    from IPython.core.history import HistoryAccessor as Theirs

    from iphistory.accessor import HistoryAccessor
    from iphistory.database import connect
    from iphistory.fuzzy import SLICE, fuzzy
    from iphistory.index import index_of

    number: int = options.cells
    table = Table()
    table.compare_cells(run_cells(folder, options.rounds))
    put, stored = writes(folder)
    table.add("a cell kept, µs in the user's thread", put, stored, of=2.5, most=25)

    ours, theirs, built = filled(folder, number)
    few, _, _ = filled(folder, 1100)
    empty = folder / "empty.sqlite"
    connect(empty).close()

    def peer_tail(path: Path) -> object:
        return list(Theirs(hist_file=str(path)).get_tail(1000))

    def tail(path: Path) -> object:
        with HistoryAccessor(hist_file=path) as history:
            return history.get_tail(1000)

    reader, peer = HistoryAccessor(hist_file=ours), Theirs(hist_file=str(theirs))
    large, small = alternately(lambda: tail(ours), lambda: tail(few))
    table.add("open and tail(1000), ms", large, best(lambda: peer_tail(theirs)))
    table.compare("the same, of that of 1,100 cells", large / small, 1.4)
    table.add("open and tail(1000) of an empty one, ms", best(lambda: tail(empty)))
    for what, pattern in (("rare", "*needle_in*"), ("absent", "*zzqzz*")):
        mine = best(partial(reader.search, pattern))
        table.add(f"search, {what}, ms", mine, best(partial(listed, peer.search, pattern)), of=0.2, most=3)
    for what, pattern in (("common", "*for *"), ("regular, rare", "*needle?in*hay*")):
        mine = best(partial(reader.search, pattern, n=20))
        other = best(partial(listed, peer.search, pattern, n=20))
        table.add(f"search, {what}, the newest 20, ms", mine, other, most=10)
    for what, pattern in (("rare", "needle_*"), ("absent", "zzqzz*"), ("common", "for *")):
        mine = best(partial(reader.search, pattern, n=20))
        table.add(f"prefix, {what}, all cells, ms", mine, None, most=5)
    with closing(connect(ours, write=False)) as connection:
        mine = best(lambda: list(itertools.islice(fuzzy(connection, "forin"), 5)))
        table.add(f"fuzzy, first hits over the newest {SLICE}, ms", mine, None, most=50)
        mine = best(lambda: list(fuzzy(connection, "nedlhay")), 1)
        table.add("fuzzy, all that there are, ms", mine)
    table.compare("file, of IPython's", ours.stat().st_size / theirs.stat().st_size, 1.4)
    megabytes = index_of(ours).stat().st_size / 1e6
    print(
        f"Python {sys.version.split()[0]}, {number} cells; index of {megabytes:.1f} MB made in {built:.1f} s"
    )
    table.show()
    return 0 if table.sound and (not options.strict or table.good) else 1


def alternately(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Give the milliseconds of the quickest of some calls of each, in turn."""
    times = [(best(one, 1), best(other, 1)) for _ in range(25)]
    return min(first for first, _ in times), min(second for _, second in times)


class Table:
    """What was measured, and whether it is what it is to be."""

    def __init__(self) -> None:
        #: What depends on the machine.
        self.good = True
        #: What does not.
        self.sound = True
        self.rows: list[str] = []

    def add(
        self, what: str, mine: float, other: float | None = None, *, of: float | None = None, most: float = 0
    ) -> None:
        """Note a time: at most ``of`` times the other's, and ``most``, where these are given."""
        targets, reached = [], True
        if of is not None and other is not None:
            targets.append(f"≤ {of:g} of IPython's")
            reached = mine <= of * other
            self.sound &= reached
        if most:
            targets.append(f"≤ {most:g}")
            reached &= mine <= most
            self.good &= mine <= most
        their = "" if other is None else f"{other:.2f}"
        answer = "" if not targets else "yes" if reached else "NO"
        self.rows.append(f"| {what} | {mine:.2f} | {their} | {', '.join(targets)} | {answer} |")

    def compare(self, what: str, ratio: float, most: float) -> None:
        """Note a ratio that is the same on every machine."""
        self.sound &= ratio <= most
        self.rows.append(f"| {what} | {ratio:.2f} | | ≤ {most:g} | {'yes' if ratio <= most else 'NO'} |")

    def compare_cells(self, taken: dict[str, list[float]]) -> None:
        middle = {kind: statistics.median(times) for kind, times in taken.items()}
        tails = {kind: p99(times) for kind, times in taken.items()}
        self.add("run_cell with history, µs, median", middle["with"], middle["IPython"], of=0.5)
        self.add("run_cell with history, µs, p99", tails["with"], tails["IPython"], of=1)
        self.add("run_cell without, µs, median", middle["without"])
        self.add("run_cell without, µs, p99", tails["without"])

    def show(self) -> None:
        print("\n| what | iphistory | IPython | target | reached |\n|---|---|---|---|---|")
        print("\n".join(self.rows))


if __name__ == "__main__":
    sys.exit(main())
