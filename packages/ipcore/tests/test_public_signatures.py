"""What authors of plugins import: no name, argument, type or field of it changes unawares.

Run as a script, this file records all of it anew.
"""

from __future__ import annotations

import ast
import functools
import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from traitlets import TraitType

from ipcore import types
from ipcore.delegation import Replaceable
from ipcore.deprecation import deprecated, deprecated_argument
from ipcore.shell import InteractiveShell

RECORDED = Path(__file__).with_name("public_signatures.txt")

#: The modules that authors import from; what their classes have is public too, the shell's included.
MODULES = (
    "ipcore",
    "ipcore.deprecation",
    "ipcore.display",
    "ipcore.errors",
    "ipcore.hookspecs",
    "ipcore.magics",
    "ipcore.notices",
    "ipcore.ranges",
    "ipcore.testing",
    "ipcore.testing.contracts",
    *(f"ipcore.types.{each.name}" for each in pkgutil.iter_modules(types.__path__)),
)

#: Shown by their type alone: these change with each release, or are too long to be read.
_LONG = {"ipcore.__version__"}


def recorded() -> str:
    """Give all that is public, a line each."""
    shell = InteractiveShell()
    try:
        return "".join(f"{line}\n" for module in MODULES for line in sorted(of_module(module, shell)))
    finally:
        shell.close()


def of_module(name: str, shell: InteractiveShell) -> Iterator[str]:
    """Give the lines of one module."""
    module = import_module(name)
    for public in names_of(module):
        if isinstance(getattr(module, public), typing.TypeVar):
            continue
        yield from of_value(f"{name}.{public}", getattr(module, public), shell)


def names_of(module: Any) -> list[str]:
    """Give the public names of a module: those it says are, or else those that it binds itself."""
    if hasattr(module, "__all__"):
        return [*module.__all__]
    bound: list[str] = []
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.append(node.name)
        elif isinstance(node, ast.ImportFrom):  # "import name as name" is for others to import
            bound += [each.name for each in node.names if each.name == each.asname]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound += [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in bound if not name.startswith("_")]


@functools.cache
def public_classes() -> frozenset[type]:
    """Give the classes that have lines of their own: what is inherited from them is not told again."""
    modules = [import_module(name) for name in MODULES]
    values = [getattr(module, name) for module in modules for name in names_of(module)]
    return frozenset(value for value in values if isinstance(value, type))


def of_value(name: str, value: Any, shell: InteractiveShell) -> Iterator[str]:
    """Give the lines of a class, a function or something else."""
    mark = f" [{value.__deprecated__}]" if hasattr(value, "__deprecated__") else ""
    if isinstance(value, type):
        yield f"{name}{made_by(value)}{mark}"
        yield from (f"{name}.{line}" for line in members(value, shell))
    elif isinstance(value, FunctionType):
        yield f"{name}{signature(value)}{mark}"
    else:
        yield f"{name} = {shown(value) if name not in _LONG else '...'}"


def made_by(kind: Any) -> str:
    """Give the arguments that make an object of a class, where the class is ours to say."""
    bases = ", ".join(base.__name__ for base in kind.__bases__ if base is not object)
    bases = f" <- {bases}" if bases else ""
    if hasattr(kind, "_fields"):  # a NamedTuple, whose annotations Pythons show differently
        return f"({', '.join(field(kind, each) for each in kind._fields)}){bases}"
    makers = [each for each in kind.__mro__ if {"__init__", "__new__"} & vars(each).keys()]
    if getattr(kind, "_is_protocol", False) or not makers[0].__module__.startswith("ipcore"):
        return bases
    return f"{signature(kind)}{bases}"


def field(kind: Any, name: str) -> str:
    default = kind._field_defaults
    return f"{name}: {plain(kind.__annotations__[name])}" + (
        f" = {shown(default[name])}" if name in default else ""
    )


def members(kind: type, shell: InteractiveShell) -> Iterator[str]:
    """Give the lines of what a class and its bases of ours have."""
    told: set[str] = set()
    elsewhere = [base for base in kind.__mro__[1:] if base in public_classes()]
    for base in kind.__mro__:
        if not base.__module__.startswith("ipcore") or any(issubclass(each, base) for each in elsewhere):
            continue
        annotations = inspect.get_annotations(base)
        for name in [*vars(base), *annotations]:
            if name.startswith("_") or name in told or of_contracts(name, vars(base).get(name)):
                continue
            told.add(name)
            yield f"{name}{member(vars(base).get(name), annotations.get(name), name, shell)}"


def of_contracts(name: str, value: Any) -> bool:
    """Tell what a contract has for pytest, and for the contracts derived from it, alone."""
    fixture = hasattr(value, "_fixture_function") or hasattr(value, "_pytestfixturefunction")
    return fixture or name.startswith("test_") or name in ("first_use", "listings", "family")


def member(value: Any, annotation: Any, name: str, shell: InteractiveShell) -> str:
    """Say what one attribute of a class is."""
    function = getattr(value, "__func__", value)  # of a class or static method
    mark = f" [{function.__deprecated__}]" if hasattr(function, "__deprecated__") else ""
    if isinstance(function, FunctionType):
        return f"{signature(function)}{mark}"
    if isinstance(value, property) and value.fget is not None:
        given = plain(inspect.get_annotations(value.fget).get("return"))
        return f": {given}" + ("" if value.fset else " (to be read)")
    if isinstance(value, TraitType):
        return f": {type(value).__name__} = {shown(value.default_value)}"
    if isinstance(value, Replaceable):
        found = getattr(shell, name)
        declared = str(annotation).partition("[")[2][:-1]
        return signature(found) if inspect.isroutine(found) else f": {declared}"
    return f": {plain(annotation)}" if annotation is not None else f" = {shown(value)}"


class Plain(str):
    """A text that is shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


def signature(function: Any) -> str:
    """Give a signature, with annotations as they are written and without addresses."""
    found = inspect.signature(function)
    parameters = [each.replace(annotation=plain(each.annotation)) for each in found.parameters.values()]
    # Objects that stand for "not given" show their addresses.
    text = str(found.replace(parameters=parameters, return_annotation=plain(found.return_annotation)))
    return re.sub(r"<[^<>]*>", "...", text)


def plain(annotation: Any) -> Any:
    """Give an annotation as it is written; some Pythons wrap it."""
    if annotation is inspect.Signature.empty:
        return annotation
    return Plain(getattr(annotation, "__forward_arg__", annotation))


def shown(value: Any) -> str:
    """Give a value if it is short, else its type."""
    if isinstance(value, (str, int, float, type(None))):
        return repr(value)
    if isinstance(value, tuple) and all(isinstance(each, (str, int)) for each in value) and len(value) < 20:
        return repr(value)
    if typing.get_origin(value) is not None:  # a name for a type
        return re.sub(r"\b(?:\w+\.)+", "", str(value))
    return f"<{type(value).__name__}>"


# -- the test ----------------------------------------------------------------------


def test_nothing_that_authors_use_changes_unawares() -> None:
    assert recorded().splitlines() == RECORDED.read_text(encoding="utf-8").splitlines(), (
        "Something that authors of plugins use changed. If that is meant, name it in a fragment in changes/ "
        "and record it anew: python packages/ipcore/tests/test_public_signatures.py"
    )


@pytest.mark.parametrize(
    "line",
    [
        "ipcore.display.display(*objs: Any, ",
        "ipcore.types.cells.Cell(source: str, number: int, label: str, store_history: bool = False, ",
        "ipcore.types.cells.Cell.raw_cell: str (to be read)",
        "ipcore.types.policies.Policy.decide(self, request: Request) -> Decision",
        "ipcore.types.policies.Policy.name: str",
        "ipcore.InteractiveShell.push(variables: Mapping[str, Any] | str | Iterable[str], interactive: ",
        "ipcore.InteractiveShell.autoawait: Bool = True",
        "ipcore.hookspecs.API_VERSION = ",
        "ipcore.hookspecs.Family(name: str, kind: str, specs: str, summary: str, stability: str = ",
        "ipcore.errors.UserError(",
        "ipcore.magics.line_magic",
    ],
)
def test_what_is_public_is_recorded(line: str) -> None:
    assert any(each.startswith(line) for each in RECORDED.read_text(encoding="utf-8").splitlines())


def test_what_is_deprecated_is_recorded_as_such(shell: InteractiveShell) -> None:
    @deprecated(since="0.1", removed_in="999.0")
    def old(a: int) -> None: ...

    @deprecated_argument("a", since="0.1", removed_in="999.0")
    def new(a: int) -> None: ...

    assert list(of_value("old", old, shell)) == [
        "old(a: int) -> None [deprecated since test-public-signatures 0.1 and goes in 999.0]"
    ]
    assert list(of_value("new", new, shell)) == ["new(a: int) -> None"]


if __name__ == "__main__":
    RECORDED.write_text(recorded(), encoding="utf-8")
