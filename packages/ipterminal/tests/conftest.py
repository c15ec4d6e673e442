"""What the tests of the terminal share: the kit's own fixtures."""

from __future__ import annotations

# Not by pytest_plugins: pytest takes that from the topmost conftest alone, which this one is not
# where the tests of all distributions run.
from ipcore.testing.fixtures import *  # noqa: F403
