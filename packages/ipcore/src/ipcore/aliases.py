"""Aliases: names for commands of the system shell, such as ``ll`` for ``ls -F -o``."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Container
from typing import Any

from traitlets import List, default

from .component import Component
from .errors import UsageError, UserError
from .notices import notice

_SPECIFIER = re.compile(r"%[%sl]")
_ARGUMENT = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")
_FIRST_WORD = re.compile(r"\s*(\w+)(?:\s+(.*))?\Z", re.DOTALL)


def platform_aliases(platform: str = sys.platform) -> list[tuple[str, str]]:
    """Give the aliases that a shell on a platform begins with.

    :param platform: as :data:`sys.platform` names it.
    """
    if platform == "win32":
        return [
            ("ls", "dir /on"),
            ("ldir", "dir /ad /on"),
            ("ddir", "dir /ad /on"),
            ("cat", "type"),
            ("cp", "copy"),
            ("copy", "copy"),
            ("mv", "move"),
            ("ren", "ren"),
            ("rm", "del"),
            ("mkdir", "mkdir"),
            ("rmdir", "rmdir"),
            ("echo", "echo"),
            ("clear", "cls"),
            ("more", "more"),
        ]
    if platform.startswith(("linux", "cygwin")):
        color = " --color=auto"
    elif platform.startswith(("darwin", "freebsd", "dragonfly")):
        color = " -G"
    else:
        color = ""
    listing = f"ls -F{color}"
    same = ("cat", "cp", "mv", "rm", "mkdir", "rmdir", "clear", "more", "less", "man")
    return [
        *((name, name) for name in same),
        ("ls", listing),
        ("ll", f"{listing} -o"),
        ("lf", f"{listing} -o %l | grep ^-"),
        ("lk", f"{listing} -o %l | grep ^l"),
        ("ldir", f"{listing} -o %l | grep /$"),
        ("lx", f"{listing} -o %l | grep ^-..x"),
    ]


class AliasManager(Component):
    """The aliases of a shell.

    Defines names and expands lines; running a command line is the shell's business.
    """

    default_aliases: List[Any] = List(
        help="Aliases that are there from the start, as pairs of name and command."
    ).tag(config=True)
    user_aliases: List[Any] = List(
        help="More aliases, as pairs of name and command; they go before the others."
    ).tag(config=True)

    def __init__(self, *, parent: Component | None = None, name: str = "aliases", **traits: Any) -> None:
        super().__init__(parent=parent, name=name, **traits)
        self._commands: dict[str, str] = {}
        for trait in ("default_aliases", "user_aliases"):
            for pair in getattr(self, trait):
                self._define_configured(pair, trait)

    @default("default_aliases")
    def _default_aliases(self) -> list[tuple[str, str]]:
        return platform_aliases()

    @property
    def names(self) -> list[str]:
        """The names of all aliases, sorted."""
        return sorted(self._commands)

    @property
    def aliases(self) -> list[tuple[str, str]]:
        """All aliases as pairs of name and command, sorted by name."""
        return sorted(self._commands.items())

    def get(self, name: str) -> str | None:
        """Give the command of an alias, ``None`` if there is no such alias."""
        return self._commands.get(name)

    def define(self, name: str, command: str) -> None:
        """Make an alias, or give one another command.

        :param name: an identifier.
        :param command: ``%s`` stands for an argument each, ``%l`` for the whole rest of the line,
            ``%%`` for a percent sign. Without any, and after the last ``%s``, the rest is appended.
        :raises UserError: if the name is no identifier, is a keyword or the name of a line magic,
            or if the command is empty or has both ``%s`` and ``%l``.
        """
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise UserError(f"{name!r} cannot be the name of an alias: use a name that could be a variable's")
        if name in self._magics():
            raise UserError(f"{name!r} cannot be the name of an alias: there is a magic %{name}")
        self._set(name, command)

    def _set(self, name: str, command: str) -> None:
        if not isinstance(command, str) or not command.strip():
            raise UserError(f"the alias {name} needs a command, as in: %alias {name} ls -l")
        specifiers = set(_SPECIFIER.findall(command))
        if {"%s", "%l"} <= specifiers:
            raise UserError(
                f"the alias {name} mixes %s and %l: use %s for single arguments or %l for the line"
            )
        self._commands[name] = command.strip()

    def undefine(self, name: str) -> None:
        """Remove an alias.

        :raises UserError: if there is no such alias.
        """
        if name not in self._commands:
            raise UserError(f"there is no alias {name!r}")
        del self._commands[name]

    # The names that extensions for IPython use.

    def define_alias(self, name: str, cmd: str) -> None:
        """Do as :meth:`define`."""
        self.define(name, cmd)

    def soft_define_alias(self, name: str, cmd: str) -> None:
        """Make an alias, or say in one line why not."""
        try:
            self.define(name, cmd)
        except UserError as error:
            notice(f"{error}.")

    def undefine_alias(self, name: str) -> None:
        """Do as :meth:`undefine`.

        :raises ValueError: if there is no such alias.
        """
        if name not in self._commands:
            raise ValueError(f"there is no alias {name!r}")
        self.undefine(name)

    def is_alias(self, name: str) -> bool:
        """Tell whether there is an alias of that name."""
        return name in self._commands

    def expand(self, name: str, rest: str = "") -> str:
        """Give the command line that an alias and what follows it stand for.

        A command that begins with another alias is expanded too, each name once.

        :param rest: the arguments as typed. Quotes keep blanks together and stay in the text.
        :returns: a line for the system shell.
        :raises UserError: if there is no such alias, or it needs more arguments.
        """
        seen: set[str] = set()
        while True:
            seen.add(name)
            line = self._expand_once(name, rest)
            first = _FIRST_WORD.match(line)
            if first is None or first[1] in seen or first[1] not in self._commands:
                return line
            name, rest = first[1], first[2] or ""

    def _expand_once(self, name: str, rest: str) -> str:
        command = self._commands.get(name)
        if command is None:
            raise UserError(f"there is no alias {name!r}")
        specifiers = _SPECIFIER.findall(command)
        needed = specifiers.count("%s")
        found = list(_ARGUMENT.finditer(rest))
        if len(found) < needed:
            raise UsageError(f"the alias {name} needs {_count(needed)}, {len(found)} given: {command}")
        words = iter(found)

        def value(match: re.Match[str]) -> str:
            if match[0] == "%s":
                return next(words).group()
            return rest.strip() if match[0] == "%l" else "%"

        line = _SPECIFIER.sub(value, command)
        if "%l" in specifiers:
            return line
        tail = rest[found[needed - 1].end() if needed else 0 :].strip()
        return f"{line} {tail}" if tail else line

    def _magics(self) -> Container[str]:
        """Give the names of the shell's line magics; looks at what is declared, imports nothing."""
        magics = getattr(self.root, "magics", None)
        return magics.names("line") if magics is not None else ()

    def _define_configured(self, pair: Any, trait: str) -> None:
        """Define one alias of the configuration, or say in one line why not."""
        try:
            name, command = pair
        except (TypeError, ValueError):
            notice(f"AliasManager.{trait}: {pair!r} is no pair of name and command. It is left out.")
            return
        try:
            if trait == "default_aliases" and (name, command) in platform_aliases():
                self._set(name, command)  # a magic of that name simply goes before it
            else:
                self.define(name, command)
        except UserError as error:
            notice(f"AliasManager.{trait}: {error}. It is left out.")


def _count(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"
