"""A lock between processes: a file that one at a time has locked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .spool import lock_file

#: Seconds between two attempts.
_TICK = 0.05


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold a lock in the body. The file stays: whoever waits for it has it open.

    :param seconds: how long to wait for it at most.
    :raises TimeoutError: if another process holds it for longer.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not lock_file(descriptor):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process has had {path} locked for {seconds:.0f} s")
            time.sleep(_TICK)
        yield
    finally:
        os.close(descriptor)
