"""Check the types of projects that use ours, as somebody who writes plugins does.

    python -m tools.check_typing

These are the one in ``tests/consumer``, and the one that ``ipshell plugins new`` writes. Each is copied out
of the tree, so that the checkers read the installed distributions, with their strictest settings. Nothing
may be reported but in ``mistakes.py``. There each line that is marked must be, and no other one:
``# wrong`` by every checker, ``# wrong: NAME`` by the one of that name alone.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.workspace import ROOT

PROJECT = ROOT / "tests" / "consumer"
MISTAKES = "mistakes.py"
#: Projects → their folders and files that are checked.
PROJECTS = {
    PROJECT: ["weather", MISTAKES],
    ROOT / "examples" / "plugin-template": ["src", "tests"],
}

#: Checker → its command, and what an error looks like there.
CHECKERS = {
    "mypy": (
        ["mypy", "--strict", "--no-color-output"],
        re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+): error: .*", re.M),
    ),
    "pyright": (
        ["pyright", "--pythonpath", sys.executable],
        re.compile(r"^ *(?P<file>\S[^\n]*?):(?P<line>\d+):\d+ - error: .*", re.M),
    ),
}

#: Seconds that one checker may take.
DEADLINE = 600


def wanted(text: str, checker: str) -> set[int]:
    """Give the lines of the file of mistakes that a checker has to report."""
    marks = {at: re.search(r"  # wrong(?:: (\w+))?$", line) for at, line in enumerate(text.splitlines(), 1)}
    return {at for at, mark in marks.items() if mark is not None and mark[1] in (None, checker)}


def judge(report: str, pattern: re.Pattern[str], checker: str, text: str) -> Iterator[str]:
    """Yield what is wrong with a checker's report.

    :param report: what it printed.
    :param pattern: what an error looks like.
    :param text: the file of mistakes.
    """
    told: set[int] = set()
    expected = wanted(text, checker)
    for error in pattern.finditer(report):
        line = int(error["line"])
        if Path(error["file"]).name != MISTAKES or line not in expected:
            yield f"{checker}: {error[0].strip()}"
        else:
            told.add(line)
    lines = text.splitlines()
    for line in sorted(expected - told):
        yield f"{checker}: {MISTAKES}:{line} is not reported: {lines[line - 1].strip()}"


def run(command: list[str], place: Path) -> str:
    """Run a checker and give what it printed.

    :raises RuntimeError: if it did not do its work, which both tell by another status than 0 and 1.
    """
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def check(project: Path, paths: list[str]) -> Iterator[str]:
    """Yield what is wrong with the reports on a project.

    :param paths: what of it is checked.
    """
    mistakes = project / MISTAKES
    text = mistakes.read_text(encoding="utf-8") if mistakes.exists() else ""
    settings = {"include": paths, "typeCheckingMode": "strict", "pythonVersion": "3.11"}
    with tempfile.TemporaryDirectory(prefix="ipshell-typing-") as folder:
        place = Path(folder).resolve() / project.name
        shutil.copytree(project, place, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        (place / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
        for name, (command, pattern) in CHECKERS.items():
            arguments = [*command, "--python-version", "3.11", *paths] if name == "mypy" else command
            report = run(arguments, place)
            found = list(judge(report, pattern, name, text))
            print(
                f"{project.name}, {name}: {len(wanted(text, name))} mistakes to be told, {len(found)} wrong"
            )
            yield from found


def main() -> int:
    """Print what is wrong.

    :returns: 1 if anything is.
    """
    wrong = [line for project, paths in PROJECTS.items() for line in check(project, paths)]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
