"""What is proposed in this shell and in IPython at the places of the golden cases: how much of it is wanted.

With ``IPSHELL_COMPLETION_TABLE=FILE`` in the environment a table by area is written there. Recall is the
share of the wanted proposals that are made, over all cases of an area. Precision is the share of the
proposals made that are wanted, over the cases that say all there is to propose; ``unwanted`` counts
proposals that must not be made.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "packages" / "ipcompleters" / "tests" / "golden"

SHELLS: Final = ("ipshell", "ipython", "jedi")


def golden() -> dict[str, dict[str, Any]]:
    """Read the cases that need no configuration of ours, by area and what they are about."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(GOLDEN.glob("*.toml")):
        for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]:
            if case.get("config"):
                continue
            mark = "¦" if "¦" in case["text"] else "|"
            lists = {name: case.get(name, []) for name in ("top", "also", "never", "programs")}
            tables = {name: case.get(name, {}) for name in ("files", "variables")}
            found[f"{file.stem}: {case['about']}"] = {
                **lists,
                **tables,
                "exactly": case.get("exactly", False),
                "setup": case.get("setup", ""),
                "text": case["text"].replace(mark, ""),
                "cursor": case["text"].index(mark),
            }
    return found


def answers(which: str, cases: dict[str, dict[str, Any]], home: Path) -> dict[str, list[str] | str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {"IPSHELL_HOME": str(home / "ipshell"), "IPYTHONDIR": str(home / "ipython")}
    told = subprocess.run(
        [sys.executable, str(HERE / "complete.py"), which],
        input=json.dumps(cases),
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    answer: dict[str, list[str] | str] = json.loads(told.stdout)
    return answer


class Count(NamedTuple):
    """What one shell proposes over the cases of an area."""

    wanted: int = 0
    made: int = 0
    all_wanted: int = 0
    all_made: int = 0
    unwanted: int = 0

    def plus(self, *more: int) -> Count:
        """Add a case's counts."""
        return Count(*(one + other for one, other in zip(self, more, strict=True)))

    def recall(self) -> float:
        """Give the share of what is wanted."""
        return self.made / self.wanted if self.wanted else 1.0

    def precision(self) -> float:
        """Give the share of what is made."""
        return self.all_wanted / self.all_made if self.all_made else 1.0


def becoming(case: dict[str, Any], text: str, made: set[str]) -> set[str]:
    """Give what of the made cells has a proposal in its place, however much of the cell that is."""
    before, after = case["text"][: case["cursor"]], case["text"][case["cursor"] :]
    rests = {after[at:] for at in range(len(after) + 1)}
    wholes = [before[:at] + text for at in range(len(before) + 1)]
    return {
        each
        for each in made
        if any(each.startswith(whole) and each[len(whole) :] in rests for whole in wholes)
    }


def counted(case: dict[str, Any], found: list[str]) -> tuple[int, int, int, int, int]:
    made = set(found)
    wanted = [*case["top"], *case["also"]]
    hits = [cells for text in wanted if (cells := becoming(case, text, made))]
    # A command \alpha and the name alpha behind a backslash make the same cell: it is what is wanted.
    others = made.difference(*hits)
    exact = len(made) if case["exactly"] else 0
    return (
        len(wanted),
        len(hits),
        min(len(hits), exact) if case["exactly"] else 0,
        exact,
        sum(bool(becoming(case, text, others)) for text in case["never"]),
    )


@pytest.mark.nightly
def test_more_of_what_is_wanted_is_proposed_and_less_of_what_is_not(tmp_path: Path) -> None:
    cases = golden()
    assert len(cases) > 400
    given = {which: answers(which, cases, tmp_path) for which in SHELLS}
    both = [name for name in cases if not any(isinstance(given[which][name], str) for which in SHELLS)]
    table: dict[str, dict[str, Count]] = {}
    for name in both:
        area: dict[str, Count] = table.setdefault(name.partition(":")[0], dict.fromkeys(SHELLS, Count()))
        for shell in SHELLS:
            found = given[shell][name]
            assert isinstance(found, list)
            area[shell] = area[shell].plus(*counted(cases[name], found))
    if file := os.environ.get("IPSHELL_COMPLETION_TABLE"):
        Path(file).write_text(shown(table, len(both), len(cases)), encoding="utf-8")
    for subject, counts in table.items():
        ours = counts["ipshell"]
        assert ours.unwanted == 0, subject
        for which in ("ipython", "jedi"):
            assert ours.recall() >= counts[which].recall(), subject
            assert ours.precision() >= counts[which].precision(), subject


def shown(table: dict[str, dict[str, Count]], both: int, cases: int) -> str:
    """Write the table."""
    head = " | ".join(f"{which}: recall, precision, unwanted" for which in SHELLS)
    lines = [f"| area | {head} |", "|---" * (len(SHELLS) + 1) + "|"]
    for area, counts in table.items():
        cells = (f"{each.recall():.2f}, {each.precision():.2f}, {each.unwanted}" for each in counts.values())
        lines.append(f"| {area} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"{both} of {cases} cases could be set up in all."]) + "\n"
