"""Plugins of every family, with full annotations, as an author with strict type checkers writes them."""

from __future__ import annotations
