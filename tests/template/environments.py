"""An environment with the core and its test kit, and the projects that are built into it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.conftest import clean_environment

#: Seconds for one command.
PATIENCE: Final = 120


class Told:
    """Collects what users are told, for a table.

    :param rows: is added to: what is broken, the line, and whether the doctor finds it too.
    """

    def __init__(self, rows: list[tuple[str, str, bool]]) -> None:
        self._rows = rows

    def __call__(self, what: str, line: str, doctor: bool = False) -> None:
        """Add a row."""
        self._rows.append((what, line, doctor))


class Environment:
    """A fresh virtual environment, into which is installed from a folder of wheels alone.

    :param folder: an empty folder for everything that is made.
    :param wheels: the folder of wheels.
    """

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder = folder
        self._wheels = wheels
        self._base = folder / "environment"
        self._work = folder / "work"
        self._work.mkdir()
        self.env = clean_environment(
            IPSHELL_HOME=str(folder / "home"),
            # What is broken and mended within a second must not be taken from the byte code.
            PYTHONDONTWRITEBYTECODE="1",
            PIP_NO_INDEX="1",
            PIP_FIND_LINKS=str(wheels),
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            COLUMNS="200",
        )
        self.run(sys.executable, "-m", "venv", str(self._base))
        scripts = self._base / ("Scripts" if sys.platform == "win32" else "bin")
        self.python = str(scripts / "python")
        self.pip("install", "ipshell-core[testing]")

    @property
    def site(self) -> Path:
        """The folder where packages are installed."""
        base = str(self._base)
        return Path(sysconfig.get_path("purelib", "venv", vars={"base": base, "platbase": base}))

    def run(self, *command: str, cwd: Path | None = None, status: int = 0) -> str:
        """Run a command to its end; give what it wrote.

        :raises AssertionError: if its exit status is another one.
        """
        done = subprocess.run(
            command,
            cwd=cwd or self._work,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )
        assert done.returncode == status, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def ipshell(self, *arguments: str, status: int = 0) -> str:
        """Run the shell in a folder of its own; give what it wrote."""
        return self.run(self.python, "-m", "ipcore", *arguments, status=status)

    def pip(self, *arguments: str) -> None:
        """Run pip."""
        self.run(self.python, "-m", "pip", "-q", *arguments)


class Project:
    """A project, built and installed.

    :param folder: its source.
    :param environment: where it is installed.
    """

    def __init__(self, folder: Path, environment: Environment) -> None:
        self.folder = folder
        self.environment = environment
        self.dist = folder.name
        self.package = self.dist.replace("-", "_")
        self._built = folder.parent / f"{self.dist}-built"
        environment.run(
            sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(self._built), cwd=folder
        )
        self.install()

    def install(self) -> None:
        """Install the wheel."""
        (wheel,) = self._built.glob("*.whl")
        self.environment.pip("install", "--no-deps", str(wheel))

    def uninstall(self) -> None:
        """Remove it again."""
        self.environment.pip("uninstall", "-y", self.dist)

    @contextmanager
    def broken(self, file: str, old: str, new: str) -> Iterator[None]:
        """Have a text in an installed file replaced for a time.

        :param file: relative to the package.
        :param old: what is to be found there; empty removes the file.
        """
        target = self.environment.site / self.package / file
        text = target.read_text(encoding="utf-8")
        if old:
            assert text.count(old) == 1, f"{file} is to hold {old!r} once"
            target.write_text(text.replace(old, new), encoding="utf-8")
        else:
            target.unlink()
        try:
            yield
        finally:
            target.write_text(text, encoding="utf-8")


def copied(source: Path, target: Path) -> Path:
    """Copy a project to where it can be built and tested, so that nothing is left at its source."""
    ignored = shutil.ignore_patterns("__pycache__", "*_cache")
    return Path(shutil.copytree(source, target, ignore=ignored))


def notices(text: str) -> list[str]:
    """Give the lines with which the shell tells something, also where the prompt stood already."""
    return re.findall(r"^(?:In \[\d+\]: .*?)?(ipshell: .*)$", text, re.MULTILINE)
