"""What can be wrong with a database, told by SQLite's codes rather than by the words of a message."""

from __future__ import annotations

import errno
import sqlite3
from enum import Enum
from pathlib import Path
from typing import Final


class Fault(Enum):
    """A kind of failure, and with it what is to be done."""

    LOCKED = "another program holds it"
    CORRUPT = "it is damaged"
    READ_ONLY = "it is read-only"
    FULL = "the disk is full"
    UNREACHABLE = "it cannot be opened"
    FAILING = "reading or writing fails"
    FOREIGN = "it is another program's database"
    OTHER = "it failed"


class NotAHistory(sqlite3.DatabaseError):
    """A database that holds something else, and is left alone."""


_BY_CODE: Final = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Fault.LOCKED,
    sqlite3.SQLITE_CORRUPT: Fault.CORRUPT,
    sqlite3.SQLITE_NOTADB: Fault.CORRUPT,
    sqlite3.SQLITE_FORMAT: Fault.CORRUPT,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_PERM: Fault.READ_ONLY,
    sqlite3.SQLITE_AUTH: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_CANTOPEN: Fault.UNREACHABLE,
    sqlite3.SQLITE_IOERR: Fault.FAILING,
    sqlite3.SQLITE_NOLFS: Fault.UNREACHABLE,
}

#: No room on the disk, in a quota, or in the size that a file may have.
_FULL: Final = {getattr(errno, name, errno.ENOSPC) for name in ("ENOSPC", "EDQUOT", "EFBIG")}

#: Words of errors that damage causes and that SQLite gives a general code.
_DAMAGE: Final = ("malformed", "no such column", "has no column", "is not a table", "corrupt")


def fault_of(error: Exception) -> Fault:
    """Tell what kind of failure an error of SQLite or of the system is."""
    if isinstance(error, PermissionError):
        return Fault.READ_ONLY
    if isinstance(error, OSError):
        return Fault.FULL if error.errno in _FULL else Fault.UNREACHABLE
    if isinstance(error, NotAHistory):
        return Fault.FOREIGN
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        # The low byte is the kind, what is above it says more.
        known = _BY_CODE.get(code & 0xFF)
        if known is not None:
            return known
    text = str(error)
    # A flipped bit in the schema, or text that is no UTF-8.
    if any(word in text for word in _DAMAGE) or isinstance(error, UnicodeError) or "decode" in text:
        return Fault.CORRUPT
    return Fault.OTHER


#: Bytes of room below which it is the disk's being full that makes writing fail.
_SCARCE: Final = 1 << 17


def fault_at(error: Exception, path: Path) -> Fault:
    """Tell what kind of failure a file met: that the disk is full, SQLite does not always say."""
    fault = fault_of(error)
    if fault in (Fault.FAILING, Fault.UNREACHABLE):
        import shutil

        try:
            if shutil.disk_usage(path.parent).free < _SCARCE:
                return Fault.FULL
        except OSError:
            pass
    return fault
