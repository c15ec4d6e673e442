"""``python -m ipcore``: the shell on the core alone."""

from __future__ import annotations

import os
import sys


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


def main(argv: list[str] | None = None) -> int:
    """Run the shell.

    :param argv: the words after the program's name; those of the process by default.
    :returns: the exit status.
    """
    try:
        from .application.app import main as run

        return run(argv)
    except KeyboardInterrupt:  # while the shell itself is still being imported
        return 130


if __name__ == "__main__":
    leave_working_directory_out()
    sys.exit(main())
