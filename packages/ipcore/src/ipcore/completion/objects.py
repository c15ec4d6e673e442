"""Looking at the user's objects when Tab is pressed: the one place where the policy is enforced.

How objects are read without running their code is told in :mod:`ipcore.completion.reading`, what expressions
stand for in :mod:`ipcore.completion.evaluation`.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from ..types.completion import InstanceOf
from .reading import (
    MISSING,
    attribute,
    has_setter,
    is_a,
    keys,
    module_dict,
    names_of,
    names_of_class,
    own_dict,
    plain_entries,
    stored_in_class,
    type_of_stored,
)
from .safe_types import SafeTypes
from .stand_ins import DraftClass, DraftFunction, Either, Unknown, is_stand_in

if TYPE_CHECKING:
    from inspect import Signature

    from ..shell import InteractiveShell
    from ..types.completion import EvaluationPolicy
    from .evaluation import Evaluator
    from .flow import Frame

#: Characters of an expression that is evaluated.
MOST_CHARACTERS = 10_000


class ShellObjects:
    """The user's objects under one policy. Safe from any thread.

    :param shell: whose names they have.
    :param policy: how much may happen.
    :param safe: the types that are known to be harmless.
    :param namespaces: names in place of the shell's; the first that has one counts.
    """

    __slots__ = ("_columns", "_namespaces", "_policy", "_safe", "_shell", "_tables")

    def __init__(
        self,
        shell: InteractiveShell,
        policy: EvaluationPolicy = "safe",
        safe: SafeTypes | None = None,
        namespaces: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        self._shell = shell
        self._policy: EvaluationPolicy = policy
        self._safe = SafeTypes() if safe is None else safe
        self._namespaces = namespaces
        #: What has been looked at, by ``id``, and what it has: taken to stay so for one request.
        self._tables: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._columns: dict[int, tuple[Any, dict[str, None]]] = {}

    @property
    def policy(self) -> EvaluationPolicy:
        """How much may happen."""
        return self._policy

    # -- names and expressions -------------------------------------------------

    def names(self, before: str = "") -> list[str]:
        """Give the names that stand for something: the user's, and the builtin ones.

        :param before: earlier lines of the cell, whose names count too.
        """
        found = dict.fromkeys(chain.from_iterable(map(keys, self._layers())))
        if before.strip():
            found.update(dict.fromkeys(self._assigned(before)))
        return list(found)

    def _assigned(self, before: str) -> Iterable[str]:
        from .flow import frame_of
        from .inference import module

        here: Frame | None = frame_of(before)
        inner = True
        while here is not None:
            if here.scope.kind != "class" or inner:
                yield from here.scope.names()
                for source in here.scope.stars:
                    if (found := module(source)) is not MISSING:
                        yield from (name for name in names_of(found) if not name.startswith("_"))
            inner = False
            here = here.outer

    def find(self, expression: str, before: str = "") -> tuple[bool, Any]:
        """Tell whether an expression stands for an object, and for which.

        :param expression: any; what would run code of the objects is told by its class, or not at all.
        :param before: earlier lines of the cell: what they assign counts. White space at the end, behind the
            last line end, is the indentation of the line that follows.
        """
        expression = expression.strip()
        if not expression or len(expression) > MOST_CHARACTERS:
            return False, None
        has_lines = bool(before) and not before.isspace()
        if not has_lines and self._policy != "live":
            value = self._dotted(expression)
            if value is not MISSING:
                return True, value
        try:
            value = self._evaluated(expression, before if has_lines else "")
        except (Unknown, SyntaxError, RecursionError, MemoryError):
            return False, None
        return (False, None) if value is MISSING else (True, value)

    def _dotted(self, expression: str) -> Any:
        """Give what a dotted name stands for, if all of it can be read."""
        first, *rest = expression.split(".")
        if not first.isidentifier() or keyword.iskeyword(first):
            return MISSING
        value = self._named(first)
        for name in rest:
            if value is MISSING:
                break
            value = attribute(value, name)
        return value

    def _evaluated(self, expression: str, before: str) -> Any:
        from .evaluation import Evaluator
        from .flow import Frame, Scope, frame_of, parse

        try:
            node = parse(expression, "eval").body
        except SyntaxError:
            if "\n" not in expression and ":=" not in expression:
                raise
            node = parse(f"({expression}\n)", "eval").body
        frame = frame_of(before) if before else Frame(Scope("cell"))
        return Evaluator(self._named, self._policy, self._safe).evaluate(node, frame)

    def _evaluator(self) -> Evaluator:
        from .evaluation import Evaluator

        return Evaluator(self._named, "static" if self._policy == "static" else "safe", self._safe)

    def _named(self, name: str) -> Any:
        for layer in self._layers():
            if name in layer:
                try:
                    return layer[name]
                except KeyError:  # removed meanwhile
                    continue
        return MISSING

    def _layers(self) -> Iterable[Mapping[str, Any]]:
        shell = self._shell
        if self._namespaces:
            yield from self._namespaces
            yield vars(builtins)
            return
        yield shell.user_ns
        if shell.namespace is not None:  # its own iteration gives the local names alone
            yield shell.namespace.globals
            yield shell.namespace.own
        yield vars(builtins)

    # -- attributes ------------------------------------------------------------

    def attributes(self, value: object) -> list[str]:
        """Give the names of an object's attributes.

        They are those in its own dictionary and in those of its classes, and the columns of a table. Under
        ``live`` it is asked itself.
        """
        if is_stand_in(value):
            try:
                return list(self._of_stand_in(value))
            except RecursionError:
                return []
        if self._policy == "live" or (self._policy == "safe" and self._safe.lists(value)):
            found = self._told(value)
            if found is not None:
                return found
        if is_a(value, (ModuleType, type, MethodType)):
            return list(names_of(value))
        return [
            *dict.fromkeys(
                chain(self._own(value), keys(self._in_classes(type(value))), self._columns_of(value))
            )
        ]

    def _columns_of(self, value: object) -> Collection[str]:
        """Give the columns of a table that are its attributes too."""
        if self._policy == "static" or not self._safe.name(type(value)):
            return ()
        known = self._columns.get(id(value))
        if known is None:
            from .inference import columns

            known = self._columns[id(value)] = (value, dict.fromkeys(columns(self._safe, value)))
        return known[1]

    def _told(self, value: object) -> list[str] | None:
        try:
            return keys(dict.fromkeys(dir(value)))
        except (Exception, SystemExit, GeneratorExit):  # the object's own; it is read then
            return None

    def _of_stand_in(self, value: Any) -> dict[str, None]:
        found: dict[str, None] = {}
        kind = type(value)
        if kind is Either:
            for each in value.options:
                found.update(dict.fromkeys(self.attributes(each)))
        elif kind is DraftFunction:
            found.update(dict.fromkeys(names_of_class(FunctionType)))
        elif kind is DraftClass:
            found.update(dict.fromkeys(name for name in names_of_class(type) if name.startswith("__")))
            found.update(self._of_draft(value, False))
        elif type(value.kind) is DraftClass:
            found.update(self._of_draft(value.kind, True))
        elif is_a(value.kind, type):
            from .annotated import names_in_class

            found.update(dict.fromkeys((*names_of_class(value.kind), *names_in_class(value.kind))))
        return found

    def _of_draft(self, draft: DraftClass, is_instance: bool) -> dict[str, None]:
        from .inference import bases_of

        found = dict.fromkeys(draft.scope().names())
        if is_instance:
            found.update(dict.fromkeys(draft.of_self()))
        for base in bases_of(self._evaluator(), draft):
            if base is not draft:
                more = (
                    self._of_stand_in(InstanceOf(base) if is_instance else base)
                    if (is_instance or type(base) is DraftClass)
                    else names_of(base)
                )
                found.update(more)
        return found

    def attribute(self, value: object, name: str) -> tuple[bool, Any]:
        """Read one attribute; not found is what code would compute, and whose class is not known either.

        Under ``live`` nothing more is called than under ``safe``: this is asked about all that is listed.
        """
        if not is_stand_in(value):
            found = attribute(value, name)
            if found is not MISSING:
                return True, found
        try:
            found = self._evaluator().attribute(value, name)
        except (Unknown, RecursionError):
            return False, None
        return (False, None) if found is MISSING else (True, found)

    # -- what an object is -----------------------------------------------------

    def keys(self, value: object) -> list[Any]:
        """Give what may stand in ``value[...]``, of exact builtin types."""
        from .inference import keys_of_instance
        from .keys import keys_of

        kind = type(value)
        if kind is Either:
            return list(dict.fromkeys(key for each in value.options for key in self.keys(each)))  # type: ignore[attr-defined]
        if kind is InstanceOf and type(value.kind) is DraftClass:  # type: ignore[attr-defined]
            try:
                return list(dict.fromkeys(keys_of_instance(self._evaluator(), value)))  # type: ignore[arg-type]
            except RecursionError:
                return []
        if kind is DraftFunction or kind is DraftClass:
            return []
        return keys_of(value, self._policy, self._safe.is_safe)

    def signature(self, value: object) -> Signature | None:
        """Tell how an object is called; ``None`` if it is not known."""
        from .signatures import signature_of, without_first

        kind = type(value)
        if kind is DraftFunction:
            return value.signature()  # type: ignore[attr-defined, no-any-return]
        if kind is DraftClass:
            return without_first(self._signature_of_making(value))
        if kind is MethodType and type(value.__func__) is DraftFunction:  # type: ignore[attr-defined]
            return without_first(value.__func__.signature())  # type: ignore[attr-defined]
        if kind is InstanceOf and type(value.kind) is DraftClass:  # type: ignore[attr-defined]
            found, method = self.attribute(value, "__call__")
            return self.signature(method) if found else None
        if kind is Either:
            options = (self.signature(each) for each in value.options)  # type: ignore[attr-defined]
            return next((each for each in options if each is not None), None)
        return signature_of(value)

    def _signature_of_making(self, draft: Any) -> Signature | None:
        from .signatures import signature_of_arguments

        for name in ("__init__", "__new__"):
            found, method = self.attribute(draft, name)
            if found and type(method) is DraftFunction:
                return method.signature()  # type: ignore[no-any-return]
            if found and type(method) is FunctionType:
                return self.signature(method)
        if "dataclass" in draft.decorators():
            return signature_of_arguments(draft.fields())
        return None

    def type_of(self, value: object) -> str:
        """Tell what an object is, one of :data:`~ipcore.types.completion.TYPES`."""
        kind = type(value)
        if kind is DraftFunction:
            return "function"
        if kind is DraftClass:
            return "class"
        return type_of_stored(value, own=True)

    def type_of_attribute(self, value: object, name: str) -> str:
        """Tell what an attribute is; ``property`` if it is computed, empty if there is none."""
        kind = type(value)
        if kind is InstanceOf and is_a(value.kind, type):  # type: ignore[attr-defined]
            entry = self._in_classes(value.kind).get(name, MISSING)  # type: ignore[attr-defined]
        elif is_stand_in(value):
            entry = MISSING
        else:
            is_class = is_a(value, type)
            entry = self._in_classes(value if is_class else kind).get(name, MISSING)  # type: ignore[arg-type]
            own = MISSING if is_class else self._own(value).get(name, MISSING)
            if own is not MISSING and (entry is MISSING or not has_setter(entry)):
                return type_of_stored(own, own=True)
        if entry is not MISSING:
            return type_of_stored(entry)
        if self._safe.name(kind) == "pandas.DataFrame" and name in self._columns_of(value):
            return "instance"  # a Series; to make one takes long, and a table may have many
        found, read = self.attribute(value, name)
        return self.type_of(read) if found else ""

    def _in_classes(self, kind: type) -> dict[str, Any]:
        """Give what a class and its bases have."""
        known = self._tables.get(id(kind))
        if known is None:
            known = self._tables[id(kind)] = (kind, stored_in_class(kind))
        return known[1]

    def _own(self, value: Any) -> dict[str, Any]:
        """Give what an object has itself, but for names that are no plain text."""
        known = self._tables.get(id(value))
        if known is None:
            table = module_dict(value) if is_a(value, ModuleType) else own_dict(value)
            known = self._tables[id(value)] = (value, plain_entries(table))
        return known[1]
