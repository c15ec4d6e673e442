"""Fixtures that start shells with the editor, and programs, in terminals."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ipcore.testing.terminal import NotSeen, Terminal, environment

__all__ = [
    "StartEditor",
    "_bytecode_folder",
    "_keep_bytecode",
    "_kept_editors",
    "share_editor",
    "start_editor",
    "terminal_of_program",
]

EMPTY = re.compile(r"In \[\d+\]:")

#: Starts a shell with the editor: takes words of the command line and options of :class:`Terminal`.
StartEditor = Callable[..., Terminal]


def enter(shell: Terminal, text: str, number: int) -> list[str]:
    """Type a cell, and wait for the prompt after it; gives what the screen shows then."""
    shell.type(f"{text}\r")
    return shell.wait_for_prompt(number)


@pytest.fixture(scope="session")
def _bytecode_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture(autouse=True)
def _keep_bytecode(monkeypatch: pytest.MonkeyPatch, _bytecode_folder: str) -> None:
    """Where no bytecode is to be written beside sources, have it kept elsewhere as long as the tests run.

    Each of some hundred shells would compile all of the terminal again, which takes half of all time.
    """
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
        monkeypatch.setenv("PYTHONPYCACHEPREFIX", _bytecode_folder)


@pytest.fixture
def start_editor(shell_home: Path, tmp_path: Path) -> Iterator[StartEditor]:
    """Give a function that starts a shell with the editor, without greeting, and waits for its prompt."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals of this kind are POSIX's: Windows has none")
    folder = tmp_path / "work"
    folder.mkdir()
    with ExitStack() as open_ones:

        def start(*words: str, env: dict[str, str] | None = None, **options: Any) -> Terminal:
            command = [sys.executable, "-m", "ipcore", "--no-banner", *words]
            variables = {**environment(None), "IPSHELL_HOME": os.environ["IPSHELL_HOME"], **(env or {})}
            made = open_ones.enter_context(Terminal(command, cwd=folder, env=variables, **options))
            made.wait_for_prompt(1)
            return made

        yield start


@pytest.fixture
def terminal_of_program(shell_home: Path, tmp_path: Path) -> Iterator[StartEditor]:
    """Give a function that runs a program of Python's in a terminal."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals of this kind are POSIX's: Windows has none")
    with ExitStack() as open_ones:

        def start(*words: str, **options: Any) -> Terminal:
            variables = {**environment(None), "IPSHELL_HOME": os.environ["IPSHELL_HOME"]}
            made = Terminal([sys.executable, *words], cwd=tmp_path, env=variables, **options)
            return open_ones.enter_context(made)

        yield start


@pytest.fixture(scope="module")
def _kept_editors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[Any, ...], Terminal]]:
    kept: dict[tuple[Any, ...], Terminal] = {}
    yield kept
    for each in kept.values():
        each.close()


@pytest.fixture
def share_editor(
    _kept_editors: dict[tuple[Any, ...], Terminal], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartEditor]:
    """Do what :func:`start_editor` does, with a shell that an earlier test of the file may have used.

    For tests of keys, to which it is the same: the prompt is empty, the first one, and on a cleared
    screen. What stays is the history.
    """
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals of this kind are POSIX's: Windows has none")
    used: list[tuple[tuple[Any, ...], Terminal]] = []

    def start(*words: str, env: dict[str, str] | None = None, **options: Any) -> Terminal:
        key = (words, *sorted((env or {}).items()), *sorted(options.items()))
        shell = _kept_editors.pop(key, None)
        if shell is None:
            home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
            command = [sys.executable, "-m", "ipcore", "--no-banner", *words]
            variables = {**environment(None), "IPSHELL_HOME": str(home), **(env or {})}
            for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
                variables.pop(name, None)
            shell = Terminal(command, cwd=folder, env=variables, **options)
        used.append((key, shell))
        shell.wait_for_prompt(1)
        return shell

    yield start
    for key, shell in used:
        if key not in _kept_editors and _as_at_first(shell):
            _kept_editors[key] = shell
        else:  # a test has failed, or ended it
            shell.close()


def _as_at_first(shell: Terminal) -> bool:
    """Bring a shell back to an empty first prompt on a cleared screen; tell whether that went well."""
    try:
        shell.type("\x07\x03")  # menus and searches are left, and the line dropped
        shell.wait_for(lambda lines: EMPTY.fullmatch(lines[-1]), "an empty prompt")
        shell.type("get_ipython().reset(); print('as at', 'first')\r")
        shell.wait_for(lambda lines: "as at first" in lines and lines[-1] == "In [1]:", "the first prompt")
        shell.press("ctrl-l")
        shell.wait_for(lambda lines: lines == ["In [1]:"], "a cleared screen")
    except NotSeen:
        return False
    return True
