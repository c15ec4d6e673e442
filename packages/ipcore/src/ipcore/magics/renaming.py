"""Magics under another name, and aliases as if they were line magics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from .registry import Kind, MagicsManager


class MagicAlias:
    """Another name of a magic, with parameters that go before what the user types.

    :param manager: holds the magic.
    :param name: the new name.
    :param target: the magic's name.
    :param kind: the kind of both.
    :param parameters: put before the line.
    """

    no_var_expand = True  # the target's own rule counts

    def __init__(self, manager: MagicsManager, name: str, target: str, kind: Kind, parameters: str) -> None:
        self._manager = manager
        self.name = name
        self.target = target
        self.kind = kind
        self.parameters = parameters
        self._running = False
        self.__name__ = name
        self.__doc__ = f"Another name of {'%' if kind == 'line' else '%%'}{self._words()}."

    def __call__(self, line: str, body: str = "") -> Any:
        """Run the magic.

        :raises UsageError: if the alias stands for itself.
        """
        if self._running:
            raise UsageError(f"the magic alias {self.name} stands for itself: it would never end")
        line = f"{self.parameters} {line}".strip() if self.parameters else line
        self._running = True
        try:
            if self.kind == "line":
                return self._manager.run_line(self.target, line)
            return self._manager.run_cell(self.target, line, body)
        finally:
            self._running = False

    def __repr__(self) -> str:
        return f"<{self.kind} magic {self.name}, another name of {self._words()}>"

    def _words(self) -> str:
        return f"{self.target} {self.parameters}".rstrip()


class CommandAlias:
    """An alias of a system command, called like a line magic.

    :param shell: knows the alias and runs the command.
    :param name: the alias.
    """

    no_var_expand = True  # the shell expands the whole command

    def __init__(self, shell: InteractiveShell, name: str) -> None:
        self._shell = shell
        self.__name__ = name
        self.__doc__ = f"Alias of the system command: {shell.aliases.get(name)}"

    def __call__(self, line: str) -> None:
        """Run the command on the terminal."""
        self._shell.system(self._shell.aliases.expand(self.__name__, line))
