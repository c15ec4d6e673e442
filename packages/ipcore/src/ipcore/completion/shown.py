"""How annotations and defaults are shown, without running any code of the user's.

What is not of a known kind is shown as ``...``: its ``repr`` would be the user's.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from types import GenericAlias, GetSetDescriptorType, MemberDescriptorType, NoneType, UnionType
from typing import Any, Final

from .reading import MISSING, class_dict, in_classes, mro_of, own_entry

#: Characters of one value that are shown, and elements of a container.
LONGEST: Final = 60
_MOST: Final = 8

# Classes are looked up by their id: a metaclass may have an == and a hash of its own.
_CONTAINERS: Final = frozenset(map(id, (tuple, list, set, frozenset, dict)))
_NUMBERS: Final = frozenset(map(id, (float, complex, NoneType, type(Ellipsis))))

_qualname: Any = type.__dict__["__qualname__"].__get__


class Stored:
    """An annotation or a default in a signature: shows as a text, and keeps what is stored.

    :param text: what it shows as.
    :param value: what is stored: an object of the user's, of which nothing may be asked.
    :param names: the global names that the function sees, by which a text can be resolved.
    """

    __slots__ = ("names", "text", "value")

    def __init__(self, text: str, value: Any = None, names: dict[str, Any] | None = None) -> None:
        self.text = text
        self.value = value
        self.names = names

    def __repr__(self) -> str:
        return self.text


def default_shown(value: Any) -> Any:
    """Give what stands for a default: itself where its ``repr`` is Python's and short."""
    text = shown_value(value)
    if text is None or value is Ellipsis:
        return Stored("...", value)
    return Stored(text, value) if id(type(value)) in _CONTAINERS or _is_class(value) else value


def shown_value(value: Any, depth: int = 2) -> str | None:
    """Show a value of exactly a builtin type by its ``repr``, and a class by its name; else ``None``."""
    kind = type(value)
    if kind is int or kind is bool:
        return repr(value) if value.bit_length() < 128 else None
    if id(kind) in _NUMBERS:
        return repr(value)
    if kind is str or kind is bytes:
        return repr(value) if len(value) <= LONGEST else None
    if _is_class(value):
        return str(_qualname(value))
    if depth and id(kind) in _CONTAINERS and len(value) <= _MOST:
        try:
            elements = [*value, *value.values()] if kind is dict else [*value]
        except RuntimeError:  # it changed meanwhile
            return None
        if any(shown_value(each, depth - 1) is None or _is_class(each) for each in elements):
            return None
        text = repr(value)
        return text if len(text) <= LONGEST else None
    return None


def _is_class(value: Any) -> bool:
    return issubclass(type(value), type)


_ALIASES: Final = frozenset(
    id(vars(typing).get(name))
    for name in (
        "_GenericAlias",
        "_LiteralGenericAlias",
        "_UnionGenericAlias",
        "_AnnotatedAlias",
        "_CallableGenericAlias",
    )
)


#: What ``Callable[[int], str]`` of ``collections.abc`` is.
_CALLABLE: Final = type(Callable[[], None])


def alias_parts(value: Any) -> tuple[str, tuple[Any, ...]] | None:
    """Take an annotation apart that has brackets, without asking those in it.

    :returns: what stands before the brackets, for example ``Literal``, ``Union`` (also for ``|``) or
        ``list``, and what stands in them; ``None`` if it is no such annotation.
    """
    kind = type(value)
    if kind is UnionType:
        return "Union", UnionType.__dict__["__args__"].__get__(value)
    if kind is GenericAlias or kind is _CALLABLE:
        stored = GenericAlias.__dict__
        origin = stored["__origin__"].__get__(value)
        name = str(_qualname(origin)) if _is_class(origin) else "..."
        return name, stored["__args__"].__get__(value)
    if id(kind) not in _ALIASES or kind is NoneType:
        return None
    arguments, origin = own_entry(value, "__args__"), own_entry(value, "__origin__")
    if type(arguments) is not tuple:
        return None
    if own_entry(value, "__metadata__") is not MISSING:
        return "Annotated", (origin,)
    name = own_entry(value, "_name")
    if type(name) is not str:
        name = _qualname(origin) if _is_class(origin) else c_attribute(origin, "_name")
    name = "Union" if name == "Optional" else name
    return (name if type(name) is str else "..."), arguments


def shown_type(value: Any, depth: int = 4) -> str:
    """Show an annotation: a class by its name, a text as it is, what has brackets with what is in them."""
    kind = type(value)
    if kind is str:
        return value if len(value) <= LONGEST and value.isprintable() else "..."
    if value is None or kind is NoneType:
        return "None"
    if value is NoneType:
        return "None"
    if value is Ellipsis:
        return "..."
    if _is_class(value):
        return str(_qualname(value))
    parts = alias_parts(value) if depth else None
    if parts is not None:
        return _shown_alias(*parts, depth)
    name = (
        c_attribute(value, "__forward_arg__") or c_attribute(value, "_name") or own_entry(value, "__name__")
    )
    return name if type(name) is str else "..."


def _shown_alias(name: str, arguments: tuple[Any, ...], depth: int) -> str:
    if name == "Literal":
        shown = [shown_value(each) or "..." for each in arguments]
    else:
        shown = [shown_type(each, depth - 1) for each in arguments]
    if name == "Callable" and shown:
        *given, returned = shown
        shown = ["..." if given == ["..."] else f"[{', '.join(given)}]", returned]
    text = " | ".join(shown) if name == "Union" else f"{name}[{', '.join(shown)}]"
    return text if len(text) <= LONGEST else ("..." if name == "Union" else f"{name}[...]")


def c_attribute(value: Any, name: str) -> Any:
    """Read an attribute that C code gives; ``None`` if it is another one."""
    entry = in_classes(type(value), name)
    if type(entry) is not GetSetDescriptorType and type(entry) is not MemberDescriptorType:
        return None
    try:
        return entry.__get__(value)
    except (AttributeError, TypeError, ValueError):
        return None


# -- classes, without asking their metaclasses -----------------------------------------


def is_made_by(kind: object, meta: type) -> bool:
    """Tell whether something is a class that a metaclass has made."""
    return issubclass(type(kind), meta)


def bases_of(kind: Any) -> tuple[type, ...]:
    """Give a class and its bases, in the order in which they are looked through; nothing for others."""
    return tuple(mro_of(kind)) if is_made_by(kind, type) else ()


def entry_of_class(kind: Any, name: str) -> Any:
    """Give what a class itself has stored under a name; ``None`` if there is nothing, or it is no class."""
    return class_dict(kind).get(name) if is_made_by(kind, type) else None


def qualified_names(kind: type) -> list[str]:
    """Give the expressions by which a class may be known: its name, and that with its module."""
    name, module = _qualname(kind), entry_of_class(kind, "__module__")
    names = [name]
    if type(module) is str:
        names += [f"{module}.{name}", f"{module.rpartition('.')[2]}.{name}"]
    return [each for each in names if "<" not in each]


def own_name(member: object) -> str:
    """Give the name of an Enum's member; empty if it is none."""
    name = own_entry(member, "_name_")
    return name if type(name) is str else ""
