"""Looking at the user's objects without running any of their code.

``getattr``, ``dir``, ``vars``, ``isinstance`` and ``hasattr`` all ask the object, whose class may
answer with code of its own. So everything is read from the dictionaries of objects and classes by
the functions with which ``type`` and ``object`` themselves read them.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from inspect import Signature

    from ..shell import InteractiveShell
    from ..types.completion import EvaluationPolicy

_class_dict: Any = type.__dict__["__dict__"].__get__
_mro: Any = type.__dict__["__mro__"].__get__
_module_dict: Any = type.__dict__["__dict__"].__get__(ModuleType)["__dict__"].__get__

#: What is bound when it is read as an attribute, by C code that does nothing else.
_BINDING: Final = (FunctionType, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)

#: How often a namespace is read that another thread changes meanwhile.
_ATTEMPTS: Final = 5

_MISSING: Any = object()


class StaticObjects:
    """The user's objects under the policy ``static``. Safe from any thread.

    :param shell: whose names they have.
    """

    policy: EvaluationPolicy = "static"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def names(self, before: str = "") -> list[str]:
        """Give the names that stand for something: the user's, and the builtin ones."""
        found: dict[str, None] = {}
        for layer in self._layers():
            found.update(dict.fromkeys(_keys(layer)))
        return list(found)

    def find(self, expression: str, before: str = "") -> tuple[bool, Any]:
        """Tell whether a dotted name stands for an object, and for which.

        What a property or another descriptor would compute is not known, so it is not found.
        """
        first, *rest = expression.split(".")
        value = _MISSING
        for layer in self._layers():
            if first in layer:
                try:
                    value = layer[first]
                except KeyError:  # removed meanwhile
                    continue
                break
        for name in rest:
            if value is _MISSING:
                break
            value = _attribute(value, name)
        return (False, None) if value is _MISSING else (True, value)

    def attributes(self, value: object) -> list[str]:
        """Give the names in an object's own dictionary and in those of its classes."""
        kind = type(value)
        if issubclass(kind, ModuleType):
            return _keys(_module_dict(value))
        found: dict[str, None] = {}
        if issubclass(kind, type):
            kind = value  # type: ignore[assignment]
        else:
            found.update(dict.fromkeys(_keys(_own_dict(value))))
        for each in _mro(kind):
            found.update(dict.fromkeys(_keys(_class_dict(each))))
        return list(found)

    def attribute(self, value: object, name: str) -> tuple[bool, Any]:
        """Read one attribute, if that runs no code."""
        found = _attribute(value, name)
        return (False, None) if found is _MISSING else (True, found)

    def keys(self, value: object) -> list[Any]:
        """Give what may stand in ``value[...]``."""
        return []

    def signature(self, value: object) -> Signature | None:
        """Tell how an object is called."""
        return None

    def type_of(self, value: object) -> str:
        """Tell what an object is."""
        return ""

    def type_of_attribute(self, value: object, name: str) -> str:
        """Tell what an attribute is."""
        return ""

    def _layers(self) -> Iterable[Mapping[str, Any]]:
        shell = self._shell
        yield shell.user_ns
        if shell.namespace is not None:  # its own iteration gives the local names alone
            yield shell.namespace.globals
            yield shell.namespace.own
        yield vars(builtins)


def _keys(table: Mapping[str, Any]) -> list[str]:
    for _ in range(_ATTEMPTS):
        try:
            # Exactly str: a subclass could answer with code of its own.
            return [name for name in list(table) if type(name) is str]
        except RuntimeError:  # it changed meanwhile
            continue
    return []


def _in_classes(kind: type, name: str) -> Any:
    for each in _mro(kind):
        entry = _class_dict(each).get(name, _MISSING)
        if entry is not _MISSING:
            return entry
    return _MISSING


def _own_dict(value: object) -> dict[str, Any]:
    """Give the dictionary of an object; an empty one if it has none, or a class of its own for it."""
    reader = _in_classes(type(value), "__dict__")
    if type(reader) is not GetSetDescriptorType:  # none, or a property of that name
        return {}
    table = reader.__get__(value)
    return table if type(table) is dict else {}


def _attribute(value: object, name: str) -> Any:
    kind = type(value)
    if issubclass(kind, ModuleType):
        return _module_dict(value).get(name, _MISSING)
    if issubclass(kind, type):
        entry = _in_classes(value, name)  # type: ignore[arg-type]
        if type(entry) in (property, MemberDescriptorType, GetSetDescriptorType):
            return entry  # on the class itself they are what is found
        return _unbound(entry)
    entry = _in_classes(kind, name)
    if type(entry) is MemberDescriptorType:
        try:
            return entry.__get__(value)  # a slot, read by C code
        except (AttributeError, TypeError):  # an empty one
            return _MISSING
    own = _own_dict(value).get(name, _MISSING)
    if own is not _MISSING and (entry is _MISSING or not _computes(entry)):
        return own
    return _unbound(entry)


def _unbound(entry: Any) -> Any:
    """Give what a class's entry stands for; missing if code decides that."""
    if type(entry) in (staticmethod, classmethod):
        return entry.__func__
    return _MISSING if entry is not _MISSING and _computes(entry) else entry


def _computes(entry: Any) -> bool:
    kind = type(entry)
    return kind not in _BINDING and _in_classes(kind, "__get__") is not _MISSING
