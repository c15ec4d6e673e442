"""Every plugin of the core inherits the contract of its family."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import CORE
from ipcore.testing.contracts import PluginContract


def test_no_plugin_of_the_core_is_without_its_contract() -> None:
    tested: set[tuple[str, str]] = set()
    for path in Path(__file__).parent.glob("test_contracts_*.py"):
        for each in vars(import_module(path.stem)).values():
            if (
                isinstance(each, type)
                and issubclass(each, PluginContract)
                and each.__name__.startswith("Test")
            ):
                tested |= {(each.family, each.key)} if each.distribution == CORE else set()
    assert {(each.family, each.key) for each in BUILTIN} <= tested
