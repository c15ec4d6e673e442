"""What the tests of plugins that go wrong share.

With ``IPSHELL_FAULT_TABLE=FILE`` in the environment a table of all cases is added to that file.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore.testing.distributions import FakeSite

Run = Callable[..., subprocess.CompletedProcess[str]]

#: Told of a plugin that failed: who, what, why, what was done, what to do.
OFF = "It is off for this session."
NEWER = 'Look for a newer yak than 1.0. Switch it off with "-p no:yak[grunt]".'

#: Plugins in good order, of three families; the command says its name.
GOOD = "@hookimpl\ndef ipshell_cell_started(cell):\n    pass\n"
MAGIC = "@hookimpl\ndef ipshell_line_magic(name, shell):\n    return lambda line: print('grunted')\n"
COMMAND = (
    "class Command:\n    summary = 'speak'\n"
    "    def add_arguments(self, parser):\n        pass\n"
    "    def run(self, arguments, app):\n        print('{0} speaks')\n        return 0\n"
    "@hookimpl\ndef ipshell_command(name):\n    return Command()\n"
)

Told = Callable[..., None]


def without_places(text: str) -> str:
    """Leave out where in a plugin's code something failed: one test looks at that."""
    return re.sub(r" \([\w.]+\.py, line \d+\)", "", text).replace("....", "...")


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """Give a function that notes what the user saw of a case, and what the doctor said of it."""
    table: list[tuple[str, list[str], int]] = []

    def note(case: str, run: subprocess.CompletedProcess[str], doctor: str = "") -> None:
        seen = run.stderr.strip().splitlines() or ["nothing"]
        table.append(
            (case, [*seen, *[f"plugins doctor: {line}" for line in doctor.splitlines()]], run.returncode)
        )

    yield note
    file = os.environ.get("IPSHELL_FAULT_TABLE")
    if file:
        rows = [
            f"| {case} | {'<br>'.join(f'`` {line} ``' for line in lines)} | {status} |"
            for case, lines, status in table
        ]
        head = ["| case | standard error | exit status |", "|---|---|---|"]
        with open(file, "a", encoding="utf-8") as out:
            out.write("\n".join([*(() if out.tell() else head), *rows]) + "\n")


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Give a site with a plugin in good order, which must go on working whatever the others do."""
    made = FakeSite(tmp_path / "site")
    made.plugin(
        "bystander",
        "lifecycle",
        "watcher",
        "@hookimpl\ndef ipshell_cell_started(cell):\n    print('bystander')\n",
    )
    return made
