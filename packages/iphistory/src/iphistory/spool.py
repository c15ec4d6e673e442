"""The spool: what a session has typed, on its way into the database.

A session appends each cell to a file of its own by one write, *before* the cell runs. So a cell
that takes the interpreter down with it is found, whatever state the database was in. The writer moves what
stands there into the database and deletes the file; what a crash leaves behind is moved by
whichever shell comes next. Moving twice does no harm, so nothing has to be counted.

A line is one record: a checksum, a blank, and JSON. A line that is damaged costs itself alone.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final
from zlib import crc32

SUFFIX: Final = ".spool"

#: A file that is being made, and has no lock yet.
_UNFINISHED: Final = ".new"

#: Seconds after which such a file was left by a crash.
_STALE: Final = 3600.0

#: Bytes that are read at once.
PIECE: Final = 1 << 20

Record = dict[str, Any]


class Spool:
    """One session's file, open for appending and locked while the session lives. For any thread.

    :param folder: where spools are; made if it is not there.
    :param head: the first record, which says what session it is.
    :raises OSError: if the file cannot be made.
    """

    def __init__(self, folder: Path, head: Record) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
        # Clocks go back, and in containers every shell may be process 1.
        name = f"{time.time_ns():016x}-{os.getpid()}-{os.urandom(4).hex()}"
        self.path = folder / (name + SUFFIX)
        # It gets its name with the lock: who finds a spool without one knows that nobody lives there. Not on
        # Windows, where what is open can neither be given another name nor be deleted.
        unfinished = self.path if sys.platform == "win32" else folder / (name + _UNFINISHED)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(unfinished, flags, 0o600)
        # A signal's handler may type while its thread is in here.
        self._appending = threading.RLock()
        self._torn = False
        try:
            if not lock_file(self._descriptor):
                raise OSError(errno.EAGAIN, "it is locked by another process", str(unfinished))
            self.append(head)
            if unfinished != self.path:
                os.rename(unfinished, self.path)
        except BaseException:
            self._release()
            with suppress(OSError):
                unfinished.unlink()
            raise

    @property
    def size(self) -> int:
        """Bytes of the file: all that was appended, also by a call that a signal broke off."""
        with self._appending:
            return os.fstat(self._descriptor).st_size

    def append(self, record: Record) -> None:
        """Write a record; it is with the system when this returns, and outlives this process.

        :raises OSError: if it cannot be written, as on a full disk.
        """
        line = encode(record)
        with self._appending:
            if self._torn:  # what is left of a line must not hide this one
                line = b"\n" + line
            written = os.write(self._descriptor, line)
            if written == len(line):
                self._torn = False
                return
            self._torn = True
            with suppress(OSError):
                os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
                self._torn = False
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def read(self, start: int, stop: int) -> tuple[list[Record], int]:
        """Give records from an offset on, about a megabyte of them, and the offset behind them.

        :param start: where the last call ended; 0 for the first record.
        :param stop: a size that the file had.
        """
        length = PIECE
        while True:
            data = self._bytes(start, min(length, stop - start))
            # A line that goes on behind this piece is read with the next.
            whole = len(data) if start + len(data) >= stop else data.rfind(b"\n") + 1
            if whole or not data:
                found = [record for record in decode(data[:whole]) if record is not None]
                return found, start + whole if data else stop
            length *= 4

    def _bytes(self, start: int, length: int) -> bytes:
        if sys.platform == "win32":
            with open(self.path, "rb") as file:
                file.seek(start)
                return file.read(length)
        return os.pread(self._descriptor, length, start)  # also where somebody has deleted the file

    def close(self, *, delete: bool) -> None:
        """Let go of the file; what is not deleted is moved into the database by the next shell."""
        if delete and sys.platform != "win32":  # before it is unlocked: nobody else is to find it
            self._delete()
        self._release()
        if delete and sys.platform == "win32":  # where what is open cannot be deleted
            self._delete()

    def _delete(self) -> None:
        with suppress(OSError):
            self.path.unlink()

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)  # and unlocked

    def forget(self) -> None:
        """Let go in a forked child: the lock is its parent's."""
        self._release()


class Orphan:
    """A spool whose session ended without moving it: locked while it is read, then deleted."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def read(self) -> tuple[list[Record], int]:
        """Give its records, the first of which says what session it is, and how many lines are damaged.

        :raises OSError: if it cannot be read.
        """
        pieces = []
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        while piece := os.read(self._descriptor, PIECE):
            pieces.append(piece)
        # What stands behind the last end of a line was being written when the process ended: before that
        # is done no cell runs.
        text, _, _ = b"".join(pieces).rpartition(b"\n")
        records = list(decode(text))
        good = [record for record in records if record is not None]
        bad = len(records) - len(good)
        if not good or good[0].get("kind") != "head":
            # By its name it is known again, if this has to be done twice.
            at = os.fstat(self._descriptor).st_mtime
            good.insert(0, {"kind": "head", "uid": self.path.stem, "at": at})
        return good, bad

    def close(self, *, delete: bool, damaged: bool = False) -> Path:
        """Unlock it, and delete it if all of it is in the database; one that is damaged gets another name.

        :returns: where it is, if it still is.
        """
        done = partial(self._done, damaged)
        if delete and sys.platform != "win32":
            done()
        os.close(self._descriptor)
        if delete and sys.platform == "win32":
            done()
        return self.path

    def _done(self, damaged: bool) -> None:
        with suppress(OSError):
            if damaged:
                self.path = self.path.rename(self.path.with_suffix(".damaged"))
            else:
                self.path.unlink()


def orphans(folder: Path) -> Iterator[Orphan]:
    """Find the spools whose sessions have ended. Each has to be closed; the next is found after that."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = folder / name
        if name.endswith(_UNFINISHED):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE:
                    path.unlink()
        elif name.endswith(SUFFIX):
            try:
                descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
            except OSError:  # gone by now, or somebody else's
                continue
            try:
                free = lock_file(descriptor) and _is_there(path, descriptor)
            except OSError:  # who lives there cannot be told
                free = False
            if free:
                yield Orphan(path, descriptor)
            else:
                os.close(descriptor)


def encode(record: Record) -> bytes:
    """Make a record a line."""
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %b\n" % (crc32(text), text)


def decode(data: bytes) -> Iterator[Record | None]:
    """Read lines back; ``None`` for each that is damaged."""
    for line in data.split(b"\n"):
        if line:
            yield _decoded(line)


def _decoded(line: bytes) -> Record | None:
    text = line[9:]
    try:
        if int(line[:8], 16) != crc32(text) or line[8:9] != b" ":
            return None
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _is_there(path: Path, descriptor: int) -> bool:
    """Tell whether an open file is still the one of that name: its session may just have deleted it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    #: The byte that is locked: beyond the end, as what is locked there cannot be read.
    _LOCKED: Final = 1 << 30

    def lock_file(descriptor: int) -> bool:
        """Lock an open file against other processes; false if one has locked it."""
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _LOCKED, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, at, os.SEEK_SET)
        return True

else:
    import fcntl

    def lock_file(descriptor: int) -> bool:
        """Lock an open file against other processes; false if one has locked it.

        :raises OSError: if this file system knows no locks.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
