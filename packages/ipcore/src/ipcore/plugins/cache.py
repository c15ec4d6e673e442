"""The discovery cache: what a search found, in a file of the user's.

The file names code to import, so it is used only if it belongs to the user and
nobody else may write to it. Any doubt (damage, another owner, another version,
other folders) means a new search; a cache that cannot be written is no error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from .declared import Declared
from .discovery import Found, Problem, fingerprint, scan

#: Raised whenever the content of the file changes meaning.
FORMAT: Final = 1

#: Each interpreter and search path has a file of its own; older ones beyond this number are removed.
_MOST_FILES: Final = 24

_PREFIX: Final = "plugins-"

#: Files are named by the remainder of their key; for a checksum a library would have to be loaded.
_PRIME: Final = 4294967291


class Source(NamedTuple):
    """Where the declared plugins were found."""

    file: str = ""
    """The cache file; empty if there is to be none."""
    doubt: str = ""
    """Why the cache was not used; empty if it was."""
    trouble: str = ""
    """What kept it from being written; empty if nothing did."""

    def __str__(self) -> str:
        if not self.doubt:
            return f"cache {self.file}"
        return f"searched: {self.doubt}" + (f"; it cannot be written: {self.trouble}" if self.trouble else "")


def find(
    paths: Sequence[str],
    folder: Path | None,
    *,
    searching: Callable[[Sequence[str]], Found] = scan,
) -> tuple[Found, Source]:
    """Give what is declared on a path, from the cache where it holds.

    :param paths: folders and archives to search, absolute.
    :param folder: where the cache file lives; ``None`` for no cache.
    :param searching: the search itself.
    :returns: the result, and where it came from.
    """
    if folder is None:
        return searching(paths), Source(doubt="the cache is off (IPSHELL_PLUGIN_CACHE)")
    key = _key(paths)
    file = folder / f"{_PREFIX}{int.from_bytes(key.encode(), 'big') % _PRIME:08x}.json"
    mark = fingerprint(paths)
    found, doubt = _read(file, key, mark)
    if found is not None:
        return found, Source(str(file))
    found = searching(paths)
    return found, Source(str(file), doubt, _write(file, key, mark, found))


def enabled(environ: dict[str, str] | os._Environ[str] | None = None) -> bool:
    """Tell whether ``IPSHELL_PLUGIN_CACHE`` leaves the cache on."""
    value = (os.environ if environ is None else environ).get("IPSHELL_PLUGIN_CACHE", "1")
    return value.strip().lower() not in ("0", "false", "no", "off")


def _key(paths: Sequence[str]) -> str:
    return "\n".join((str(FORMAT), sys.implementation.cache_tag or "", sys.version, sys.prefix, *paths))


def _read(file: Path, key: str, mark: str) -> tuple[Found | None, str]:
    """Give the cached result, or ``None`` and why not."""
    try:
        # Opened before it is judged, so that nobody can swap it in between.
        with open(file, "rb") as stream:
            doubt = _owner_doubt(os.fstat(stream.fileno()))
            if doubt:
                return None, doubt
            data = json.loads(stream.read())
        if data["key"] != key or data["mark"] != mark:
            return None, "installed distributions changed"
        declared = tuple(Declared(*row) for row in data["declared"])
        problems = tuple(Problem(*row) for row in data["problems"])
        if not all(isinstance(text, str) for row in (*declared, *problems) for text in row):
            return None, "the cache is damaged"
    except FileNotFoundError:
        return None, "no cache yet"
    except OSError as error:
        return None, f"the cache cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return None, "the cache is damaged"
    return Found(declared, problems), ""


def _owner_doubt(status: os.stat_result) -> str:
    # Windows has no numeric owner; there the file lives in the user's own profile.
    if not hasattr(os, "geteuid"):
        return ""
    if status.st_uid != os.geteuid():
        return "the cache belongs to another user"
    if status.st_mode & 0o022:
        return "others may write to the cache"
    return ""


def _write(file: Path, key: str, mark: str, found: Found) -> str:
    """Write the cache by replacement; give what kept it from being written."""
    data = {"key": key, "mark": mark, "declared": found.declared, "problems": found.problems}
    temporary = file.with_name(f"{file.name}.{os.getpid()}-{id(found):x}.new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        doubt = _owner_doubt(os.stat(file.parent))
        if doubt:
            return f"{doubt.replace('the cache', 'its folder')}: {file.parent}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:
                json.dump(data, stream)
            os.replace(temporary, file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _prune(file.parent)
    except OSError as error:
        return f"{error.strerror or error}: {error.filename or file}"
    return ""


def _prune(folder: Path) -> None:
    """Remove the files that were not written for longest, where there are too many."""
    dated: list[tuple[float, str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            # Another process may be doing the same.
            with suppress(FileNotFoundError):
                if entry.name.startswith(_PREFIX):
                    dated.append((entry.stat().st_mtime, entry.path))
    for _, path in sorted(dated)[:-_MOST_FILES]:
        with suppress(FileNotFoundError):
            os.unlink(path)
