"""What can be told about plugins: the data behind ``ipshell plugins list`` and ``info``.

Nothing here prints, and nothing imports a plugin.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from ..errors import UserError
from ..hookspecs import BY_NAME, FAMILIES
from .declared import Declared
from .family import hook_names
from .registry import Registry, nearest_plugin

#: The group ``ipshell.config`` declares configuration sections; its entries are no plugins.
SECTIONS: Final = "config"


class Row(NamedTuple):
    """One plugin, as it is listed."""

    plugin: Declared
    state: str
    """``declared``, ``blocked``, ``loaded``, ``active`` or ``failed``."""
    blocked_by: str
    """The switch that keeps it from loading; empty if none does."""
    place: int
    """Its place in the order in which its family's plugins are asked, from 1; 0 if it is never asked."""
    notes: tuple[str, ...]
    """What is worth knowing about it."""

    def as_json(self) -> dict[str, Any]:
        """Give the row as JSON has it."""
        plugin = self.plugin
        return {
            "key": plugin.key,
            "distribution": plugin.dist,
            "version": plugin.version,
            "summary": plugin.summary,
            "family": plugin.family,
            "kind": kind_of(plugin.family),
            "value": plugin.value,
            "state": self.state,
            "blocked_by": self.blocked_by or None,
            "order": self.place or None,
            "notes": list(self.notes),
        }


def kind_of(family: str) -> str:
    """Give the kind of a family; ``unknown`` for one that this core does not know."""
    return FAMILIES[family].kind if family in FAMILIES else "unknown"


def family_named(name: str, registry: Registry) -> str:
    """Give the family that a user means, by its own name or its group's.

    :raises UserError: if there is no such family, and no plugin declares to be of it.
    """
    family = name.removeprefix("ipshell.")
    if family in FAMILIES or (family != SECTIONS and registry.declared(family)):
        return family
    from difflib import get_close_matches

    near = get_close_matches(family, FAMILIES, 1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(FAMILIES)}."
    raise UserError(f'there is no family of plugins called "{family}"; {hint}', status=2)


def rows(
    registry: Registry, plugins: Iterable[Declared], blocked_by: Callable[[Declared], str] | None = None
) -> list[Row]:
    """Describe plugins; configuration sections are left out.

    :param blocked_by: says what keeps a plugin from loading; the registry's switches by default.
    """
    blocked_by = blocked_by or registry.switches.blocked_by
    listed = []
    for plugin in plugins:
        if plugin.family == SECTIONS:
            continue
        switch = blocked_by(plugin)
        notes = (*_family_notes(plugin), *_owner_notes(registry, plugin), *_failure_notes(registry, plugin))
        listed.append(Row(plugin, registry.state(plugin), switch, _place(registry, plugin), notes))
    return listed


def _place(registry: Registry, plugin: Declared) -> int:
    if kind_of(plugin.family) == BY_NAME:
        asked = registry.contenders(plugin.family, plugin.key)
        asked = asked if len(asked) == 1 else []
    else:
        asked = registry.asked(plugin.family)
    return asked.index(plugin) + 1 if plugin in asked else 0


def _family_notes(plugin: Declared) -> list[str]:
    family = FAMILIES.get(plugin.family)
    if family is not None:
        return [] if family.specs else ["no installed part has a use for this family yet"]
    from difflib import get_close_matches

    near = get_close_matches(plugin.family, FAMILIES, 1)
    return [f"unknown family{f', did you mean {near[0]}?' if near else ''}"]


def _owner_notes(registry: Registry, plugin: Declared) -> list[str]:
    """Say who else owns the key of a plugin of a by-name family, and who is used."""
    if kind_of(plugin.family) != BY_NAME or registry.state(plugin) == "blocked":
        return []
    others = [each for each in registry.owners(plugin.family, plugin.key) if each != plugin]
    if not others:
        return []
    used = registry.contenders(plugin.family, plugin.key)
    if len(used) > 1:
        names = ", ".join(each.dist for each in others)
        return [f"owned by {names} too, so none is used; {choice(plugin)}"]
    if used[0] != plugin:
        return [f"hidden by {used[0].dist}; {choice(plugin)}"]
    return [f"hides that of {', '.join(each.dist for each in others)}"]


def choice(plugin: Declared) -> str:
    """Give the line of configuration that picks a plugin among the owners of its key."""
    return f"to use it: c.Plugins.choose = {{'{plugin.family}/{plugin.key}': '{plugin.dist}'}}"


def _failure_notes(registry: Registry, plugin: Declared) -> list[str]:
    return [f"{each.stage}: {each.reason}" for each in registry.failures if each.plugin == plugin]


def meant(registry: Registry, name: str) -> list[Declared]:
    """Give what a user means by a name, configuration sections included.

    :raises UserError: if it means nothing.
    """
    declared = registry.declared()
    found = [plugin for plugin in declared if plugin.matches(name)]
    if not found:
        hint = nearest_plugin(name, declared) or '"ipshell plugins list" shows what there is.'
        raise UserError(f'no plugin is called "{name}"; {hint}')
    return found


def may_implement(plugin: Declared) -> list[str]:
    """Give the hooks that a plugin may implement, from its family alone."""
    family = FAMILIES.get(plugin.family)
    return sorted(hook_names(family)) if family is not None and family.specs else []


def source_of(module: str) -> str:
    """Give the file of a module without importing it or the packages around it; empty if there is none."""
    path: list[str] | None = None
    origin = ""
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = _find_spec(name, path)
        if spec is not None and spec.origin:
            origin = str(spec.origin)
            path = list(spec.submodule_search_locations or ())
            continue
        # A package without __init__.py: Python would ask the package around it, which is not imported.
        around = sys.path if path is None else path
        path = [each for entry in around if os.path.isdir(each := os.path.join(entry, part))]
        if not path:
            return ""
        origin = path[0]
    return origin


def _find_spec(name: str, path: Any) -> Any:
    for finder in list(sys.meta_path):
        find = getattr(finder, "find_spec", None)
        try:
            spec = find(name, path, None) if find is not None else None
        except Exception:  # somebody's own finder: the next one may know
            continue
        if spec is not None:
            return spec
    return None
