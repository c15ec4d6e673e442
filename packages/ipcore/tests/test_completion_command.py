"""Completion of the command line in a system shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def proposed(ipcore: Run, tmp_path: Path) -> Callable[[str], set[str]]:
    """Give a function that completes a line as argcomplete's shell code does."""

    def ask(line: str) -> set[str]:
        answer = tmp_path / "answer"
        ipcore(
            _ARGCOMPLETE="1",
            _ARGCOMPLETE_STDOUT_FILENAME=str(answer),
            _ARGCOMPLETE_IFS="\n",
            _ARGCOMPLETE_SUPPRESS_SPACE="1",
            COMP_LINE=line,
            COMP_POINT=str(len(line)),
            COMP_TYPE="9",
        )
        return set(answer.read_text().split())

    return ask


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ipshell --no-p", "--no-plugins"),
        ("ipshell plu", "plugins"),
        ("ipshell --InteractiveShell.cache_s", "--InteractiveShell.cache_size"),
        ("ipshell profile cr", "create"),
        ("ipshell config ex", "explain"),
    ],
)
def test_options_settings_and_commands_are_proposed(
    proposed: Callable[[str], set[str]], line: str, wanted: str
) -> None:
    assert proposed(line) == {wanted}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_lines_for_a_system_shell_are_printed(ipcore: Run, shell: str) -> None:
    done = ipcore("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ipshell" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to ask")
def test_bash_takes_the_lines(ipcore: Run) -> None:
    script = ipcore("completion", "bash").stdout + "\ncomplete -p ipshell\n"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ipshell" in done.stdout


def test_without_argcomplete_the_way_to_it_is_told(home: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['argcomplete'] = None\n"
        "from ipcore import main\n"
        "raise SystemExit(main(['completion', 'bash']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "install ipshell-core[completion]" in done.stderr
    assert len(done.stderr.splitlines()) == 1
