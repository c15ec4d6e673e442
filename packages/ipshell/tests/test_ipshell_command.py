"""The command ``ipshell`` and ``python -m ipshell``, as installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

SCRIPT = Path(sysconfig.get_path("scripts")) / ("ipshell.exe" if sys.platform == "win32" else "ipshell")
WAYS = {"command": [str(SCRIPT)], "module": [sys.executable, "-m", "ipshell"]}


@pytest.fixture(params=WAYS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Give each way to start the assembled shell."""
    return WAYS[request.param]


def run(command: list[str], *arguments: str, home: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "IPSHELL_HOME": str(home)}
    return subprocess.run(
        [*command, *arguments], env=env, cwd=home, input=typed, capture_output=True, text=True, timeout=60
    )


def test_code_from_the_command_line_runs_and_its_value_is_shown(shell: list[str], tmp_path: Path) -> None:
    done = run(shell, "-c", "6*7", home=tmp_path)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["42"], "")


def test_the_exit_status_is_the_programs_own(shell: list[str], tmp_path: Path) -> None:
    assert run(shell, "-c", "import sys; sys.exit(3)", home=tmp_path).returncode == 3


def test_the_version_is_that_of_the_distribution(shell: list[str], tmp_path: Path) -> None:
    assert run(shell, "--version", home=tmp_path).stdout.strip() == version("ipshell")


def test_piped_lines_run_as_cells(shell: list[str], tmp_path: Path) -> None:
    done = run(shell, home=tmp_path, typed="x = 20\nprint(x + 22)\n")
    assert done.returncode == 0
    assert "42" in done.stdout


def test_help_calls_the_program_ipshell(shell: list[str], tmp_path: Path) -> None:
    done = run(shell, "--help", home=tmp_path)
    assert done.returncode == 0
    assert "ipshell" in done.stdout.splitlines()[0]


def test_importing_the_assembled_shell_imports_no_part(tmp_path: Path) -> None:
    code = "import sys, ipshell, ipshell.__main__; print('ipcore' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"


def test_it_needs_exactly_its_own_release_of_the_core() -> None:
    assert version("ipshell") == version("ipshell-core")
