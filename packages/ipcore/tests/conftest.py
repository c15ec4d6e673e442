"""What the core's tests share: the kit's own fixtures, under the names that they have here too."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore import notices
from ipcore.shell import get_ipython

# Not by pytest_plugins: pytest takes that from the topmost conftest alone, which this one is not
# where the tests of all distributions run.
from ipcore.testing.fixtures import *  # noqa: F403

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
def home(shell_home: Path) -> Path:
    """Give an empty directory that ``IPSHELL_HOME`` points to."""
    return shell_home


@pytest.fixture
def ipcore(run_ipshell: Run) -> Run:
    """Give a function that runs ``python -m ipcore`` in a folder of its own and waits for its end."""
    return run_ipshell
