"""What is known of an object without asking it: how it is called, what it is, its docstring.

``__doc__`` may be a property, and ``inspect.getdoc`` asks classes and their bases. So docstrings are read
here from what functions, classes and modules have stored.
"""

from __future__ import annotations

import ast
import inspect
from inspect import Signature
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ipcore.completion.reading import (
    MISSING,
    class_dict,
    entry_of,
    in_classes,
    module_dict,
    mro_of,
    own_entry,
)
from ipcore.completion.shown import shown_value
from ipcore.completion.sources import find_in_sources
from ipcore.completion.stand_ins import DraftClass, DraftFunction, DraftModule, Either
from ipcore.object_information import find
from ipcore.saferepr import type_name
from ipcore.types.completion import InstanceOf

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Objects

#: Characters of a docstring that are shown.
MOST: Final = 200_000

#: Their ``__doc__`` is C code that looks at nothing else. Looked up by id: a metaclass may have an ``==``.
_IN_C: Final = frozenset(
    map(
        id,
        (
            BuiltinFunctionType,
            ClassMethodDescriptorType,
            GetSetDescriptorType,
            MemberDescriptorType,
            MethodDescriptorType,
            MethodWrapperType,
            WrapperDescriptorType,
        ),
    )
)


class Description(NamedTuple):
    """What is known of an object."""

    name: str
    """The expression that stands for it."""
    kind: str
    """What it is, in a few words; its value, where that can be shown."""
    signature: Signature | None
    """How it is called."""
    text: str
    """Its docstring, indented as it is to be shown."""


def describe(shell: InteractiveShell, objects: Objects, name: str, before: str = "") -> Description | None:
    """Tell what an expression stands for; ``None`` if that is not known.

    :param objects: what looks at the user's objects.
    :param name: the expression, or a magic with its marks.
    :param before: what stands before it in the cell.
    """
    found, value = stands_for(shell, objects, name, before)
    if not found:
        found, value = find_in_sources(objects, name, before)
    if not found:
        return None
    if name.startswith("%"):
        return Description(name, "magic", None, docstring_of(value))
    if type(value) is property:
        return Description(name, "property, not read", None, docstring_of(value))
    if type(value) is DraftModule:
        return Description(name, "module, not imported yet", None, docstring_of(value))
    signature = objects.signature(value)
    return Description(name, _kind(objects, value), signature, docstring_of(value))


def stands_for(shell: InteractiveShell, objects: Objects, name: str, before: str = "") -> tuple[bool, Any]:
    """Tell whether it is known what an expression or a magic stands for, and what; a property for itself.

    The parameters are those of :func:`describe`.
    """
    if name.startswith("%"):
        return find(shell, name)
    found, value = objects.find(name, before)
    if found:
        return True, value
    owner, _, last = name.rpartition(".")
    found_owner, holder = objects.find(owner, before) if owner else (False, None)
    entry = in_classes(type(holder), last) if found_owner else MISSING
    return (True, entry) if type(entry) is property else (False, None)


def _kind(objects: Objects, value: Any) -> str:
    kind = type(value)
    shown = shown_value(value)
    if shown is not None and not issubclass(kind, type):
        return f"{type_name(kind)}: {shown}"
    what = objects.type_of(value)
    if kind is InstanceOf:
        of = value.kind
        known = of.name if type(of) is DraftClass else type_name(of) if issubclass(type(of), type) else ""
        return f"instance of {known}" if known else what
    return what if what in ("function", "class", "module") else f"instance of {type_name(kind)}"


def docstring_of(value: Any) -> str:
    """Give an object's docstring; of an object without one, that of its class. Empty if there is none."""
    try:
        return _cleaned(_stored(value))
    except (AttributeError, TypeError, ValueError, RecursionError):
        return ""  # something in it is not what it has to be


def _cleaned(doc: Any) -> str:
    return inspect.cleandoc(doc[:MOST]) if type(doc) is str else ""


def _stored(value: Any) -> Any:
    kind = type(value)
    if kind is MethodType:
        return _of_method(value)
    if kind is FunctionType or kind is property or id(kind) in _IN_C:
        return value.__doc__
    if kind is staticmethod or kind is classmethod:
        return _stored(value.__func__)
    if kind is DraftFunction or kind is DraftClass or kind is DraftModule:
        return ast.get_docstring(value.node) if hasattr(value.node, "body") else None
    if kind is InstanceOf:
        return _stored(value.kind)
    if kind is Either:
        return _stored(value.options[0]) if value.options else None
    if issubclass(kind, type):
        return _of_class(value)
    if issubclass(kind, ModuleType):
        return entry_of(module_dict(value), "__doc__")
    own = own_entry(value, "__doc__")
    return own if type(own) is str else _of_class(kind)


def _of_class(kind: type) -> str | None:
    """Give the docstring of a class, or of the first of its bases that has one but ``object``."""
    for each in mro_of(kind):
        if each is object and kind is not object:
            break
        doc = class_dict(each).get("__doc__")
        if type(doc) is str:
            return doc
    return None


def _of_method(method: Any) -> Any:
    """Give the docstring of a method, or of the one that it stands for in a base class."""
    function = method.__func__
    doc = _stored(function) if type(function) is not MethodType else None
    if type(doc) is str or type(function) is not FunctionType:
        return doc
    owner = method.__self__
    kind = owner if issubclass(type(owner), type) else type(owner)
    for each in mro_of(kind):
        entry = class_dict(each).get(function.__name__)
        found = entry.__doc__ if type(entry) is FunctionType else None
        if type(found) is str:
            return found
    return None
