"""What the tests of a plugin are made of: ``pytest_plugins = "ipcore.testing"`` in ``conftest.py``.

Fixtures come with that line; the names below are imported when they are first asked for.
Needs pytest, which the extra ``testing`` of ipshell-core brings. Nothing of the core imports this.

PYTEST_DONT_REWRITE: this file asserts nothing, and a conftest may import names from it beside that line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import lazy_names

try:
    import pytest
except ModuleNotFoundError as missing:
    if missing.name != "pytest":
        raise
    raise ModuleNotFoundError(
        'ipcore.testing needs pytest, which the extra "testing" brings: pip install "ipshell-core[testing]"',
        name="pytest",
    ) from None

if TYPE_CHECKING:
    from .distributions import FakeDistributions, FakeSite
    from .laziness import assert_lazy
    from .leaks import Leak, Leaks
    from .plugins import IsolatedRegistry, TmpPlugins
    from .shells import CellOutcome, ShellMaker, TestedShell
    from .terminal import NotSeen, Terminal, Terminals

# Their assertions are to tell the values, as those of the tests that inherit them.
pytest.register_assert_rewrite("ipcore.testing.contracts")

#: Read by pytest where this module is named as a plugin.
pytest_plugins = ("ipcore.testing.fixtures",)

#: Public name → module that defines it.
_HOMES = {
    "CellOutcome": ".shells",
    "FakeDistributions": ".distributions",
    "FakeSite": ".distributions",
    "IsolatedRegistry": ".plugins",
    "Leak": ".leaks",
    "Leaks": ".leaks",
    "NotSeen": ".terminal",
    "ShellMaker": ".shells",
    "Terminal": ".terminal",
    "Terminals": ".terminal",
    "TestedShell": ".shells",
    "TmpPlugins": ".plugins",
    "assert_lazy": ".laziness",
}

__all__ = [
    "CellOutcome",
    "FakeDistributions",
    "FakeSite",
    "IsolatedRegistry",
    "Leak",
    "Leaks",
    "NotSeen",
    "ShellMaker",
    "Terminal",
    "Terminals",
    "TestedShell",
    "TmpPlugins",
    "assert_lazy",
]


if not TYPE_CHECKING:  # type checkers are to tell of a name that is not there
    # No __dir__: pytest looks at each name that dir() gives, and would import all of it.
    __getattr__, _ = lazy_names(__name__, _HOMES)
