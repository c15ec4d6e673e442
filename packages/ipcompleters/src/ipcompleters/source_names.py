"""The names that a module defines, read from its source without running it."""

from __future__ import annotations

import ast
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

#: Bytes of a source that are read at most: parsing more takes too long for an answer to a key.
LARGEST: Final = 500_000

#: Sources whose names are remembered.
MOST_SOURCES: Final = 64

#: How many ``from ... import *`` are followed, one from the other.
_MOST_STARS: Final = 3

# Escapes that Python does not know make its parser warn, whose warnings would be shown at the prompt. What
# an escape means does not matter here, so there are none; nor is a number left right before a word.
_ESCAPE: Final = re.compile(r"""\\(?:N\{[^}\n]*\}|[^\n\r'"])""")
_NUMBER: Final = re.compile(r"(?<![\w.])(\d[\d_]*)(?=(?:and|else|for|if|in|is|not|or)\b)")


@dataclass(frozen=True, slots=True)
class SourceNames:
    """What a module defines at its top level."""

    names: dict[str, str] = field(default_factory=dict)
    """Name → type, one of the types of completions; of imported modules ``module``."""
    exported: tuple[str, ...] | None = None
    """What ``__all__`` lists, as far as it is written there; ``None`` without one."""
    stars: tuple[tuple[int, str], ...] = ()
    """Of what all names are imported: how many dots, and the name behind."""


_known: OrderedDict[tuple[str, int, int], SourceNames] = OrderedDict()
_changing: Final = threading.Lock()

_NONE: Final = SourceNames()


def names_in_source(path: str, find: Callable[[int, str], str | None] | None = None) -> SourceNames:
    """Give the names that a source defines; none if it cannot be read or parsed.

    :param path: the file.
    :param find: gives the file of a module whose names are all imported, by the number of dots and the
        name; may say ``None``.
    """
    names = _read(path)
    files, found, seen = [(path, names)], dict(names.names), {path}
    for _, each in files:
        for level, module in each.stars:
            file = find(level, module) if find is not None and len(seen) <= _MOST_STARS else None
            if file is None or file in seen:
                continue
            seen.add(file)
            more = _read(file)
            public = [name for name in more.names if not name.startswith("_")]
            chosen = public if more.exported is None else more.exported
            found = {**{name: more.names.get(name, "") for name in chosen}, **found}
            if level == 0:
                files.append((file, more))
    return SourceNames(found, names.exported)


def _read(path: str) -> SourceNames:
    try:
        state = os.stat(path)
        key = (path, state.st_mtime_ns, state.st_size)
        with _changing:
            if key in _known:
                _known.move_to_end(key)
                return _known[key]
        if state.st_size > LARGEST:
            return _NONE
        names = parse_names(_text(path))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return _NONE
    with _changing:
        _known[key] = names
        while len(_known) > MOST_SOURCES:
            _known.popitem(last=False)
    return names


def _text(path: str) -> str:
    import tokenize

    with tokenize.open(path) as file:
        return file.read()


def parse_names(source: str) -> SourceNames:
    """Give the names that a source defines at its top level. No warning is given.

    :raises SyntaxError: and what else ``ast.parse`` raises.
    """
    tree = ast.parse(_NUMBER.sub(r"\1 ", _ESCAPE.sub("_", source)))
    names: dict[str, str] = {}
    stars: list[tuple[int, str]] = []
    exported: list[str] | None = None
    for node in _statements(tree.body):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    stars.append((node.level, node.module or ""))
                else:
                    names[alias.asname or alias.name] = "module" if not node.module else ""
        elif isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = "module"
        elif isinstance(node, ast.ClassDef):
            names[node.name] = "class"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names[node.name] = "function"
        else:
            for name in _bound(node):
                names.setdefault(name, "variable")
            listed = _listed(node)
            if listed is not None:
                before = exported if isinstance(node, ast.AugAssign | ast.Expr) else None
                exported = [*(before or ()), *listed]
    return SourceNames(names, None if exported is None else tuple(exported), tuple(stars))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements that run when a module is imported, those in blocks too."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for block in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, block, []))
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(part.body)


def _bound(node: ast.stmt) -> Iterator[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
        targets = [node.target]
    elif isinstance(node, ast.With | ast.AsyncWith):
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
    elif hasattr(ast, "TypeAlias") and isinstance(node, ast.TypeAlias):
        targets = [node.name]
    for target in targets:
        for each in ast.walk(target):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                yield each.id


def _listed(node: ast.stmt) -> list[str] | None:
    """Give the names that a statement writes into ``__all__``, ``None`` if it is about something else."""
    value: ast.expr | None = None
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value if any(_is_all(target) for target in targets) else None
    elif (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in ("append", "extend")
        and _is_all(node.value.func.value)
        and node.value.args
    ):
        value = node.value.args[0]
    if value is None:
        return None
    return [
        each.value
        for each in ast.walk(value)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"
