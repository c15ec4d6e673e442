"""What the history costs: iphistory beside IPython's, on the same cells, in one run.

Run it with a Python that has iphistory and IPython installed:

    python benchmarks/history.py [--cells N] [--strict]

Both write a file with the same cells, and are asked the same. What does not depend on the machine, the
size of the file, decides the exit status; with ``--strict`` the times do too.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sqlite3
import statistics
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--strict", action="store_true", help="fail where a target of time is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        return measure(Path(place), options.cells, options.strict)


def measure(folder: Path, number: int, strict: bool) -> int:
    from IPython.core.history import HistoryAccessor as Theirs

    from iphistory.accessor import HistoryAccessor
    from iphistory.database import connect
    from iphistory.fuzzy import fuzzy
    from iphistory.index import index_of, update

    made = cells(number)
    ours, theirs = folder / "ours.sqlite", folder / "theirs.sqlite"
    fill_ours(ours, made)
    fill_theirs(theirs, made)
    with closing(connect(ours)) as connection:
        connection.execute("PRAGMA wal_checkpoint(truncate)")
        began = time.perf_counter()
        update(connection, ours, lambda: True)
        built = time.perf_counter() - began
    empty = folder / "empty.sqlite"
    connect(empty).close()

    def peer_tail(path: Path) -> object:
        return list(Theirs(hist_file=str(path)).get_tail(1000))

    def tail(path: Path) -> object:
        with HistoryAccessor(path) as history:
            return history.get_tail(1000)

    reader, peer = HistoryAccessor(ours), Theirs(hist_file=str(theirs))
    put, stored = writes(folder)
    table = Table()
    table.add("a cell, µs in the user's thread", put, stored, 25)
    table.add("open and tail(1000), ms", best(lambda: tail(ours)), best(lambda: peer_tail(theirs)))
    table.add("the same of an empty one, ms", best(lambda: tail(empty)))
    for what, pattern in (("rare", "*needle_in*"), ("absent", "*zzqzz*")):
        mine = best(partial(reader.search, pattern))
        table.add(f"search, {what}, ms", mine, best(partial(listed, peer.search, pattern)), 3)
    mine = best(partial(reader.search, "*for *", n=20))
    table.add(
        "search, common, the newest 20, ms", mine, best(partial(listed, peer.search, "*for *", n=20)), 10
    )
    table.add("prefix, all cells, ms", best(partial(reader.search, "needle_*", n=20)), None, 5)
    with closing(connect(ours, write=False)) as connection:
        mine = best(lambda: list(itertools.islice(fuzzy(connection, "nedlhay"), 5)))
    table.add("fuzzy, first hits, ms", mine, None, 50)
    size = ours.stat().st_size / theirs.stat().st_size
    megabytes = index_of(ours).stat().st_size / 1e6
    print(
        f"Python {sys.version.split()[0]}, {number} cells; index of {megabytes:.1f} MB made in {built:.1f} s"
    )
    table.show()
    print(f"| file, of IPython's | {size:.2f} | 1 | ≤ 1.4 | {'yes' if size <= 1.4 else 'NO'} |")
    return 0 if size <= 1.4 and (not strict or table.good) else 1


class Table:
    """What was measured, and whether it is what it is to be."""

    def __init__(self) -> None:
        self.good = True
        self.rows: list[str] = []

    def add(self, what: str, mine: float, other: float | None = None, most: float | None = None) -> None:
        reached = most is None or mine <= most
        self.good &= reached
        their = "" if other is None else f"{other:.2f}"
        target = "" if most is None else f"≤ {most:g}"
        self.rows.append(f"| {what} | {mine:.2f} | {their} | {target} | {'yes' if reached else 'NO'} |")

    def show(self) -> None:
        print("\n| what | iphistory | IPython | target | reached |\n|---|---|---|---|---|")
        print("\n".join(self.rows))


if __name__ == "__main__":
    sys.exit(main())
