"""What the proofs share: processes that type, and the table of what was seen.

With ``IPSHELL_FAULT_TABLE=FILE`` in the environment each proof adds its row to that file.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from iphistory.writer import Writer

#: A process that types: arguments are the file, its name, and how many cells. It prints each cell's number.
TYPIST = """
import sys, time
from pathlib import Path
from iphistory.writer import Writer

path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
writer = Writer(path, lambda text: print(text, file=sys.stderr, flush=True))
for line in range(1, count + 1):
    writer.put({"kind": "input", "line": line, "raw": f"{name} {line}", "at": time.time()})
    print(line, flush=True)
writer.close()
"""


def note(case: str, rounds: int, lost: str, told: str) -> None:
    """Add a row to the table of faults, if one is wanted."""
    file = os.environ.get("IPSHELL_FAULT_TABLE")
    if file:
        try:
            with open(file, "x", encoding="utf-8") as table:
                table.write("| case | rounds | lost | told |\n| --- | --- | --- | --- |\n")
        except FileExistsError:
            pass
        with open(file, "a", encoding="utf-8") as table:
            table.write(f"| {case} | {rounds} | {lost} | {told} |\n")


def environment(home: Path) -> dict[str, str]:
    """Give what a shell is started with: nothing of the one that runs this.

    Nothing that measures coverage either: it would complain itself of a disk that is full.
    """
    others = ("IPSHELL", "VIRTUAL_ENV", "CONDA", "COVERAGE_PROCESS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "IPSHELL_HOME": str(home)}


def process(code: str, *arguments: str, alone: bool = False) -> subprocess.Popen[str]:
    """Start a process whose output is read; ``alone``, in a group of its own.

    Without what measures coverage: its locks would stay held where a handler raises in the middle of it.
    """
    measured = ("COVERAGE_PROCESS", "COV_CORE")
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith(measured)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=alone,
    )


def typist(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return process(TYPIST, str(path), name, str(count))


def cells(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT source_raw FROM history ORDER BY session, line").fetchall()
    return [text for (text,) in rows]


def fill(path: Path, name: str, count: int) -> None:
    writer = Writer(path, lambda text: None)
    for line in range(1, count + 1):
        writer.put({"kind": "input", "line": line, "raw": f"{name} {line:04}", "at": 1e9})
    writer.close()


def next_shell(path: Path, cell: str = "next") -> list[str]:
    """Do what the next shell does; give what its user is told."""
    said: list[str] = []
    writer = Writer(path, said.append)
    writer.put({"kind": "input", "line": 1, "raw": cell, "at": time.time()})
    try:
        assert writer.flush(20), said
    finally:
        writer.close()
    return said
