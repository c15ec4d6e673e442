"""``ipshell`` and ``python -m ipshell``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the shell with the arguments of the command line.

    :returns: the exit status.
    """
    from ipcore.application.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
