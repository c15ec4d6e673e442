"""What a person sees: scenarios of a few keys each, in real pseudo-terminals, screen by screen.

The scenarios are the files of the folder ``transcript``; :mod:`scenarios` says how they are written.
With ``IPSHELL_TRANSCRIPT=FILE`` in the environment the screens are written to that file as they were.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from scenarios import FOLDER, Scenario, play, read_scenarios

#: Read here, as the tests' own home takes such variables out of the environment.
TRANSCRIPT = os.environ.get("IPSHELL_TRANSCRIPT")
SCENARIOS = [each for file in sorted(FOLDER.glob("*.txt")) for each in read_scenarios(file)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: f"{each.subject}: {each.name}")
def test_what_a_person_sees(scenario: Scenario, shell_home: Path, tmp_path: Path) -> None:
    for name in scenario.needs:
        pytest.importorskip(name, reason=f"{name}, another distribution, brings what is seen here")
    folder = tmp_path / "work"
    folder.mkdir()
    told: list[str] = []
    try:
        play(scenario, folder, told.append)
    finally:
        if TRANSCRIPT:
            with open(TRANSCRIPT, "a", encoding="utf-8") as transcript:
                print(*told, sep="\n", file=transcript)


def test_names_of_scenarios_are_used_once() -> None:
    names = [(each.subject, each.name) for each in SCENARIOS]
    assert len(set(names)) == len(names)
    assert len(names) >= 80
