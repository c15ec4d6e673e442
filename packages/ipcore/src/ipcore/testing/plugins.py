"""Plugins for one test: a registry that knows nothing of the environment, and what a test gives it."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..hookspecs import BY_NAME, FAMILIES
from ..plugins.declared import Declared, normalized
from ..plugins.discovery import Found, scan
from ..plugins.registry import Entry, Given, Registry, State
from .distributions import FakeDistributions

if TYPE_CHECKING:
    import pytest

#: Names of modules are never used again, so that no test sees what an earlier one has left.
_numbers = count(1)


class TooLate(Exception):
    """A plugin given to a registry that has used its family before."""


class IsolatedRegistry(Registry):
    """A registry that looks for no installed plugins: it knows the core's own, and what it is given.

    What is installed into the folder of ``fake_dist`` it knows as well.

    :param distributions: those of the test.
    """

    def __init__(self, distributions: FakeDistributions | None = None) -> None:
        super().__init__(self._search)
        self._distributions = distributions
        self._used: set[str] = set()
        if distributions is not None:
            distributions.tell(self._take_installed)

    def declare(self, plugin: Declared) -> None:
        """Have one more plugin declared; one of the same distribution, family and key goes.

        :raises TooLate: if the family, in a family by name that key, was used before.
        """
        __tracebackhide__ = True
        subject = _subject(plugin.family, plugin.key)
        with self._lock:
            if subject in self._used:
                raise TooLate(
                    f"{plugin} comes too late: {_told(plugin)} was used before, as some are when a shell "
                    "starts or runs its first cell. Give plugins first, then call make_shell(); the fixture "
                    "shell is made before the test begins."
                )
            if self._entries is None:
                self._builtin = (*(each for each in self._builtin if not _same(each, plugin)), plugin)
                return
            entries = self._entries.setdefault(plugin.family, [])
            entries[:] = [entry for entry in entries if not _same(entry.declared, plugin)]
            state: State = "blocked" if self.switches.blocked_by(plugin) else "declared"
            entries.append(Entry(plugin, state))
            entries.sort(key=lambda entry: self._rank(entry.declared))
            for index, entry in enumerate(entries):
                entry.index = index

    def _search(self) -> Found:
        if self._distributions is None or not self._distributions.used:
            return Found((), ())
        found = scan([str(self._distributions.site)])
        given = [each for each in found.declared if not any(_same(each, own) for own in self._builtin)]
        return Found(tuple(given), found.problems)

    def _take_installed(self, info: Path) -> None:
        __tracebackhide__ = True
        with self._lock:
            if self._entries is None:
                return  # found with the rest
        name = normalized(info.name.removesuffix(".dist-info").rpartition("-")[0])
        for plugin in scan([str(info.parent)]).declared:
            if normalized(plugin.dist) == name:
                self.declare(plugin)

    # What decides for good whether a family has plugins is noted.

    def bears(self, family: str) -> bool:
        """Tell whether anything is declared for a family."""
        self._used.add(family)
        return super().bears(family)

    def declared(self, family: str = "") -> list[Declared]:
        """Give what is declared, in order."""
        if family and self._kind(family) != BY_NAME:
            self._used.add(family)
        return super().declared(family)

    def call_each(
        self, family: str, hook: str, check: Callable[[Any], str] | None = None, /, **arguments: Any
    ) -> list[Given]:
        """Call one hook of every plugin of a family."""
        self._used.add(family)
        return super().call_each(family, hook, check, **arguments)

    def call_first(
        self, family: str, hook: str, check: Callable[[Any], str] | None = None, /, **arguments: Any
    ) -> Given | None:
        """Give the first useful result in a family."""
        self._used.add(family)
        return super().call_first(family, hook, check, **arguments)

    def call_named(
        self, family: str, key: str, hook: str, check: Callable[[Any], str] | None = None, /, **arguments: Any
    ) -> Given | None:
        """Give what the owner of a key contributes."""
        self._used.add(_subject(family, key))
        return super().call_named(family, key, hook, check, **arguments)


class TmpPlugins:
    """Registers plugins for one test: what the fixture ``tmp_plugin`` gives.

    :param registry: takes them.
    :param folder: where modules are written to.
    :param monkeypatch: undoes what is done to the module search path.
    """

    def __init__(self, registry: IsolatedRegistry, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._registry = registry
        self._folder = folder
        self._monkeypatch = monkeypatch
        self._made: list[str] = []
        self._given: set[tuple[str, str, str]] = set()

    def __call__(
        self, family: str, key: str, plugin: object, *, dist: str = "tmp-plugin", version: str = "1.0"
    ) -> Declared:
        """Register a plugin.

        :param family: its family, ``line_magics`` for example.
        :param key: its key, what a user would type.
        :param plugin: an object with marked hook functions, the text of a module, or what an entry point
            says, ``module`` or ``module:attribute``.
        :param dist: the distribution that it is said to belong to.
        :param version: the version of that.
        :raises ValueError: if there is no such family, or the test has registered the same before.
        :raises SyntaxError: if the text is no Python.
        :raises ipcore.testing.plugins.TooLate: if the family, in a family by name that key, was used before.
        """
        __tracebackhide__ = True
        known = FAMILIES.get(family)
        if known is None or not known.specs:
            specified = [each.name for each in FAMILIES.values() if each.specs]
            near = get_close_matches(family, specified, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(specified)}."
            raise ValueError(f'no family "{family}" takes plugins; {hint}')
        if (dist, family, key) in self._given:
            raise ValueError(
                f'this test has registered "{key}" of {family} in {dist} before; give another key, '
                "or another distribution by dist="
            )
        declared = Declared(family, key, self._value(key, plugin), dist, version, "made by a test")
        self._registry.declare(declared)
        self._given.add((dist, family, key))
        return declared

    def _value(self, key: str, plugin: object) -> str:
        """Give the entry point's value for what a test gave."""
        __tracebackhide__ = True
        if not self._folder.exists():
            self._folder.mkdir(parents=True)
            # Where the tests lie beside the plugin, pytest has put their folder first; there, the shell
            # takes it for the working directory that Python puts first, and loads no plugin from it.
            self._monkeypatch.syspath_prepend(str(self._folder))
        if isinstance(plugin, str) and _is_entry(plugin):
            return plugin
        name = f"tmp_plugin_{next(_numbers)}"
        self._made.append(name)
        if not isinstance(plugin, str):
            module = ModuleType(name, "Made by tmp_plugin.")
            module.plugin = plugin  # type: ignore[attr-defined]
            sys.modules[name] = module
            return f"{name}:plugin"
        text = textwrap.dedent(plugin)
        # Now, and not as a failed plugin later: it is the test's own mistake.
        compile(text, f'<tmp_plugin "{key}">', "exec")
        (self._folder / f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return name

    def close(self) -> None:
        """Forget the modules."""
        for name in self._made:
            sys.modules.pop(name, None)


def _is_entry(text: str) -> bool:
    """Tell an entry point's value from the text of a module."""
    module, colon, attribute = text.partition(":")
    names = module.split(".") + (attribute.split(".") if colon else [])
    return all(name.isidentifier() for name in names)


def _same(one: Declared, other: Declared) -> bool:
    return (one.family, one.key, normalized(one.dist)) == (other.family, other.key, normalized(other.dist))


def _subject(family: str, key: str) -> str:
    by_name = family in FAMILIES and FAMILIES[family].kind == BY_NAME
    return f"{family}/{key}" if by_name else family


def _told(plugin: Declared) -> str:
    if FAMILIES[plugin.family].kind == BY_NAME:
        return f'the key "{plugin.key}" of {plugin.family}'
    return f'the family "{plugin.family}"'
