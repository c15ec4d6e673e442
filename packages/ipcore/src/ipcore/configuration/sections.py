"""The sections of the configuration: who owns which.

A section is named after the class it configures. The tables here are data; no class is imported before
:func:`load_class` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from traitlets.config.configurable import Configurable

#: Sections of the core → ``module:Class``.
CORE: Final = {
    "InteractiveShell": "ipcore.shell:InteractiveShell",
    "IPShellApp": "ipcore.application.app:IPShellApp",
    "AliasManager": "ipcore.aliases:AliasManager",
    "MagicsManager": "ipcore.magics.registry:MagicsManager",
    "PrefilterManager": "ipcore.cells.checkers:PrefilterManager",
    "ShellCompleter": "ipcore.completion.completer:ShellCompleter",
    "Display": "ipcore.display.formatting:Display",
    "Plugins": "ipcore.plugins.settings:Plugins",
}

#: Other names of a section, taken for the one it stands for.
ALIASES: Final = {
    "BaseIPythonApplication": "IPShellApp",
    "Completer": "ShellCompleter",
    "IPCompleter": "ShellCompleter",
    "InteractiveShellApp": "IPShellApp",
    "TerminalIPythonApp": "IPShellApp",
    "TerminalInteractiveShell": "Terminal",
}

#: Sections of the other distributions of the family → distribution.
FAMILY: Final = {
    "AttributeProvider": "ipcompleters",
    "BaseFormatter": "ipdisplay",
    "DisplayFormatter": "ipdisplay",
    "HistoryAccessor": "iphistory",
    "HistoryClear": "iphistory",
    "HistoryManager": "iphistory",
    "HistoryTrim": "iphistory",
    "IPCluster": "ipkernel-parallel",
    "IPController": "ipkernel-parallel",
    "IPEngine": "ipkernel-parallel",
    "IPKernelApp": "ipkernel-jupyter",
    "IPythonKernel": "ipkernel-jupyter",
    "InlineBackend": "ipgui",
    "Inspector": "ipdisplay",
    "InteractiveShellEmbed": "ipterminal",
    "Kernel": "ipkernel-jupyter",
    "LaTeXTool": "ipdisplay",
    "LoggingMagics": "iplogging",
    "OSMagics": "ipmagics",
    "PlainTextFormatter": "ipdisplay",
    "ScriptMagics": "ipmagics",
    "StoreMagics": "ipmagics",
    "Terminal": "ipterminal",
    "UnicodeProvider": "ipcompleters",
    "ZMQDisplayPublisher": "ipkernel-jupyter",
    "ZMQInteractiveShell": "ipkernel-jupyter",
}

_PREFILTER = "checkers are switched by PrefilterManager.enabled and ordered by PrefilterManager.priorities"

#: Sections known from IPython that nothing here reads → what there is instead.
ABSENT: Final = {
    "AssignmentChecker": _PREFILTER,
    "AutoMagicChecker": _PREFILTER,
    "AutocallChecker": _PREFILTER,
    "EmacsChecker": _PREFILTER,
    "IPyAutocallChecker": _PREFILTER,
    "MacroChecker": _PREFILTER,
    "PrefilterChecker": _PREFILTER,
    "PrefilterTransformer": _PREFILTER,
    "ProfileCreate": "see: ipshell profile create --help",
    "ProfileDir": "the option --profile-dir gives the directory of a profile",
    "ProfileList": "see: ipshell profile list --help",
    "PythonOpsChecker": _PREFILTER,
}


class DeclaredSection(Protocol):
    """A section that an installed plugin declares: an entry point of the group ``ipshell.config``."""

    @property
    def key(self) -> str:
        """The section's name."""

    @property
    def value(self) -> str:
        """``module:Class``."""

    @property
    def dist(self) -> str:
        """The distribution."""


#: Declared sections, or what gives them when they are needed.
Declared = Iterable[DeclaredSection] | Callable[[], Iterable[DeclaredSection]]


def is_section_name(key: str) -> bool:
    """Tell a section from an option: a section starts with a capital letter."""
    return key[:1] != "_" and key[:1].upper() == key[:1] != ""  # the rule of traitlets, digits and all


def canonical(section: str) -> str:
    """Give the one name of a section that has several; of a nested one, ``A.B``, the first part counts."""
    first, dot, rest = section.partition(".")
    return ALIASES.get(first, first) + dot + rest


def declared_sections(declared: Declared = ()) -> dict[str, DeclaredSection]:
    """Give the sections that plugins declare, by name. The first owner of a name counts."""
    found: dict[str, DeclaredSection] = {}
    for entry in declared() if callable(declared) else declared:
        found.setdefault(entry.key, entry)
    return found


def load_class(target: str) -> type[Configurable] | None:
    """Import the class of a section.

    :param target: ``module:Class``.
    :returns: the class; ``None`` where it is not there. Whatever else fails in the module is raised.
    """
    from importlib import import_module

    module, _, name = target.partition(":")
    try:
        found = getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise
        return None
    return found if isinstance(found, type) else None


def core_classes() -> list[type[Configurable]]:
    """Import and give the classes of all sections of the core."""
    return [found for target in CORE.values() if (found := load_class(target)) is not None]


def is_installed(distribution: str) -> bool:
    """Tell whether a distribution of the family can be imported, without importing it."""
    from importlib.util import find_spec

    try:
        return find_spec(distribution.replace("-", "_")) is not None
    except (ImportError, ValueError):  # a broken or half-removed package
        return False


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Give the candidate that a misspelt name was probably meant to be; empty if none is near."""
    from difflib import get_close_matches

    by_lower = {candidate.lower(): candidate for candidate in sorted(candidates)}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""
