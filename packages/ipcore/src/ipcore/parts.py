"""The named parts of a shell: who makes each, and what stands in where nobody does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from .component import Component

if TYPE_CHECKING:
    from .shell import InteractiveShell


class Part:
    """One named part, an attribute of the shell.

    :param plain: ``module:Class`` of the core's own, below ``ipcore``.
    :param family: the family whose plugin may make it; empty while no such family is specified.
    :param brings: the distribution that gives more.
    :param without: what is missing without that distribution, as a sentence's beginning.
    """

    __slots__ = ("brings", "family", "plain", "without")

    def __init__(self, plain: str, family: str = "", brings: str = "", without: str = "") -> None:
        self.plain = plain
        self.family = family
        self.brings = brings
        self.without = without


PARTS: Final[dict[str, Part]] = {
    "aliases": Part("aliases:AliasManager"),
    "traps": Part("traps:Traps"),
    "events": Part("events:Events"),
    "extension_manager": Part("extensions:ExtensionManager"),
    "magics": Part("magics.registry:MagicsManager", brings="ipmagics", without="Few magics are here"),
    "display": Part("display.formatting:Display", brings="ipdisplay", without="Values are shown by repr"),
    "tracebacks": Part(
        "plain.tracebacks:PlainTracebacks", "tracebacks", "iptracebacks", "Tracebacks are plain text"
    ),
    "inspector": Part("plain.inspector:PlainInspector", brings="ipdisplay", without="obj? shows plain text"),
    "history": Part("parts:Absent", "history", "iphistory", "Inputs are forgotten when the shell ends"),
    "completer": Part(
        "completion.completer:ShellCompleter", brings="ipcompleters", without="Names and magics are completed"
    ),
    "logger": Part("parts:Absent", brings="iplogging", without="No session log can be kept"),
    "debugger": Part("parts:Absent", brings="iptracebacks", without="There is no post-mortem debugger"),
    "inputhooks": Part(
        "hosts.inputhooks:InputHooks", brings="ipgui", without="Only asyncio runs while the prompt waits"
    ),
    "keyboard": Part("hosts.keyboard:Keyboard"),
    "user_loop": Part("cells.user_loop:UserLoop"),
    "prefilter_manager": Part("cells.checkers:PrefilterManager"),
    "variables": Part("variables:Variables"),
    "error_display": Part("error_display:ErrorDisplay"),
    "hooks": Part("hooks:Hooks"),
    "stored_values": Part("stored_values:StoredValues"),
    "user_code": Part("user_code:UserCode"),
    "prompting": Part("prompting:Prompting"),
    "object_information": Part("object_information:ObjectInformation"),
    "last_error": Part("cells.last_error:LastError"),
    "theme": Part("theme:ShellTheme", brings="ipterminal", without="There are no colours"),
}


class Absent(Component):
    """Stands where a part is not installed; it is false, and says what would bring the part."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<no {self.component_name}: {missing(self.component_name)}>"


def missing(name: str) -> str:
    """Say in one line which distribution would give more than the core's part of that name."""
    part = PARTS[name]
    return f"{part.without}; {part.brings} gives more." if part.brings else ""


def make_plain(name: str, parent: Any) -> Component:
    """Make the core's own part of that name."""
    from importlib import import_module

    module, _, attribute = PARTS[name].plain.partition(":")
    component: Component = getattr(import_module(f"ipcore.{module}"), attribute)(parent=parent, name=name)
    return component


def check_component(value: object) -> str:
    """Say what is wrong with what a plugin gave for a part."""
    return "" if isinstance(value, Component) else f"it gave {type(value).__name__}, not a Component"


class PartsMaker:
    """Has each part of a shell made once, whichever threads ask for it first.

    :param shell: the shell.
    :param parts: what is made by now, by name; the shell's own.
    """

    def __init__(self, shell: InteractiveShell, parts: dict[str, Any]) -> None:
        self._shell = shell
        self._parts = parts
        #: What is being made, and by which thread → what stands in if that thread asks for it meanwhile.
        self._making: dict[tuple[str, int], Component | None] = {}
        #: Those of which the core's own is being made.
        self._plain: set[tuple[str, int]] = set()

    def make(self, name: str) -> Any:
        """Make a part, or wait for the thread that does.

        :raises KeyError: if there is no part of that name.
        :raises RuntimeError: if the core's own asks for itself while it is made.
        """
        family, this = PARTS[name].family, (name, threading.get_ident())
        if this in self._making:  # a plugin, while it is imported: it sees what there is without it
            return self._stand_in(this)
        turn = f"the part {name} of the shell {id(self._shell)}"
        try:
            mine = self._shell.registry.turns.take(turn)
        except TimeoutError:
            mine = False
        try:
            made = self._parts.get(name)
            if made is not None:
                return made
            self._making[this] = None
            try:
                made = self._given(name, family) if family else None
                if made is None:
                    made = self._make_plain(this)
            finally:
                del self._making[this]
            kept = self._parts.setdefault(name, made)
            if kept is not made:  # two threads asked for each other's, and neither could wait
                made.close()
            return kept
        finally:
            if mine:
                self._shell.registry.turns.give_back(turn)

    def _given(self, name: str, family: str) -> Any:
        """Give what a plugin makes; one that fails at its start is closed and its plugin switched off."""
        registry = self._shell.registry
        given = registry.call_first(family, f"ipshell_{family}", check_component, shell=self._shell)
        if given is None:
            return None
        given.value.given_by = given.plugin
        try:
            given.value.start()
        except Exception as error:  # a plugin's: the plain part takes over
            registry.disable(given.plugin, f"start of {name}", error)
            given.value.close()
            return None
        return given.value

    def _make_plain(self, this: tuple[str, int]) -> Component:
        if this in self._plain:
            raise RuntimeError(f"the part {this[0]} asks for itself while it is made")
        self._plain.add(this)
        try:
            made = make_plain(this[0], self._shell)
            made.start()
        finally:
            self._plain.discard(this)
        return made

    def _stand_in(self, this: tuple[str, int]) -> Component:
        made = self._making[this]
        if made is None:
            made = self._making[this] = self._make_plain(this)
        return made
