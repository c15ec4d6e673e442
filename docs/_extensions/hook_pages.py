"""The directive ``hook``: shows a hook's specification from its docstring, so that it is written once."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ipcore.hookspecs import FAMILIES, HOOK_PREFIX, Family

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: What every hook's docstring answers, in this order.
FACTS = ("When", "How often", "Thread", "May it block", "Order", "On failure", "Since")


class HookDocs(NamedTuple):
    """A hook's docstring, taken apart."""

    summary: str
    """What stands before the first field."""
    arguments: dict[str, str]
    returns: str
    facts: dict[str, str]
    example: str


def hooks_of(family: Family) -> dict[str, Callable[..., Any]]:
    """Give the hooks of a family by name, in the order of the source."""
    module, _, name = family.specs.partition(":")
    specs = getattr(import_module(f"ipcore.hookspecs.{module}"), name)
    return {key: value for key, value in vars(specs).items() if key.startswith(HOOK_PREFIX)}


def arguments_of(hook: Callable[..., Any]) -> list[str]:
    """Give the names of the arguments that an implementation may take."""
    return [name for name in inspect.signature(hook).parameters if name != "self"]


def read_docstring(hook: Callable[..., Any]) -> HookDocs:
    """Take a hook's docstring apart."""
    text, _, example = (inspect.getdoc(hook) or "").partition("Example::\n")
    summary, *fields = re.split(r"^:(?=[\w ]+:)", text, flags=re.MULTILINE)
    arguments: dict[str, str] = {}
    facts: dict[str, str] = {}
    returns = ""
    for field in fields:
        name, _, words = field.partition(":")
        answer = " ".join(words.split())
        if name.startswith("param "):
            arguments[name.removeprefix("param ")] = answer
        elif name == "returns":
            returns = answer
        else:
            facts[name] = answer
    return HookDocs(summary.strip(), arguments, returns, facts, textwrap.dedent(example).strip() + "\n")


def to_rst(family: Family, name: str, hook: Callable[..., Any]) -> str:
    """Give a hook's documentation as reStructuredText."""
    docs = read_docstring(hook)
    signature = inspect.signature(hook)
    shown = signature.replace(parameters=[p for p in signature.parameters.values() if p.name != "self"])
    # Annotations are strings in our sources, and shown without quotes.
    text = re.sub(r"'([^']*)'", r"\1", f"def {name}{shown}: ...")
    # So that docstrings may call the shell by its name alone.
    lines = [
        ".. py:currentmodule:: ipcore.shell",
        "",
        ".. code-block:: python",
        "",
        f"   {text}",
        "",
        docs.summary,
        "",
    ]
    for argument, words in docs.arguments.items():
        lines += [f"``{argument}``", f"   {words}", ""]
    if docs.returns:
        lines += ["returns", f"   {docs.returns}", ""]
    lines += [".. list-table::", "   :class: hook-facts", "   :widths: auto", ""]
    for fact in FACTS:
        lines += [f"   * - {fact}", f"     - {docs.facts.get(fact, '')}"]
    lines += ["   * - Stability", f"     - :doc:`{family.stability} </explanation/compatibility>`"]
    lines += ["", "For example:", "", ".. code-block:: python", "", textwrap.indent(docs.example, "   ")]
    return "\n".join(lines)


class HookDirective(SphinxDirective):
    """``{hook} ipshell_name``: signature, arguments, facts and example of one hook."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Render the hook's docstring in place."""
        name = self.arguments[0]
        for family in FAMILIES.values():
            if family.specs and name in (found := hooks_of(family)):
                for source in (__file__, inspect.getsourcefile(found[name])):
                    self.env.note_dependency(str(source))
                return self.parse_text_to_nodes(
                    f"````{{eval-rst}}\n{to_rst(family, name, found[name])}\n````"
                )
        raise self.error(f"no hook is called {name}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known to Sphinx."""
    app.add_directive("hook", HookDirective)
    return {"parallel_read_safe": True}
