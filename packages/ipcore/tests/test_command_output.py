"""What sub-commands print, where nobody reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_a_command_whose_reader_is_gone_ends_quietly(home: Path) -> None:
    # Unbuffered, what it prints would fail while it runs, which is another case.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-m", "ipcore", "locate"]
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=env, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")
