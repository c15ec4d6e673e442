"""``python -m ipcore``: the shell on the core alone."""

from __future__ import annotations

import sys

from .application.app import main

if __name__ == "__main__":
    sys.exit(main())
