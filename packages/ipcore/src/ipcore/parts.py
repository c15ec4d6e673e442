"""The named parts of a shell: who makes each, and what stands in where nobody does."""

from __future__ import annotations

from typing import Any, Final

from .component import Component


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
