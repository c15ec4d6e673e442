"""``ipshell plugins``: which plugins there are, what each one is, what is wrong with them; a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp
    from ..hookspecs import Family
    from ..plugins.declared import Declared
    from ..plugins.doctor import Diagnosis
    from ..plugins.report import Row
    from ..types.commands import Command

#: Seconds that ``doctor`` lets the import of one module take.
_DEADLINE = 20.0


def command() -> Command:
    """Give the command."""
    return PluginsCommand()


class PluginsCommand:
    """``ipshell plugins list``, ``info``, ``doctor`` and ``new``."""

    summary = "list, inspect and check plugins, begin one"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare ``list``, ``info``, ``doctor`` and ``new``."""
        from . import new_plugin

        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        listing = actions.add_parser("list", help="every plugin, its family and its state; none is imported")
        listing.add_argument("--json", action="store_true", help="as JSON")
        listing.add_argument("--group", metavar="FAMILY", help="those of one family")
        listing.add_argument("--order", action="store_true", help="show in which order a family's are asked")
        info = actions.add_parser("info", help="all that is known of the plugins that a name means")
        info.add_argument(
            "name", metavar="NAME", help="a key, family/key, a distribution, or distribution[key]"
        )
        info.add_argument("--load", action="store_true", help="load them, and show hooks, seconds and errors")
        doctor = actions.add_parser(
            "doctor", help="look for what is wrong; tries each plugin in a process of its own; status 1 if so"
        )
        doctor.add_argument("--json", action="store_true", help="as JSON")
        doctor.add_argument(
            "--deadline",
            metavar="SECONDS",
            type=float,
            default=_DEADLINE,
            help="how long the import of one module may take (%(default)s)",
        )
        new_plugin.add_arguments(actions.add_parser("new", help="write a project with a plugin of each kind"))

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Print what was asked for.

        :returns: 1 if ``doctor`` found a problem.
        :raises ipcore.errors.UserError: for a name that means nothing, or that a new project cannot have.
        """
        if arguments.action == "list":
            return _list(arguments, app)
        if arguments.action == "info":
            return _info(arguments, app)
        if arguments.action == "new":
            from . import new_plugin

            return new_plugin.run(arguments, app)
        return _doctor(arguments, app)


def _blocked_by(app: IPShellApp, plugin: Declared) -> str:
    """Say what blocks a plugin, and where in the configuration that stands."""
    switch = app.registry.switches.blocked_by(plugin)
    if switch.startswith("configuration"):
        origin = app.configuration.origin("Plugins", "disable")
        return f"Plugins.disable, {origin}" if origin is not None else switch
    return switch


# -- list --------------------------------------------------------------------------


def _list(arguments: argparse.Namespace, app: IPShellApp) -> int:
    from ..plugins.report import family_named, rows

    registry = app.registry
    family = family_named(arguments.group, registry) if arguments.group else ""
    listed = rows(registry, registry.declared(family), lambda plugin: _blocked_by(app, plugin))
    if arguments.json:
        import json

        print(json.dumps([row.as_json() for row in listed], indent=2))
        return 0
    head = ["KEY", "PROVIDED BY", "FAMILY", "STATE", "NOTES"]
    lines = [
        [row.plugin.key, f"{row.plugin.dist} {row.plugin.version}", row.plugin.family, row.state, _notes(row)]
        for row in listed
    ]
    if arguments.order:
        head.insert(0, "ORDER")
        for line, row in zip(lines, listed, strict=True):
            line.insert(0, str(row.place or "-"))
    _print_table([head, *lines])
    if registry.problems:
        from ..notices import notice

        count = len(registry.problems)
        notice(f"{count} piece{'s' * (count > 1)} of metadata could not be read; see: ipshell plugins doctor")
    return 0


def _notes(row: Row) -> str:
    return "; ".join([f"by {row.blocked_by}"] * bool(row.blocked_by) + list(row.notes))


def _print_table(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


# -- info --------------------------------------------------------------------------


def _info(arguments: argparse.Namespace, app: IPShellApp) -> int:
    from ..plugins.report import SECTIONS, meant

    registry = app.registry
    for at, plugin in enumerate(meant(registry, arguments.name)):
        if at:
            print()
        if plugin.family == SECTIONS:
            _print_section(plugin)
        else:
            _print_plugin(app, plugin, load=arguments.load)
    return 0


def _print_section(plugin: Declared) -> None:
    from ..plugins.report import source_of

    print(f"{plugin.key} (a section of the configuration, not a plugin)")
    _print_facts(
        [
            ("provided by", f"{plugin.dist} {plugin.version}"),
            ("summary", plugin.summary),
            ("value", plugin.value),
            ("file", source_of(plugin.module) or "not found"),
        ]
    )


def _print_plugin(app: IPShellApp, plugin: Declared, *, load: bool) -> None:
    from ..hookspecs import FAMILIES
    from ..plugins.report import kind_of, may_implement, rows, source_of

    registry = app.registry
    family = FAMILIES.get(plugin.family)
    if load and family is not None and family.specs:
        registry.load_plugin(plugin)
    (row,) = rows(registry, [plugin], lambda plugin: _blocked_by(app, plugin))
    loaded = row.state in ("loaded", "active")
    failures = [each for each in registry.failures if each.plugin == plugin]
    told = {f"{each.stage}: {each.reason}" for each in failures}
    possible = ", ".join(may_implement(plugin))
    print(f"{plugin.key} ({plugin.family})")
    _print_facts(
        [
            ("provided by", f"{plugin.dist} {plugin.version}"),
            ("summary", plugin.summary),
            ("family", f"{kind_of(plugin.family)}: {family.summary}" if family else "unknown to this core"),
            ("stability", _stability(family) if family and family.specs else ""),
            ("value", plugin.value),
            ("file", source_of(plugin.module) or "not found"),
            ("state", row.state),
            ("blocked by", row.blocked_by),
            ("hooks", ", ".join(registry.implemented(plugin)) if loaded else ""),
            ("may have", "" if loaded else f"{possible} (--load shows what it has)" if possible else ""),
            ("took", f"{registry.seconds(plugin):.3f} s to import and register" if load and loaded else ""),
            *(("note", note) for note in row.notes if note not in told),
            *(("deprecated", use) for use in registry.deprecations.get(plugin, ())),
            *(("failure", f"{each.stage}: {each.reason}") for each in failures),
            *(("remedy", each.remedy) for each in failures),
        ]
    )
    for each in failures:
        if load and each.traceback:
            print("".join(f"    {line}\n" for line in each.traceback.rstrip().splitlines()), end="")


def _stability(family: Family) -> str:
    from ..hookspecs import API_VERSION, STABLE

    if family.stability == STABLE:
        return f"{family.stability}: its hooks change after a warning only"
    return f"{family.stability}: its hooks may still change (plugin API {API_VERSION})"


def _print_facts(facts: Iterable[tuple[str, str]]) -> None:
    for name, value in facts:
        if value:
            print(f"  {name:<12}{value}")


# -- doctor ------------------------------------------------------------------------


def _doctor(arguments: argparse.Namespace, app: IPShellApp) -> int:
    from ..plugins.doctor import diagnose

    registry = app.registry
    registry.declared()  # so that it is known where they were found
    found = diagnose(registry, app.found_by, arguments.deadline)
    if arguments.json:
        _print_diagnosis_json(found)
    else:
        _print_diagnosis(found)
    return 1 if found.problems else 0


def _print_diagnosis(found: Diagnosis) -> None:
    import sys

    from .. import __version__
    from ..hookspecs import API_VERSION

    print(f"ipshell-core {__version__}, plugin API {API_VERSION}, Python {sys.version.split()[0]}")
    print(f"plugins found by: {found.cache or 'their own table alone (--no-plugins)'}")
    if found.provisional:
        print(f"families in use that may still change: {', '.join(found.provisional)}")
    for each in sorted(found.findings, key=lambda each: not each.problem):
        print(f"{'problem' if each.problem else 'note'}: {each}")
        print(f"    {each.remedy}")
    if found.slowest:
        print("slowest imports:")
    for trial in found.slowest:
        owner = trial.plugins[0]
        print(f"  {trial.seconds:7.3f} s  {trial.module} ({owner.dist} {owner.version})")
    count = len(found.problems)
    print("no problems" if not count else f"{count} problem{'s' * (count > 1)}")


def _print_diagnosis_json(found: Diagnosis) -> None:
    import json
    import sys

    from .. import __version__
    from ..hookspecs import API_VERSION

    data = {
        "core": __version__,
        "api": API_VERSION,
        "python": sys.version.split()[0],
        "provisional": list(found.provisional),
        "cache": found.cache._asdict() if found.cache is not None else None,
        "findings": [each._asdict() for each in found.findings],
        "imports": [
            {
                "module": each.module,
                "seconds": each.seconds,
                "plugins": [plugin.id for plugin in each.plugins],
            }
            for each in found.trials
        ],
        "problems": len(found.problems),
    }
    print(json.dumps(data, indent=2))
