"""Taking over what a user has in IPython: configuration, start-up files, history.

Files are copied, never moved, and a configuration file is never executed here.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from ..errors import UserError
from .checks import Mistake, check_settings
from .directories import private_directory
from .files import json_lines
from .origins import Origin, Setting
from .profiles import Profile, config_text
from .sections import Declared, canonical, is_section_name, nearest

#: How long to wait for a history that another program writes to, in seconds.
PATIENCE = 10.0

_CONFIGURATION = {"ipython_config.py": "ipshell_config.py", "ipython_config.json": "ipshell_config.json"}
_STARTUP = (".py", ".ipy")
_HISTORY = ("history.sqlite", "history.sqlite-wal", "history.sqlite-shm", "history.sqlite-journal")


class Left(NamedTuple):
    """A file or directory that was not copied."""

    path: Path
    reason: str
    failed: bool = False
    """Whether it was tried."""


class Imported(NamedTuple):
    """What :func:`import_ipython` did."""

    copied: list[tuple[Path, Path]]
    """From where, to where."""
    left: list[Left]
    """What was not copied."""
    mistakes: list[Mistake]
    """What the copied configuration sets that nothing here reads."""


def find_ipython_dir(environ: Mapping[str, str] | None = None, home: str | None = None) -> Path:
    """Find IPython's directory, whether it is there or not: ``IPYTHONDIR``, else ``~/.ipython``."""
    environ = os.environ if environ is None else environ
    base = Path(os.path.expanduser("~") if home is None else home)
    given = environ.get("IPYTHONDIR", "")
    if given:
        return Path(os.path.abspath(os.path.expanduser(given)))
    old = base / ".config" / "ipython"
    usual = base / ".ipython"
    return old if old.is_dir() and not usual.is_dir() else usual


def import_ipython(
    ipython_dir: Path,
    profile: Profile,
    *,
    source: str = "",
    force: bool = False,
    declared: Declared = (),
) -> Imported:
    """Copy a profile of IPython's into one of ours.

    May wait up to :data:`PATIENCE` seconds for a history that is being written to.

    :param ipython_dir: from :func:`find_ipython_dir`.
    :param profile: takes the files; its directories are created.
    :param source: the profile's name in IPython; by default the same as here.
    :param force: replace files that are here already; otherwise they are left as they are.
    :param declared: the sections that installed plugins declare.
    :raises UserError: if there is no such profile, or a directory cannot be created.
    """
    folder = ipython_dir / f"profile_{source or profile.name}"
    if not folder.is_dir():
        raise UserError(f"there is no {folder}{_other_profiles(ipython_dir, source or profile.name)}")
    result = Imported([], [], [])
    for item in sorted(folder.iterdir()):
        if item.name in _CONFIGURATION:
            target = profile.config_dir / _CONFIGURATION[item.name]
            if _copy(item, target, force or _as_generated(target, profile), result):
                result.mistakes.extend(check_settings(settings_named(target), declared))
        elif item.name == "history.sqlite":
            _copy_history(item, profile.history_file, force, result)
        elif item.name == "startup" and item.is_dir():
            _copy_startup(item, profile.startup_dir, force, result)
        elif item.name not in _HISTORY:
            reason = _reason(item)
            if reason:
                result.left.append(Left(item, reason))
    return result


def _as_generated(target: Path, profile: Profile) -> bool:
    """Tell whether a file is the one a new profile gets, word for word, so that nothing is lost with it."""
    try:
        text = target.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return target.suffix == ".py" and text == config_text(profile.name)


def _reason(item: Path) -> str:
    """Say why something is not copied; nothing for what holds no work of the user's."""
    if item.is_dir():
        if not any(item.iterdir()) or item.name in ("log", "pid", "security", "__pycache__"):
            return ""
        if item.name == "db":
            return "stored values (%store, bookmarks, aliases) are kept in another form here"
    if item.name == "README":
        return ""
    return "it is none of configuration, start-up files and history"


def _copy_startup(folder: Path, target: Path, force: bool, result: Imported) -> None:
    for item in sorted(folder.iterdir()):
        if item.is_file() and item.suffix in _STARTUP:
            _copy(item, target / item.name, force, result)
        elif item.name not in ("README", "__pycache__"):
            result.left.append(Left(item, "only files that end in .py or .ipy are run at start-up"))


def _copy(source: Path, target: Path, force: bool, result: Imported) -> bool:
    from shutil import copyfile

    if target.exists() and not force:
        result.left.append(Left(source, f"{target} exists; --force replaces it"))
        return False
    private_directory(target.parent)
    try:
        copyfile(source, target)
    except OSError as error:
        result.left.append(Left(source, f"it cannot be copied: {error.strerror or error}", True))
        return False
    result.copied.append((source, target))
    return True


# ---------------------------------------------------------------- history


def _copy_history(source: Path, target: Path, force: bool, result: Imported) -> None:
    existed = target.exists()
    if existed and not force:
        result.left.append(Left(source, f"{target} exists; --force replaces it"))
        return
    private_directory(target.parent)
    reason = copy_database(source, target, PATIENCE)
    if reason:
        result.left.append(Left(source, reason, True))
    else:
        result.copied.append((source, target))


def copy_database(source: Path, target: Path, patience: float) -> str:
    """Copy an SQLite database, also one that is in use.

    Goes through SQLite's own backup, which reads a consistent state with whatever is still in the journal;
    copying the file alone would lose that or tear it.

    :param source: the database; it is opened for reading only.
    :param target: where to; an existing database is replaced in one transaction.
    :param patience: how long to wait for a lock, in seconds.
    :returns: empty, or why it was not copied; the target is as it was before then.
    """
    try:
        import sqlite3
    except ImportError:
        return "this Python has no sqlite3"
    from contextlib import closing
    from time import monotonic

    existed = target.exists()
    deadline = monotonic() + patience

    def check(status: int, remaining: int, total: int) -> None:
        # The backup itself would wait for a lock for ever.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and monotonic() > deadline:
            raise TimeoutError

    try:
        if not existed:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with (
            closing(
                sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=patience)
            ) as old,
            closing(sqlite3.connect(target, timeout=min(patience, 1))) as new,
        ):
            if old.execute("pragma quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("the database is damaged")
            old.backup(new, pages=4096, progress=check, sleep=0.05)
        return ""
    except TimeoutError:
        reason = f"another program kept it locked for {patience:g} s; close that and try again"
    except sqlite3.OperationalError as error:
        locked = "locked" in str(error)
        reason = f"{error}; close the program that uses it and try again" if locked else f"{error}"
    except (sqlite3.Error, OSError) as error:
        reason = f"it cannot be copied: {error}"
    if not existed:
        for name in (target.name, f"{target.name}-journal", f"{target.name}-wal", f"{target.name}-shm"):
            target.with_name(name).unlink(missing_ok=True)
    return reason


# ---------------------------------------------------------------- what a file names


def settings_named(path: Path) -> list[Setting]:
    """Read off a configuration file which options it names, without executing it.

    :returns: one setting for each place, its value unknown; none where the file cannot be read.
    """
    try:
        data = path.read_bytes()
        json_file = path.suffix == ".json"
        found = _named_in_json(data.decode()) if json_file else _named_in_python(ast.parse(data))
    except (OSError, SyntaxError, ValueError):  # what is wrong in it is told when it is loaded
        return []
    return [
        Setting(canonical(".".join(names[:-1])), names[-1], Origin(str(path), line), None)
        for names, line in found
    ]


def _named_in_python(tree: ast.AST) -> list[tuple[tuple[str, ...], int]]:
    """Find each ``c.Section.option`` with its line; what follows the option, as ``.append``, is left out."""
    found: dict[tuple[tuple[str, ...], int], None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            root, *names = _chain(node) or [""]
            sections = list(takewhile(is_section_name, names))
            if root == "c" and sections and len(names) == len(sections) + 1:
                found[tuple(names), node.lineno] = None
    return sorted(found, key=lambda item: item[1])


def _chain(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Attribute):
        before = _chain(node.value)
        return [*before, node.attr] if before else []
    return [node.id] if isinstance(node, ast.Name) else []


def _named_in_json(text: str) -> list[tuple[tuple[str, ...], int]]:
    if not isinstance(json.loads(text), dict):
        return []
    lines = json_lines(text).items()
    return [(path, line) for path, line in lines if len(path) > 1 and not is_section_name(path[-1])]


def _other_profiles(ipython_dir: Path, wanted: str) -> str:
    names = [path.name.removeprefix("profile_") for path in ipython_dir.glob("profile_*") if path.is_dir()]
    if not names:
        return ", and no other profile of IPython's; give its directory with --ipython-dir"
    near = nearest(wanted, names)
    return f"; did you mean {near}?" if near else f"; there are: {', '.join(sorted(names))}"
