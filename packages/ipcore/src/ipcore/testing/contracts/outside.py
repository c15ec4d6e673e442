"""Trying a plugin in a fresh process, for contracts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

#: Seconds that the process may take.
DEADLINE: Final = 60.0

_CHILD: Final = Path(__file__).with_name("child.py")


class Hung(Exception):
    """The process did not end in time."""


def in_new_process(folder: Path, request: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """Have a fresh process try a plugin.

    Blocks until it ends, :data:`DEADLINE` seconds at most.

    :param folder: an empty one, for the request and the answer; also the working directory.
    :param request: what to try; see :mod:`ipcore.testing.contracts.child`.
    :returns: the answer, empty if the process ended without one; what it printed on standard output while
        the plugin was used; and on standard error.
    :raises Hung: if it takes too long.
    """
    file = folder / "request.json"
    path = [os.path.abspath(entry) for entry in sys.path if isinstance(entry, str) and entry]
    file.write_text(json.dumps({**request, "path": path}), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_CHILD), str(file)],  # -P: nothing from the working directory
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE,
        )
    except subprocess.TimeoutExpired:
        raise Hung(f"it did not end within {DEADLINE:.0f} s") from None
    answer = file.with_suffix(".answer")
    given = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {}
    marked = done.stdout.decode(errors="replace").split("\0")
    return given, marked[1] if len(marked) > 1 else "", done.stderr.decode(errors="replace")
