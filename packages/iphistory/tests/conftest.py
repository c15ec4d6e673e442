"""Fixtures of the test kit."""

from __future__ import annotations

# Not by pytest_plugins: pytest takes that from the topmost conftest alone, which this one is not
# always.
from ipcore.testing.fixtures import *  # noqa: F403
