"""Magics: ``%name`` and ``%%name``, found by name and called.

The functions come from plugins of the families ``line_magics`` and ``cell_magics``,
from :meth:`Magics.register`, and, for line magics, from aliases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from .component import Component
from .errors import UsageError
from .known_parts import distribution_of_magic

if TYPE_CHECKING:
    from .shell import InteractiveShell

Kind = Literal["line", "cell"]


class Magics(Component):
    """The magics of one shell. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._functions: dict[Kind, dict[str, Callable[..., Any]]] = {"line": {}, "cell": {}}

    def register(self, kind: Kind, name: str, function: Callable[..., Any]) -> None:
        """Add or replace a magic for this shell.

        :param function: takes the line, and for a cell magic the body too.
        """
        self._functions[kind][name] = function

    def names(self, kind: Kind) -> list[str]:
        """Give the names of all magics of a kind, sorted; imports nothing."""
        return sorted({*self._functions[kind], *self._shell.registry.keys(f"{kind}_magics")})

    def look_up(self, kind: Kind, name: str) -> Callable[..., Any] | None:
        """Give the function behind a magic, loading its plugin if need be."""
        function = self._functions[kind].get(name)
        if function is None:
            given = self._shell.registry.call_named(
                f"{kind}_magics", name, f"ipshell_{kind}_magic", _check_callable, shell=self._shell
            )
            if given is not None:
                function = self._functions[kind][name] = given.value
        return function

    def run_line(self, name: str, line: str) -> Any:
        """Run ``%name line``; an alias of that name serves too.

        :raises UsageError: if there is no such magic.
        """
        function = self.look_up("line", name)
        if function is not None:
            line = self._shell.expand(line)
            self._shell.policies.check("magic", f"%{name} {line.strip()}".rstrip())
            return function(line)
        if self._shell.aliases.get(name) is not None:
            self._shell.system(self._shell.aliases.expand(name, line))
            return None
        raise UsageError(self._missing("line", name))

    def run_cell(self, name: str, line: str, body: str) -> Any:
        """Run ``%%name line`` over the body of a cell.

        :raises UsageError: if there is no such magic.
        """
        function = self.look_up("cell", name)
        if function is None:
            raise UsageError(self._missing("cell", name))
        line = self._shell.expand(line)
        self._shell.policies.check("magic", f"%%{name} {line.strip()}".rstrip() + f"\n{body}")
        return function(line, body)

    def _missing(self, kind: Kind, name: str) -> str:
        mark, other = ("%", "%%") if kind == "line" else ("%%", "%")
        if name in self.names(kind):
            return f"{kind.capitalize()} magic function `{mark}{name}` cannot be used, its plugin is off."
        text = f"{kind.capitalize()} magic function `{mark}{name}` not found."
        if name in self.names("cell" if kind == "line" else "line"):
            return f"{text} But {other}{name} exists: did you mean that?"
        dist = distribution_of_magic(name)
        if dist and not self._installed(dist):
            return f"{text} It comes with {dist}, which is not installed."
        from .configuration.sections import nearest

        near = nearest(name, self.names(kind))
        return f"{text} Did you mean {mark}{near}?" if near else text

    def _installed(self, dist: str) -> bool:
        return any(plugin.dist == dist for plugin in self._shell.registry.declared())


def _check_callable(value: object) -> str:
    return "" if callable(value) else f"it gave {type(value).__name__}, not a function"
