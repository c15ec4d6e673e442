"""The source of an object without asking it: from the code of functions, the files of classes and modules.

``inspect.getsource`` reads ``__wrapped__``, ``__class__`` and ``__file__`` of whatever it is given, which may
be the user's code. So only what functions, classes and modules have stored is read here.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator
from functools import cached_property, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

from ipcore.cells.sources import label_of
from ipcore.completion.reading import MISSING, class_dict, entry_of, module_dict, own_entry
from ipcore.completion.stand_ins import Either
from ipcore.types.completion import InstanceOf

#: Characters that are shown, at most.
MOST: Final = 1_000_000
#: How often what wraps something else is looked into.
_DEEPEST: Final = 100

_qualname: Any = type.__dict__["__qualname__"].__get__
_module_of: Any = type.__dict__["__module__"].__get__


class Source(NamedTuple):
    """Where something is defined, and how."""

    place: str
    """The file, or the cell."""
    line: int
    """The line in it, from 1."""
    text: str


def source_of(value: Any) -> Source | None:
    """Give the source of a function, class or module, of another object that of its class; ``None`` for none.

    Reads files. Safe from any thread.
    """
    value = _innermost(value)
    kind = type(value)
    try:
        if kind is FunctionType:
            return _of_code(value.__code__, value.__globals__)
        if kind is ModuleType:
            file = entry_of(module_dict(value), "__file__")
            lines = _lines(file)
            return _source(file, 1, lines) if lines else None
        return _of_class(value if issubclass(kind, type) else kind)
    except (OSError, SyntaxError, ValueError, RecursionError, IndexError, MemoryError):
        return None  # the file is another one by now, or none of Python's


def _innermost(value: Any) -> Any:
    """Give what is behind methods, properties and decorators."""
    for _ in range(_DEEPEST):
        kind = type(value)
        if kind is MethodType or kind is staticmethod or kind is classmethod:
            inner = value.__func__
        elif kind is property:
            inner = value.fget
        elif kind is partial or kind is cached_property:
            inner = value.func
        elif kind is InstanceOf:
            inner = value.kind
        elif kind is Either and value.options:
            inner = value.options[0]
        else:
            inner = MISSING if issubclass(kind, type) else own_entry(value, "__wrapped__")
        if inner is MISSING or inner is None:
            break
        value = inner
    return value


def _of_code(code: CodeType, names: dict[str, Any]) -> Source | None:
    for file in (code.co_filename, entry_of(names, "__file__")):  # modules that are frozen have no name in it
        lines = _lines(file)
        if 0 < code.co_firstlineno <= len(lines):
            at = code.co_firstlineno
            return _source(file, at, inspect.getblock(lines[at - 1 :]))
    return None


def _of_class(kind: type) -> Source | None:
    name, module = _qualname(kind), _module_of(kind)
    first = class_dict(kind).get("__firstlineno__")  # from Python 3.13 on
    beginning = f"class {name.rpartition('.')[2]}"
    for file in _files(kind, name, module):
        lines = _lines(file)
        if type(first) is int and 0 < first <= len(lines):
            found = inspect.getblock(lines[first - 1 :])
            if any(beginning in line for line in found):
                return _source(file, first, found)
        elif type(first) is not int and any(beginning in line for line in lines):
            node = _definition(ast.parse("".join(lines)), name)
            if node is not None:
                at = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                return _source(file, at, lines[at - 1 : node.end_lineno])
    return None


def _files(kind: type, name: str, module: Any) -> Iterator[Any]:
    """Give the files that a class may be defined in, the likeliest first."""
    for entry in [*class_dict(kind).values()]:
        function = _innermost(entry)
        if type(function) is FunctionType and function.__qualname__.startswith(f"{name}."):
            yield function.__code__.co_filename
    found = sys.modules.get(module) if type(module) is str else None
    if type(found) is ModuleType:
        yield entry_of(module_dict(found), "__file__")
    if module == "__main__":  # cells, the newest first
        yield from [each for each in [*linecache.cache] if label_of(each)][::-1]


def _definition(tree: ast.AST, wanted: str, before: str = "") -> ast.ClassDef | None:
    """Find the last class with a qualified name."""
    found = None
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr):
            continue
        name = before
        if isinstance(node, ast.ClassDef):
            name = f"{before}{node.name}."
            if name == f"{wanted}.":
                found = node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{before}{node.name}.<locals>."
        if wanted.startswith(name):
            found = _definition(node, wanted, name) or found
    return found


def _lines(file: Any) -> list[str]:
    if type(file) is not str:
        return []
    linecache.checkcache(file)
    return linecache.getlines(file)


def _source(file: str, line: int, lines: list[str]) -> Source:
    text = "".join(lines)
    if len(text) > MOST:
        text = f"{text[:MOST]}\n# … and more"
    return Source(label_of(file) or file, line, text)
