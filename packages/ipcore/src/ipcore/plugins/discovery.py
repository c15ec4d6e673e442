"""Finding plugins in the metadata of installed distributions, without importing them.

The search is a function of the module search path alone. Reading metadata costs
more than the whole core, so what was found is kept in a file (see ``cache``) under
a fingerprint of the folders it was read from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..hookspecs import GROUP_PREFIX
from .declared import Declared, normalized

#: Ends of the names of folders that hold metadata.
_FOLDERS = (".dist-info", ".egg-info")


class Problem(NamedTuple):
    """Metadata that could not be read."""

    where: str
    """The distribution or folder."""
    what: str
    """What is wrong with it, one line."""


class Found(NamedTuple):
    """What a search came to."""

    declared: tuple[Declared, ...]
    """Every entry of our groups, in the order of the search path."""
    problems: tuple[Problem, ...]
    """Metadata that was left out."""


def search_path(path: Sequence[str] | None = None, cwd: str | None = None) -> list[str]:
    """Give the folders and archives to look for plugins in.

    The working directory is never searched just because Python put it first
    (``python -m ipcore``, an empty entry): a folder somebody else can write to must
    not supply plugins. It counts where it stands on the path for another reason.

    :param path: the module search path; ``sys.path`` by default.
    :param cwd: the working directory; the process's own by default.
    """
    entries = list(sys.path if path is None else path)
    if cwd is None:
        try:
            cwd = os.getcwd()
        except OSError:  # the directory was deleted
            cwd = ""
    implicit = path is None and not sys.flags.safe_path
    if implicit and entries and cwd and entries[0] == cwd:
        del entries[0]
    seen: dict[str, None] = {}
    for entry in entries:
        if isinstance(entry, str) and os.path.isabs(entry):
            seen.setdefault(entry)
    return list(seen)


def fingerprint(paths: Iterable[str]) -> str:
    """Describe the metadata folders on a path, so that any change of them shows.

    :param paths: folders and archives, absolute.
    :returns: names and modification times in nanoseconds.
    """
    parts: list[str] = []
    for path in paths:
        parts.append(path)
        try:
            entries = os.scandir(path)
        except NotADirectoryError:
            parts.append(_stamp(path))  # an archive: it changes as a whole
            continue
        except OSError:
            continue
        with entries:
            found = [entry for entry in entries if entry.name.endswith(_FOLDERS)]
        names = []
        for entry in found:
            try:
                stamp = str(entry.stat().st_mtime_ns)
            except OSError:
                stamp = "gone"
            if entry.name.endswith(".egg-info"):
                # Rewritten in place by setuptools, which leaves the folder's time as it was.
                stamp += "+" + _stamp(os.path.join(entry.path, "entry_points.txt"))
            names.append(f"{entry.name}:{stamp}")
        parts += sorted(names)
        if path.endswith(".egg"):
            parts.append(_stamp(os.path.join(path, "EGG-INFO", "entry_points.txt")))
    return "\n".join(parts)


def _stamp(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "none"
    return f"{status.st_mtime_ns}/{status.st_size}"


def scan(paths: Sequence[str]) -> Found:
    """Read the entry points of our groups from metadata.

    Slow: imports importlib_metadata and reads a file per distribution.

    :param paths: folders and archives, absolute, first wins.
    """
    declared: list[Declared] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for place, path in enumerate(paths):
        for folder in _metadata_folders(path):
            first.setdefault(normalized(folder.rpartition(".")[0].partition("-")[0]), place)
    seen: dict[str, str] = {}
    for place, path in enumerate(paths):
        for dist in _distributions(path, problems):
            try:
                text = dist.read_text("entry_points.txt")
                if not text or GROUP_PREFIX not in text:
                    continue
                name, version, summary = _identity(dist)
                entries = list(dist.entry_points)
            except Exception as error:  # any kind of damage: the others must be found all the same
                problems.append(Problem(_location(dist), f"{type(error).__name__}: {error}"))
                continue
            known = normalized(name)
            if known in seen or first.get(known, place) < place:
                if seen.get(known) == path:
                    problems.append(Problem(_location(dist), f"{name} is installed twice in one folder"))
                continue  # shadowed by a folder earlier on the path, as for an import
            seen[known] = path
            _take(entries, (name, version, summary), declared, problems)
    return Found(tuple(declared), tuple(problems))


def _distributions(path: str, problems: list[Problem]) -> list[Any]:
    """Give the distributions in one folder or archive; of two versions of one the later first."""
    import importlib_metadata

    found: list[Any] = []
    try:
        found.extend(importlib_metadata.distributions(path=[path]))
    except Exception as error:  # somebody's own finder on sys.meta_path
        problems.append(Problem(path, f"{type(error).__name__}: {error}"))
    whole = []
    for dist in sorted(found, key=_location, reverse=True):
        if os.path.basename(_location(dist)).startswith("~"):
            problems.append(
                Problem(_location(dist), "left behind by an interrupted pip uninstall; remove it")
            )
        else:
            whole.append(dist)
    return whole


def _take(
    entries: Iterable[Any], owner: tuple[str, str, str], declared: list[Declared], problems: list[Problem]
) -> None:
    """Sort the entries of one distribution into those that can be used and those that cannot."""
    where = f"{owner[0]} {owner[1]}"
    keys: set[tuple[str, str]] = set()
    for entry in entries:
        if not entry.group.startswith(GROUP_PREFIX):
            continue
        shown = f"[{entry.group}] {entry.name} = {entry.value}"
        if not entry.name.strip() or not _is_value(entry.value):
            problems.append(Problem(where, f"{shown}: not an entry point"))
        elif (entry.group, entry.name) in keys:
            problems.append(Problem(where, f"{shown}: the name stands there twice; the first counts"))
        else:
            keys.add((entry.group, entry.name))
            value = entry.value.partition("[")[0].strip()
            declared.append(Declared(entry.group.removeprefix(GROUP_PREFIX), entry.name, value, *owner))


def _is_value(text: str) -> bool:
    """Tell whether something is ``module`` or ``module:attribute``, maybe with ``[extras]``."""
    value, bracket, extras = text.partition("[")
    module, colon, attribute = value.partition(":")
    names = module.strip().split(".") + (attribute.strip().split(".") if colon else [])
    return all(name.isidentifier() for name in names) and (not bracket or extras.rstrip().endswith("]"))


def _identity(dist: Any) -> tuple[str, str, str]:
    """Name, version and summary of a distribution; raises when its metadata is unusable."""
    metadata = dist.metadata
    # Not metadata["Name"]: what is missing raises in some versions of importlib_metadata only.
    name = metadata.get("Name") if metadata is not None else None
    if not name:
        raise ValueError("METADATA has no Name")
    return str(name), str(metadata.get("Version") or "unknown"), str(metadata.get("Summary") or "")


def _location(dist: Any) -> str:
    # ``_path`` is how importlib_metadata's own finder keeps it; other finders may not have it.
    return str(getattr(dist, "_path", dist)).rstrip("/\\")


def _metadata_folders(path: str) -> list[str]:
    """Give the names of the metadata folders in a folder or archive."""
    names: Iterable[str]
    try:
        names = os.listdir(path)
    except NotADirectoryError:
        names = _archived(path)
    except OSError:
        return []
    return [name for name in names if name.endswith(_FOLDERS)]


def _archived(path: str) -> set[str]:
    """Give the top-level names in an archive."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            return {name.partition("/")[0] for name in archive.namelist()}
    except (OSError, BadZipFile):
        return set()
