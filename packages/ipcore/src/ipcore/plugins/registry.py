"""The registry: loads plugins at first use, keeps them apart, and calls their hooks.

Each family has a pluggy manager of its own, made when the family is first used. A
plugin is imported outside every lock (one that uses its own family while it is
imported would deadlock otherwise) and registered under the family's lock. Whatever
one plugin does wrong is reported once and costs the others nothing: pluggy itself
would stop at the first failing import, and drop the results of a whole call when
one hook raises.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ..hookspecs import FAMILIES, ONE, Family
from ..notices import notice
from .builtin import BUILTIN
from .declared import Declared
from .switches import Switches
from .turns import DEADLINE, Turns

if TYPE_CHECKING:
    from types import FunctionType

    from .discovery import Found, Problem
    from .failures import Failure
    from .family import FamilyHooks

State = Literal["declared", "blocked", "loaded", "active", "failed"]


class Given:
    """What a hook gave, and who it came from."""

    __slots__ = ("plugin", "value")

    def __init__(self, plugin: Declared, value: Any) -> None:
        self.plugin = plugin
        self.value = value


class Entry:
    """One declared plugin and how far it has come."""

    __slots__ = ("declared", "index", "seconds", "state")

    def __init__(self, declared: Declared, state: State = "declared", index: int = 0) -> None:
        self.declared = declared
        #: Place in its family's order.
        self.index = index
        self.state: State = state
        self.seconds = 0.0


class Registry:
    """Plugins by family.

    Safe to use from any thread; two threads that ask at once get the same plugins,
    each loaded once.

    :param search: finds what is installed; called at most once, at first use.
    :param switches: what may load.
    :param order: names of plugins that come first in their family, in this order.
    :param choose: for ``family`` or ``family/key`` the name of the plugin to take.
    :param builtin: the core's own plugins.
    """

    def __init__(
        self,
        search: Callable[[], Found] | None = None,
        *,
        switches: Switches | None = None,
        order: Sequence[str] = (),
        choose: Mapping[str, str] | None = None,
        builtin: Iterable[Declared] = BUILTIN,
    ) -> None:
        self._search = search
        self.switches = switches or Switches()
        self._order = tuple(order)
        self._choose = dict(choose or {})
        self._builtin = tuple(builtin)
        self._lock = threading.RLock()
        self._entries: dict[str, list[Entry]] | None = None
        self._families: dict[str, FamilyHooks] = {}
        #: Who imports a module, or makes a part of a shell: whoever waits for one may have the other.
        self.turns = Turns()
        self.failures: list[Failure] = []
        #: What plugins use and what will go: plugin → texts, each once.
        self.deprecations: dict[Declared, list[str]] = {}
        self.problems: tuple[Problem, ...] = ()

    # -- what there is ---------------------------------------------------------

    def declared(self, family: str = "") -> list[Declared]:
        """Give what is declared, in order, blocked and failed ones included; imports nothing.

        :param family: one family; all by default.
        """
        table = self._table()
        names = [family] if family else sorted(table)
        return [entry.declared for name in names for entry in table.get(name, ())]

    def bears(self, family: str) -> bool:
        """Tell whether anything is declared for a family; cheap enough to be asked at every cell."""
        table = self._entries if self._entries is not None else self._table()
        return family in table

    def state(self, plugin: Declared) -> State:
        """Give how far a plugin has come."""
        return self._entry(plugin).state

    def seconds(self, plugin: Declared) -> float:
        """Give how long its import and registration took; 0.0 before."""
        return self._entry(plugin).seconds

    def owners(self, family: str, key: str) -> list[Declared]:
        """Give the plugins of a by-name family that own a key and are not blocked.

        The core's own comes first, as it does where nobody chose another one.
        """
        owners = [entry.declared for entry in self._allowed(family) if entry.declared.key == key]
        return sorted(owners, key=lambda plugin: not plugin.core)

    def contenders(self, family: str, key: str) -> list[Declared]:
        """Give the owners of a key among which nobody has chosen: one is used, of several none."""
        return [entry.declared for entry in self._contenders(family, key)]

    def asked(self, family: str) -> list[Declared]:
        """Give a family's plugins that are not blocked, in the order in which they are asked."""
        entries = self._candidates(family) if self._kind(family) == ONE else self._allowed(family)
        return [entry.declared for entry in entries]

    def implemented(self, plugin: Declared) -> list[str]:
        """Give the hooks that a loaded plugin implements; empty for one that is not loaded."""
        hooks = self._families.get(plugin.family)
        return hooks.implemented(self._entry(plugin)) if hooks is not None else []

    def keys(self, family: str) -> list[str]:
        """Give the keys of a by-name family that are not blocked, sorted; imports nothing."""
        return sorted({entry.declared.key for entry in self._allowed(family)})

    def _allowed(self, family: str) -> list[Entry]:
        return [entry for entry in self._table().get(family, ()) if entry.state != "blocked"]

    @staticmethod
    def _kind(family: str) -> str:
        return FAMILIES[family].kind if family in FAMILIES else ""

    def _table(self) -> dict[str, list[Entry]]:
        with self._lock:
            if self._entries is None:
                self._entries = self._find()
            return self._entries

    def _find(self) -> dict[str, list[Entry]]:
        declared = list(self._builtin)
        if self._search is not None and not self.switches.none:
            found = self._search()
            declared += found.declared
            self.problems = found.problems
        declared.sort(key=self._rank)
        table: dict[str, list[Entry]] = {}
        for plugin in declared:
            state: State = "blocked" if self.switches.blocked_by(plugin) else "declared"
            entries = table.setdefault(plugin.family, [])
            entries.append(Entry(plugin, state, len(entries)))
        self._report_unmatched(declared)
        return table

    def _rank(self, plugin: Declared) -> tuple[int, bool, str, str]:
        first = next((at for at, name in enumerate(self._order) if plugin.matches(name)), len(self._order))
        return first, not plugin.core, plugin.dist.lower(), plugin.key

    def _report_unmatched(self, declared: list[Declared]) -> None:
        for name, source in self.unmatched(declared):
            hint = nearest_plugin(name, declared) or '"ipshell plugins list" shows what there is.'
            notice(f'{source}: no plugin is called "{name}"; {hint}', once=f"unmatched {source} {name}")

    def unmatched(self, declared: Iterable[Declared]) -> list[tuple[str, str]]:
        """Give the names that the user gave and that mean no plugin, each with where it was given."""
        if self.switches.none or (self.switches == Switches() and not self._order):
            return []
        plugins = list(declared)
        found = self.switches.unmatched(plugins)
        lost = [name for name in self._order if not any(plugin.matches(name) for plugin in plugins)]
        return found + [(name, "Plugins.order") for name in lost]

    def _entry(self, plugin: Declared) -> Entry:
        for entry in self._table().get(plugin.family, ()):
            if entry.declared == plugin:
                return entry
        raise KeyError(f"{plugin} is not declared here")

    # -- calling ---------------------------------------------------------------

    def call_each(
        self, family: str, hook: str, check: Callable[[Any], str] | None = None, /, **arguments: Any
    ) -> list[Given]:
        """Load a whole family and call one hook of every plugin in it.

        :param family: the family.
        :param hook: the hook's name.
        :param check: says what is wrong with a result, empty if nothing is.
        :param arguments: the hook's arguments; an implementation takes those it names.
        :returns: the results, ``None`` left out, each with its plugin, in order.
        """
        self.load(family)
        calls = self.hooks(family).calls(hook)
        given = [
            self._call(entry, function, names, hook, check, arguments) for entry, function, names in calls
        ]
        return [item for item in given if item is not None and item.value is not None]

    def call_first(
        self, family: str, hook: str, check: Callable[[Any], str] | None = None, /, **arguments: Any
    ) -> Given | None:
        """Give the first useful result in a family of which one plugin bears all.

        The plugin named by configuration is asked first, then third parties in
        order, then the core's plain one; a plugin that fails hands on to the next.
        """
        for entry in self._candidates(family):
            given = self._call_entry(entry, hook, check, arguments)
            if given is not None:
                return given
        return None

    def call_named(
        self, family: str, key: str, hook: str, check: Callable[[Any], str] | None = None, /, **arguments: Any
    ) -> Given | None:
        """Give what the owner of a key contributes; loads that one plugin alone.

        :returns: ``None`` if nobody owns the key, several do, or the owner failed.
        """
        entry = self._owner(family, key)
        if entry is None:
            return None
        return self._call_entry(entry, hook, check, {"name": key, **arguments})

    def _candidates(self, family: str) -> list[Entry]:
        entries = self._allowed(family)
        chosen = self._chosen(family, entries)
        # The sort is stable: among equals the family's order stays.
        return sorted(entries, key=lambda entry: (entry not in chosen, entry.declared.core))

    def _contenders(self, family: str, key: str) -> list[Entry]:
        """Give the owners of a key among which nobody has chosen; with the core's own there is no other."""
        owners = [entry for entry in self._allowed(family) if entry.declared.key == key]
        chosen = self._chosen(f"{family}/{key}", owners)
        return chosen or [entry for entry in owners if entry.declared.core] or owners

    def _chosen(self, subject: str, entries: list[Entry]) -> list[Entry]:
        """Give those that ``Plugins.choose`` names for a family or ``family/key``; says if there are none."""
        name = self._choose.get(subject)
        if not name:
            return []
        chosen = [entry for entry in entries if entry.declared.matches(name)]
        if not chosen:
            hint = nearest_plugin(name, [entry.declared for entry in entries])
            notice(
                f'Plugins.choose names "{name}" for {subject}, which is not installed or is switched off; '
                + (hint or '"ipshell plugins list" shows what there is.'),
                once=f"choose {subject} {name}",
            )
        return chosen

    def _owner(self, family: str, key: str) -> Entry | None:
        owners = self._contenders(family, key)
        if len(owners) > 1:
            names = " and ".join(str(entry.declared) for entry in owners)
            notice(
                f'{names} both own "{key}", so neither is used. Choose one: '
                f"c.Plugins.choose = {{'{family}/{key}': '{owners[0].declared.dist}'}}.",
                once=f"owners {family}/{key}",
            )
            return None
        return owners[0] if owners else None

    def _call_entry(
        self, entry: Entry, hook: str, check: Callable[[Any], str] | None, arguments: Mapping[str, Any]
    ) -> Given | None:
        self._load_entry(entry)
        for _, function, names in self.hooks(entry.declared.family).calls(hook, entry):
            given = self._call(entry, function, names, hook, check, arguments)
            if given is not None and given.value is not None:
                return Given(entry.declared, given.value)
        return None

    def _call(
        self,
        entry: Entry,
        function: Callable[..., Any],
        names: Sequence[str],
        hook: str,
        check: Callable[[Any], str] | None,
        arguments: Mapping[str, Any],
    ) -> Given | None:
        """Call one implementation; a failure switches its plugin off for the session."""
        plugin = entry.declared
        if entry.state == "failed":  # in another thread, since the list of calls was made
            return None
        values = [arguments[name] for name in names]
        try:
            if plugin.core:
                value, wrong = _checked(function(*values), check)
            else:
                from .watch import watching

                with watching(f"plugin {plugin}, {hook}"):
                    value, wrong = _checked(function(*values), check)
        except BaseException as error:  # SystemExit and KeyboardInterrupt included: it is the plugin's
            if plugin.core and isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self._fail(entry, hook, error)
            return None
        if wrong:
            self._fail(entry, hook, None, wrong)
            return None
        with self._lock:
            if entry.state == "loaded":
                entry.state = "active"
        return Given(plugin, value)

    # -- loading ---------------------------------------------------------------

    def load(self, family: str) -> None:
        """Load every plugin of a family that is not blocked.

        Slow the first time. Blocks while another thread imports one of them, at
        most :data:`~ipcore.plugins.turns.DEADLINE` seconds.

        :raises KeyError: if the family is unknown or nobody bears it yet.
        """
        hooks = self.hooks(family)
        if hooks.complete:
            return
        entries = self._table().get(family, ())
        for entry in entries:
            self._load_entry(entry)
        # Not so where this thread went on without a plugin that is still being imported.
        hooks.complete = all(entry.state != "declared" for entry in entries)

    def load_plugin(self, plugin: Declared) -> State:
        """Load one plugin, unless it is blocked, and give its state.

        :raises KeyError: if it is not declared here, or nobody bears its family yet.
        """
        entry = self._entry(plugin)
        self.hooks(plugin.family)
        self._load_entry(entry)
        return entry.state

    def hooks(self, family: str) -> FamilyHooks:
        """Give the hooks of a family, without loading its plugins.

        :raises KeyError: if the family is unknown or nobody bears it yet.
        """
        hooks = self._families.get(family)
        if hooks is None:
            with self._lock:
                hooks = self._families.get(family)
                if hooks is None:
                    from .family import FamilyHooks

                    hooks = self._families[family] = FamilyHooks(self._specified(family))
        return hooks

    @staticmethod
    def _specified(family: str) -> Family:
        known = FAMILIES.get(family)
        if known is None or not known.specs:
            raise KeyError(f"no part of this installation bears the family {family!r}")
        return known

    def _load_entry(self, entry: Entry) -> None:
        if entry.state != "declared":
            return
        module = entry.declared.module
        try:
            if not self.turns.take(module):
                return  # it uses its own family while it is imported: it sees the rest of it
        except TimeoutError:
            notice(
                f"plugin {entry.declared} is still being imported by another thread after {DEADLINE:.0f} s; "
                "this thread goes on without it.",
                once=f"deadline {entry.declared.id}",
            )
            return
        except KeyboardInterrupt as error:  # the user has waited long enough
            self._fail(entry, "import", error)
            return
        try:
            if entry.state == "declared":  # no other thread was first
                self._import(entry)
        finally:
            self.turns.give_back(module)

    def _import(self, entry: Entry) -> None:
        import time

        plugin = entry.declared
        hooks = self.hooks(plugin.family)
        began = time.perf_counter()
        stage = "import"
        try:
            if plugin.core:
                target = resolve(plugin.value)
            else:
                from .hiding import check_not_hidden
                from .watch import watching

                check_not_hidden(plugin.module)
                with watching(f"plugin {plugin}, importing {plugin.module}"):
                    target = resolve(plugin.value)
            stage = "register"
            if hooks.going:
                self._warn_of(plugin, hooks.deprecated(target))
            warnings = hooks.register(entry, target)
        except BaseException as error:  # SystemExit and KeyboardInterrupt included: it is the plugin's
            if plugin.core and isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self._fail(entry, stage, error)
            return
        finally:
            entry.seconds = time.perf_counter() - began
        with self._lock:
            given_up = entry.state == "failed"
            if not given_up:
                entry.state = "loaded"
        if given_up:  # with Ctrl-C, by a thread that waited for this one
            hooks.remove(entry)
            return
        if warnings:
            from .failures import Failure, remedy_for
        for text in warnings:
            self._report(Failure(plugin, "register", text, "The rest of it is in use.", remedy_for(plugin)))

    # -- what will go ----------------------------------------------------------

    def note_deprecated(self, plugin: Declared, use: str) -> None:
        """Note that a plugin uses what will go; the user is told once for its distribution.

        :param use: what it uses, and when that goes.
        """
        if plugin.core:  # nothing that a user could do about
            return
        with self._lock:
            known = self.deprecations.setdefault(plugin, [])
            if use in known:
                return
            known.append(use)
        notice(
            f"plugin {plugin} uses {use}. Look for a newer {plugin.dist} than {plugin.version}.",
            once=f"deprecated {plugin.dist}",
        )

    def _warn_of(self, plugin: Declared, found: Iterable[tuple[str, str, FunctionType]]) -> None:
        """Warn at the functions of a plugin that implement what will go."""
        import warnings

        from ..deprecation import warning_for

        for what, text, function in found:
            warning = warning_for(what, text, plugin)
            self.note_deprecated(plugin, warning.use)
            code = function.__code__
            warnings.warn_explicit(
                warning, type(warning), code.co_filename, code.co_firstlineno, function.__module__
            )

    # -- failing ---------------------------------------------------------------

    def disable(self, plugin: Declared, stage: str, wrong: str | BaseException) -> None:
        """Switch a plugin off for the session, because what it contributed misbehaves.

        :param stage: what it was used for.
        :param wrong: what it did, one line; or what it raised.
        """
        if isinstance(wrong, str):
            self._fail(self._entry(plugin), stage, None, wrong)
        else:
            self._fail(self._entry(plugin), stage, wrong)

    def _fail(self, entry: Entry, stage: str, error: BaseException | None, reason: str = "") -> None:
        from ..component import ParentClosed
        from .failures import Failure, described, remedy_for, traceback_of

        if isinstance(error, ParentClosed):  # no fault of the plugin: nobody asks it any more
            return
        with self._lock:
            if entry.state == "failed":
                return
            entry.state = "failed"
            hooks = self._families.get(entry.declared.family)
        if hooks is not None:
            hooks.remove(entry)
        plugin = entry.declared
        self._report(
            Failure(
                plugin,
                stage,
                reason or (described(plugin, error) if error is not None else ""),
                # The gate stays shut: see ipcore.policies.
                "Everything is refused." if plugin.family == "policies" else "It is off for this session.",
                remedy_for(plugin, error),
                traceback_of(error) if error is not None else "",
            )
        )

    def _report(self, failure: Failure) -> None:
        with self._lock:
            self.failures.append(failure)
        key = f"failure {failure.plugin.family}/{failure.plugin.id} {failure.stage}"
        notice(str(failure), once=key, details=failure.traceback)


def nearest_plugin(name: str, plugins: Iterable[Declared]) -> str:
    """Ask whether a misspelt name was meant to be a certain plugin; empty if none is near."""
    from difflib import get_close_matches

    known = sorted({word for plugin in plugins for word in (plugin.key, plugin.dist, plugin.id)})
    near = get_close_matches(name, known, 1)
    return f'did you mean "{near[0]}"?' if near else ""


def check_each(
    value: object, kind: str, methods: Iterable[str], wrong: Callable[[Any], str] | None = None
) -> str:
    """Say what is wrong with the objects that a hook contributed; empty if nothing is.

    :param value: what the hook gave.
    :param kind: what one of them is called.
    :param methods: names of methods that each must have.
    :param wrong: says what else is wrong with one, in words that follow it; empty if nothing is.
    """
    try:
        contributed = list(value)  # type: ignore[call-overload]
    except TypeError:
        plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
        return f"it gave {type(value).__name__}, not {plural}"
    for each in contributed:
        lacking = [name for name in methods if not callable(getattr(each, name, None))]
        what = f"has no {lacking[0]}()" if lacking else wrong(each) if wrong is not None else ""
        if what:
            return f"its {kind} {type(each).__name__} {what}"
    return ""


def _checked(value: Any, check: Callable[[Any], str] | None) -> tuple[Any, str]:
    """Give what a hook gave, and what is wrong with it; raises whatever the value raises when looked at."""
    if check is None or value is None:
        return value, ""
    if hasattr(value, "__next__"):
        value = list(value)  # a generator runs only when it is read
    return value, check(value)


def resolve(value: str) -> Any:
    """Import what an entry point names.

    :raises BaseException: whatever the plugin's module raises.
    """
    from importlib import import_module

    module, _, attribute = value.partition(":")
    target: Any = import_module(module.strip())
    for name in filter(None, attribute.strip().split(".")):
        target = getattr(target, name)
    return target
