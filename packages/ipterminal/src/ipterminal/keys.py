"""Which key does what: named commands, named conditions, and the keys they are bound to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Always, Condition, Filter
from prompt_toolkit.key_binding import KeyBindings

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

Function = Callable[["KeyPressEvent"], object]


@dataclass(frozen=True)
class Command:
    """Something that keys can be bound to."""

    name: str
    function: Function
    help: str


class Keys:
    """The commands, conditions and bindings of one editor. Later bindings win over earlier ones."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}
        self.conditions: dict[str, Filter] = {}
        #: What prompt_toolkit is given.
        self.bindings = KeyBindings()

    def command(self, name: str, function: Function, help: str) -> None:
        """Make a command known.

        :param name: ``subject.verb``.
        :param function: is called with the event of the key.
        :param help: what it does, in one line.
        """
        self.commands[name] = Command(name, function, help)

    def condition(self, name: str, function: Callable[[], bool], help: str) -> None:
        """Make a condition known, by which bindings are switched."""
        self.conditions[name] = Condition(function)

    def bind(self, keys: str, command: str, when: str = "") -> None:
        """Bind a command to keys.

        :param keys: as prompt_toolkit names them, separated by blanks: ``escape enter``.
        :param command: the name of a command.
        :param when: conditions, joined by ``&``, ``|``, ``~`` and parentheses; by default always.
        :raises KeyError: if there is no such command or condition.
        """
        function = self.commands[command].function

        def call(event: KeyPressEvent) -> None:
            function(event)

        self.bindings.add(*keys.split(), filter=self.filter(when))(call)

    def filter(self, when: str) -> Filter:
        """Give what an expression of conditions stands for.

        :raises KeyError: for an unknown condition.
        :raises ValueError: if it is no such expression.
        """
        return self._filter_of(ast.parse(when.strip(), mode="eval").body) if when.strip() else Always()

    def _filter_of(self, node: Any) -> Filter:
        match node:
            case ast.Name(id=name):
                return self.conditions[name]
            case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
                return self._filter_of(left) & self._filter_of(right)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._filter_of(left) | self._filter_of(right)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return ~self._filter_of(operand)
        raise ValueError(f"conditions are joined by &, |, ~ and parentheses: {ast.unparse(node)}")
