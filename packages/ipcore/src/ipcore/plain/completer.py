"""Plain completion: names, attributes and magics, and what extensions complete."""

from __future__ import annotations

import builtins
import keyword
import re
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from ..component import Component
from ..errors import TryNext
from ..notices import notice
from ..object_information import find, of_type

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: The word before the cursor: a dotted name, or a magic's.
_WORD: Final = re.compile(r"%{0,2}[\w.]*\Z")

#: Matches that are given at most.
MOST_MATCHES: Final = 10_000


class PlainCompleter(Component):
    """Completes from what can be read without running the user's code. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        #: Functions of extensions, each called with the word; what they give is added.
        self.custom_matchers: list[Any] = []

    def complete(
        self, text: str | None = None, line: str | None = None, cursor_pos: int | None = None
    ) -> tuple[str, list[str]]:
        """Give what a word can be completed to.

        :param text: the word; by default the one that ends at the cursor.
        :param line: the line it stands in; by default the word alone.
        :param cursor_pos: where the cursor is in the line; by default at its end.
        :returns: the word, and whole words that begin with it, sorted.
        """
        line = (text or "") if line is None else line
        before = line if cursor_pos is None else line[:cursor_pos]
        if not text:
            found = _WORD.search(before)
            text = found[0] if found else ""
        given = self._of_commands(text, line, before)
        if given is not None:
            return text, given
        matches = set(self._of_custom(text))
        at_start = not before.removesuffix(text).strip()
        if text.startswith("%"):
            matches.update(self._magics(text))
        elif "." in text:
            matches.update(self._attributes(text))
        else:
            names = {*self._shell.user_ns, *dir(builtins), *keyword.kwlist}
            matches.update(name for name in names if isinstance(name, str) and name.startswith(text))
            if at_start and text:
                matches.update(self._magics(text))
        return text, sorted(matches)[:MOST_MATCHES]

    def _magics(self, text: str) -> list[str]:
        name = text.lstrip("%")
        marks = [text[: len(text) - len(name)]] if text.startswith("%") else ["%", "%%"]
        if "%" in marks:
            marks = ["%", "%%"]
        return [
            mark + each
            for mark in marks
            for each in self._shell.magics.names("cell" if mark == "%%" else "line")
            if each.startswith(name)
        ]

    def _attributes(self, text: str) -> list[str]:
        """Give the attributes of what a dotted name stands for, read without running anything."""
        name, _, part = text.rpartition(".")
        found, value = find(self._shell, name)
        if not found:
            return []
        if of_type(value, ModuleType):
            names = set(vars(value))
        else:
            kind = value if of_type(value, type) else type(value)
            names = set(_instance_names(value))
            for each in type.__dict__["__mro__"].__get__(kind):
                names.update(type.__dict__["__dict__"].__get__(each))
        hidden = not part.startswith("_")
        return [
            f"{name}.{each}"
            for each in names
            if isinstance(each, str) and each.startswith(part) and not (hidden and each.startswith("_"))
        ]

    # -- extensions ------------------------------------------------------------

    def _of_commands(self, text: str, line: str, before: str) -> list[str] | None:
        """Ask the functions of ``complete_command``; ``None`` if none has an answer."""
        dispatch = self._shell.hooks.strdispatchers.get("complete_command")
        words = line.split(None, 1)
        if dispatch is None or not words:
            return None
        command = words[0]
        event = SimpleNamespace(line=line, symbol=text, command=command, text_until_cursor=before)
        keys = [command] if command.startswith("%") else [command, f"%{command}"]
        for function in dispatch.matches(*keys, before.lstrip()):
            try:
                found = [str(each) for each in function(event) or ()]
            except TryNext:
                continue
            except Exception as error:
                self._tell(f"the completion of {command} by {_name(function)}", error)
                continue
            if found:
                folded = text.casefold()
                same = [each for each in found if each.startswith(text)]
                return same or [each for each in found if each.casefold().startswith(folded)]
        return None

    def _of_custom(self, text: str) -> list[str]:
        found: list[str] = []
        for function in tuple(self.custom_matchers):
            try:
                found += [str(each) for each in function(text) or ()]
            except Exception as error:
                self._tell(f"the custom matcher {_name(function)}", error)
        return found

    def _tell(self, what: str, error: Exception) -> None:
        from ..plugins.failures import reason_of

        notice(f"{what} failed: {reason_of(error)}. The others are asked.", once=f"completion:{what}")


def _instance_names(value: object) -> list[str]:
    """Give the names in an object's own dictionary, past whatever its class says about attributes."""
    try:
        table = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return []
    return list(table) if type(table) is dict else []


def _name(function: object) -> str:
    return str(getattr(function, "__qualname__", type(function).__name__))
