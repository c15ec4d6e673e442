"""What stands for objects that do not exist, because the cell that makes them has not been run."""

from __future__ import annotations

import ast
from typing import Any, Final

from ..types.completion import InstanceOf


class Unknown(Exception):
    """What an expression stands for cannot be told without running code."""


class _NotKnown:
    """Stands in a container for an element that is not known."""

    __slots__ = ()


#: Stands in a container for an element that is not known.
NOT_KNOWN: Final = _NotKnown()


class Either:
    """One of several: what ``X | Y`` in an annotation stands for."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Any, ...]) -> None:
        self.options = options


class Draft:
    """A function or class that the cell defines.

    :param node: its definition.
    :param frame: the names that it sees, a :class:`~ipcore.completion.flow.Frame`.
    """

    __slots__ = ("_scope", "frame", "node")

    def __init__(self, node: Any, frame: Any) -> None:
        self.node = node
        self.frame = frame
        self._scope: Any = None

    @property
    def name(self) -> str:
        """The name that its definition gives it."""
        return getattr(self.node, "name", "<lambda>")

    def scope(self) -> Any:
        """Give the names that its body assigns, a :class:`~ipcore.completion.flow.Scope`."""
        if self._scope is None:
            from .flow import scope_of

            self._scope = scope_of(self.node, self.frame.scope)
        return self._scope

    def decorators(self) -> set[str]:
        """Give the last names of its decorators: ``property``, ``cache`` and so on."""
        return {_last_name(each) for each in getattr(self.node, "decorator_list", ())}


class DraftFunction(Draft):
    """A function that the cell defines; a lambda too."""

    __slots__ = ()

    def __call__(self, *arguments: object, **named: object) -> Any:
        """Refuse: it is callable only so that it can be bound to an object.

        :raises TypeError: always.
        """
        raise TypeError(f"{self.name} has not been run")

    def signature(self) -> Any:
        """Give how it is called, an :class:`inspect.Signature`; ``None`` if it is none."""
        from .signatures import signature_of_arguments

        return signature_of_arguments(self.node.args, getattr(self.node, "returns", None))


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


class DraftClass(Draft):
    """A class that the cell defines."""

    __slots__ = ()

    def methods(self) -> list[Any]:
        """Give the definitions of its methods."""
        return [each for each in self.node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]

    def fields(self) -> ast.arguments:
        """Give the fields that its body annotates, as the arguments of a function."""
        required: list[ast.arg] = []
        given: list[ast.arg] = []
        defaults: list[ast.expr] = []
        for each in self.node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                field = ast.arg(each.target.id, each.annotation)
                if each.value is None:
                    required.append(field)
                else:
                    given.append(field)
                    defaults.append(each.value)
        return ast.arguments([], [ast.arg("self"), *required, *given], None, [], [], None, defaults)

    def of_self(self) -> dict[str, tuple[Any, Any]]:
        """Give what its methods assign to attributes of ``self``: name → method and assignment."""
        found: dict[str, tuple[Any, Any]] = {}
        for method in self.methods():
            arguments = [*method.args.posonlyargs, *method.args.args]
            if not arguments:
                continue
            first = arguments[0].arg
            for node in ast.walk(method):
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                for target in targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and isinstance(target.value, ast.Name)
                        and target.value.id == first
                    ):
                        found.setdefault(target.attr, (method, node))
        return found


class DraftModule(Draft):
    """A module that has not been imported: the tree of its source, and its names."""

    __slots__ = ()

    def scope(self) -> Any:
        """Give the names that it assigns."""
        return self.frame.scope


def is_stand_in(value: object) -> bool:
    """Tell whether something stands for an object that does not exist."""
    kind = type(value)
    return kind is InstanceOf or kind is Either or kind is DraftFunction or kind is DraftClass


def either(found: list[Any]) -> Any:
    """Give one of several; what is not known, and ``None`` beside others, does not count.

    :raises Unknown: if there is none.
    """
    kept = [each for each in found if each is not NOT_KNOWN]
    kept = [each for each in kept if each is not None] or kept
    if not kept:
        raise Unknown
    return kept[0] if len(kept) == 1 else Either(tuple(kept))
