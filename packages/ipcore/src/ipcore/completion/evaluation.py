"""Telling what an expression stands for: by its syntax tree, under a policy, and never by running it whole.

What is there is read; operators and methods of exact builtin types are called where their result is small; of
all else only the class is told, from annotations and tables. Under ``safe`` the types that are known to be
harmless may look into themselves, under ``live`` any.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..types.completion import InstanceOf
from . import annotated, inference, operations
from .flow import Binding, Frame, comprehension
from .reading import MISSING, attribute, entry_of, in_classes, is_a, stored
from .stand_ins import NOT_KNOWN, DraftClass, DraftFunction, Either, Unknown, either, is_stand_in

if TYPE_CHECKING:
    from ..types.completion import EvaluationPolicy
    from .safe_types import SafeTypes

#: Nodes of syntax trees that are looked at for one expression, and how deep.
MOST_NODES: Final = 3_000
MOST_DEPTH: Final = 40

#: What a call of the user's own code may raise under ``live``; Ctrl-C goes on.
_THEIRS: Final = (Exception, SystemExit, GeneratorExit)

_EXACT_GETITEM: Final = (dict, list, tuple, str, bytes, bytearray, range)


class Evaluator:
    """Evaluates one expression.

    :param look_up: gives what a name stands for; :data:`~ipcore.completion.reading.MISSING` for nothing.
    :param policy: how much may happen.
    :param safe: the types that are known to be harmless.
    """

    def __init__(self, look_up: Callable[[str], Any], policy: EvaluationPolicy, safe: SafeTypes) -> None:
        self._look_up = look_up
        self._live = policy == "live"
        self._safe = safe if policy != "static" else None
        self._nodes = 0
        self._depth = 0
        self._active: set[tuple[int, int]] = set()

    def evaluate(self, node: Any, frame: Frame) -> Any:
        """Give what an expression stands for.

        :raises Unknown: if that cannot be told.
        """
        self._nodes += 1
        visit = _VISITS.get(type(node))
        if visit is None or self._nodes > MOST_NODES or self._depth >= MOST_DEPTH:
            raise Unknown
        self._depth += 1
        try:
            found = visit(self, node, frame)
        finally:
            self._depth -= 1
        if found is NOT_KNOWN or found is MISSING:
            raise Unknown
        return found

    def element_or_not_known(self, node: Any, frame: Frame) -> Any:
        """Give the same, and what stands for an unknown element."""
        try:
            return self.evaluate(node, frame)
        except Unknown:
            return NOT_KNOWN

    # -- names -----------------------------------------------------------------

    def name(self, name: str, frame: Frame) -> Any:
        """Give what a name stands for, by the cell's own assignments first.

        :raises Unknown: if it is assigned, and it is not known what.
        """
        here: Frame | None = frame
        while here is not None:
            scope = here.scope
            if scope.table is not None:
                found = entry_of(scope.table, name)
                if found is MISSING and scope.package:
                    found = inference.anywhere(scope.package, name)
                if found is not MISSING:
                    return found
            elif scope.kind != "class" or here is frame:
                found = self._assigned(name, here)
                if found is not MISSING:
                    return found
            here = here.outer
        return self._look_up(name)

    def _assigned(self, name: str, frame: Frame) -> Any:
        """Give what the last assignment that is understood gives; those in branches may be passed by."""
        second = MISSING
        unknown = False
        for binding in reversed(frame.scope.bindings.get(name, ())):
            mark = (id(frame.scope), id(binding))
            if binding.position >= frame.limit or mark in self._active:
                continue
            if binding.how == "deleted":
                if binding.conditional:
                    continue
                raise Unknown
            self._active.add(mark)
            try:
                found = self._bound(binding, frame)
            except Unknown:
                unknown = True
            else:
                if found is not None or not binding.conditional:
                    return found if found is not None or second is MISSING else second
                second = found
            finally:
                self._active.discard(mark)
            if not binding.conditional:
                break
        if second is MISSING and unknown:
            raise Unknown
        for module in frame.scope.stars if second is MISSING else ():
            found = attribute(inference.module(module), name)
            if found is not MISSING:
                return found
        return second

    def _bound(self, binding: Binding, frame: Frame) -> Any:
        before = frame.until(binding.position) if binding.position >= 0 else frame
        how, node = binding.how, binding.node
        if how == "value":
            return self._unpacked(self.evaluate(node, before), binding.path)
        if how == "item":
            return self._unpacked(inference.element(self, self.evaluate(node, before)), binding.path)
        if how == "entered":
            entered = inference.entered(self, self.evaluate(node, before))
            return self._unpacked(entered, binding.path)
        if how == "function":
            return DraftFunction(node, Frame(frame.scope, outer=frame.outer))
        if how == "class":
            return DraftClass(node, Frame(frame.scope, outer=frame.outer))
        if how == "annotated":
            return self._annotated(node, before)
        if how == "augmented":
            name = ast.Name(node.target.id, ast.Load())
            return self.evaluate(ast.BinOp(name, node.op, node.value), before)
        if how == "module":
            return inference.module(node)
        if how == "imported":
            return inference.imported(*node)
        if how == "caught":
            return self._caught(node, before)
        return self._parameter(how, node, frame)

    def _annotated(self, node: ast.AnnAssign, frame: Frame) -> Any:
        if node.value is not None:
            found = self.element_or_not_known(node.value, frame)
            if found is not NOT_KNOWN and found is not None and not _is_empty(found):
                return found
        return annotated.of_node(self, node.annotation, frame)

    def _caught(self, node: Any, frame: Frame) -> Any:
        found = self.evaluate(node, frame) if node is not None else BaseException
        kinds = found if type(found) is tuple else (found,)
        return either([InstanceOf(each) for each in kinds if is_a(each, type) or type(each) is DraftClass])

    def _parameter(self, how: str, node: Any, frame: Frame) -> Any:
        if how not in ("first", "parameter", "parameters", "named parameters"):
            raise Unknown
        function, argument = node
        around = frame.outer
        if how == "parameters":
            return InstanceOf(tuple)
        if how == "named parameters":
            return InstanceOf(dict)
        if argument.annotation is not None and around is not None:
            return annotated.of_node(self, argument.annotation, around)
        if how == "first" and around is not None and around.outer is not None:
            return self._self(function, around)
        positional = [*function.args.posonlyargs, *function.args.args]
        defaults = dict(zip(reversed(positional), reversed(function.args.defaults), strict=False))
        defaults.update(zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True))
        default = defaults.get(argument)
        if default is None or around is None:
            raise Unknown
        found = self.evaluate(default, around)
        if found is None:
            raise Unknown
        return found if is_stand_in(found) else InstanceOf(type(found))

    def _self(self, function: Any, around: Frame) -> Any:
        """Give what the first argument of a method is: an object of the class that it is in."""
        outer = around.outer
        assert outer is not None
        for bindings in outer.scope.bindings.values():
            for binding in bindings:
                if binding.how == "class" and function in binding.node.body:
                    owner = DraftClass(binding.node, Frame(outer.scope, outer=outer.outer))
                    decorators = DraftFunction(function, around).decorators()
                    if "staticmethod" in decorators:
                        raise Unknown
                    return owner if "classmethod" in decorators else InstanceOf(owner)
        raise Unknown

    def _unpacked(self, value: Any, path: tuple[int | None, ...]) -> Any:
        for at in path:
            if at is None:
                return InstanceOf(list)
            try:
                value = self.subscript(value, at)
            except Unknown:
                value = inference.element(self, value)
        return value

    # -- attributes ------------------------------------------------------------

    def attribute(self, value: Any, name: str) -> Any:
        """Give an attribute, or what stands for it; :data:`MISSING` if it is not known."""
        kind = type(value)
        if kind is Either:
            for each in value.options:
                found = self.attribute(each, name)
                if found is not MISSING:
                    return found
            return MISSING
        if kind is InstanceOf:
            return inference.attribute_of_instance(self, value, name)
        if kind is DraftClass:
            return inference.attribute_of_class(self, value, name)
        if kind is DraftFunction:
            return MISSING
        if self._live:
            try:
                return getattr(value, name)
            except _THEIRS:
                return MISSING
        found = attribute(value, name)
        if found is not MISSING:
            return found
        if self._safe is not None:
            if self._safe.computes(value, name):
                try:
                    return getattr(value, name)
                except Exception:
                    return MISSING
            if name in inference.columns(self._safe, value):
                return self._item_of_safe(value, name)
        entry, own = stored(value, name)
        return MISSING if own or entry is MISSING else inference.computed(self, entry, value)

    # -- elements --------------------------------------------------------------

    def subscript(self, value: Any, key: Any) -> Any:
        """Give an element, or what stands for it.

        :raises Unknown: if it is not known.
        """
        if is_stand_in(value):
            return inference.item_of_instance(self, value, key)
        kind = type(value)
        method = in_classes(kind, "__getitem__")
        for each in _EXACT_GETITEM if method is not MISSING else ():
            if method is each.__dict__["__getitem__"]:
                if each is dict:
                    return self._item_of_dict(value, key)
                return operations.item_of_sequence(each, value, key)
        if self._live and not is_stand_in(key):
            try:
                return value[key]
            except _THEIRS:
                raise Unknown from None
        if is_a(value, type):  # list[int] is called as list is
            return value
        if self._safe is not None and self._safe.is_safe(value) and is_simple(key):
            return self._item_of_safe(value, key)
        return inference.item_of_instance(self, InstanceOf(kind), key)

    def _item_of_dict(self, value: Any, key: Any) -> Any:
        try:
            return operations.item_of_dict(value, key)
        except Unknown:
            kind = type(value)
            if self._live and in_classes(kind, "__missing__") is not MISSING and not is_stand_in(key):
                try:
                    return value[key]
                except _THEIRS:
                    raise Unknown from None
            factory = attribute(value, "default_factory")
            if is_a(factory, type) and is_a(value, inference.defaultdict):
                return InstanceOf(factory)
            raise

    def _item_of_safe(self, value: Any, key: Any) -> Any:
        if type(key) is list and inference.is_large(value):
            return InstanceOf(type(value))
        try:
            return value[key]
        except Exception:
            raise Unknown from None

    # -- nodes -----------------------------------------------------------------

    def _on_constant(self, node: ast.Constant, frame: Frame) -> Any:
        return node.value

    def _on_name(self, node: ast.Name, frame: Frame) -> Any:
        return self.name(node.id, frame)

    def _on_attribute(self, node: ast.Attribute, frame: Frame) -> Any:
        return self.attribute(self.evaluate(node.value, frame), node.attr)

    def _on_subscript(self, node: ast.Subscript, frame: Frame) -> Any:
        value = self.evaluate(node.value, frame)
        return self.subscript(value, self.element_or_not_known(node.slice, frame))

    def _on_slice(self, node: ast.Slice, frame: Frame) -> Any:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if each is None else self.evaluate(each, frame) for each in parts))

    def _on_call(self, node: ast.Call, frame: Frame) -> Any:
        return inference.call(self, node, frame)

    def _on_named(self, node: Any, frame: Frame) -> Any:
        return self.evaluate(node.value, frame)

    def _on_await(self, node: ast.Await, frame: Frame) -> Any:
        value = self.evaluate(node.value, frame)
        if type(value) is InstanceOf and value.kind is inference.CoroutineType and value.arguments:
            return value.arguments[0]
        raise Unknown

    def _on_text(self, node: Any, frame: Frame) -> Any:
        return InstanceOf(str)

    def _on_lambda(self, node: ast.Lambda, frame: Frame) -> Any:
        return DraftFunction(node, frame)

    def _on_if(self, node: ast.IfExp, frame: Frame) -> Any:
        test = self.element_or_not_known(node.test, frame)
        if operations.is_scalar(test):
            return self.evaluate(node.body if test else node.orelse, frame)
        return either([self.element_or_not_known(each, frame) for each in (node.body, node.orelse)])

    def _on_bool(self, node: ast.BoolOp, frame: Frame) -> Any:
        found: list[Any] = []
        for each in node.values:
            value = self.element_or_not_known(each, frame)
            if operations.is_scalar(value):
                if bool(value) is (type(node.op) is ast.Or):
                    found.append(value)
                    break
                if each is node.values[-1]:
                    found.append(value)
            elif type(node.op) is ast.Or or each is node.values[-1]:
                found.append(value)
        return either(found)

    def _on_binary(self, node: ast.BinOp, frame: Frame) -> Any:
        left = self.element_or_not_known(node.left, frame)
        right = self.element_or_not_known(node.right, frame)
        operation = type(node.op)
        try:
            return operations.binary(operation, left, right)
        except Unknown:
            if self._live and not _lacks(left) and not _lacks(right):
                return self._applied(operation, left, right)
            return inference.of_operator(self, operation, left, right)

    def _on_unary(self, node: ast.UnaryOp, frame: Frame) -> Any:
        value = self.evaluate(node.operand, frame)
        operation = type(node.op)
        if type(value) is InstanceOf:
            return InstanceOf(bool) if operation is ast.Not else value
        if self._live and not is_stand_in(value) and operation is not ast.Not:
            return self._applied(operation, value)
        return operations.unary(operation, value)

    def _on_compare(self, node: ast.Compare, frame: Frame) -> Any:
        if len(node.ops) > 1:
            return InstanceOf(bool)
        left = self.element_or_not_known(node.left, frame)
        right = self.element_or_not_known(node.comparators[0], frame)
        operation = type(node.ops[0])
        if _lacks(left) or _lacks(right):
            return inference.of_comparison(self, operation, left, right)
        try:
            return operations.comparison(operation, left, right)
        except Unknown:
            if self._live:
                return self._applied(operation, left, right)
            return inference.of_comparison(self, operation, left, right)

    def _applied(self, operation: type, *values: Any) -> Any:
        try:
            return operations.apply(operation, *values)
        except (*_THEIRS, KeyError):
            raise Unknown from None

    def _on_list(self, node: ast.List, frame: Frame) -> Any:
        return self._elements(node.elts, frame)

    def _on_tuple(self, node: ast.Tuple, frame: Frame) -> Any:
        return tuple(self._elements(node.elts, frame))

    def _on_set(self, node: ast.Set, frame: Frame) -> Any:
        found = self._elements(node.elts, frame)
        if all(map(operations.is_scalar, found)):
            return set(found)
        return InstanceOf(set, tuple(found[:1]))

    def _elements(self, nodes: list[Any], frame: Frame) -> list[Any]:
        found: list[Any] = []
        for each in nodes:
            if type(each) is not ast.Starred:
                found.append(self.element_or_not_known(each, frame))
                continue
            value = self.element_or_not_known(each.value, frame)
            if (type(value) is list or type(value) is tuple) and len(value) <= operations.MOST_ELEMENTS:
                found += value
            else:
                found.append(NOT_KNOWN)
        return found

    def _on_dict(self, node: ast.Dict, frame: Frame) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            given = self.element_or_not_known(value, frame)
            if key is not None:
                name = self.element_or_not_known(key, frame)
                if operations.is_plain_key(name):
                    found[name] = given
            elif type(given) is dict and len(given) <= operations.MOST_ELEMENTS:
                found.update((each, given[each]) for each in [*given] if operations.is_plain_key(each))
        return found

    def _on_comprehension(self, node: Any, frame: Frame) -> Any:
        inner = Frame(comprehension(node.generators), outer=frame)
        kind = _COMPREHENSIONS[type(node)]
        parts: tuple[Any, ...] = (node.key, node.value) if kind is dict else (node.elt,)
        return InstanceOf(kind, tuple(self.element_or_not_known(each, inner) for each in parts))

    # -- calls -----------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether the user's code may be called."""
        return self._live

    @property
    def safe(self) -> SafeTypes | None:
        """The types that may look into themselves; ``None`` if the policy lets none."""
        return self._safe

    def called(self, function: Any, node: ast.Call, frame: Frame) -> Any:
        """Have something called, under ``live``.

        :raises Unknown: if it raises, or an argument is not known.
        """
        arguments = self._elements(node.args, frame)
        named: dict[str, Any] = {}
        for each in node.keywords:
            value = self.element_or_not_known(each.value, frame)
            if each.arg is None and type(value) is dict:
                named.update(value)
            elif each.arg is None:
                raise Unknown
            else:
                named[each.arg] = value
        if any(map(_lacks, (*arguments, *named.values()))):
            raise Unknown
        try:
            return function(*arguments, **named)
        except _THEIRS:
            raise Unknown from None


def _is_empty(value: Any) -> bool:
    """Tell whether a value says less than an annotation, as ``[]`` does of a list."""
    kind = type(value)
    return (kind is list or kind is dict or kind is set) and not value


def is_simple(key: Any) -> bool:
    """Tell whether a key can be given to a type that is known to be harmless: builtin values alone."""
    kind = type(key)
    if kind is tuple or kind is list:
        return len(key) <= 100 and all(map(is_simple, key))
    if kind is slice:
        return all(map(operations.is_scalar, (key.start, key.stop, key.step)))
    return operations.is_scalar(key)


def _lacks(value: Any) -> bool:
    """Tell whether a value is not known, or stands for another."""
    return value is NOT_KNOWN or is_stand_in(value)


_COMPREHENSIONS: Final[dict[type, Any]] = {
    ast.ListComp: list,
    ast.SetComp: set,
    ast.DictComp: dict,
    ast.GeneratorExp: inference.GeneratorType,
}

_VISITS: Final[dict[type, Callable[[Evaluator, Any, Frame], Any]]] = {
    ast.Constant: Evaluator._on_constant,
    ast.Name: Evaluator._on_name,
    ast.Attribute: Evaluator._on_attribute,
    ast.Subscript: Evaluator._on_subscript,
    ast.Slice: Evaluator._on_slice,
    ast.Call: Evaluator._on_call,
    ast.NamedExpr: Evaluator._on_named,
    ast.Await: Evaluator._on_await,
    ast.JoinedStr: Evaluator._on_text,
    ast.Lambda: Evaluator._on_lambda,
    ast.IfExp: Evaluator._on_if,
    ast.BoolOp: Evaluator._on_bool,
    ast.BinOp: Evaluator._on_binary,
    ast.UnaryOp: Evaluator._on_unary,
    ast.Compare: Evaluator._on_compare,
    ast.List: Evaluator._on_list,
    ast.Tuple: Evaluator._on_tuple,
    ast.Set: Evaluator._on_set,
    ast.Dict: Evaluator._on_dict,
    ast.ListComp: Evaluator._on_comprehension,
    ast.SetComp: Evaluator._on_comprehension,
    ast.DictComp: Evaluator._on_comprehension,
    ast.GeneratorExp: Evaluator._on_comprehension,
}
