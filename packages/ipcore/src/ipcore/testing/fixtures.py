"""The fixtures of the kit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .. import notices
from .distributions import FakeDistributions
from .laziness import SPOKEN
from .leaks import Leaks
from .plugins import IsolatedRegistry, TmpPlugins
from .shells import ShellMaker, TestedShell
from .terminal import Terminals

__all__ = [
    "fake_dist",
    "make_shell",
    "no_leaks",
    "registry",
    "run_ipshell",
    "shell",
    "shell_home",
    "terminal",
    "tmp_plugin",
]


@pytest.fixture
def no_leaks() -> Iterator[Leaks]:
    """Fail the test if it leaves a thread, descriptor, asyncio task, event loop or process behind."""
    leaks = Leaks()
    leaks.start()
    yield leaks
    _conclude(leaks.check)


@pytest.fixture
def shell_home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder that ``IPSHELL_HOME`` points to; other ``IPSHELL_*`` variables are unset."""
    # All that starts something needs this one: so no_leaks begins before it, and ends after it,
    # wherever the test names it.
    if "no_leaks" in request.fixturenames:
        request.getfixturevalue("no_leaks")
    folder = tmp_path / "home"
    folder.mkdir()
    for name in list(os.environ):
        # An active environment is told of where it is not the tests' own.
        if name.startswith("IPSHELL_") or name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("IPSHELL_HOME", str(folder))
    return folder


@pytest.fixture
def fake_dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDistributions]:
    """Give a function that installs a distribution, a real one, into a folder of the test."""
    made = FakeDistributions(tmp_path / "site", monkeypatch)
    yield made
    made.close()


@pytest.fixture
def registry(shell_home: Path, fake_dist: FakeDistributions) -> Iterator[IsolatedRegistry]:
    """Give a registry with the core's own plugins and those of the test, but nothing that is installed."""
    notices.forget()
    yield IsolatedRegistry(fake_dist)
    notices.show_details(False)


@pytest.fixture
def tmp_plugin(
    registry: IsolatedRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TmpPlugins]:
    """Give a function that registers a plugin in ``registry``."""
    made = TmpPlugins(registry, tmp_path / "tmp_plugins", monkeypatch)
    yield made
    made.close()


@pytest.fixture
def make_shell(registry: IsolatedRegistry) -> Iterator[ShellMaker]:
    """Give a function that makes shells in this process, with other settings or several of them."""
    made = ShellMaker(registry)
    yield made
    _conclude(made.close)


@pytest.fixture
def shell(make_shell: ShellMaker) -> TestedShell:
    """Give a shell in this process, started."""
    return make_shell()


@pytest.fixture
def run_ipshell(
    shell_home: Path, fake_dist: FakeDistributions, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give a function that runs ``python -m ipcore`` and waits for its end."""
    place = tmp_path / "work"
    place.mkdir(exist_ok=True)

    def run(
        *arguments: str, typed: str = "", timeout: float = 60, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        __tracebackhide__ = True
        command = [sys.executable, "-m", "ipcore", *arguments]
        try:
            return subprocess.run(
                command,
                cwd=place,
                env={**os.environ, **SPOKEN, "PYTHONSAFEPATH": "", **environment},
                input=typed,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as late:
            raise AssertionError(_told(command, timeout, late)) from None

    return run


@pytest.fixture
def terminal(shell_home: Path, fake_dist: FakeDistributions, tmp_path: Path) -> Iterator[Terminals]:
    """Give a function that runs the shell in a terminal; at the end of the test it is ended."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals of this kind are POSIX's: Windows has none")
    made = Terminals(tmp_path / "work")
    yield made
    made.close()


def _conclude(check: Callable[[], object]) -> None:
    """Make a failed check at the end of a test a message alone: there is no line of the test to show."""
    wrong = ""
    try:
        check()
    except AssertionError as error:
        wrong = str(error)
    if wrong:
        pytest.fail(wrong, pytrace=False)


def _told(command: list[str], timeout: float, late: subprocess.TimeoutExpired) -> str:
    """Say what a process that did not end has written so far."""
    parts = [f"{subprocess.list2cmdline(command)} did not end within {timeout:g} s"]
    for name, data in (("standard output", late.stdout), ("standard error", late.stderr)):
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data or ""
        parts.append(f"-- {name}:\n{text.strip() or '(nothing)'}")
    return "\n".join(parts)
