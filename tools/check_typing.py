"""Check the types of the project in ``tests/consumer``, as somebody who writes plugins does.

    python -m tools.check_typing

The project is copied out of the tree, so that the checkers read the installed distributions and the
project's own settings, which are the strictest. In its package nothing may be reported. In its file of
mistakes each line that is marked must be, and no other one: ``# wrong`` by every checker,
``# wrong: NAME`` by the one of that name alone.
"""

from __future__ import annotations

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

#: Checker → its command, which reads the project's settings, and what an error looks like there.
CHECKERS = {
    "mypy": (["mypy", "--no-color-output"], re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+): error: .*", re.M)),
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


def main() -> int:
    """Print what is wrong.

    :returns: 1 if anything is.
    """
    wrong: list[str] = []
    text = (PROJECT / MISTAKES).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="ipshell-typing-") as folder:
        place = Path(folder).resolve() / "consumer"
        shutil.copytree(PROJECT, place, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        for name, (command, pattern) in CHECKERS.items():
            found = list(judge(run(command, place), pattern, name, text))
            print(f"{name}: {len(wanted(text, name))} mistakes are to be reported, {len(found)} wrong")
            wrong += found
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
