"""What the tests of the terminal share: the kit's own fixtures, and shells with the editor.

Checkers of types know of one ``conftest``, the core's: what stands here are imports alone.
"""

from __future__ import annotations

from editor_terminals import *  # noqa: F403

# Not by pytest_plugins: pytest takes that from the topmost conftest alone, which this one is not
# where the tests of all distributions run.
from ipcore.testing.fixtures import *  # noqa: F403
