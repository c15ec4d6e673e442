"""The hooks of one family: a pluggy manager and what is registered with it."""

from __future__ import annotations

import inspect
import re
import threading
from collections.abc import Callable, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import pluggy

from ..hookspecs import API_VERSION, FAMILIES, HOOK_PREFIX, PROJECT, Family
from .failures import Unfit

if TYPE_CHECKING:
    from .registry import Entry

#: One implementation: who it belongs to, the function, the arguments it takes.
Call = tuple["Entry", Callable[..., Any], tuple[str, ...]]

_MARK = f"{PROJECT}_impl"


#: Every hook that there is. So the specifications of other families are not imported to tell a hook of theirs
#: from a misspelt one; a test compares it with them.
HOOKS: Final = frozenset(
    (
        "ipshell_ast_transformers",
        "ipshell_cell_finished",
        "ipshell_cell_magic",
        "ipshell_cell_started",
        "ipshell_clipboard",
        "ipshell_command",
        "ipshell_completion_providers",
        "ipshell_editor",
        "ipshell_formatters",
        "ipshell_frontend",
        "ipshell_highlighter",
        "ipshell_history",
        "ipshell_input_transformers",
        "ipshell_inputhook",
        "ipshell_key_bindings",
        "ipshell_line_magic",
        "ipshell_pager",
        "ipshell_policies",
        "ipshell_prompts",
        "ipshell_publishers",
        "ipshell_safe_types",
        "ipshell_shell_closing",
        "ipshell_shell_created",
        "ipshell_theme",
        "ipshell_tracebacks",
    )
)


class _Manager(pluggy.PluginManager):
    """A manager that leaves it to us to tell of hooks that go: pluggy would not say whose plugin it is."""

    def __init__(self, project: str) -> None:
        super().__init__(project)
        #: Hook → what is said of itself, and of its arguments by name.
        self.going: dict[str, tuple[Warning | None, Mapping[str, Warning]]] = {}

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> Any:
        found = super().parse_hookspec_opts(module_or_class, name)
        if found is None:
            return None
        hook, arguments = found.get("warn_on_impl"), found.get("warn_on_impl_args")
        if hook is not None or arguments:
            self.going[name] = (hook, arguments or {})
        return {**found, "warn_on_impl": None, "warn_on_impl_args": None}


class FamilyHooks:
    """Registers plugins of one family and lists the calls to make.

    Safe from any thread.

    :param family: the family; its specifications are imported here.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.names = frozenset(hook_names(family))
        #: Whether every plugin that may load has been tried.
        self.complete = False
        self._lock = threading.RLock()
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(_specs(family))
        #: Name in the manager → the entries that name this object, the first one bears it.
        self._users: dict[str, list[Entry]] = {}
        #: ``id`` of an object → its name in the manager, and the object, kept alive.
        self._shared: dict[int, tuple[str, Any]] = {}
        self._calls: dict[str, tuple[Call, ...]] = {}

    def register(self, entry: Entry, target: Any) -> list[str]:
        """Register a loaded plugin.

        Several entries may name the same object: it is registered once.

        :returns: what is odd about it, though usable.
        :raises Unfit: if it has no hook of this family, one that does not fit its
            specification, or needs another core.
        """
        _check_target(target)
        name = f"{entry.declared.id} #{entry.index}"
        carrier = self._carrier(name, target)
        with self._lock:
            shared = self._shared.get(id(target))
            if shared is not None:
                self._users[shared[0]].append(entry)
                return []
            try:
                self._manager.register(carrier, name=name)
            except BaseException as error:
                # pluggy 1.6 leaves a plugin that failed validation half registered, 1.7 does not.
                if self._manager.has_plugin(name):
                    self._manager.unregister(name=name)
                if isinstance(error, pluggy.PluginValidationError):
                    raise Unfit(self._misfit(str(error))) from error
                raise
            self._shared[id(target)] = (name, target)
            self._users[name] = [entry]
            self._calls.clear()
        strays = set() if entry.declared.core else self._strays(target)
        return [f"no hook is called {each}. {_nearest({each})}" for each in sorted(strays)]

    @property
    def going(self) -> bool:
        """Whether anything in this family is deprecated."""
        return bool(self._manager.going)

    def deprecated(self, target: Any) -> list[tuple[str, str, FunctionType]]:
        """Give what a plugin uses of this family and what will go: what it is, when, and the function."""
        found: list[tuple[str, str, FunctionType]] = []
        for hook, (warning, of_arguments) in self._manager.going.items():
            function = getattr(target, hook, None)
            function = getattr(function, "__func__", function)
            if not isinstance(function, FunctionType) or not hasattr(function, _MARK):
                continue
            if warning is not None:
                found.append((f"the hook {hook}", str(warning), function))
            taken = inspect.signature(function).parameters
            found += [
                (f"the argument {name} of the hook {hook}", str(each), function)
                for name, each in of_arguments.items()
                if name in taken
            ]
        return found

    def remove(self, entry: Entry) -> None:
        """Unregister a plugin when its last entry goes; does nothing if it is not registered."""
        with self._lock:
            for name, users in list(self._users.items()):
                if entry not in users:
                    continue
                users.remove(entry)
                if not users:
                    del self._users[name]
                    self._shared = {key: each for key, each in self._shared.items() if each[0] != name}
                    self._manager.unregister(name=name)
            self._calls.clear()

    def calls(self, hook: str, entry: Entry | None = None) -> tuple[Call, ...]:
        """Give the implementations of a hook, in the order to call them.

        :param hook: the hook's name.
        :param entry: only those of this plugin; all by default.
        """
        with self._lock:
            calls = self._calls.get(hook)
            if calls is None:
                # Sorted here, because plugins are registered in the order they finish
                # loading, which differs from run to run where threads load them.
                implementations = sorted(
                    getattr(self._manager.hook, hook).get_hookimpls(),
                    key=lambda each: (each.trylast - each.tryfirst, self._users[each.plugin_name][0].index),
                )
                calls = self._calls[hook] = tuple(
                    (self._users[each.plugin_name][0], each.function, tuple(each.argnames))
                    for each in implementations
                )
            if entry is None:
                return calls
            sharing = next((users for users in self._users.values() if entry in users), None)
            return tuple(call for call in calls if call[0] is sharing[0]) if sharing else ()

    def implemented(self, entry: Entry) -> list[str]:
        """Give the names of the hooks that a registered plugin implements."""
        return sorted(hook for hook in self.names if self.calls(hook, entry))

    def _carrier(self, name: str, target: Any) -> ModuleType:
        """Give a module that holds a plugin's hooks of this family and nothing else.

        Registered in its place, because pluggy compares plugins by equality and looks at
        all their attributes; both may run a stranger's code, and fail for other plugins too.
        """
        carrier = ModuleType(name)
        found = False
        for hook in sorted(self.names):
            function = getattr(target, hook, None)
            if not isinstance(function, (FunctionType, MethodType)) or not hasattr(function, _MARK):
                continue
            mark = getattr(function, _MARK)
            if mark.get("wrapper") or mark.get("hookwrapper"):
                raise Unfit(f"{hook} is a wrapper, which this family does not take")
            if inspect.iscoroutinefunction(function):
                raise Unfit(f"{hook} is a coroutine function; hooks are called, not awaited")
            setattr(carrier, hook, function)
            found = True
        if not found:
            strays = self._strays(target)
            hint = _nearest(strays) if strays else "Is the @hookimpl mark missing?"
            wanted = ", ".join(sorted(self.names))
            raise Unfit(f"it has no hook of the family {self.family.name} ({wanted}). {hint}")
        return carrier

    def _strays(self, target: Any) -> set[str]:
        """Give the names of a plugin's functions that carry the mark, but are no hook of any family."""
        return _marked(target) - self.names - HOOKS

    def _misfit(self, text: str) -> str:
        """Say in one line what pluggy found wrong with a signature."""
        match = re.search(r"for hook '(\w+)'\s*hookimpl definition: [^(\n]*(.*?)\n(.*)", text, re.DOTALL)
        spec = getattr(self._manager.hook, match[1]).spec if match else None
        if match is None or spec is None:
            return " ".join(text.split())
        given = f"the hook gives {', '.join(spec.argnames)}"
        return f"{match[1]}{match[2]} does not fit: {' '.join(match[3].split())}; {given}"


def _specs(family: Family) -> type:
    from importlib import import_module

    module, _, name = family.specs.partition(":")
    specs: type = getattr(import_module(f"ipcore.hookspecs.{module}"), name)
    return specs


def hook_names(family: Family) -> set[str]:
    """Give the names of a family's hooks; imports its specifications."""
    return {name for name in vars(_specs(family)) if name.startswith(HOOK_PREFIX)}


def _marked(target: Any) -> set[str]:
    """Give the names of a plugin's functions that carry the mark.

    Looks into the dictionaries of the object and its classes alone: asking the object
    itself for attributes may run a stranger's code.
    """
    found: set[str] = set()
    for holder in (target, *type(target).__mro__):
        try:
            names = object.__getattribute__(holder, "__dict__")
        except AttributeError:  # an object with slots
            continue
        for name, value in dict(names).items():
            function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
            if isinstance(function, FunctionType) and _MARK in function.__dict__:
                found.add(str(name))
    return found


def _nearest(names: set[str]) -> str:
    from difflib import get_close_matches

    known = [name for family in FAMILIES.values() if family.specs for name in sorted(hook_names(family))]
    near = [match for name in sorted(names) for match in get_close_matches(name, known, 1)]
    return f"Did you mean {near[0]}?" if near else "See the reference of hooks."


def _check_target(target: Any) -> None:
    """Check what can be told without looking for hooks.

    :raises Unfit: if it is a class, or was written for another version of the contracts.
    """
    if isinstance(target, type):
        raise Unfit(f"{target.__name__} is a class; the entry point must name a module or an instance")
    wanted = getattr(target, "ipshell_api", None)
    if wanted is None:
        return
    try:
        needs = tuple(int(part) for part in str(wanted).split("."))
    except ValueError:
        raise Unfit(f"its ipshell_api is {wanted!r}, not a version such as {API_VERSION!r}") from None
    have = tuple(int(part) for part in API_VERSION.split("."))
    text = f"it needs plugin API {wanted}, this core has {API_VERSION}"
    if needs > have:
        raise Unfit(text, "Upgrade ipshell-core.")
    if needs[0] != have[0]:
        raise Unfit(text)
