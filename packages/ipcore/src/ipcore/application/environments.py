"""Telling that the shell runs in another environment than the active one.

An environment is activated by ``VIRTUAL_ENV`` (venv, virtualenv, uv, and what is built on
them) or ``CONDA_PREFIX``. To be imported only where one of them is set.

Nothing is done about it: ``sys.path`` is left alone, as packages built for another
Python, or mixed with those of this one, fail in ways that are worse than a missing one.
"""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from ..notices import notice

#: A drive as MSYS and Cygwin write it.
_posix_drive: Final = re.compile(r"(?:/cygdrive)?/([a-zA-Z])(?=/|\Z)")


class Files(Protocol):
    """What is asked of the file system."""

    def exists(self, path: str) -> bool:
        """Tell whether there is such a file."""

    def same(self, one: str, other: str) -> bool:
        """Tell whether two paths lead to the same folder."""

    def matches(self, pattern: str) -> bool:
        """Tell whether any path matches a pattern with ``*``."""


class Wrong(NamedTuple):
    """The active environment, which the shell does not run in."""

    active: str
    """Its folder."""
    program: tuple[str, ...]
    """The words that start the shell there; none if it is not installed there."""


def tell() -> None:
    """Tell, in one line, that another environment than this one is active."""
    if sys.flags.no_site:  # sys.prefix says nothing then
        return
    wrong = find_wrong(os.environ, sys.prefix, _Disk(), windows=sys.platform == "win32")
    if wrong is None:
        return
    if wrong.program:
        advice = f"To start the one there: {' '.join(map(_quoted, wrong.program))}"
    else:
        advice = "ipshell is not installed there."
    notice(
        f"the active environment is {wrong.active}, but this shell runs in {sys.prefix} and imports "
        f"what is installed there. {advice}"
    )


def find_wrong(environ: Mapping[str, str], prefix: str, files: Files, *, windows: bool) -> Wrong | None:
    """Compare the environment that the shell runs in with the active one.

    Only says so if it is sure: the active one is there and has a Python of its own. Conda's
    ``base`` does not count, as it is active in every new terminal by default.

    :param environ: the environment variables.
    :param prefix: :data:`sys.prefix`.
    :param files: the file system.
    :param windows: whether paths are those of Windows.
    """
    path: Any = ntpath if windows else posixpath
    active = _active(environ, path, windows)
    if not active or files.same(active, prefix):
        return None
    python = _first(active, _PYTHONS[windows], files, path)
    if python is None or _is_conda_base(active, files, path):
        return None
    program = _first(active, _PROGRAMS[windows], files, path)
    if program is not None:
        return Wrong(active, (program,))
    installed = any(files.matches(path.join(active, *each)) for each in _INSTALLED[windows])
    return Wrong(active, (python, "-m", "ipcore") if installed else ())


#: Below an environment, by whether it is one of Windows: a conda environment, a venv, one made by MSYS.
_PYTHONS: Final = {
    False: (("bin", "python"), ("bin", "python3")),
    True: (("python.exe",), ("Scripts", "python.exe"), ("bin", "python.exe")),
}
_PROGRAMS: Final = {
    False: (("bin", "ipshell"),),
    True: (("Scripts", "ipshell.exe"), ("bin", "ipshell.exe")),
}
_INSTALLED: Final = {
    False: (("lib", "python3*", "site-packages", "ipshell_core-*.dist-info"),),
    True: (
        ("Lib", "site-packages", "ipshell_core-*.dist-info"),
        ("lib", "python3*", "site-packages", "ipshell_core-*.dist-info"),
    ),
}


def _active(environ: Mapping[str, str], path: Any, windows: bool) -> str:
    """Give the folder of the active environment; of two, the one whose programs are found first."""
    found = [environ.get(name, "").strip() for name in ("VIRTUAL_ENV", "CONDA_PREFIX")]
    if windows:
        found = [_posix_drive.sub(r"\1:", each, count=1) for each in found]
    found = [path.normpath(each) for each in found if each]
    if len(found) < 2:
        return found[0] if found else ""
    folders = [
        path.normcase(path.normpath(each)) for each in environ.get("PATH", "").split(path.pathsep) if each
    ]

    def place(active: str) -> int:
        own = {path.normcase(path.join(active, each)) for each in ("", "bin", "Scripts")}
        own |= {each.rstrip("/\\") for each in own}
        return next((at for at, folder in enumerate(folders) if folder in own), len(folders))

    return min(found, key=place)  # a venv counts first where PATH does not tell


def _is_conda_base(active: str, files: Files, path: Any) -> bool:
    """Tell whether an environment is the one that conda itself is installed in."""
    return files.exists(path.join(active, "conda-meta")) and files.exists(path.join(active, "condabin"))


def _first(active: str, places: tuple[tuple[str, ...], ...], files: Files, path: Any) -> str | None:
    paths: list[str] = [path.join(active, *each) for each in places]
    return next((each for each in paths if files.exists(each)), None)


def _quoted(word: str) -> str:
    if sys.platform == "win32":
        return f'"{word}"' if " " in word else word
    from shlex import quote

    return quote(word)


class _Disk:
    """The file system there is."""

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def same(self, one: str, other: str) -> bool:
        try:
            return os.path.samefile(one, other)
        except (OSError, ValueError):
            return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))

    def matches(self, pattern: str) -> bool:
        from glob import escape, iglob

        # Only the last parts hold patterns; what stands before is the user's and may look like one.
        at = pattern.find("*")
        head, _, tail = pattern[:at].rpartition(os.sep)
        return any(iglob(escape(head) + os.sep + tail + pattern[at:]))
