"""The terminal front end: an editor for cells that never freezes and never loses a line."""

from __future__ import annotations

__version__ = "0.1.0"
