"""Fixtures that start shells with the editor, and programs, in terminals."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ipcore.testing.terminal import Terminal, environment

__all__ = ["StartEditor", "start_editor", "terminal_of_program"]

#: Starts a shell with the editor: takes words of the command line and options of :class:`Terminal`.
StartEditor = Callable[..., Terminal]


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
