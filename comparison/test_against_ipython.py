"""The same cells in this shell and in IPython: every difference is one that was judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def sessions() -> dict[str, list[list[str]]]:
    """Read the sessions of all areas: names, and modes and texts of their cells."""
    found: dict[str, list[list[str]]] = {}
    for file in sorted((HERE / "cells").glob("*.txt")):
        for block in file.read_text("utf-8").split("\n=== ")[1:]:
            name, _, text = block.partition("\n")
            cells: list[list[str]] = []
            for number, part in enumerate(("\n" + text).split("\n---")):
                mode, _, source = part.partition("\n")
                assert number or not mode, f"{file.name}: {name}"
                # A pilcrow ends a text that ends with blanks or newlines.
                cells.append([mode.strip(), source.rstrip("\n").removesuffix("¶")])
            key = f"{file.stem}: {name.strip()}"
            assert key not in found, f"twice: {key}"
            found[key] = cells
    return found


def observe(which: str, home: Path) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {
        "IPSHELL_HOME": str(home / "ipshell"),
        "IPYTHONDIR": str(home / "ipython"),
        "NO_COLOR": "1",
        "SHELL": "/bin/sh",
        "PYTHONWARNINGS": "ignore",
    }
    told = subprocess.run(
        [sys.executable, str(HERE / "observe.py"), which],
        input=json.dumps(sessions()),
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def differences(ours: Any, theirs: Any) -> list[str]:
    """Say in short lines where two observations of a session differ."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return [f"{ours!r} / {theirs!r}"] if ours != theirs else []
    return [
        f"cell {number}, {key}: {one[key]!r} / {other[key]!r}"
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True), 1)
        for key in one
        if one[key] != other[key] and key != "success"
    ]


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What differs, by session; here / there."""
    home = tmp_path_factory.mktemp("home")
    ours, theirs = observe("ipshell", home), observe("ipython", home)
    return {name: differences(ours[name], theirs[name]) for name in ours}


@pytest.fixture(scope="module")
def judged() -> dict[str, str]:
    """Why each difference is right, by session."""
    reasons: dict[str, str] = tomllib.loads((HERE / "judged.toml").read_text("utf-8"))
    return reasons


def test_there_are_enough_cells() -> None:
    assert sum(len(cells) for cells in sessions().values()) >= 300


def test_every_difference_was_judged(observed: dict[str, list[str]], judged: dict[str, str]) -> None:
    unjudged = {name: lines for name, lines in observed.items() if lines and name not in judged}
    assert not unjudged, "\n".join(f"{name}\n    " + "\n    ".join(lines) for name, lines in unjudged.items())


def test_every_judgement_is_of_a_difference(observed: dict[str, list[str]], judged: dict[str, str]) -> None:
    assert not [name for name in judged if not observed.get(name)]


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        mine, peer = observe("ipshell", Path(folder)), observe("ipython", Path(folder))
    count = 0
    for session in mine:
        lines = differences(mine[session], peer[session])
        count += bool(lines)
        if lines:
            print(session, *lines, sep="\n    ")
    total = sum(len(cells) for cells in sessions().values())
    print(f"{len(mine)} sessions, {total} cells, {count} sessions differ")
