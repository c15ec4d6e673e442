"""Real programs under the assembled shell, each a process of its own, compared with bare Python."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import clean_environment

SHELL = Path(sysconfig.get_path("scripts")) / ("ipshell.exe" if sys.platform == "win32" else "ipshell")

Run = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = '''\
"""Count the words of files."""

import argparse
import collections
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=3)
    parser.add_argument("files", nargs="+", type=Path)
    chosen = parser.parse_args()
    words = collections.Counter(word for file in chosen.files for word in file.read_text().split())
    for word, count in words.most_common(chosen.most):
        print(count, word)
    return len(chosen.files)


if __name__ == "__main__":
    sys.exit(main())
'''


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a function that runs a program in a folder of its own, ``ipshell`` unless another is named."""

    def start(
        *arguments: str, typed: str = "", program: Path | str = SHELL
    ) -> subprocess.CompletedProcess[str]:
        env = clean_environment(IPSHELL_HOME=str(tmp_path / "home"))
        return subprocess.run(
            [str(program), *arguments],
            cwd=tmp_path,
            env=env,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return start


def notebook(*cells: str) -> str:
    text: dict[str, object] = {"cell_type": "markdown", "metadata": {}, "source": ["# Not code"]}
    code: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(keepends=True),
        }
        for cell in cells
    ]
    return json.dumps({"cells": [text, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_a_script_with_arguments_does_what_it_does_under_python(run: Run, tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text(PROGRAM)
    (tmp_path / "a.txt").write_text("to be or not to be\n")
    (tmp_path / "b.txt").write_text("to do\n")
    arguments = ["words.py", "--most", "2", "a.txt", "b.txt"]
    ours, bare = run(*arguments), run(*arguments, program=sys.executable)
    assert ours.stdout == bare.stdout == "3 to\n2 be\n"
    assert ours.returncode == bare.returncode == 2
    assert ours.stderr == bare.stderr == ""


def test_a_script_that_fails_shows_its_own_lines_and_none_of_ours(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("def f():\n    return 1 / 0\n\nf()\n")
    done = run("fails.py")
    assert done.returncode == 1
    shown = done.stdout + done.stderr
    assert "ZeroDivisionError" in shown
    assert "fails.py" in shown
    assert "return 1 / 0" in shown
    assert "ipcore" not in shown


def test_the_cells_of_a_notebook_run_in_order(run: Run, tmp_path: Path) -> None:
    (tmp_path / "steps.ipynb").write_text(
        notebook("x = [1]", "x.append(2)\nprint(x)", "import sys\nprint(sys.argv[1:])")
    )
    done = run("steps.ipynb", "one")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[1, 2]", "['one']"]


def test_a_notebook_stops_at_the_first_cell_that_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stops.ipynb").write_text(notebook("print('before')", "1 / 0", "print('after')"))
    done = run("stops.ipynb")
    assert done.returncode == 1
    assert "before" in done.stdout
    assert "after" not in done.stdout


def test_an_ipy_file_may_run_system_commands(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lists.ipy").write_text("found = !echo one two\nprint(found[0].split())\n")
    done = run("lists.ipy")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["['one', 'two']"]


def test_thirty_piped_cells_run_and_are_numbered(run: Run) -> None:
    cells = [f"x{number} = {number}" for number in range(29)]
    done = run(typed="\n".join([*cells, "sum(globals()[f'x{n}'] for n in range(29))"]) + "\n")
    assert done.returncode == 0, done.stderr
    assert "In [30]: " in done.stdout
    assert f"Out[30]: {sum(range(29))}" in done.stdout


def test_a_cell_that_fails_does_not_end_a_piped_session(run: Run) -> None:
    done = run(typed="1 / 0\nprint('still', 'here')\n")
    assert "ZeroDivisionError" in done.stdout + done.stderr
    assert "still here" in done.stdout


def test_a_module_stays_at_the_prompt_with_its_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "setup_things.py").write_text("things = {'a': 1}\n")
    done = run("-i", "-m", "setup_things", typed="print(things['a'] + 41)\n")
    assert done.returncode == 0, done.stderr
    assert "42" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "pass"],
        ["-c", "1 / 0"],
        ["-c", "import sys; sys.exit(3)"],
        ["-c", "import sys; sys.exit('no')"],
        ["-c", "def ("],
        ["-m", "there_is_no_such_module"],
        ["there_is_no_such_file.py"],
    ],
    ids=" ".join,
)
def test_exit_statuses_are_those_of_python(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).returncode == run(*arguments, program=sys.executable).returncode


def test_nothing_is_read_from_the_working_directory(run: Run, tmp_path: Path) -> None:
    for name in ("ipshell_config.py", "startup.py", "sitecustomize_ipshell.py", "00-first.py"):
        (tmp_path / name).write_text("print('read from the working directory')\n")
    (tmp_path / "startup").mkdir()
    (tmp_path / "startup" / "00-first.py").write_text("print('read from the working directory')\n")
    done = run("-c", "print('ran')")
    assert done.stdout.splitlines() == ["ran"]
