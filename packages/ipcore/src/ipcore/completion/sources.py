"""What modules define that have not been imported, read from their sources; nothing of them runs."""

from __future__ import annotations

import ast
import builtins
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .reading import MISSING, attribute
from .stand_ins import DraftModule, Unknown

if TYPE_CHECKING:
    from ..types.completion import Objects
    from .flow import Frame

#: Bytes of a source that are read at most.
LARGEST: Final = 500_000

#: How many modules are followed, one importing a name from the other.
_MOST_MODULES: Final = 4


def find_in_sources(objects: Objects, expression: str, before: str = "") -> tuple[bool, Any]:
    """Tell what a dotted name stands for whose module is not imported yet; as ``Objects.find`` does.

    It is looked up in files, so this is for threads that may wait for them.

    :param objects: the user's objects, whose names count first.
    :param expression: the name; another expression is not found.
    :param before: earlier lines of the cell, which may import the module.
    """
    first, *rest = expression.split(".")
    if not all(each.isidentifier() for each in (first, *rest)):
        return False, None
    module = ""
    names = _imported(first, before)
    if names is not None:
        module, *more = names
        rest = [*more, *rest]
    elif rest and not objects.find(first, before)[0]:
        module = first
    found = _member(module, rest, _MOST_MODULES) if module else MISSING
    return (False, None) if found is MISSING else (True, found)


def _imported(name: str, before: str) -> list[str] | None:
    """Give the module that earlier lines import under a name, and what of it; ``None`` if they do not."""
    from .flow import frame_of

    frame: Frame | None = frame_of(before)
    while frame is not None:
        bindings = frame.scope.bindings.get(name)
        if bindings:
            how, node = bindings[-1].how, bindings[-1].node
            if how == "module":
                return [node]
            return [*node] if how == "imported" and node[0] else None
        frame = frame.outer
    return None


def _member(module: str, names: list[str], modules: int) -> Any:
    """Give what stands in a module under a name, a module in it counted too."""
    from . import inference

    if not modules:
        return MISSING
    loaded = inference.module(module)
    if loaded is not MISSING and names:
        found = attribute(loaded, names[0])
        if found is MISSING:
            return _member(f"{module}.{names[0]}", names[1:], modules - 1)
        for name in names[1:]:
            found = attribute(found, name) if found is not MISSING else MISSING
        return found
    if loaded is not MISSING:
        return loaded
    path, is_package = _source_of(module)
    draft = _read(path) if path else None
    if draft is None or not names:
        return MISSING if draft is None else draft
    source = _from_where(draft.node, names[0], module if is_package else module.rpartition(".")[0])
    if source == [module, names[0]]:  # a module in the package
        return _member(f"{module}.{names[0]}", names[1:], modules - 1)
    if source:
        return _member(source[0], [*source[1:], *names[1:]], modules - 1)
    if names[0] not in draft.scope().bindings:
        return _member(f"{module}.{names[0]}", names[1:], modules - 1)
    return _evaluated(".".join(names), draft)


def _evaluated(expression: str, draft: DraftModule) -> Any:
    from .evaluation import Evaluator
    from .flow import parse
    from .safe_types import SafeTypes

    evaluator = Evaluator(lambda name: vars(builtins).get(name, MISSING), "static", SafeTypes())
    try:
        return evaluator.evaluate(parse(expression, "eval").body, draft.frame)
    except (Unknown, SyntaxError, RecursionError, MemoryError):
        return MISSING


def _from_where(tree: ast.Module, name: str, package: str) -> list[str]:
    """Give the module that a source imports a name from, and what of it; nothing if it does not."""
    for node in reversed(tree.body):
        if isinstance(node, ast.Import):
            for each in node.names:
                if name == (each.asname or each.name.partition(".")[0]):
                    return [each.name if each.asname else name]
        elif isinstance(node, ast.ImportFrom):
            home = package.split(".") if node.level else []
            home = home[: len(home) - node.level + 1] if node.level else home
            source = ".".join([*home, *([node.module] if node.module else [])])
            for each in node.names:
                if source and name == (each.asname or each.name):
                    return [source, each.name]
    return []


def _source_of(module: str) -> tuple[str, bool]:
    """Give the file of a module's source, and whether it is a package; empty if there is none."""
    from importlib.machinery import PathFinder

    places = None
    spec = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        try:
            spec = PathFinder.find_spec(name, places)
        except (ImportError, OSError, ValueError, AttributeError):
            spec = None
        if spec is None:
            return "", False
        places = list(spec.submodule_search_locations or ())
    file = spec.origin if spec is not None and spec.has_location else None
    return (file, bool(places)) if file is not None and file.endswith(".py") else ("", False)


def _read(path: str) -> DraftModule | None:
    try:
        state = os.stat(path)
        return _parsed(path, state.st_mtime_ns) if state.st_size <= LARGEST else None
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=8)
def _parsed(path: str, changed: int) -> DraftModule:
    import tokenize

    from .flow import Frame, module_scope, parse

    with tokenize.open(path) as file:
        tree = parse(file.read())
    return DraftModule(tree, Frame(module_scope(tree)))
