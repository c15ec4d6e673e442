"""Mistakes in the configuration: what is wrong, at which line, and what was probably meant.

They are found at two moments. At start-up :func:`check_sections` looks through all that was set, and knows
the options of the core. A component that is made takes its own options with :func:`apply_section`, which
knows the values too. Each mistake is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from traitlets import Enum, HasTraits, TraitError, Undefined
from traitlets.config.loader import Config, DeferredConfig, LazyConfigValue

from ..notices import notice
from .origins import Origin, Setting, origin_of
from .recording import AddedValue
from .sections import (
    ABSENT,
    ALIASES,
    CORE,
    FAMILY,
    Declared,
    DeclaredSection,
    declared_sections,
    is_installed,
    is_section_name,
    load_class,
    nearest,
)

if TYPE_CHECKING:
    from traitlets import TraitType
    from traitlets.config.configurable import Configurable

    from .layers import Configuration

#: Longest value shown in a message, in characters.
_LONGEST = 60


class Mistake(NamedTuple):
    """One thing wrong in the configuration."""

    file: str
    """The file; empty for the command line."""
    line: int
    """Line from 1; 0 where it is not known."""
    text: str
    """What is wrong and what was done about it, with the place in front."""
    suggestion: str = ""
    """What was probably meant, as it is to be written; empty where nothing is near."""
    severity: str = "error"
    """``error``, or ``warning`` for what would be right if another part were installed."""
    key: str = ""
    """The same for the same mistake, whoever finds it."""

    def __str__(self) -> str:
        return f"{self.text}; did you mean {self.suggestion}?" if self.suggestion else self.text


def tell(mistakes: Iterable[Mistake]) -> None:
    """Tell mistakes in one notice each; one that was told before is not repeated."""
    for mistake in mistakes:
        notice(str(mistake), once=mistake.key)


def _mistake(
    origin: Origin | None, name: str, text: str, suggestion: str = "", severity: str = "error"
) -> Mistake:
    place = f"{origin}: " if origin else ""
    file, line = (origin.file, origin.line) if origin else ("", 0)
    return Mistake(file, line, place + text, suggestion, severity, f"configuration:{place}{name}")


# ---------------------------------------------------------------- values, when a component is made


def apply_section(component: Configurable, section: Mapping[str, Any], cfg: Config) -> None:
    """Set a component's options. What is wrong is told in one notice each, and the rest is set.

    :param component: takes the values.
    :param section: the values for it, merged over its classes and parents.
    :param cfg: the whole configuration, which knows where the values come from.
    """
    traits = component.traits(config=True)
    values = {}
    taken_over: list[tuple[str, Any]] = []
    for name, value in section.items():
        if name in traits:
            values[name] = value
        elif _is_taken_over(type(component), name):
            taken_over.append((name, value))
        elif not is_section_name(name) and not isinstance(value, Config):
            path, origin = _place(component, name, cfg)
            tell([_unknown_option(path, name, origin, type(component))])
    if values:
        refused = _set_all(component, values, traits)
        for name, error in refused.items():
            path, origin = _place(component, name, cfg)
            tell([_wrong_value(component, path, traits[name], values[name], error, origin)])
    for name, value in taken_over:
        try:
            component.take_over(name, value)  # type: ignore[attr-defined]  # a Component
        except (TraitError, TypeError, ValueError, AttributeError) as refusal:
            path, origin = _place(component, name, cfg)
            text = f"{path}.{name} cannot be {_shown(value)}: {refusal}; it was ignored"
            tell([_mistake(origin, f"{path}.{name}", text)])


def _set_all(
    component: HasTraits, values: Mapping[str, Any], traits: Mapping[str, Any]
) -> dict[str, Exception]:
    """Set the options together, so that observers and validators see all of them; give those refused."""
    refused: dict[str, Exception] = {}
    before = {name: _held(component, name) for name in values}

    def assign(name: str) -> None:
        try:
            with component.hold_trait_notifications():  # within another one this does nothing
                setattr(component, name, _final_value(component, values[name], traits[name]))
        except (TraitError, TypeError, ValueError) as error:
            refused[name] = error

    try:
        with component.hold_trait_notifications():
            for name in values:
                assign(name)
    except TraitError:
        # A validator refused one of them, and traitlets took all back: each by itself, then.
        for name in values:
            assign(name)
    except Exception as failure:
        # A validator or an observer failed; without traitlets' own error nothing was taken back.
        if not _take_back(component, before, refused, failure):
            raise
    return refused


def _held(component: HasTraits, name: str) -> Any:
    return getattr(component, name) if component.trait_has_value(name) else Undefined


def _take_back(
    component: HasTraits, before: Mapping[str, Any], refused: dict[str, Exception], failure: Exception
) -> bool:
    """Put back each option whose validator fails by itself; tell whether there was one."""
    found = False
    for name, old in before.items():
        try:
            # The same value again is no change, so that only validators run, and no observer.
            setattr(component, name, getattr(component, name))
        except Exception as error:
            found = True
            refused[name] = error
            component._trait_values[name] = component.trait_defaults(name) if old is Undefined else old
    return found


def _final_value(component: HasTraits, value: Any, trait: Any) -> Any:
    if isinstance(value, LazyConfigValue):
        if not isinstance(value, AddedValue):
            added = AddedValue()
            added.take(value)
            value = added
        return value.get_value(getattr(component, trait.name))
    if isinstance(value, DeferredConfig):
        value = value.get_value(trait)
    try:
        return deepcopy(value)
    except Exception:  # some objects cannot be copied, a module for one; they are shared then
        return value


def _place(component: Configurable, name: str, cfg: Config) -> tuple[str, Origin | None]:
    """Find the section that sets a component's option, and where."""
    found = [path for path, section in _sections_for(component, cfg) if name in section]
    path = found[-1] if found else type(component).__name__
    return path, origin_of(cfg, path, name)


def _sections_for(component: Configurable, cfg: Config) -> list[tuple[str, Config]]:
    """Give the sections that configure a component, lowest precedence first, as traitlets merges them."""
    names = component.section_names()
    found = [(name, cfg[name]) for name in names if name in cfg]
    if component.parent is not None:
        above = _sections_for(component.parent, cfg)
        found += [(f"{path}.{name}", outer[name]) for name in names for path, outer in above if name in outer]
    return found


def _wrong_value(
    component: HasTraits, path: str, trait: Any, value: Any, error: Exception, origin: Origin | None
) -> Mistake:
    name = f"{path}.{trait.name}"
    kept = f"the value {_shown(getattr(component, trait.name))} is kept"
    if isinstance(value, LazyConfigValue):
        return _mistake(origin, name, f"{name} takes {expected(trait)}, and {error}; {kept}")
    try:
        given = _final_value(component, value, trait)
    except (TraitError, TypeError, ValueError):  # several values on the command line, where one is taken
        given = value
    shown = _shown(given)
    reason = str(error).replace("unicode string", "string").rstrip(".")
    about_item = reason.partition(" which expected ")[2]
    if not reason.startswith(f"The {trait.name!r} trait of"):  # a validator's own words
        text = f"{name} cannot be {shown}: {reason}; {kept}"
    elif about_item:
        text = f"{name} cannot be {shown}: each item must be {about_item}; {kept}"
    else:
        text = f"{name} must be {expected(trait)}, not {shown} ({type(given).__name__}); {kept}"
    return _mistake(origin, name, text, _meant(trait, given))


def expected(trait: TraitType[Any, Any]) -> str:
    """Say which values an option takes, as ``an int`` or ``one of 'a', 'b'``."""
    if isinstance(trait, Enum) and trait.values:
        choices = [repr(value) for value in trait.values]
        return "one of " + ", ".join(choices[:20]) + (", …" if len(choices) > 20 else "")
    return trait.info().replace("unicode string", "string")


def _meant(trait: Any, given: Any) -> str:
    """Guess the value that was meant: another spelling, or the same without quotes."""
    if isinstance(trait, Enum):
        choices = [value for value in trait.values or () if isinstance(value, str)]
        near = nearest(given, choices) if isinstance(given, str) else ""
        if near:
            return repr(near)
    if isinstance(given, str):
        try:
            meant = trait.from_string(given)
            accepted = trait.validate(None, meant)
        except Exception:  # whatever a trait's own parser raises, there is nothing to suggest
            return ""
        return repr(accepted) if accepted != given else ""
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, DeferredConfig):
        value = str(value) if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _is_taken_over(kind: type[Configurable], name: str) -> bool:
    return getattr(kind, "options_elsewhere", {}).get(name) == ""


def _unknown_option(path: str, name: str, origin: Origin | None, kind: type[Configurable]) -> Mistake:
    instead = getattr(kind, "options_elsewhere", {}).get(name, "")
    if instead:
        text = f"{path} has no option {name!r}, which IPython has: {instead}; it was ignored"
        return _mistake(origin, f"{path}.{name}", text, severity="warning")
    near = nearest(name, kind.class_trait_names(config=True))
    suggestion = f"{path}.{near}" if near else _elsewhere(name, path)
    return _mistake(origin, f"{path}.{name}", f"{path} has no option {name!r}; it was ignored", suggestion)


def _elsewhere(name: str, path: str = "") -> str:
    """Find the one option of exactly that name in another section of the core; empty if there is none."""
    found = [section for section in CORE if section != path and name in _options(section)]
    return f"{found[0]}.{name}" if len(found) == 1 else ""


# ---------------------------------------------------------------- names, at start-up


def check_sections(configuration: Configuration, declared: Declared = ()) -> list[Mistake]:
    """Find sections that nobody has, and options that the sections of the core do not have.

    Imports classes of the core whose sections are set, and nothing of a plugin. Do not call it for an empty
    configuration: it has nothing to find there.

    :param configuration: all layers.
    :param declared: the sections that installed plugins declare.
    """
    return check_settings(configuration.settings, declared)


def check_settings(settings: Iterable[Setting], declared: Declared = ()) -> list[Mistake]:
    """Do the work of :func:`check_sections` for settings from anywhere."""
    plugins: dict[str, DeclaredSection] | None = None
    found: dict[str, Mistake] = {}
    for setting in settings:
        if plugins is None and not set(setting.section.split(".")) <= CORE.keys():
            plugins = declared_sections(declared)
        mistake = _check(setting, plugins or {})
        if mistake is not None:
            found.setdefault(mistake.key, mistake)
    return list(found.values())


def _check(setting: Setting, plugins: Mapping[str, DeclaredSection]) -> Mistake | None:
    if not setting.section:
        return _check_top(setting, plugins)
    parts = setting.section.split(".")
    for index, part in enumerate(parts):
        if part not in CORE and part not in plugins:
            mistake = _check_part(setting, parts, index, plugins)
            if mistake is not None:
                return mistake
    if not setting.placed and setting.trait in {*CORE, *FAMILY, *plugins}:
        return _is_a_section(setting)
    kind = load_class(CORE[parts[-1]]) if parts[-1] in CORE else None
    if kind is None or _is_taken_over(kind, setting.trait):
        return None
    if setting.trait not in kind.class_trait_names(config=True):
        return _unknown_option(setting.section, setting.trait, setting.origin, kind)
    return None


def _check_top(setting: Setting, plugins: Mapping[str, DeclaredSection]) -> Mistake:
    """Judge ``c.name = value``, which sets no section's option."""
    name = setting.trait
    if name in {*CORE, *FAMILY, *plugins}:
        return _is_a_section(setting)
    if "." in name:
        text = f"{name!r} is not the name of a section: sections stand in one another; it was ignored"
        return _mistake(setting.origin, name, text, f"c.{name}")
    text = f"c.{name} is no option: an option stands in a section, as c.Section.option; it was ignored"
    near = _near_section(name, plugins)
    return _mistake(setting.origin, name, text, _elsewhere(name) or (near and f"{near}.OPTION"))


def _is_a_section(setting: Setting) -> Mistake:
    text = f"{setting.name} is a section, not an option, and takes no value; it was ignored"
    return _mistake(setting.origin, setting.name, text, f"{setting.name}.OPTION")


def _check_part(
    setting: Setting, parts: list[str], index: int, plugins: Mapping[str, DeclaredSection]
) -> Mistake | None:
    """Judge one part of a section's name, which neither the core nor an installed plugin declares."""
    part, option = parts[index], setting.trait
    if part in FAMILY:
        if is_installed(FAMILY[part]):
            return None  # its own component will judge
        text = f"the section {part} belongs to {FAMILY[part]}, which is not installed; {option!r} was ignored"
        return _mistake(setting.origin, setting.name, text, _elsewhere(option), "warning")
    if part in ABSENT:
        text = f"nothing here reads the section {part}: {ABSENT[part]}; {option!r} was ignored"
        return _mistake(setting.origin, setting.name, text, severity="warning")
    outer = parts[index - 1] if index else ""
    if outer in CORE and part in _options(outer):
        name = ".".join(parts[: index + 1])
        text = f"{name} is an option, not a section, and has no {option!r}; it was ignored"
        return _mistake(setting.origin, setting.name, text, name)
    near = _near_section(part, plugins)
    if near:
        text = f"there is no section {part}; {option!r} was ignored"
        last = index == len(parts) - 1
        meant = nearest(option, _options(near)) if last and near in CORE else ""
        suggestion = ".".join((*parts[:index], near, *parts[index + 1 :], meant or option))
    else:
        text = f"neither the core nor an installed plugin has a section {part}; {option!r} was ignored"
        suggestion = _elsewhere(option)
    return _mistake(setting.origin, setting.name, text, suggestion)


def _options(section: str) -> list[str]:
    kind = load_class(CORE[section])
    return kind.class_trait_names(config=True) if kind else []


def _near_section(name: str, plugins: Mapping[str, DeclaredSection]) -> str:
    near = nearest(name, {*CORE, *FAMILY, *ALIASES, *plugins})
    return ALIASES.get(near, near)
