"""Contracts of what is used in a process of its own: sub-commands and front ends."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import pytest

from .plugin import PluginContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Done = subprocess.CompletedProcess[str]


class ProcessContract(PluginContract):
    """A plugin that ``ipshell``, run as a program, uses. The base of the contracts of such families."""

    deadline: ClassVar[float] = 60.0
    """Seconds after which a process is given up."""
    environment: ClassVar[Mapping[str, str]] = {}
    """Variables of the environment that the processes need."""

    def prepare(self, folder: Path) -> None:
        """Lay out the files that a run needs, in the new folder that it is started in."""

    @pytest.fixture
    def programs(
        self, tmp_path: Path, shell_home: Path, fake_dist: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> Programs:
        """What runs the shell as a process that has the plugin."""
        if self.distribution is None:
            fake_dist(
                "not-installed", entry_points={self.family: {self.key: self.plugin}}, summary="Not installed."
            )
        return Programs(self, tmp_path)

    def no_traceback(self, done: Done, what: str) -> None:
        """Fail the test if a process has shown a traceback."""
        for word in ("Traceback (most recent call last)", "Exception ignored"):
            self.check(
                word not in done.stderr,
                f"{what} shows a traceback:\n{done.stderr}",
                "Raise ipcore.errors.UserError(message) for a mistake of the user's: it is told in one line.",
            )


class Programs:
    """Runs ``ipshell`` with a contract's plugin, each time in a new folder.

    :param contract: says what is prepared.
    :param folder: where the folders are made.
    """

    def __init__(self, contract: ProcessContract, folder: Path) -> None:
        self._contract = contract
        self._folder = folder
        self._numbers = count(1)

    def new_folder(self) -> Path:
        """Make a folder to start a process in, and prepare it."""
        folder = self._folder / f"run-{next(self._numbers)}"
        folder.mkdir()
        self._contract.prepare(folder)
        return folder

    def environment(self) -> dict[str, str]:
        """Give the environment of the processes; the plugin can be imported in it."""
        contract = self._contract
        variables = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "200", **contract.environment}
        if contract.distribution is None:
            module = contract.plugin.partition(":")[0].partition(".")[0]
            paths = [_folder_of(module), variables.get("PYTHONPATH", "")]
            variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        return variables

    def run(
        self,
        *words: str,
        typed: str = "",
        folder: Path | None = None,
        python: Sequence[str] = (),
        program: Sequence[str] = ("-m", "ipcore"),
        stdout: int | IO[bytes] = subprocess.PIPE,
    ) -> Done:
        """Run ``ipshell`` and wait for its end.

        :param words: the command line.
        :param typed: what is on standard input.
        :param folder: where it is started; a new one by default.
        :param python: options of Python.
        :param program: what Python runs.
        :param stdout: where its output goes.
        """
        command = [sys.executable, *python, *program, *words]
        try:
            done = subprocess.run(
                command,
                cwd=folder or self.new_folder(),
                env=self.environment(),
                input=typed.encode(),
                stdout=stdout,
                stderr=subprocess.PIPE,
                timeout=self._contract.deadline,
            )
        except subprocess.TimeoutExpired as late:
            said = b"\n".join(each for each in (late.stdout, late.stderr) if each).decode(errors="replace")
            self._contract.fail(
                f"'ipshell {' '.join(words)}' does not end within {self._contract.deadline:g} s. It said:\n"
                f"{said}",
                "Does it wait for something that is typed? Standard input is at its end.",
            )
        out, err = (_text(each or b"") for each in (done.stdout, done.stderr))
        return Done(command, done.returncode, out, err)

    def run_unread(self, *words: str) -> Done:
        """Run ``ipshell`` with nobody to read its output, as ``ipshell … | head`` has soon."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            return self.run(*words, stdout=writer)
        finally:
            os.close(writer)


def _text(data: bytes) -> str:
    return data.decode(errors="replace").replace("\r\n", "\n")


def _folder_of(module: str) -> str:
    """Give the folder that a module is imported from, without importing it."""
    spec = find_spec(module)
    if spec is None:
        return ""
    if spec.submodule_search_locations:
        return str(Path(next(iter(spec.submodule_search_locations))).absolute().parent)
    return str(Path(spec.origin).absolute().parent) if spec.origin else ""
