"""The directive ``contract``: shows what a contract asks for and what it tests, from its docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from ipcore.testing import contracts
from ipcore.testing.contracts.plugin import PluginContract, Required

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Class attributes that contracts set, not those who inherit them.
INTERNAL = {"family", "kind", "listings", "first_use"}


class Attribute(NamedTuple):
    """A class attribute that a subclass sets."""

    name: str
    meaning: str
    default: str
    """As it is written; empty where there is none, and the subclass has to set it."""
    example: str
    """Of one without default."""


def contracts_by_name() -> dict[str, type[PluginContract]]:
    """Give all contracts, the common base first."""
    found = {name: kind for name, kind in vars(contracts).items() if name.endswith("Contract")}
    return dict(sorted(found.items(), key=lambda each: (each[0] != "PluginContract", each[0])))


def attributes_of(contract: type[PluginContract]) -> list[Attribute]:
    """Give what a subclass sets, without what every contract has; first what it has to set."""
    found: dict[str, Attribute] = {}
    for kind in _own_classes(contract):
        comments = ModuleAnalyzer.for_module(kind.__module__).find_attr_docs()
        for name, value in vars(kind).items():
            if name in INTERNAL or name.startswith("_") or name in found:
                continue
            if isinstance(value, Required):
                found[name] = Attribute(name, value.meaning, "", value.example)
            elif comment := comments.get((kind.__qualname__, name)):
                found[name] = Attribute(name, " ".join(comment).strip(), _written(value), "")
    return sorted(found.values(), key=lambda each: bool(each.default))


def checks_of(contract: type[PluginContract]) -> Iterator[tuple[str, str]]:
    """Give name and docstring of each test, without those of every contract."""
    seen = set()
    for kind in _own_classes(contract):
        for name, value in vars(kind).items():
            if name.startswith("test_") and name not in seen:
                seen.add(name)
                yield name, " ".join((inspect.getdoc(value) or "").split())


def _own_classes(contract: type[PluginContract]) -> list[type]:
    if contract is PluginContract:
        return [PluginContract]
    return [kind for kind in contract.__mro__ if kind not in PluginContract.__mro__]


def _written(value: object) -> str:
    return f"({len(value)} names)" if isinstance(value, tuple) and len(value) > 5 else repr(value)


def to_rst(contract: type[PluginContract]) -> str:
    """Give a contract's documentation as reStructuredText."""
    lines = [".. py:currentmodule:: ipcore.testing", "", inspect.getdoc(contract) or "", ""]
    attributes = attributes_of(contract)
    if attributes:
        lines += [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
        lines += ["   * - Attribute", "     - What it is", "     - Default"]
        for each in attributes:
            meaning = each.meaning if each.default else f"{each.meaning}; for example ``{each.example}``"
            lines += [f"   * - ``{each.name}``", f"     - {meaning[:1].upper()}{meaning[1:]}"]
            lines += [f"     - ``{each.default}``" if each.default else "     - to be set"]
        lines.append("")
    lines += ["It tests:", ""]
    for name, words in checks_of(contract):
        lines.append(f"* *{name.removeprefix('test_').replace('_', ' ')}*. {words}")
    return "\n".join(lines)


class ContractDirective(SphinxDirective):
    """``{contract} NameContract``: attributes and tests of one contract."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Render the contract's docstrings in place."""
        contract: Any = contracts_by_name().get(self.arguments[0])
        if contract is None:
            raise self.error(f"no contract is called {self.arguments[0]}")
        for kind in (ContractDirective, *_own_classes(contract)):
            self.env.note_dependency(str(inspect.getsourcefile(kind)))
        return self.parse_text_to_nodes(f"````{{eval-rst}}\n{to_rst(contract)}\n````")


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known to Sphinx."""
    app.add_directive("contract", ContractDirective)
    return {"parallel_read_safe": True}
