"""What the tests of the providers share: the kit's own fixtures, and a shell that has the providers."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import distribution
from typing import Any

import pytest

# Not by pytest_plugins: pytest takes that from the topmost conftest alone, which this one is not
# where the tests of all distributions run.
from ipcore.testing.fixtures import *  # noqa: F403

#: Shells for completion: called with configuration as :class:`ipcore.testing.ShellMaker` is.
MakeCompleting = Callable[..., Any]


@pytest.fixture
def make_completing(tmp_plugin: Callable[..., Any], make_shell: Callable[..., Any]) -> MakeCompleting:
    """Give a function that makes shells with the core's providers and ours, and nobody else's."""
    for entry in distribution("ipcompleters").entry_points:
        if entry.group == "ipshell.completers":
            tmp_plugin("completers", entry.name, entry.value, dist="ipcompleters")

    def make(config: dict[str, Any] | None = None, **settings: Any) -> Any:
        shell = make_shell(config, **settings)
        shell.expect_failures()
        return shell

    return make
