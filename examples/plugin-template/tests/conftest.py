"""What the tests share."""

from __future__ import annotations

from importlib.metadata import distribution
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ipcore.testing import ShellMaker, TestedShell, TmpPlugins

# The fixtures: a shell, a terminal, a home of its own, and more.
pytest_plugins = "ipcore.testing"


@pytest.fixture
def shell(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> TestedShell:
    """Give a shell with the plugins that pyproject.toml declares, and nobody else's."""
    dist = distribution("plugin-template")
    for entry in dist.entry_points:
        family = entry.group.removeprefix("ipshell.")
        tmp_plugin(family, entry.name, entry.value, dist=dist.name, version=dist.version)
    return make_shell()
