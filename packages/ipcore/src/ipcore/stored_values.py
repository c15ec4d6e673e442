"""Values kept between sessions: what ``shell.db`` is.

Each value is a file of its own in the profile's folder, pickled. Files are replaced as a whole, so
that other processes see the former value or the new one; of two that write one key the later wins.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .component import Component
from .notices import notice

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: Pickled values kept in memory: of at most this many keys, and only those of at most so many bytes.
MOST_CACHED: Final = 64
LARGEST_CACHED: Final = 65536

#: Characters that a key may have in the name of a file.
LONGEST_NAME: Final = 200

_PREFIX, _SUFFIX, _ASIDE, _UNFINISHED = "v-", ".pickle", ".corrupt", ".new"

#: Seconds after which an unfinished file is one of a process that was killed.
_STALE: Final = 3600

#: Seconds that Windows is given to let go of a file that another process is reading.
_PATIENCE: Final = 2.0


class StoredValues(Component):
    """Opens the store of the profile at the first use of ``shell.db``."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._mapping: MutableMapping[str, Any] | None = None

    @property
    def mapping(self) -> MutableMapping[str, Any]:
        """The values by key; a shell without a profile keeps them in memory, for its own life."""
        if self._mapping is None:
            folder = self._shell.values_folder
            self._mapping = StoredOnDisk(Path(folder)) if folder else StoredInMemory()
        return self._mapping


class StoredInMemory(MutableMapping[str, Any]):
    """Pickled values by key. What is got is a copy of what was set; to change it, set it again."""

    def __init__(self) -> None:
        self._pickled: dict[str, bytes] = {}

    def __getitem__(self, key: str) -> Any:
        """Give a copy of a value.

        :raises KeyError: if there is none.
        """
        return _unpickled(self._pickled[key])

    def __setitem__(self, key: str, value: Any) -> None:
        """Keep a value.

        :raises Exception: whatever pickling it raises; the former value is kept then.
        """
        _file_name(key)  # what cannot be a key on disk is none here
        self._pickled[key] = _pickled(value)

    def __delitem__(self, key: str) -> None:
        del self._pickled[key]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._pickled))

    def __len__(self) -> int:
        return len(self._pickled)

    def __contains__(self, key: object) -> bool:
        return key in self._pickled

    def keys(self, pattern: str = "*") -> list[str]:  # type: ignore[override]
        """Give the keys, sorted.

        :param pattern: those that match it, ``autorestore/*`` for example.
        """
        return [key for key in self if fnmatchcase(key, pattern)]

    def __repr__(self) -> str:
        return f"<stored values, in memory: {', '.join(self)}>"


class StoredOnDisk(StoredInMemory):
    """Pickled values by key, one file each. Safe to use from several threads and processes.

    A file that holds no value is put aside and told; one that another user could have
    written is not read, for unpickling runs what is in it.

    :param folder: made, for its owner alone, when a value is first set.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.root = folder
        self._cache: OrderedDict[str, tuple[tuple[int, ...], bytes]] = OrderedDict()
        self._clear_up()

    def __getitem__(self, key: str) -> Any:
        """Give a copy of a value.

        :raises KeyError: if there is none, or if it cannot be read, which is told.
        """
        file = self._file(key)
        if file is None:
            raise KeyError(key)
        try:
            pickled = self._read(file)
        except FileNotFoundError:
            raise KeyError(key) from None
        except OSError as error:
            notice(f"the stored value {key!r} cannot be read: {error.strerror or error}.")
            raise KeyError(key) from None
        try:
            return _unpickled(pickled)
        except (ImportError, AttributeError) as error:
            notice(
                f"the stored value {key!r} needs something that is not there: {_reason(error)}. "
                f"It stays in {file}."
            )
        except Exception as error:
            self._put_aside(key, file, error)
        raise KeyError(key)

    def __setitem__(self, key: str, value: Any) -> None:
        """Keep a value.

        :raises ValueError: if the key is empty or too long.
        :raises Exception: whatever pickling it raises; the former value is kept then.
        :raises ipcore.errors.UserError: if the folder cannot be made.
        :raises OSError: if the file cannot be written; the former value is kept then.
        """
        from tempfile import mkstemp

        from .configuration.directories import private_directory

        name = _file_name(key)
        pickled = _pickled(value)
        private_directory(self.root)
        handle, unfinished = mkstemp(prefix=_PREFIX, suffix=_UNFINISHED, dir=self.root)
        try:
            with open(handle, "wb") as stream:
                stream.write(pickled)
            _replace(unfinished, self.root / name)
        except BaseException:
            with suppress(OSError):
                os.unlink(unfinished)
            raise

    def __delitem__(self, key: str) -> None:
        file = self._file(key)
        try:
            if file is None:
                raise FileNotFoundError
            file.unlink()
        except FileNotFoundError:
            raise KeyError(key) from None
        self._cache.pop(file.name, None)

    def __iter__(self) -> Iterator[str]:
        try:
            names = os.listdir(self.root)
        except OSError:  # nothing was ever stored
            names = []
        return iter(sorted(key for key in map(_key, names) if key is not None))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        file = self._file(key) if isinstance(key, str) else None
        return file is not None and file.is_file()

    def __repr__(self) -> str:
        return f"<stored values in {self.root}: {', '.join(self)}>"

    def _file(self, key: str) -> Path | None:
        try:
            return self.root / _file_name(key)
        except ValueError:
            return None

    def _read(self, file: Path) -> bytes:
        """Read a file, or take its content from memory if it is the same file still."""
        found = os.stat(file)
        if sys.platform != "win32" and (found.st_uid not in (os.geteuid(), 0) or found.st_mode & 0o022):
            raise PermissionError(0, f"{file} could have been written by another user; it is not read")
        mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        cached = self._cache.get(file.name)
        if cached is not None and cached[0] == mark:
            return cached[1]
        pickled = file.read_bytes()
        self._cache.pop(file.name, None)
        if len(pickled) <= LARGEST_CACHED:
            self._cache[file.name] = (mark, pickled)
            while len(self._cache) > MOST_CACHED:
                with suppress(KeyError):  # another thread was faster
                    self._cache.popitem(last=False)
        return pickled

    def _put_aside(self, key: str, file: Path, error: Exception) -> None:
        aside = file.with_name(file.name + _ASIDE)
        where = f"It was moved to {aside}"
        try:
            os.replace(file, aside)
        except OSError as trouble:
            where = f"It could not be moved away ({trouble.strerror})"
        self._cache.pop(file.name, None)
        notice(f"the stored value {key!r} is damaged: {_reason(error)}. {where}.")

    def _clear_up(self) -> None:
        """Remove what processes that were killed while they wrote have left."""
        with suppress(OSError):
            for file in self.root.glob(f"{_PREFIX}*{_UNFINISHED}"):
                with suppress(OSError):
                    if time.time() - file.stat().st_mtime > _STALE:
                        file.unlink()


def _replace(source: str, target: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _pickled(value: object) -> bytes:
    import pickle

    return pickle.dumps(value, protocol=4)


def _unpickled(data: bytes) -> Any:
    import pickle

    return pickle.loads(data)


def _reason(error: BaseException) -> str:
    from .plugins.failures import reason_of

    return reason_of(error).rstrip(".")


def _file_name(key: str) -> str:
    """Give the file of a key: valid on every platform, and another one for a key in other letters' case.

    :raises TypeError: if the key is no text.
    :raises ValueError: if it is empty or too long.
    """
    if not isinstance(key, str):
        raise TypeError(f"the key of a stored value is a text, not {type(key).__name__}")
    name = re.sub(r"[^a-z0-9_-]", lambda match: "".join(f"%{byte:02x}" for byte in match[0].encode()), key)
    if not key or len(name) > LONGEST_NAME:
        raise ValueError(f"{key[:50]!r} cannot be the key of a stored value: it is empty or too long")
    return f"{_PREFIX}{name}{_SUFFIX}"


def _key(name: str) -> str | None:
    """Give the key of a file, ``None`` if it is none of ours."""
    if not name.startswith(_PREFIX) or not name.endswith(_SUFFIX):
        return None
    try:
        text = name[len(_PREFIX) : -len(_SUFFIX)].encode("ascii")
        key = re.sub(rb"%([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), text).decode()
        return key if _file_name(key) == name else None
    except ValueError:
        return None
