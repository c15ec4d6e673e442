"""Reading the attributes of objects without running any of their code.

``getattr``, ``dir``, ``vars``, ``isinstance`` and ``hasattr`` all ask the object, whose class may
answer with code of its own. So everything is read from the dictionaries of objects and classes by
the functions with which ``type`` and ``object`` themselves read them. Classes are compared by ``is``,
and looked up by ``id``: a metaclass may have an ``==`` and a hash of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from itertools import repeat
from operator import is_
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, Final

_class_dict: Any = type.__dict__["__dict__"].__get__
mro_of: Any = type.__dict__["__mro__"].__get__
module_dict: Any = type.__dict__["__dict__"].__get__(ModuleType)["__dict__"].__get__

#: What binds to an instance by C code that does nothing else.
_BOUND_BY_C: Final = frozenset(map(id, (MethodDescriptorType, WrapperDescriptorType)))

#: What is what it is, or is bound, when it is read as an attribute.
_NOT_COMPUTED: Final = _BOUND_BY_C | {id(FunctionType), id(BuiltinFunctionType)}

#: Classes whose attributes are computed by C code that looks at nothing but the object.
PURE: Final = (
    *(int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice),
    *(object, property, staticmethod, classmethod, BaseException, re.Match, re.Pattern),
    *(FunctionType, BuiltinFunctionType, MethodType, CodeType, ModuleType, type),
    *(MethodDescriptorType, WrapperDescriptorType, MemberDescriptorType, GetSetDescriptorType),
)
_PURE: Final = frozenset(map(id, PURE))
_PURE_DATES: Final = ("date", "time", "datetime", "timedelta")

#: What of theirs may be read among the names with underscores: others ask further objects.
_PURE_NAMES: Final = frozenset(
    (
        *("__class__", "__name__", "__self__", "__objclass__", "__bases__", "__base__", "__mro__"),
        *("__code__", "__defaults__", "__kwdefaults__", "__traceback__", "__context__", "__cause__"),
    )
)

#: How often a table is read that another thread changes meanwhile.
ATTEMPTS: Final = 5

_MISSING: Any = object()

#: Stands for an attribute that is not there, or that code would compute.
MISSING: Final[Any] = _MISSING


def is_a(value: object, kind: type | tuple[type, ...]) -> bool:
    """Tell whether an object is an instance, by its type alone: ``isinstance`` reads ``__class__`` too.

    :param kind: a class whose metaclass is ``type``, or several.
    """
    return issubclass(type(value), kind)


def keys(table: Mapping[str, Any]) -> list[str]:
    """Give the names in a table. Exactly ``str``: a subclass could answer with code of its own."""
    for _ in range(ATTEMPTS):
        try:
            names = list(table)
        except RuntimeError:  # it changed meanwhile
            continue
        return names if _are_text(names) else [name for name in names if type(name) is str]
    return []


def _are_text(names: Iterable[Any]) -> bool:
    """Tell whether all are plain text; there may be thousands."""
    return all(map(is_, map(type, names), repeat(str)))


def class_dict(kind: type) -> Mapping[str, Any]:
    """Give the dictionary of a class."""
    table: Mapping[str, Any] = _class_dict(kind)
    return table


def in_classes(kind: type, name: str) -> Any:
    """Give what a class or one of its bases has under a name, as it is stored."""
    for each in mro_of(kind):
        entry = _class_dict(each).get(name, _MISSING)
        if entry is not _MISSING:
            return entry
    return _MISSING


def own_dict(value: object) -> dict[str, Any]:
    """Give the dictionary of an object; an empty one if it has none, or a class of its own for it."""
    reader = in_classes(type(value), "__dict__")
    if type(reader) is not GetSetDescriptorType and type(reader) is not MemberDescriptorType:
        # There is none, or a property of that name.
        return {}
    try:
        table = reader.__get__(value)
    except (AttributeError, TypeError):  # a class that is no heap type
        return {}
    return table if type(table) is dict else {}


def own_entry(value: object, name: str) -> Any:
    """Give what an object's own dictionary has under a name.

    A name there that is no plain text would be compared by its own code, so such are passed by.
    """
    table = own_dict(value)
    if not table:
        return _MISSING
    return entry_of(table, name)


def entry_of(table: dict[Any, Any], name: str) -> Any:
    """Give the entry of a dictionary under a plain text, and have no other key compared."""
    for _ in range(ATTEMPTS):
        try:
            if _are_text(table):
                return table.get(name, _MISSING)
            for key, entry in [*table.items()]:
                if type(key) is str and key == name:
                    return entry
            return _MISSING
        except RuntimeError:  # it changed meanwhile
            continue
    return _MISSING


def plain_entries(table: dict[Any, Any]) -> dict[str, Any]:
    """Give a copy of a dictionary, without what stands under anything but a plain text."""
    copy = table.copy()
    return copy if _are_text(copy) else {name: entry for name, entry in copy.items() if type(name) is str}


def names_of(value: object) -> dict[str, None]:
    """Give the names in an object's own dictionary and in those of its classes.

    Of a class also what all classes have, such as ``__name__``.
    """
    kind = type(value)
    if is_a(value, ModuleType):
        return dict.fromkeys(keys(module_dict(value)))
    found: dict[str, None] = {}
    if is_a(value, type):
        found.update(dict.fromkeys(name for name in names_of_class(kind) if name.startswith("__")))
        kind = value  # type: ignore[assignment]
    elif kind is MethodType:  # it has what its function has
        return {**dict.fromkeys(names_of_class(kind)), **names_of(value.__func__)}  # type: ignore[attr-defined]
    else:
        found.update(dict.fromkeys(keys(own_dict(value))))
    found.update(dict.fromkeys(names_of_class(kind)))
    return found


def names_of_class(kind: type) -> list[str]:
    """Give the names in the dictionaries of a class and its bases."""
    return keys(stored_in_class(kind))


def stored_in_class(kind: type) -> dict[str, Any]:
    """Give all that a class and its bases have, as it is stored, by name."""
    for _ in range(ATTEMPTS):
        found: dict[str, Any] = {}
        try:
            for each in reversed(mro_of(kind)):
                found.update(_class_dict(each))
        except RuntimeError:  # it changed meanwhile
            continue
        return found
    return {}


def stored(value: object, name: str) -> tuple[Any, bool]:
    """Give what is stored under a name, and whether the object itself has it."""
    kind = type(value)
    if is_a(value, ModuleType):
        found = entry_of(module_dict(value), name)
        return (in_classes(kind, name), False) if found is _MISSING else (found, True)
    if is_a(value, type):
        found = in_classes(value, name)  # type: ignore[arg-type]
        return in_classes(kind, name) if found is _MISSING else found, False
    found = in_classes(kind, name)
    if found is _MISSING or not has_setter(found):
        own = own_entry(value, name)
        if own is not _MISSING:
            return own, True
    return found, False


def has_setter(entry: object) -> bool:
    """Tell whether a class's entry goes before what is stored in an object."""
    kind = type(entry)
    return in_classes(kind, "__set__") is not _MISSING or in_classes(kind, "__delete__") is not _MISSING


def attribute(value: object, name: str) -> Any:
    """Give an attribute as ``getattr`` would; :data:`MISSING` if there is none, or code computes it."""
    kind = type(value)
    if name == "__dict__":
        return own_dict(value) or _MISSING
    if is_a(value, ModuleType):
        found = entry_of(module_dict(value), name)
        return found if found is not _MISSING else _of_instance(value, in_classes(kind, name), name)
    if is_a(value, type):
        found = in_classes(value, name)  # type: ignore[arg-type]
        of_meta = in_classes(kind, name)
        if found is _MISSING or (of_meta is not _MISSING and has_setter(of_meta)):
            return _of_instance(value, of_meta, name)
        return _of_class(value, found)
    entry = in_classes(kind, name)
    if entry is not _MISSING and has_setter(entry):
        return _of_instance(value, entry, name)
    own = own_entry(value, name)
    return _of_instance(value, entry, name) if own is _MISSING else own


def _of_class(owner: Any, entry: Any) -> Any:
    """Give what a class's entry is when it is read from the class."""
    kind = type(entry)
    if kind is staticmethod:
        return entry.__func__
    if kind is classmethod:
        return _method(entry.__func__, owner)
    if kind is ClassMethodDescriptorType:
        return entry.__get__(None, owner)
    if kind is property or kind is MemberDescriptorType or kind is GetSetDescriptorType:
        return entry
    return entry if not computes(entry) else _MISSING


def _of_instance(value: Any, entry: Any, name: str) -> Any:
    """Give what a class's entry is when it is read from an object."""
    if entry is _MISSING:
        return _MISSING
    kind = type(entry)
    try:
        if kind is FunctionType:
            return MethodType(entry, value)
        if id(kind) in _BOUND_BY_C:
            # Never without the type: CPython crashes over methods that take their defining class.
            return entry.__get__(value, type(value))
        if kind is MemberDescriptorType:
            return entry.__get__(value)  # a slot, read by C code
        if kind is GetSetDescriptorType:
            pure = _is_pure(entry.__objclass__) and (name[:2] != "__" or name in _PURE_NAMES)
            return entry.__get__(value) if pure else _MISSING
    except (AttributeError, TypeError, ValueError):  # an empty slot, for example
        return _MISSING
    if kind is staticmethod:
        return entry.__func__
    if kind is classmethod:
        return _method(entry.__func__, type(value))
    if kind is ClassMethodDescriptorType:
        return entry.__get__(None, type(value))
    return entry if not computes(entry) else _MISSING


def _is_pure(kind: type) -> bool:
    if id(kind) in _PURE:
        return True
    module = sys.modules.get("datetime")  # who has a date has imported it; it takes a millisecond
    return is_a(module, ModuleType) and any(
        entry_of(module_dict(module), name) is kind for name in _PURE_DATES
    )


def _method(function: Any, owner: object) -> Any:
    return MethodType(function, owner) if type(function) is FunctionType else function


def computes(entry: object) -> bool:
    """Tell whether code decides what a class's entry is as an attribute."""
    kind = type(entry)
    if id(kind) in _NOT_COMPUTED:
        return False
    return in_classes(kind, "__get__") is not _MISSING


def type_of_stored(entry: object, own: bool = False) -> str:
    """Tell what an entry of a class, or of an object, is as an attribute; one of ``TYPES``.

    :param own: whether the object itself has it, so that it is taken as it is.
    """
    kind = type(entry)
    found = _TYPES.get(id(kind))
    if found is not None:
        return found if not own or found != "property" or kind is property else "instance"
    if is_a(entry, type):
        return "class"
    if is_a(entry, ModuleType):
        return "module"
    if not own and in_classes(kind, "__get__") is not _MISSING:
        return "property"
    return "instance"


_TYPES: Final = {
    **dict.fromkeys((*_NOT_COMPUTED, id(MethodType)), "function"),
    **dict.fromkeys(map(id, (staticmethod, classmethod, ClassMethodDescriptorType)), "function"),
    **dict.fromkeys(map(id, (property, GetSetDescriptorType)), "property"),
    **dict.fromkeys(map(id, (str, int, float, bool, list, dict, tuple, type(None))), "instance"),
    id(MemberDescriptorType): "instance",
    id(ModuleType): "module",
    id(type): "class",
}
