"""Telling what the configuration is, and where each part of it was said."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from traitlets import List, Set, TraitError
from traitlets.config.configurable import Configurable
from traitlets.config.loader import Config, DeferredConfig, LazyConfigValue

from ..errors import UserError
from .checks import expected
from .layers import FILE_NAMES
from .origins import Setting
from .recording import AddedValue, walk
from .sections import CORE, Declared, canonical, declared_sections, load_class, nearest

if TYPE_CHECKING:
    from .directories import Directories
    from .layers import Configuration
    from .profiles import Profile


# ---------------------------------------------------------------- paths


def paths_text(configuration: Configuration, profile: Profile, directories: Directories) -> str:
    """Say which files of configuration were read, which were not and why, and where others would be."""
    lines = [
        f"Profile {profile.name}" + ("" if profile.exists else " (has no directory yet)"),
        f"  configuration  {profile.config_dir}",
        f"  start-up files {profile.startup_dir}",
        f"  state          {profile.state_dir}",
        f"  cache          {directories.cache}",
        "",
        "Read, the last wins:",
        *_listed(map(str, configuration.read)),
    ]
    ignored = [f"{path}: {reason}" for path, reason in configuration.ignored]
    ignored += [f"{path}: {reason}" for path, reason in _not_looked_at(configuration, profile)]
    wrong = [str(error) for error in configuration.errors]
    if wrong:
        lines += ["", "Wrong:", *_listed(wrong)]
    lines += ["", "Ignored:", *_listed(ignored), "", "Would be read, if it were there:"]
    return "\n".join([*lines, *_listed(map(str, configuration.missing))])


def _listed(items: Any) -> list[str]:
    return [f"  {item}" for item in items] or ["  none"]


def _not_looked_at(configuration: Configuration, profile: Profile) -> list[tuple[Path, str]]:
    """Find files a user may believe to be read. None of them is opened."""
    from .ipython import find_ipython_dir

    found = []
    read = set(configuration.read)
    try:
        here = Path.cwd()
    except OSError:  # the working directory is gone
        here = None
    if here is not None:
        reason = "nothing is read from the working directory; name it with --config to have it read"
        found += [(here / name, reason) for name in FILE_NAMES]
    for name in ("ipython_config.py", "ipython_config.json"):
        theirs = find_ipython_dir() / f"profile_{profile.name}" / name
        found.append((theirs, "it is IPython's; copy it with: ipshell profile import-ipython"))
        right = name.replace("ipython", "ipshell")
        found.append((profile.config_dir / name, f"the file has to be called {right}"))
    return [(path, reason) for path, reason in found if path not in read and path.is_file()]


# ---------------------------------------------------------------- show


def show(configuration: Configuration, *, as_json: bool = False) -> str:
    """Give all that files and command line set, for ``--show-config`` and ``--show-config-json``."""
    return show_json(configuration) if as_json else show_text(configuration)


def show_text(configuration: Configuration) -> str:
    """Give all that files and command line set, as lines of a configuration file with their origins."""
    rows = []
    for section, trait, value in sorted(walk(configuration.config), key=lambda row: row[:2]):
        origin = configuration.origin(section, trait)
        rows.append((f"c.{section}.{trait} {_assigned(section, trait, value)}", f"  # {origin}"))
    if not rows:
        return "# Nothing is set: all options have their defaults."
    width = min(max(len(left) for left, _ in rows), 60)
    return "\n".join(left.ljust(width) + right for left, right in rows)


def show_json(configuration: Configuration) -> str:
    """Give the same as JSON, ``{"Section": {"option": value}}``; a value JSON does not know as its repr."""

    def tree(config: Config, path: tuple[str, ...]) -> dict[str, Any]:
        shown = {}
        for key, value in config.items():
            if isinstance(value, Config):
                shown[key] = tree(value, (*path, key))
            else:
                shown[key] = _resolved(path[-1] if path else "", key, value)
        return shown

    return json.dumps(tree(configuration.config, ()), indent=2, sort_keys=True, default=_for_json)


def _for_json(value: Any) -> Any:
    if isinstance(value, LazyConfigValue):
        return value.to_dict()
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return str(value) if isinstance(value, Path) else repr(value)


def _assigned(section: str, trait: str, value: Any) -> str:
    value = _resolved(section.rpartition(".")[2], trait, value)
    if isinstance(value, LazyConfigValue):
        return " ".join(f".{action} {items!r}" for action, items in value.to_dict().items())
    return f"= {value!r}"


def _resolved(section: str, trait: str, value: Any) -> Any:
    """Give the value as its component would see it, as far as its class is at hand."""
    if not isinstance(value, LazyConfigValue | DeferredConfig):
        return value
    kind = load_class(CORE[section]) if section in CORE else None
    found = kind.class_traits(config=True).get(trait) if kind else None
    return _applied(found, value)


def _applied(trait: Any, value: Any) -> Any:
    """Give the value a trait makes of what was set; a value it does not take stays as it is."""
    try:
        if trait is not None and isinstance(value, LazyConfigValue):
            return value.get_value(trait.default())
        if trait is not None and isinstance(value, DeferredConfig):
            value = value.get_value(trait)
    except (TraitError, TypeError, ValueError):
        pass
    value = _undeferred(value)
    if isinstance(value, str) and isinstance(trait, List | Set):  # they take one text for one item
        return [value] if isinstance(trait, List) else {value}
    return value


def _undeferred(value: Any) -> Any:
    if isinstance(value, DeferredConfig):
        return str(value) if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    return value


# ---------------------------------------------------------------- explain


class _Option(NamedTuple):
    """One option of one class."""

    section: str
    trait: str
    kind: type[Configurable] | None
    """``None`` for an option of a class that is not at hand, but which something sets."""


def explain_text(configuration: Configuration, name: str, declared: Declared = ()) -> str:
    """Tell an option's value, type, default and help, and every place that sets it.

    :param name: ``Section.option``, or the option alone where one section has it.
    :param declared: the sections that installed plugins declare; only the one asked for is imported.
    :raises UserError: for a name that is unknown, or that several sections have.
    """
    asked = name.removeprefix("--").removeprefix("c.")
    section, _, trait = asked.rpartition(".")
    option = _option(configuration, section, trait, declared) if section else None
    option = option or (_only(configuration, trait, declared) if not section else None)
    if option is None:
        raise UserError(f"there is no option {asked}{_hint(configuration, section, trait, declared)}")
    lines = []
    if section and canonical(section) != section:
        lines.append(f"{asked} is another name of {option.section}.{trait}.")
    return "\n".join(lines + _described(configuration, option))


def _option(configuration: Configuration, section: str, trait: str, declared: Declared) -> _Option | None:
    section = canonical(section)
    kind = _class_of(section.rpartition(".")[2], declared)
    if kind is not None and trait in kind.class_trait_names(config=True):
        return _Option(section, trait, kind)
    if kind is None and any(setting.placed for setting in configuration.history(section, trait)):
        return _Option(section, trait, None)
    return None


def _class_of(section: str, declared: Declared) -> type[Configurable] | None:
    """Import the class of a section, of a plugin too: the user asked for it."""
    entry = declared_sections(declared).get(section)
    target = CORE.get(section) or (entry.value if entry else "")
    if not target:
        return None
    try:
        kind = load_class(target)
    except Exception as error:
        owner = entry.dist if entry else "the core"
        reason = f"{type(error).__name__}: {error}"
        raise UserError(f"{section} of {owner} cannot be imported: {reason}") from error
    return kind if kind is not None and issubclass(kind, Configurable) else None


def _only(configuration: Configuration, trait: str, declared: Declared) -> _Option | None:
    """Find the one section with an option of this name."""
    found = [option for section in CORE if (option := _option(configuration, section, trait, ()))]
    if not found:
        sections = {s.section for s in configuration.settings if s.trait == trait and s.placed}
        sections.update(declared_sections(declared))
        found = [option for s in sorted(sections) if (option := _option(configuration, s, trait, declared))]
    if len(found) > 1:
        names = ", ".join(f"{option.section}.{trait}" for option in found)
        raise UserError(f"several sections have an option {trait}: {names}")
    return found[0] if found else None


def _hint(configuration: Configuration, section: str, trait: str, declared: Declared) -> str:
    known = {f"{s.section}.{s.trait}" for s in configuration.settings if s.placed}
    for name in CORE:
        kind = load_class(CORE[name])
        known.update(f"{name}.{option}" for option in (kind.class_trait_names(config=True) if kind else ()))
    if not section:
        near = nearest(trait, {name.rpartition(".")[2] for name in known})
        found = sorted(name for name in known if near and name.endswith(f".{near}"))
    else:
        near = nearest(f"{section}.{trait}", known)
        plugin = nearest(section, declared_sections(declared))
        found = [near] if near else [f"{plugin}.{trait}"] if plugin and plugin != section else []
    return f"; did you mean {' or '.join(found)}?" if found else "; see ipshell --help-all"


def describe_all(declared: Declared = ()) -> str:
    """Give every option with type, default and help, for ``--help-all``.

    :param declared: the sections that installed plugins declare; their classes are imported. One that cannot
        be is named.
    """
    lines: list[str] = []
    for section in [*CORE, *sorted(declared_sections(declared).keys() - CORE.keys())]:
        try:
            kind = _class_of(section, declared)
        except UserError as error:
            lines += [f"{section}: {error}", ""]
            continue
        for name, trait in sorted(kind.class_traits(config=True).items()) if kind else ():
            lines.append(f"--{section}.{name}=VALUE")
            lines.append(f"    {expected(trait)}; default {trait.default_value_repr()}")
            if trait.help:
                lines.append(textwrap.indent(textwrap.fill(" ".join(trait.help.split()), 90), "    "))
            lines.append("")
    return "\n".join(lines).rstrip()


def _described(configuration: Configuration, option: _Option) -> list[str]:
    trait: Any = option.kind.class_traits()[option.trait] if option.kind else None
    settings = _settings_for(configuration, option)
    used = _in_force(settings)
    lines = [f"{option.section}.{option.trait} = {_value(option, trait, settings, used)}"]
    if trait is not None:
        lines += [f"  type     {expected(trait)}", f"  default  {trait.default_value_repr()}"]
        if trait.help:
            text = textwrap.fill(" ".join(trait.help.split()), 90, subsequent_indent=" " * 11)
            lines.append(f"  help     {text}")
    else:
        lines.append("  nothing more is known: its part is not installed, or does not declare it")
    if not settings:
        return [*lines, "  set      nowhere"]
    lines.append("  set at, the lowest precedence first; > marks what makes the value:")
    named = len({setting.section for setting in settings}) > 1
    for setting in settings:
        place = f"{setting.origin}" + (f" ({setting.section})" if named else "")
        lines.append(f"  {'>' if setting in used else ' '} {place}  {_shown(setting)}")
    return lines


def _settings_for(configuration: Configuration, option: _Option) -> list[Setting]:
    """Give the settings that reach an option: of its own section, below them those of its base classes."""
    *outer, own = option.section.split(".")
    names = option.kind.section_names() if option.kind else [own]
    sections = [*names, *(".".join((*outer, name)) for name in names if outer)]
    return [s for section in sections for s in configuration.history(section, option.trait) if s.placed]


def _in_force(settings: list[Setting]) -> list[Setting]:
    last = max((index for index, setting in enumerate(settings) if setting.action == "="), default=0)
    return settings[last:]


def _shown(setting: Setting) -> str:
    return str(setting._replace(value=_undeferred(setting.value)))


def _value(option: _Option, trait: Any, settings: list[Setting], used: list[Setting]) -> str:
    if not settings:
        return str(trait.default_value_repr())
    value: Any = used[0].value if used[0].action == "=" else AddedValue()
    for setting in used:
        if setting.action != "=":
            added = AddedValue()
            arguments = setting.value if setting.action == "insert" else (setting.value,)
            getattr(added, setting.action)(*arguments)
            try:
                value = added.merge_into(value)
            except TypeError as error:
                return f"not known: {error}"
    value = _applied(trait, value)
    if isinstance(value, AddedValue) and trait is not None:
        return f"{trait.default_value_repr()}, the default, because {value.spoken()} does not suit it"
    if isinstance(value, AddedValue):
        return f"the default and {value.to_dict()!r}"
    if _refused(trait, value):
        return f"{trait.default_value_repr()}, the default, because {value!r} is not accepted"
    return repr(value)


def _refused(trait: Any, value: Any) -> bool:
    try:
        trait.validate(None, value)
    except TraitError:
        return True
    except Exception:  # a trait without a validator, or with one that needs the component
        return False
    return False
