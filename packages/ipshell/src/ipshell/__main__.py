"""``ipshell`` and ``python -m ipshell``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the shell with the arguments of the command line.

    :returns: the exit status.
    """
    from ipcore.__main__ import main as run

    return run()


if __name__ == "__main__":
    # "python -m" puts the working directory first: nothing of it may run in the shell's place.
    if not sys.flags.safe_path:
        del sys.path[0]
    sys.exit(main())
