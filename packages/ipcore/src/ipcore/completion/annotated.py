"""What annotations say: read as they are stored or written, and not evaluated by running them."""

from __future__ import annotations

import ast
import sys
import types
import typing
from functools import lru_cache
from types import FunctionType, GenericAlias, UnionType
from typing import TYPE_CHECKING, Any, Final

from ..types.completion import InstanceOf
from .flow import Frame, Scope, parse
from .reading import MISSING, class_dict, is_a, mro_of, own_dict
from .stand_ins import NOT_KNOWN, DraftClass, Either, Unknown, either

if TYPE_CHECKING:
    from .evaluation import Evaluator

#: From here on a function or class computes its annotations when it is asked for them.
_COMPUTED: Final = sys.version_info >= (3, 14)

#: Functions around a function, as decorators make them.
_MOST_WRAPPERS: Final = 8

#: Those whose argument is what is meant.
_TRANSPARENT: Final = ("Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly")

_MOST_CHARACTERS: Final = 500

#: Packages of which a name in an annotation is looked for in all modules.
_PACKAGES: Final = ("pandas", "polars", "numpy")


def of_function(function: Any) -> dict[str, Any]:
    """Give the annotations that a function stores; none where it would have to compute them."""
    if type(function) is not FunctionType or (_COMPUTED and function.__annotate__ is not None):  # type: ignore[attr-defined]
        return {}
    found = function.__annotations__
    return found if type(found) is dict else {}


def of_class(kind: type, name: str) -> tuple[Any, type] | None:
    """Give what the body of a class, or of a base, has as annotation of a name, and which class."""
    for each in mro_of(kind):
        stored = class_dict(each).get("__annotations__")
        if type(stored) is dict and name in stored:
            return stored[name], each
    return None


def names_in_class(kind: type) -> list[str]:
    """Give the names that the body of a class, or of a base, annotates."""
    found: list[str] = []
    for each in mro_of(kind):
        stored = class_dict(each).get("__annotations__")
        if type(stored) is dict:
            found += [name for name in [*stored] if type(name) is str]
    return found


def returned(evaluator: Evaluator, function: Any, owner: Any = None) -> Any:
    """Give what a function returns, by its annotation.

    :param owner: the object that it is bound to.
    :raises Unknown: if it does not tell.
    """
    for _ in range(_MOST_WRAPPERS):
        wrapped = own_dict(function).get("__wrapped__")
        if type(function) is not FunctionType or type(wrapped) is not FunctionType:
            break
        function = wrapped  # its annotations were copied, but not the names that they see
    found = of_function(function).get("return", MISSING)
    if found is MISSING:
        raise Unknown
    return instance(evaluator, found, frame_of_globals(function.__globals__), owner)


def frame_of_globals(table: Any) -> Frame:
    """Give the names that the annotations of a module's functions see."""
    table = table if type(table) is dict else {}
    name = table.get("__name__")
    # What is imported for type checkers alone is not among the names of the module.
    package = name.partition(".")[0] if type(name) is str else ""
    return Frame(Scope("globals", table, package if package in _PACKAGES else ""))


def frame_of_class(kind: type) -> Frame:
    """Give the names that the annotations of a class see."""
    module = sys.modules.get(_module(kind))
    from .reading import module_dict

    return frame_of_globals(module_dict(module) if is_a(module, types.ModuleType) else {})


def instance(evaluator: Evaluator, annotation: Any, frame: Frame, owner: Any = None) -> Any:
    """Give what an annotation stands for: an object of what it names.

    :param frame: where the names in it are looked up, if it is a text.
    :param owner: what ``Self`` is.
    :raises Unknown: if it does not tell, as ``Any`` does not.
    """
    kind = type(annotation)
    if annotation is None or annotation is types.NoneType:
        return None
    if kind is str:
        return of_node(evaluator, _parsed(annotation), frame, owner)
    if kind is DraftClass:
        return InstanceOf(annotation)
    if kind is InstanceOf or kind is Either:  # has been told already
        return annotation
    if kind is GenericAlias:
        return _applied(evaluator, annotation.__origin__, annotation.__args__, frame, owner)
    if kind is UnionType:
        return either([_told(evaluator, each, frame, owner) for each in annotation.__args__])
    if is_a(annotation, type):
        return InstanceOf(annotation) if annotation is not object else _unknown()
    if annotation is _SELF:
        return _self(owner)
    if id(kind) in _TYPING:
        table = own_dict(annotation)
        if "__origin__" in table:
            return _applied(evaluator, table["__origin__"], table.get("__args__", ()), frame, owner)
        if kind is typing.ForwardRef:
            return instance(evaluator, annotation.__forward_arg__, frame, owner)
        if kind is typing.NewType:
            return instance(evaluator, table.get("__supertype__"), frame, owner)
    raise Unknown


def of_node(evaluator: Evaluator, node: Any, frame: Frame, owner: Any = None) -> Any:
    """Give what a written annotation stands for: an object of what it names.

    :raises Unknown: if it does not tell.
    """
    if type(node) is ast.Constant:
        return (
            instance(evaluator, node.value, frame, owner)
            if type(node.value) in (str, type(None))
            else _unknown()
        )
    if type(node) is ast.BinOp and type(node.op) is ast.BitOr:
        return either([_told_by_node(evaluator, each, frame, owner) for each in (node.left, node.right)])
    if type(node) is ast.Subscript:
        origin = evaluator.evaluate(node.value, frame)
        parts = node.slice.elts if type(node.slice) is ast.Tuple else [node.slice]
        name = _special(origin)
        if name == "Literal":
            return either([evaluator.element_or_not_known(each, frame) for each in parts])
        if name == "Annotated":
            parts = parts[:1]
        if origin is type or _origin(origin) is type:
            return _class(evaluator.evaluate(parts[0], frame))
        told = tuple(_told_by_node(evaluator, each, frame, owner) for each in parts)
        return _of_origin(evaluator, origin, told, frame, owner)
    return instance(evaluator, evaluator.evaluate(node, frame), frame, owner)


def _applied(evaluator: Evaluator, origin: Any, arguments: Any, frame: Frame, owner: Any) -> Any:
    if type(arguments) is not tuple:
        raise Unknown
    if _special(origin) == "Literal":
        return either(list(arguments))
    if origin is type and arguments:
        return _class(arguments[0])
    told = tuple(_told(evaluator, each, frame, owner) for each in arguments)
    return _of_origin(evaluator, origin, told, frame, owner)


def _of_origin(evaluator: Evaluator, origin: Any, told: tuple[Any, ...], frame: Frame, owner: Any) -> Any:
    name = _special(origin)
    if name in ("Union", "Optional"):
        return either([*told])
    if name in _TRANSPARENT:
        return told[0] if told and told[0] is not NOT_KNOWN else _unknown()
    found = instance(evaluator, _origin(origin), frame, owner)
    return InstanceOf(found.kind, told) if type(found) is InstanceOf else found


def _told(evaluator: Evaluator, annotation: Any, frame: Frame, owner: Any) -> Any:
    if annotation is ...:
        return annotation
    try:
        return instance(evaluator, annotation, frame, owner)
    except Unknown:
        return NOT_KNOWN


def _told_by_node(evaluator: Evaluator, node: Any, frame: Frame, owner: Any) -> Any:
    if type(node) is ast.Constant and node.value is ...:
        return node.value
    try:
        return of_node(evaluator, node, frame, owner)
    except Unknown:
        return NOT_KNOWN


def _self(owner: Any) -> Any:
    if owner is None:
        raise Unknown
    kind = type(owner)
    if is_a(owner, type) or kind is DraftClass:  # of a classmethod
        return InstanceOf(owner)
    return owner if kind is InstanceOf or kind is Either else InstanceOf(kind)


def _class(found: Any) -> Any:
    if is_a(found, type) or type(found) is DraftClass:
        return found
    raise Unknown


def _origin(alias: Any) -> Any:
    """Give the class that ``typing.List`` and its like stand for."""
    return own_dict(alias).get("__origin__", alias) if id(type(alias)) in _TYPING else alias


def _special(origin: Any) -> str:
    """Give the name of what :mod:`typing` has and is no class: ``Union``, ``Literal`` and so on."""
    if id(type(origin)) in _TYPING or origin is typing.Union:
        found = own_dict(origin).get("_name") if origin is not typing.Union else "Union"
        return found if type(found) is str else ""
    return "Annotated" if origin is typing.Annotated else ""


def _unknown() -> Any:
    raise Unknown


@lru_cache(maxsize=512)
def _parsed(text: str) -> Any:
    """Give the tree of an annotation that is stored as a text.

    :raises Unknown: if it is none.
    """
    if len(text) > _MOST_CHARACTERS:
        raise Unknown
    try:
        return parse(text.strip(), "eval").body
    except SyntaxError:
        raise Unknown from None


_module: Any = type.__dict__["__module__"].__get__
_SELF: Final = typing.Self
#: The classes of what :mod:`typing` makes, by their ``id``.
_TYPING: Final = frozenset(
    id(each)
    for each in (*typing.__dict__.values(), type(typing.Self), type(typing.Literal), type(list[int]))
    if is_a(each, type) and type.__dict__["__module__"].__get__(each) == "typing"
)
