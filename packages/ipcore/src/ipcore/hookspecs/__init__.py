"""The public face of ipshell for plugin authors: families, markers, API version.

A *family* is one subject that plugins may contribute to. Each family has an
entry-point group ``ipshell.<family>``, and, once the part that bears it exists,
one file of hook specifications in this package. A plugin is any object (usually
a module) named by an entry point of such a group that carries functions marked
with :data:`hookimpl`.

Importing this package imports nothing but itself: pluggy comes when a marker is first
asked for, and the specifications of a family when the family is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pluggy import HookimplMarker, HookspecMarker

    hookspec: HookspecMarker
    hookimpl: HookimplMarker

#: Version of the hook contracts, apart from release numbers. While it stays
#: ``0.x`` a minor step may break implementers.
API_VERSION: Final = "0.1"

#: Name under which pluggy knows our hooks; markers and manager must agree on it.
PROJECT: Final = "ipshell"

#: Every hook name starts so; attributes of plugins with other names are never touched.
HOOK_PREFIX: Final = "ipshell_"

#: Every entry-point group starts so.
GROUP_PREFIX: Final = "ipshell."

#: All plugins of the family take part, in a stable order.
MANY: Final = "many"
#: One plugin bears the whole family, chosen by configuration; a plain one stands under it.
ONE: Final = "one"
#: The entry's name is what a user types; only that entry is imported.
BY_NAME: Final = "by name"

#: The hooks of the family may still change, with a line in the changelog and a step of :data:`API_VERSION`.
PROVISIONAL: Final = "provisional"
#: What the hooks of the family promise holds; they change, or go, after a deprecation only.
STABLE: Final = "stable"


class Family(NamedTuple):
    """One subject that plugins contribute to."""

    name: str
    """Name, as in the entry-point group ``ipshell.<name>``."""
    kind: str
    """:data:`MANY`, :data:`ONE` or :data:`BY_NAME`."""
    specs: str
    """``module:Class`` of the specifications; empty until the part that bears the family exists."""
    summary: str
    """What plugins of the family contribute, in one line."""
    stability: str = PROVISIONAL
    """:data:`PROVISIONAL`, or :data:`STABLE` from the day that two distributions implement the family."""

    @property
    def group(self) -> str:
        """The entry-point group, for example ``ipshell.commands``."""
        return GROUP_PREFIX + self.name


_FAMILIES = (
    Family("lifecycle", MANY, "lifecycle:LifecycleSpecs", "told when shells and cells start and end"),
    Family("policies", MANY, "policies:PolicySpecs", "allow, ask about or refuse a cell before it runs"),
    Family("input", MANY, "input:InputSpecs", "rewrite cells before and after they are parsed"),
    Family("line_magics", BY_NAME, "line_magics:LineMagicSpecs", "%name commands"),
    Family("cell_magics", BY_NAME, "cell_magics:CellMagicSpecs", "%%name commands"),
    Family("history", ONE, "history:HistorySpecs", "keep inputs and outputs between runs"),
    Family("completers", MANY, "completers:CompleterSpecs", "propose completions"),
    Family("prompts", BY_NAME, "prompts:PromptSpecs", "the texts of the prompts"),
    Family("frontends", BY_NAME, "frontends:FrontendSpecs", "read cells from a person or a pipe"),
    Family("display", MANY, "display:DisplaySpecs", "show values"),
    Family("inspectors", ONE, "", "answer obj? and obj??"),
    Family("debuggers", ONE, "", "step through code and look into failed frames"),
    Family("editors", BY_NAME, "editors:EditorSpecs", "open text in an editor"),
    Family("pagers", BY_NAME, "pagers:PagerSpecs", "show long text a page at a time"),
    Family("clipboards", BY_NAME, "clipboards:ClipboardSpecs", "read and write the clipboard"),
    Family("highlighters", BY_NAME, "highlighters:HighlighterSpecs", "colour source code"),
    Family("themes", BY_NAME, "themes:ThemeSpecs", "colours for semantic style names"),
    Family(
        "key_bindings", MANY, "key_bindings:KeyBindingSpecs", "commands of the cell's editor, and their keys"
    ),
    Family("sources", MANY, "", "what %load, %edit and %run can read"),
    Family("tracebacks", ONE, "tracebacks:TracebackSpecs", "show exceptions"),
    Family("loggers", MANY, "", "write session logs"),
    Family("inputhooks", BY_NAME, "inputhooks:InputHookSpecs", "event loops that run while the prompt waits"),
    Family("commands", BY_NAME, "commands:CommandSpecs", "sub-commands of ipshell"),
    Family("parallel.launchers", BY_NAME, "", "start engines"),
    Family("parallel.backends", BY_NAME, "", "run tasks on engines that exist already"),
    Family("parallel.stores", BY_NAME, "", "keep results of parallel tasks"),
)

#: All families by name.
FAMILIES: Final = {family.name: family for family in _FAMILIES}

__all__ = [
    "API_VERSION",
    "BY_NAME",
    "FAMILIES",
    "GROUP_PREFIX",
    "HOOK_PREFIX",
    "MANY",
    "ONE",
    "PROJECT",
    "PROVISIONAL",
    "STABLE",
    "Family",
    "hookimpl",
    "hookspec",
]


if not TYPE_CHECKING:  # type checkers are to tell of a name that is not there

    def __getattr__(name: str) -> object:
        if name not in ("hookspec", "hookimpl"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import pluggy

        markers = {"hookspec": pluggy.HookspecMarker(PROJECT), "hookimpl": pluggy.HookimplMarker(PROJECT)}
        globals().update(markers)
        return markers[name]
