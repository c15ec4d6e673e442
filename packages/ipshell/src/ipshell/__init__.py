"""The assembled ipshell. All logic lives in the parts; see :mod:`ipcore`."""

from __future__ import annotations

__version__ = "0.1.0"
