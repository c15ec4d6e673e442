"""What is known of the results of calls, operators and loops that are not run: mostly their class."""

from __future__ import annotations

import ast
import builtins
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import PurePath
from types import (
    BuiltinFunctionType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    GetSetDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, Final

from ..types.completion import InstanceOf
from . import annotated, operations
from .flow import Frame, place
from .reading import (
    ATTEMPTS,
    MISSING,
    attribute,
    entry_of,
    in_classes,
    is_a,
    module_dict,
    mro_of,
    own_dict,
)
from .stand_ins import NOT_KNOWN, DraftClass, DraftFunction, Either, Unknown, either, is_stand_in

if TYPE_CHECKING:
    from .evaluation import Evaluator
    from .safe_types import SafeTypes

__all__ = ["CoroutineType", "GeneratorType", "defaultdict"]

#: Rows times columns of which a piece is taken only as a stand-in.
_LARGE: Final = 1_000_000

#: Labels of a table that are also attributes.
_MOST_LABELS: Final = 1_000

#: What builtin functions return.
_RETURNED: Final[dict[int, type]] = {
    **dict.fromkeys(map(id, (len, ord, hash, id)), int),
    **dict.fromkeys(map(id, (repr, ascii, chr, hex, oct, bin, format, input)), str),
    **dict.fromkeys(map(id, (isinstance, issubclass, callable, any, all, hasattr)), bool),
    **dict.fromkeys(map(id, (sorted, dir)), list),
    **dict.fromkeys(map(id, (vars, globals, locals)), dict),
    id(divmod): tuple,
}

#: Functions of numpy that return arrays, beside those of the type ``ufunc``.
_ARRAYS: Final = frozenset(
    (
        "array asarray ascontiguousarray zeros ones empty full arange linspace logspace geomspace eye "
        "zeros_like ones_like empty_like full_like concatenate stack vstack hstack dstack column_stack "
        "identity reshape ravel transpose sort argsort where repeat tile flip roll dot matmul outer cumsum "
        "cumprod diff clip unique fromiter frombuffer loadtxt genfromtxt meshgrid squeeze expand_dims"
    ).split()
)

#: What stands for the builtin function of that name in the user's names.
_OPEN: Final = ("ipcore.exiting", "guarded_open")

_OF_NUMPY: Final = (
    "numpy.ufunc",
    "numpy._core._multiarray_umath._ArrayFunctionDispatcher",
    "numpy.core._multiarray_umath._ArrayFunctionDispatcher",
)

_FILES: Final = ("io.TextIOWrapper", "io.BufferedReader")


def module(name: str) -> Any:
    """Give a module that has been imported; none is imported for it."""
    found = sys.modules.get(name)
    return found if is_a(found, ModuleType) else MISSING


def imported(source: str | None, name: str) -> Any:
    """Give what ``from source import name`` would, if the module has been imported."""
    if not source:
        return MISSING
    found = module(source)
    if found is not MISSING:
        found = attribute(found, name)
    return module(f"{source}.{name}") if found is MISSING else found


def anywhere(package: str, name: str) -> Any:
    """Give the class that any imported module of a package has under a name."""
    inner = f"{package}."
    for full_name, each in sys.modules.copy().items():
        if full_name[: len(inner)] == inner and is_a(each, ModuleType):
            found = module_dict(each).get(name)
            if is_a(found, type):
                return found
    return MISSING


def _class_of(full_name: str) -> Any:
    """Give a class of an imported module."""
    holder, _, name = full_name.rpartition(".")
    found = module(holder)
    return MISSING if found is MISSING else entry_of(module_dict(found), name)


# -- attributes ----------------------------------------------------------------


def attribute_of_instance(evaluator: Evaluator, value: InstanceOf, name: str) -> Any:
    """Give an attribute of an object of which only the class is known, or :data:`MISSING`."""
    kind = value.kind
    if type(kind) is DraftClass:
        return _of_draft(evaluator, kind, name, value)
    if not is_a(kind, type):
        return MISSING
    entry = in_classes(kind, name)
    if entry is MISSING:
        return _annotated(evaluator, kind, name, value)
    return _read_from(evaluator, entry, kind, name, value)


def _annotated(evaluator: Evaluator, kind: type, name: str, value: Any) -> Any:
    found = annotated.of_class(kind, name)
    if found is None:
        return MISSING
    try:
        return annotated.instance(evaluator, found[0], annotated.frame_of_class(found[1]), value)
    except Unknown:
        return MISSING


def _read_from(evaluator: Evaluator, entry: Any, kind: type, name: str, value: InstanceOf) -> Any:
    """Give what an entry of a class is, read from an object of it."""
    stored = type(entry)
    if stored is FunctionType or stored is MethodDescriptorType or stored is WrapperDescriptorType:
        return MethodType(entry, value)
    if stored is staticmethod:
        return entry.__func__
    if stored is classmethod:
        return MethodType(entry.__func__, kind) if type(entry.__func__) is FunctionType else MISSING
    if name == "__class__":
        return kind
    found = computed(evaluator, entry, value)
    if found is not MISSING:
        return found
    if in_classes(stored, "__get__") is not MISSING:
        return _annotated(evaluator, kind, name, value)
    return entry


def computed(evaluator: Evaluator, entry: Any, value: Any) -> Any:
    """Give what stands for an attribute that is computed: by its function's annotation."""
    kind = type(entry)
    function: Any = MISSING
    if kind is property:
        function = entry.fget
    elif kind is cached_property:
        function = own_dict(entry).get("func", MISSING)
    elif kind is _class_of("pandas.core.accessor.Accessor") or kind is _class_of(
        "pandas.core.accessor.CachedAccessor"
    ):
        accessor = own_dict(entry).get("_accessor")
        return InstanceOf(accessor) if is_a(accessor, type) else MISSING
    elif kind is GetSetDescriptorType:
        found = _GETSETS.get((id(entry.__objclass__), entry.__name__))
        return MISSING if found is None else InstanceOf(found)
    try:
        return annotated.returned(evaluator, function, value)
    except Unknown:
        return MISSING


_GETSETS: Final = {
    (id(each), name): kind
    for each, names, kind in (
        (int, ("real", "imag", "numerator", "denominator"), int),
        (float, ("real", "imag"), float),
        (complex, ("real", "imag"), float),
    )
    for name in names
}


def attribute_of_class(evaluator: Evaluator, value: DraftClass, name: str) -> Any:
    """Give an attribute of a class that the cell defines, or :data:`MISSING`."""
    return _of_draft(evaluator, value, name, None)


def bases_of(evaluator: Evaluator, draft: DraftClass) -> list[Any]:
    """Give the bases of a class that the cell defines, as far as they are known; at last ``object``."""
    found = _values_of_bases(evaluator, draft)
    kept = [each for each in found if type(each) is DraftClass or is_a(each, type)]
    return [*kept, object]


def _values_of_bases(evaluator: Evaluator, draft: DraftClass) -> list[Any]:
    around = draft.frame.until(place(draft.node))
    return [evaluator.element_or_not_known(each, around) for each in draft.node.bases]


def _of_draft(evaluator: Evaluator, draft: DraftClass, name: str, value: InstanceOf | None) -> Any:
    frame = Frame(draft.scope(), outer=draft.frame)
    if name in frame.scope.bindings:
        try:
            found = evaluator.name(name, frame)
        except Unknown:
            return MISSING
        if type(found) is DraftFunction and found.node in draft.node.body:
            return _method(evaluator, found, draft, value)
        return found
    if value is not None:
        found = _of_self(evaluator, draft, name)
        if found is not MISSING:
            return found
    for base in bases_of(evaluator, draft):
        if base is object and name == "__class__" and value is not None:
            return draft
        if value is not None:
            found = attribute_of_instance(evaluator, InstanceOf(base, value.arguments), name)
            if type(found) is MethodType and type(found.__self__) is InstanceOf:
                found = MethodType(found.__func__, value)
        else:
            found = evaluator.attribute(base, name)
        if found is not MISSING:
            return found
    return MISSING


def _method(evaluator: Evaluator, function: DraftFunction, owner: DraftClass, value: Any) -> Any:
    decorators = function.decorators()
    if "staticmethod" in decorators:
        return function
    if "classmethod" in decorators:
        return MethodType(function, owner)
    if value is None:
        return function
    if decorators & {"property", "cached_property"}:
        try:
            return _returned_by_draft(evaluator, function, value)
        except Unknown:
            return MISSING
    return MethodType(function, value)


def _of_self(evaluator: Evaluator, draft: DraftClass, name: str) -> Any:
    assigned = draft.of_self().get(name)
    if assigned is None:
        return MISSING
    method, node = assigned
    inside = DraftFunction(method, Frame(draft.scope(), outer=draft.frame))
    frame = Frame(inside.scope(), outer=inside.frame)
    try:
        if isinstance(node, ast.AnnAssign):
            return annotated.of_node(evaluator, node.annotation, frame)
        if isinstance(node, ast.AugAssign) or type(node.targets[0]) is not ast.Attribute:
            return MISSING
        return evaluator.evaluate(node.value, frame)
    except Unknown:
        return MISSING


# -- calls ---------------------------------------------------------------------


def call(evaluator: Evaluator, node: ast.Call, frame: Frame) -> Any:
    """Give what a call gives, or what stands for it.

    :raises Unknown: if it is not known.
    """
    function = evaluator.evaluate(node.func, frame)
    kind = type(function)
    if kind is BuiltinFunctionType and not node.keywords:
        owner = function.__self__
        if operations.is_scalar(owner) or id(type(owner)) in _CONTAINERS:
            arguments = [evaluator.element_or_not_known(each, frame) for each in node.args]
            return _of_builtin_method(evaluator, owner, function.__name__, arguments)
    if evaluator.live and not is_stand_in(function) and not _is_draft_method(function):
        return evaluator.called(function, node, frame)
    return _result(evaluator, function, node, frame)


def _is_draft_method(function: Any) -> bool:
    return type(function) is MethodType and (
        is_stand_in(function.__self__) or type(function.__func__) is DraftFunction
    )


_CONTAINERS: Final = frozenset(map(id, (list, tuple, dict, set, frozenset, bytearray)))


def _result(evaluator: Evaluator, function: Any, node: ast.Call, frame: Frame, owner: Any = None) -> Any:
    kind = type(function)
    if kind is MethodType:
        return _result(evaluator, function.__func__, node, frame, function.__self__)
    if kind is Either:
        results = []
        for each in function.options:
            try:
                results.append(_result(evaluator, each, node, frame, owner))
            except Unknown:
                continue
        return either(results)
    if kind is FunctionType:
        if function is entry_of(module_dict(sys.modules[_OPEN[0]]), _OPEN[1]):
            return _opened(evaluator, node, frame)
        return _returned(evaluator, function, owner)
    if kind is DraftFunction:
        return _returned_by_draft(evaluator, function, owner)
    if kind is DraftClass:
        return InstanceOf(function)
    if kind is MethodDescriptorType or kind is WrapperDescriptorType:
        return _of_unbound(evaluator, function, owner, node, frame)
    if kind is partial:
        return _result(evaluator, function.func, node, frame)
    if kind is BuiltinFunctionType:
        return _of_builtin(evaluator, function, node, frame)
    if is_a(function, type):
        return _made(evaluator, function, node, frame)
    if kind is InstanceOf:
        caller = attribute_of_instance(evaluator, function, "__call__")
        if caller is MISSING:
            raise Unknown
        return _result(evaluator, caller, node, frame)
    if any(kind is _class_of(each) for each in _OF_NUMPY):
        return _of_numpy(function)
    # What functools.cache makes, and other wrappers that tell what they wrap.
    wrapped = own_dict(function).get("__wrapped__")
    if type(wrapped) is FunctionType:
        return _returned(evaluator, wrapped, owner)
    caller = in_classes(kind, "__call__")
    if type(caller) is FunctionType:
        return _returned(evaluator, caller, function)
    raise Unknown


def _returned(evaluator: Evaluator, function: Any, owner: Any) -> Any:
    found = annotated.returned(evaluator, function, owner)
    if function.__code__.co_flags & 0x80:  # a coroutine
        return InstanceOf(CoroutineType, (found,))
    return found


def _returned_by_draft(evaluator: Evaluator, function: DraftFunction, owner: Any = None) -> Any:
    """Give what a function of the cell returns: by its annotation, else by its ``return`` statements."""
    node = function.node
    around = function.frame
    inner = Frame(function.scope(), outer=around)
    if type(node) is ast.Lambda:
        return evaluator.evaluate(node.body, inner)
    if node.returns is not None:
        found = annotated.of_node(evaluator, node.returns, around, owner)
    elif any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
        found = InstanceOf(GeneratorType)
    else:
        given = [each.value for each in ast.walk(node) if type(each) is ast.Return and each.value is not None]
        found = either([evaluator.element_or_not_known(each, inner) for each in given[:8]])
        if not is_stand_in(found) and not operations.is_plain_key(found):
            found = found if type(found) in (list, dict) else InstanceOf(type(found))
    return InstanceOf(CoroutineType, (found,)) if type(node) is ast.AsyncFunctionDef else found


def _of_builtin_method(evaluator: Evaluator, owner: Any, name: str, arguments: list[Any]) -> Any:
    try:
        return operations.result_of_method(owner, name, arguments)
    except Unknown:
        kind = type(owner)
        if kind is dict and name in ("pop", "setdefault", "get") and arguments:
            return operations.item_of_dict(owner, arguments[0])
        if kind is list and name == "pop":
            return element(evaluator, owner)
        raise


def _of_unbound(evaluator: Evaluator, function: Any, owner: Any, node: ast.Call, frame: Frame) -> Any:
    """Give what a method of a builtin type gives, of an object of which only the class is known."""
    if owner is None or type(owner) is not InstanceOf:
        raise Unknown
    name, arguments = function.__name__, owner.arguments
    if name in ("items", "keys", "values") and len(arguments) == 2:
        found = {"items": InstanceOf(tuple, arguments), "keys": arguments[0], "values": arguments[1]}
        return InstanceOf(_VIEWS[name], (found[name],))
    if name in ("get", "pop", "setdefault") and len(arguments) == 2:
        return _known(arguments[1])
    if name in ("pop", "popleft") and len(arguments) == 1:
        return _known(arguments[0])
    if name in ("__iter__", "copy"):
        return owner
    found_kind = operations.result_kind(function.__objclass__, name)
    same = found_kind is function.__objclass__
    elements = (InstanceOf(str),) if found_kind is list or found_kind is tuple else ()
    return InstanceOf(found_kind, arguments if same else elements)


_VIEWS: Final[dict[str, type]] = {
    "items": type({}.items()),
    "keys": type({}.keys()),
    "values": type({}.values()),
}


def _of_builtin(evaluator: Evaluator, function: Any, node: ast.Call, frame: Frame) -> Any:
    found = _RETURNED.get(id(function))
    if found is not None:
        if found is list and node.args and function is sorted:
            return InstanceOf(list, (_element_or_not_known(evaluator, node.args[0], frame),))
        return InstanceOf(found)
    if function is builtins.open:
        return _opened(evaluator, node, frame)
    if function in (abs, min, max, round) and node.args:
        value = evaluator.evaluate(node.args[0], frame)
        if function in (abs, round) or len(node.args) > 1:
            return value if is_stand_in(value) else InstanceOf(type(value))
        return element(evaluator, value)
    if function in (iter, next) and node.args:
        value = evaluator.evaluate(node.args[0], frame)
        return value if function is iter else element(evaluator, value)
    if type(function.__self__) is ModuleType:
        return _of_numpy(function)
    raise Unknown


def _of_numpy(function: Any) -> Any:
    holder, array = module("numpy"), _class_of("numpy.ndarray")
    if holder is MISSING or array is MISSING:
        raise Unknown
    if type(function) is _class_of("numpy.ufunc"):
        return InstanceOf(array)
    table = module_dict(holder)
    if any(table.get(name) is function for name in _ARRAYS):
        return InstanceOf(array)
    raise Unknown


def _opened(evaluator: Evaluator, node: ast.Call, frame: Frame) -> Any:
    modes = [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "mode")]
    mode = evaluator.element_or_not_known(modes[0], frame) if modes else "r"
    found = _class_of(_FILES[type(mode) is str and "b" in mode])
    if found is MISSING:
        raise Unknown
    return InstanceOf(found)


def _made(evaluator: Evaluator, kind: Any, node: ast.Call, frame: Frame) -> Any:
    """Give what the call of a class makes."""
    if kind is type and len(node.args) == 1:
        value = evaluator.evaluate(node.args[0], frame)
        return value.kind if type(value) is InstanceOf else _unless_stand_in(type(value), value)
    if kind is super:
        return _super(evaluator, node, frame)
    if kind is dict or kind is OrderedDict:
        return _made_dict(evaluator, kind, node, frame)
    if kind is range:
        return InstanceOf(range, (InstanceOf(int),))
    if kind is defaultdict and node.args:
        factory = evaluator.element_or_not_known(node.args[0], frame)
        made = InstanceOf(factory) if is_a(factory, type) or type(factory) is DraftClass else NOT_KNOWN
        return InstanceOf(kind, (NOT_KNOWN, made))
    first = _element_or_not_known(evaluator, node.args[0], frame) if node.args else NOT_KNOWN
    if kind is enumerate:
        return InstanceOf(kind, (InstanceOf(tuple, (InstanceOf(int), first)),))
    if kind is zip:
        parts = [_element_or_not_known(evaluator, each, frame) for each in node.args]
        return InstanceOf(kind, (InstanceOf(tuple, tuple(parts)),))
    if kind is filter and len(node.args) > 1:
        return InstanceOf(kind, (_element_or_not_known(evaluator, node.args[1], frame),))
    if kind is map and node.args:
        function = evaluator.element_or_not_known(node.args[0], frame)
        try:
            return InstanceOf(kind, (_result(evaluator, function, ast.Call(node.args[0], [], []), frame),))
        except Unknown:
            return InstanceOf(kind)
    if id(kind) in _OF_ELEMENTS:
        several = kind is tuple and first is not NOT_KNOWN
        return InstanceOf(kind, (first, ...) if several else (first,))
    return InstanceOf(kind)


_OF_ELEMENTS: Final = frozenset(map(id, (list, tuple, set, frozenset, deque, reversed)))


def _made_dict(evaluator: Evaluator, kind: type, node: ast.Call, frame: Frame) -> Any:
    found: dict[Any, Any] = {}
    for given in node.args[:1]:
        value = evaluator.element_or_not_known(given, frame)
        if type(value) is not dict or len(value) > operations.MOST_ELEMENTS:
            return InstanceOf(kind)
        found.update((each, value[each]) for each in [*value] if operations.is_plain_key(each))
    for named in node.keywords:
        if named.arg is not None:
            found[named.arg] = evaluator.element_or_not_known(named.value, frame)
    return found


def _super(evaluator: Evaluator, node: ast.Call, frame: Frame) -> Any:
    here: Frame | None = frame
    while here is not None and here.scope.kind != "class":
        for bindings in [*here.scope.bindings.values()]:
            if bindings and bindings[0].how == "first":
                value = evaluator.name(bindings[0].node[1].arg, here)
                owner = value.kind if type(value) is InstanceOf else value
                if type(owner) is DraftClass:
                    return InstanceOf(bases_of(evaluator, owner)[0])
        here = here.outer
    raise Unknown


def _unless_stand_in(found: Any, value: Any) -> Any:
    if is_stand_in(value):
        raise Unknown
    return found


# -- elements ------------------------------------------------------------------


def element(evaluator: Evaluator, value: Any) -> Any:
    """Give the first element, as it stands for what a loop gives.

    :raises Unknown: if it is not known.
    """
    kind = type(value)
    if kind is Either:
        return _first_known(lambda each: element(evaluator, each), value.options)
    if kind is InstanceOf:
        return _element_of_instance(evaluator, value)
    if is_stand_in(value):
        raise Unknown
    method = in_classes(kind, "__iter__")
    for each in (list, tuple, str, range, bytes, bytearray):
        if method is each.__dict__["__iter__"]:
            return operations.item_of_sequence(each, value, 0)
    if method is not MISSING and id(method) in _ITERATED_BY_C:
        for _ in range(ATTEMPTS):
            try:
                return next(iter(_ITERATED_BY_C[id(method)](value)))
            except StopIteration:
                raise Unknown from None
            except RuntimeError:  # it changed meanwhile
                continue
        raise Unknown
    safe = evaluator.safe
    if safe is not None and safe.is_safe(value):
        names = columns(safe, value)
        return names[0] if names else evaluator.subscript(value, 0)
    return _element_of_instance(evaluator, InstanceOf(kind))


_ITERATED_BY_C: Final[dict[int, Callable[[Any], Any]]] = {
    id(each.__dict__["__iter__"]): each.__dict__["__iter__"]
    for each in (dict, set, frozenset, deque, *_VIEWS.values())
}


def _first_known(ask: Callable[[Any], Any], options: tuple[Any, ...]) -> Any:
    for each in options:
        try:
            return ask(each)
        except Unknown:
            continue
    raise Unknown


def _element_or_not_known(evaluator: Evaluator, node: Any, frame: Frame) -> Any:
    try:
        return element(evaluator, evaluator.evaluate(node, frame))
    except Unknown:
        return NOT_KNOWN


def _element_of_instance(evaluator: Evaluator, value: InstanceOf) -> Any:
    kind = value.kind
    if value.arguments:
        return _known(value.arguments[0])
    if kind is str or kind is range or kind is bytes:
        return InstanceOf(str if kind is str else int)
    if is_a(kind, type) and any(kind is _class_of(each) for each in _FILES):
        return InstanceOf(str if kind is _class_of(_FILES[0]) else bytes)
    method = evaluator.attribute(value, "__iter__")
    if type(method) is MethodType:
        found = _result(evaluator, method, ast.Call(ast.Constant(None), [], []), Frame(_EMPTY))
        if type(found) is InstanceOf and found.arguments:
            return _known(found.arguments[0])
        step = evaluator.attribute(found, "__next__") if type(found) is InstanceOf else MISSING
        if type(step) is MethodType:
            return _result(evaluator, step, ast.Call(ast.Constant(None), [], []), Frame(_EMPTY))
    raise Unknown


def item_of_instance(evaluator: Evaluator, value: Any, key: Any) -> Any:
    """Give an element of an object of which only the class is known.

    :raises Unknown: if nothing is known of it.
    """
    if type(value) is Either:
        return _first_known(lambda each: evaluator.subscript(each, key), value.options)
    if type(value) is DraftClass:
        return value
    if type(value) is not InstanceOf:
        raise Unknown
    kind, arguments = value.kind, value.arguments
    if type(key) is slice:
        return value
    if type(kind) is DraftClass or not is_a(kind, type):
        field = (
            evaluator.attribute(value, key)
            if type(key) is str and _is_typed_dict(evaluator, kind)
            else MISSING
        )
        return _by_method(evaluator, value) if field is MISSING else field
    if is_typed_dict(kind) and type(key) is str:
        found = _annotated(evaluator, kind, key, value)
        return _known(NOT_KNOWN if found is MISSING else found)
    if kind is str:
        return InstanceOf(str)
    if kind is tuple and arguments:
        if len(arguments) == 2 and arguments[1] is ...:
            return _known(arguments[0])
        if type(key) is int and -len(arguments) <= key < len(arguments):
            return _known(arguments[key])
        raise Unknown
    if arguments:
        return _known(arguments[-1])
    if type(key) is str and kind is _class_of("pandas.DataFrame"):
        series = _class_of("pandas.Series")
        return _known(NOT_KNOWN if series is MISSING else InstanceOf(series))
    return _by_method(evaluator, value)


def _by_method(evaluator: Evaluator, value: InstanceOf) -> Any:
    method = evaluator.attribute(value, "__getitem__")
    if type(method) is not MethodType:
        raise Unknown
    return _result(evaluator, method, ast.Call(ast.Constant(None), [], []), Frame(_EMPTY))


def is_typed_dict(kind: Any) -> bool:
    """Tell whether a class describes a dictionary, its keys being its annotated."""
    meta = type(kind)
    return any(meta is _class_of(each) for each in _TYPED_DICTS)


def _is_typed_dict(evaluator: Evaluator, kind: Any) -> bool:
    if type(kind) is not DraftClass:
        return False
    for found in _values_of_bases(evaluator, kind):
        if is_typed_dict(found) or (type(found) is DraftClass and _is_typed_dict(evaluator, found)):
            return True
        if any(found is _class_of(each) for each in ("typing.TypedDict", "typing_extensions.TypedDict")):
            return True
    return False


_TYPED_DICTS: Final = ("typing._TypedDictMeta", "typing_extensions._TypedDictMeta")


def keys_of_instance(evaluator: Evaluator, value: InstanceOf) -> list[Any]:
    """Give the keys of an object of which only the class is known: those of a ``TypedDict``."""
    kind = value.kind
    if type(kind) is DraftClass and _is_typed_dict(evaluator, kind):
        found = [*kind.scope().bindings]
        for base in bases_of(evaluator, kind):
            if type(base) is DraftClass or is_typed_dict(base):
                found += keys_of_instance(evaluator, InstanceOf(base))
        return found
    return annotated.names_in_class(kind) if is_typed_dict(kind) else []


def entered(evaluator: Evaluator, value: Any) -> Any:
    """Give what ``with value as x`` assigns to ``x``: by the annotation of ``__enter__``, else the same."""
    for name in ("__enter__", "__aenter__"):
        method = evaluator.attribute(value, name)
        if type(method) is MethodType:
            try:
                found = _result(evaluator, method, ast.Call(ast.Constant(None), [], []), Frame(_EMPTY))
            except Unknown:
                break
            return found.arguments[0] if type(found) is InstanceOf and found.kind is CoroutineType else found
    if is_stand_in(value):
        return value
    return InstanceOf(type(value))


def _known(value: Any) -> Any:
    if value is NOT_KNOWN or value is MISSING or value is ...:
        raise Unknown
    return value


# -- operators -----------------------------------------------------------------


def of_operator(evaluator: Evaluator, operation: type, left: Any, right: Any) -> Any:
    """Give what stands for the result of an operator.

    :raises Unknown: if it is not known.
    """
    kinds = [_kind(left), _kind(right)]
    numbers = [_TOWER.index(each) if each in _TOWER else -1 for each in map(id, kinds)]
    if min(numbers) >= 0:
        highest = max(*numbers, 2 if operation is ast.Div else 1)
        return InstanceOf((bool, int, float, complex)[highest])
    if kinds[0] is str and operation in (ast.Add, ast.Mod, ast.Mult):
        return InstanceOf(str)
    if kinds[0] is kinds[1] and id(kinds[0]) in _ADDED:
        return InstanceOf(kinds[0], left.arguments if type(left) is InstanceOf else ())
    if is_a(kinds[0], type) and issubclass_of_path(kinds[0]) and operation is ast.Div:
        return InstanceOf(kinds[0])
    for kind in kinds:
        if evaluator.safe is not None and is_a(kind, type) and evaluator.safe.name(kind) in _ARITHMETIC:
            return InstanceOf(kind)
    owner = left if type(left) is InstanceOf else InstanceOf(kinds[0])
    method = evaluator.attribute(owner, operations.METHODS[operation])
    if type(method) is MethodType and kinds[0] is not None:
        return _result(evaluator, method, ast.Call(ast.Constant(None), [], []), Frame(_EMPTY))
    raise Unknown


def of_comparison(evaluator: Evaluator, operation: type, left: Any, right: Any) -> Any:
    """Give what stands for the result of a comparison."""
    if operation not in (ast.Is, ast.IsNot, ast.In, ast.NotIn):
        for kind in (_kind(left), _kind(right)):
            if evaluator.safe is not None and is_a(kind, type) and evaluator.safe.name(kind) in _ARITHMETIC:
                return InstanceOf(kind)
    return InstanceOf(bool)


def issubclass_of_path(kind: type) -> bool:
    """Tell whether objects of a class are joined by ``/`` to others of it."""
    return any(each is PurePath for each in mro_of(kind))


def _kind(value: Any) -> Any:
    if value is NOT_KNOWN:
        return None
    return value.kind if type(value) is InstanceOf else None if is_stand_in(value) else type(value)


_TOWER: Final = [*map(id, (bool, int, float, complex))]
_ADDED: Final = frozenset(map(id, (list, tuple, bytes, dict, set, frozenset)))
_ARITHMETIC: Final = ("numpy.ndarray", "pandas.DataFrame", "pandas.Series", "pandas.Index", "polars.Series")


# -- tables --------------------------------------------------------------------


def columns(safe: SafeTypes, value: Any) -> list[str]:
    """Give the names of the columns of a table that are its attributes too."""
    name = safe.name(type(value))
    if name not in ("pandas.DataFrame", "pandas.Series") or not safe.is_safe(value):
        return []
    labels = value.columns if name == "pandas.DataFrame" else value.index
    if type(labels) is not _class_of("pandas.Index"):
        return []
    return [each for each in labels[:_MOST_LABELS] if type(each) is str and each.isidentifier()]


def is_large(value: Any) -> bool:
    """Tell whether to take a piece of a table may take long."""
    return getattr(value, "size", 0) > _LARGE


def _empty() -> Any:
    from .flow import Scope

    return Scope("globals", {})


_EMPTY: Final = _empty()
