"""Runs ``ipshell`` and notes what its front end gives.

Run as a script, ``python noting.py FILE WORDS…``, and so without importing this package and pytest.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


class Noting:
    """A front end that notes what another one's ``run()`` gives, and is that one else."""

    def __init__(self, frontend: Any, file: Path) -> None:
        self._frontend = frontend
        self._file = file

    def run(self) -> Any:
        """Run the other one."""
        gave = self._frontend.run()
        self._file.write_text(json.dumps([type(gave).__name__, repr(gave)]), encoding="utf-8")
        return gave

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frontend, name)


def main(file: str, *words: str) -> int:
    """Run ``ipshell``."""
    from ipcore.__main__ import main as run
    from ipcore.application import startup

    choose = startup.choose_frontend

    def choose_and_note(app: Any, shell: Any) -> Any:
        frontend, owner = choose(app, shell)
        return Noting(frontend, Path(file)), owner

    startup.choose_frontend = choose_and_note
    return run(list(words))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
