"""``python -m ipcore``: the shell on the core alone."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def leave_working_directory_out() -> None:
    """Take off ``sys.path`` what ``python -m`` put first, as it is not there for ``ipshell`` either.

    A file of the working directory must not run in the place of a module that the shell
    needs; it comes back, behind the standard library, before the user's code runs.
    """
    try:
        here = os.getcwd()
    except OSError:  # the directory was deleted
        here = ""
    if not sys.flags.safe_path and sys.path and sys.path[0] in ("", here):
        del sys.path[0]


def import_application() -> Callable[[list[str] | None], int]:
    """Import the application, and give the function that runs it.

    What it imports lives as long as the process. The garbage collector, which would look
    at all of it again and again meanwhile, is off, and finds it among the old objects after.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        from .application.app import main as run
    finally:
        gc.freeze()
        gc.unfreeze()
        if collecting:
            gc.enable()
    return run


def main(argv: list[str] | None = None) -> int:
    """Run the shell.

    :param argv: the words after the program's name; those of the process by default.
    :returns: the exit status.
    """
    try:
        return import_application()(argv)
    except KeyboardInterrupt:  # while the shell itself is still being imported
        return 130


if __name__ == "__main__":
    leave_working_directory_out()
    sys.exit(main())
