"""What Tab proposes: completion providers, each of which can be switched off by itself."""

from __future__ import annotations

__version__ = "0.1.0"
