"""Input and output history on SQLite."""

from __future__ import annotations

__version__ = "0.1.0"
