"""What is wrong with the installed plugins: the data behind ``ipshell plugins doctor``.

Nothing here prints. Plugins are imported in processes of their own only, see ``trial``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import __version__
from ..hookspecs import BY_NAME, FAMILIES, PROVISIONAL
from .declared import CORE, Declared, normalized
from .discovery import search_path
from .registry import Registry
from .report import SECTIONS, choice, kind_of, source_of
from .trial import Trial, try_all

if TYPE_CHECKING:
    from .cache import Source

#: Import names of the family → the distribution each belongs to.
OURS: Final = {
    "ipcompat": "ipcompat",
    "ipcompleters": "ipcompleters",
    "ipcore": CORE,
    "ipdisplay": "ipdisplay",
    "ipgui": "ipgui",
    "iphistory": "iphistory",
    "ipkernel_jupyter": "ipkernel-jupyter",
    "ipkernel_parallel": "ipkernel-parallel",
    "iplogging": "iplogging",
    "ipmagics": "ipmagics",
    "ipshell": "ipshell",
    "ipterminal": "ipterminal",
    "iptracebacks": "iptracebacks",
}

#: How many of the slowest imports are told.
_SLOWEST: Final = 5


class Finding(NamedTuple):
    """One thing worth knowing."""

    problem: bool
    """Whether something is wrong; else it is for information."""
    subject: str
    """``requirement``, ``version``, ``key``, ``group``, ``metadata``, ``stranger``, ``deprecated`` …"""
    dist: str
    """The distribution it is about; empty if it is about none."""
    version: str
    what: str
    """What there is, as a sentence without its subject and full stop."""
    remedy: str
    """What to do, as a sentence."""

    def __str__(self) -> str:
        who = f"{self.dist} {self.version}".strip()
        return f"{who}: {self.what}" if who else self.what


class Installed(NamedTuple):
    """One installed distribution."""

    name: str
    version: str
    dist: Any
    """As importlib_metadata gives it."""


class Diagnosis(NamedTuple):
    """All that was found."""

    findings: tuple[Finding, ...]
    trials: tuple[Trial, ...]
    cache: Source | None
    """Where plugins were found; ``None`` where they were not looked for."""
    provisional: tuple[str, ...] = ()
    """Families whose contracts may still change, and that distributions other than the core contribute to."""

    @property
    def problems(self) -> list[Finding]:
        """Give the findings that are wrong."""
        return [each for each in self.findings if each.problem]

    @property
    def slowest(self) -> list[Trial]:
        """Give the imports that took longest, slowest first."""
        return sorted(self.trials, key=lambda trial: -trial.seconds)[:_SLOWEST]


def diagnose(registry: Registry, source: Source | None, deadline: float) -> Diagnosis:
    """Look for everything that may be wrong.

    Slow: reads the metadata of all distributions and starts a process per plugin module.

    :param registry: the plugins; its switches count, so what is blocked is not tried.
    :param source: where they were found.
    :param deadline: seconds that the import of one module may take.
    """
    declared = registry.declared()
    plugins = [plugin for plugin in declared if plugin.family != SECTIONS]
    trials = try_all([plugin for plugin in plugins if registry.state(plugin) != "blocked"], deadline)
    installed = _installed()
    findings = [
        *_metadata(registry),
        *_cache(source),
        *_switches(registry, declared),
        *_strangers(installed),
        *_core_version(installed),
        *_requirements(installed, declared),
        *_groups(plugins),
        *_keys(registry, plugins),
        *_trials(trials),
    ]
    used = {plugin.family for plugin in plugins if not plugin.core}
    borne = [family for family in FAMILIES.values() if family.specs and family.name in used]
    provisional = tuple(family.name for family in borne if family.stability == PROVISIONAL)
    return Diagnosis(tuple(findings), tuple(trials), source, provisional)


def _installed() -> list[Installed]:
    """Give the distributions on the search path, shadowed ones left out."""
    import importlib_metadata

    found: dict[str, Installed] = {}
    for dist in importlib_metadata.distributions(path=search_path()):
        try:
            name = str(dist.metadata.get("Name") or "")
            if name:
                version = str(dist.metadata.get("Version") or "unknown")
                found.setdefault(normalized(name), Installed(name, version, dist))
        except Exception:  # told as corrupt metadata where it concerns us
            continue
    return [found[name] for name in sorted(found)]


def _metadata(registry: Registry) -> Iterator[Finding]:
    for problem in registry.problems:
        remedy = "Reinstall it, or remove what is left of it; what could be read of it is in use."
        yield Finding(True, "metadata", "", "", f"{problem.where}: {problem.what}", remedy)


def _cache(source: Source | None) -> Iterator[Finding]:
    if source is not None and source.trouble:
        remedy = (
            "Each start searches anew, which is slow: make the folder yours and writable for you alone, "
            "or set IPSHELL_PLUGIN_CACHE=0."
        )
        yield Finding(True, "cache", "", "", f"the cache cannot be written: {source.trouble}", remedy)


def _switches(registry: Registry, declared: Sequence[Declared]) -> Iterator[Finding]:
    for name, place in registry.unmatched(declared):
        what = f'{place} names "{name}", which is no plugin'
        yield Finding(True, "switch", "", "", what, '"ipshell plugins list" shows what there is.')


# -- who owns our names ------------------------------------------------------------


def _strangers(installed: Iterable[Installed]) -> Iterator[Finding]:
    for name, version, dist in installed:
        remedy = (
            f"Uninstall {name}, then install again what belongs to ipshell: it may have been overwritten."
        )
        if normalized(name) == "ipcore":
            what = f"an unrelated distribution of that name; the core of ipshell is called {CORE}"
            yield Finding(True, "stranger", name, version, what, remedy)
            continue
        for package in _packages(dist):
            owner = OURS[package]
            if normalized(name) != owner:
                what = f'it has files of the package "{package}", which belongs to {owner}'
                yield Finding(True, "stranger", name, version, what, remedy)
            elif not _same_place(dist, package):
                what = f'the package "{package}" is hidden by {source_of(package) or "another one"}'
                yield Finding(True, "stranger", name, version, what, "Remove or rename what hides it.")


def _packages(dist: Any) -> list[str]:
    """Give those of our import names that a distribution has files of."""
    record = dist.read_text("RECORD") or ""
    names = set((dist.read_text("top_level.txt") or "").split())
    names.update(match[1] for match in re.finditer(r"^\"?(\w+)(?:/|\.py,)", record, re.MULTILINE))
    return sorted(names & OURS.keys())


def _same_place(dist: Any, package: str) -> bool:
    import os

    found = source_of(package)
    if not found:
        return False
    home = os.path.realpath(str(dist.locate_file("")))
    return os.path.realpath(found).startswith(home + os.sep)


# -- versions and requirements -----------------------------------------------------


def _core_version(installed: Iterable[Installed]) -> Iterator[Finding]:
    for name, version, _ in installed:
        if normalized(name) == CORE and version != __version__:
            what = (
                f"installed as {version}, but the code that runs is {__version__}, from {source_of('ipcore')}"
            )
            yield Finding(True, "version", CORE, version, what, "Install it again.")


def _requirements(installed: Sequence[Installed], declared: Iterable[Declared]) -> Iterator[Finding]:
    """Compare what the core and the plugins' distributions require with what is installed."""
    concerned = {normalized(plugin.dist) for plugin in declared} | {CORE}
    versions = {normalized(each.name): each.version for each in installed}
    versions.setdefault(CORE, __version__)
    for name, version, dist in installed:
        if normalized(name) in concerned:
            for text in dist.requires or []:
                yield from _requirement(name, version, text, versions)


def _requirement(name: str, version: str, text: str, versions: dict[str, str]) -> Iterator[Finding]:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion

    try:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            return  # an extra, or for another platform
        wanted = normalized(requirement.name)
        have = versions.get(wanted)
        fits = have is not None and requirement.specifier.contains(have, prereleases=True)
    except (InvalidRequirement, InvalidVersion) as error:
        what = f"its requirement {text!r} cannot be read: {error}"
        yield Finding(True, "requirement", name, version, what, f"Look for a newer {name}.")
        return
    requirement.marker = None
    if wanted == "ipcore":
        what = (
            f'it requires "{requirement}", a stranger\'s distribution; the core of ipshell is called {CORE}'
        )
        yield Finding(True, "requirement", name, version, what, f"Tell its author; look for a newer {name}.")
    elif have is None:
        what = f'it requires "{requirement}", which is not installed'
        yield Finding(True, "requirement", name, version, what, f'Install "{requirement}".')
    elif not fits and wanted == CORE:
        what = f'it requires "{requirement}", but {CORE} {have} is installed'
        yield Finding(True, "version", name, version, what, f"Install a {name} made for {CORE} {have}.")
    elif not fits:
        what = f'it requires "{requirement}", but {have} is installed'
        yield Finding(True, "requirement", name, version, what, f'Install "{requirement}".')


# -- groups, keys, imports ---------------------------------------------------------


def _groups(plugins: Iterable[Declared]) -> Iterator[Finding]:
    for plugin in plugins:
        family = FAMILIES.get(plugin.family)
        where = f"{plugin.key} = {plugin.value}"
        if family is None:
            from difflib import get_close_matches

            near = get_close_matches(plugin.family, FAMILIES, 1)
            what = f"there is no group {plugin.group} ({where})"
            remedy = f"Did its author mean ipshell.{near[0]}?" if near else f"Look for a newer {CORE}."
            yield Finding(True, "group", plugin.dist, plugin.version, what, remedy)
        elif not family.specs:
            what = f"no installed part has a use for {plugin.group} ({where})"
            yield Finding(False, "group", plugin.dist, plugin.version, what, "It is in nobody's way.")


def _keys(registry: Registry, plugins: Iterable[Declared]) -> Iterator[Finding]:
    subjects = {(each.family, each.key) for each in plugins if kind_of(each.family) == BY_NAME}
    for family, key in sorted(subjects):
        owners = registry.owners(family, key)
        if len(owners) < 2:
            continue
        names = " and ".join(f"{each.dist} {each.version}" for each in owners)
        used = registry.contenders(family, key)
        if len(used) > 1:
            what = f'{names} both own "{key}" ({family}), so neither is used'
            yield Finding(True, "key", "", "", what, f"Choose one: {choice(owners[0]).partition(': ')[2]}")
        else:
            other = next(each for each in owners if each != used[0])
            what = f'{names} own "{key}" ({family}); that of {used[0].dist} is used'
            yield Finding(False, "key", "", "", what, f"For another one: {choice(other).partition(': ')[2]}")


def _trials(trials: Iterable[Trial]) -> Iterator[Finding]:
    for trial in trials:
        told: set[tuple[str, str]] = set()
        for plugin, stage, reason, remedy in trial.complaints:
            # A module that fails does so for each plugin in it: once is enough.
            if stage != "register" and (plugin.dist, reason) in told:
                continue
            told.add((plugin.dist, reason))
            what = f"{plugin.id} ({plugin.family}), {stage} of {plugin.value}: {reason}"
            yield Finding(True, "plugin", plugin.dist, plugin.version, what, remedy)
        for plugin, use in dict.fromkeys(trial.deprecations):
            what = f"{plugin.id} ({plugin.family}) uses {use}"
            remedy = f"It works until then; look for a newer {plugin.dist}, or tell its author."
            yield Finding(False, "deprecated", plugin.dist, plugin.version, what, remedy)
