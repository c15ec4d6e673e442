"""The option ``shortcuts``: changing, taking away and adding bindings, in IPython's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ipcore.errors import UserError

from .bindings import Bound, Keys
from .names import checked, identity, spelled
from .table import REPLACED, THEIR_OTHER_COMMANDS, THEIR_ROWS, TheirRow

#: What an entry may have.
_FIELDS: Final = ("command", "match_keys", "match_filter", "new_keys", "new_filter", "create")
#: What stands before the names of IPython's commands.
_PREFIXES: Final = (
    "IPython:",
    "prompt_toolkit:",
    "IPython.terminal.shortcuts.",
    "prompt_toolkit.key_binding.bindings.",
)


class ShortcutError(UserError, ValueError):
    """An entry of the option ``shortcuts`` cannot be followed."""


def apply(keys: Keys, entries: Sequence[object]) -> list[tuple[int, str]]:
    """Follow the entries, one after the other; one that is wrong changes nothing.

    :returns: the positions of wrong entries, and what is wrong with them.
    """
    wrong = []
    for index, entry in enumerate(entries):
        try:
            with keys.of("shortcut"):
                _apply(keys, entry)
        except (UserError, ValueError) as error:
            wrong.append((index, str(error)))
    return wrong


def _apply(keys: Keys, entry: object) -> None:
    if not isinstance(entry, Mapping):
        raise ShortcutError(f"an entry is a dict with a command, not {entry!r}")
    unknown = [name for name in entry if name not in _FIELDS]
    if unknown:
        raise ShortcutError(f"an entry has no {unknown[0]!r}; it may have {', '.join(_FIELDS)}")
    name = entry.get("command")
    if not isinstance(name, str) or not name:
        raise ShortcutError("an entry needs a command")
    new_keys = _keys(entry, "new_keys")
    _text(entry, "new_filter")
    if entry.get("create"):
        _create(keys, entry, name, new_keys)
    else:
        _change(keys, entry, name, new_keys)


def _create(keys: Keys, entry: Mapping[str, Any], name: str, new_keys: tuple[str, ...] | None) -> None:
    if not new_keys:
        raise ShortcutError("create needs new_keys")
    for command in _commands(keys, name):
        keys.bind(new_keys, command, entry.get("new_filter") or "")


def _change(keys: Keys, entry: Mapping[str, Any], name: str, new_keys: tuple[str, ...] | None) -> None:
    found = _found(keys, entry, name)
    if new_keys is None and entry.get("new_filter") is None:
        raise ShortcutError("an entry needs new_keys, new_filter, or both")
    changed = [_changed(keys, each, new_keys, entry.get("new_filter")) for each in found]
    others = [each for each in keys.bound if each not in found]
    keys.put([*others, *(each for each in changed if each is not None)])  # the user's win over all


def _changed(keys: Keys, bound: Bound, new_keys: tuple[str, ...] | None, when: str | None) -> Bound | None:
    if new_keys == ():
        return None
    made = keys.made(
        bound.keys if new_keys is None else new_keys,
        bound.command,
        bound.when if when is None else when,
        "shortcut",
    )
    if new_keys is None:
        made.binding.eager = bound.binding.eager
    return made


# -- which bindings are meant --------------------------------------------------


def _found(keys: Keys, entry: Mapping[str, Any], name: str) -> list[Bound]:
    match_keys, match_filter = _keys(entry, "match_keys"), _text(entry, "match_filter")
    if name in keys.commands:
        filters: dict[int, tuple[str, ...]]
        candidates = [[each] for each in keys.bound if each.command == name]
        filters = {id(each): (each.when or "always",) for (each,) in candidates}
    else:
        candidates, filters = _of_theirs(keys, name)
    asked = identity(match_keys) if match_keys is not None else None
    if match_filter is not None:
        keys.filter(match_filter)  # tells unknown names
    found = [
        group
        for group in candidates
        if (asked is None or identity(group[0].keys) == asked)
        and (match_filter is None or any(keys.same(each, match_filter) for each in filters[id(group[0])]))
    ]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(_described(group[0]) for group in (found or candidates)[:6])
    if not found:
        what = " and ".join(
            word
            for word, value in (("these keys", match_keys), ("this filter", match_filter))
            if value is not None
        )
        if not candidates:
            raise ShortcutError(f"{name} is bound to no keys; create=True and new_keys bind it")
        raise ShortcutError(f"{name} is not bound by {what}, but by {listed}")
    raise ShortcutError(f"{name} is bound {len(found)} times; say match_keys or match_filter: {listed}")


def _of_theirs(keys: Keys, name: str) -> tuple[list[list[Bound]], dict[int, tuple[str, ...]]]:
    """Find what stands here for rows of IPython's table, and by what filters these are known.

    Rows of theirs that are one binding here are one: any of their filters finds it.
    """
    rows = [row for row in THEIR_ROWS if row.theirs == short(name)]
    commands = {row.command for row in rows} or {*_commands(keys, name)}
    groups: dict[tuple[str, ...], list[Bound]] = {}
    for each in keys.bound:
        if each.command in commands and (not rows or _row_for(rows, each)):
            groups.setdefault(identity(each.keys), []).append(each)
    if rows and not any(row.command in keys.commands for row in rows):
        raise ShortcutError(f"{name} is {rows[0].command} here, which is not there")
    # IPython's table has rows for the same keys of which only some are this command's.
    filters = {
        id(group[0]): (
            *(row.filter for row in rows if identity(spelled(row.keys)) == where),
            *(each.when or "always" for each in group),
        )
        for where, group in groups.items()
    }
    return [*groups.values()], filters


def _row_for(rows: Sequence[TheirRow], bound: Bound) -> bool:
    return any(
        row.command == bound.command and identity(spelled(row.ours or row.keys)) == identity(bound.keys)
        for row in rows
    )


def _commands(keys: Keys, name: str) -> list[str]:
    """Give the command here for a name, ours or IPython's.

    :raises UnknownCommand: if there is none.
    """
    if name in keys.commands:
        return [name]
    theirs = short(name)
    found = [row.command for row in THEIR_ROWS if row.theirs == theirs]
    other = THEIR_OTHER_COMMANDS.get(theirs)
    if other is not None:
        found.append(other)
    if theirs.startswith("named_commands."):
        readline = theirs.partition(".")[2].replace("_", "-")
        found.append(REPLACED.get(readline) or readline)
    if name in REPLACED:
        found.append(REPLACED[name])
    known = [each for each in dict.fromkeys(found) if each in keys.commands]
    if known:
        return known[-1:]
    if found and found[0]:
        raise ShortcutError(f"{name} is {found[0]} here, which is not there")
    keys.require(name)
    return []


def short(name: str) -> str:
    """Give a name of IPython's without what stands before its module."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _described(bound: Bound) -> str:
    return f"{' '.join(bound.keys)} when {bound.when or 'always'}"


def _keys(entry: Mapping[str, Any], field: str) -> tuple[str, ...] | None:
    value = entry.get(field)
    if value is None:
        return None
    if isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(v, str) for v in value)):
        found = spelled(value)
        if found:
            checked(found)
        return found
    raise ShortcutError(f"{field} are keys, such as ['c-x', 'c-e'], not {value!r}")


def _text(entry: Mapping[str, Any], field: str) -> str | None:
    value = entry.get(field)
    if value is None or isinstance(value, str):
        return value
    raise ShortcutError(f"{field} is a text of conditions, not {value!r}")
