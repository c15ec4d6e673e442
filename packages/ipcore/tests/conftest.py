"""What the core's tests share: a home of their own, the shell as a process, the shell in process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore import notices
from ipcore.shell import InteractiveShell, get_ipython

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _said_nothing_yet() -> Iterator[None]:
    """Let each test hear the notices that are said once per session."""
    notices.forget()
    yield
    notices.show_details(False)


@pytest.fixture(autouse=True)
def _no_shell_left() -> Iterator[None]:
    """Close what a test has left open: the next one may count on there being no shell."""
    yield
    while (left := get_ipython()) is not None:
        left.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty directory that ``IPSHELL_HOME`` points to."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in list(os.environ):
        # An active environment is told of where it is not the tests' own.
        if name.startswith("IPSHELL_") or name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("IPSHELL_HOME", str(folder))
    return folder


@pytest.fixture
def ipcore(home: Path, tmp_path: Path) -> Run:
    """Give a function that runs ``python -m ipcore`` in a folder of its own and waits for its end."""
    place = tmp_path / "work"
    place.mkdir()

    def run(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ipcore", *arguments],
            cwd=place,
            env={**os.environ, "PYTHONSAFEPATH": "", **environment},
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )

    return run


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """Give a shell on the core alone."""
    made = InteractiveShell()
    made.start()
    yield made
    made.close()
