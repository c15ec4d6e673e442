"""Where a folder lives: on a disk of this machine, or on somebody else's."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

#: File systems over a network, as Linux and macOS call them.
_REMOTE: Final = (
    "9p afpfs afs ceph cifs fuse.glusterfs fuse.sshfs fuse.s3fs gfs2 glusterfs lustre ncpfs nfs nfs4 ocfs2 "
    "smb2 smb3 smbfs sshfs webdav"
).split()


def is_remote(path: Path) -> bool:
    """Tell whether a file is, or would be, on another machine's disk; false where that cannot be told."""
    try:
        real = Path(os.path.realpath(path))
    except OSError:
        return False
    if sys.platform == "win32":
        return _is_remote_drive(real)
    try:
        # The eighth item is the place, the word behind the dash the kind.
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            mounts = [_mount(line) for line in file if " - " in line]
    except OSError:  # macOS: SQLite itself picks a way of locking that its network volumes bear
        return False
    best = max((place for place, _ in mounts if _is_below(real, place)), key=len, default="")
    return any(place == best and kind in _REMOTE for place, kind in mounts)


def _mount(line: str) -> tuple[str, str]:
    before, _, after = line.partition(" - ")
    place = re.sub(r"\\([0-7]{3})", lambda escaped: chr(int(escaped[1], 8)), before.split(" ")[4])
    return place, after.split(" ", 1)[0]


def _is_below(path: Path, place: str) -> bool:
    return place == "/" or path == Path(place) or Path(place) in path.parents


def _is_remote_drive(path: Path) -> bool:
    import ctypes

    drive = path.drive
    if drive.startswith("\\\\"):
        return True
    kind: int = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\")  # type: ignore[attr-defined,unused-ignore]
    return kind == 4
