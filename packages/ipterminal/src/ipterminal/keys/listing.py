"""What ``%keys`` prints. Nothing of prompt_toolkit is needed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from .names import for_people, identity, spelled
from .table import ABOVE, ROWS, THEIR_ROWS

if TYPE_CHECKING:
    from .bindings import Bound, Command, Keys

#: Subjects in the order in which they are listed; others follow by name.
_ORDER = (
    "cell completion documentation history search suggestion indent brackets paste lines clipboard".split()
)


def listed(keys: Keys, text: str = "") -> Iterator[str]:
    """List all bindings, by subjects, then the commands that no keys are bound to.

    :param text: only those that have it in keys, command, condition, help or whose they are.
    """
    wanted = text.lower()
    rows = [each for each in keys.bound if wanted in _all_of(keys, each)]
    rows.sort(key=lambda each: _place(each.command))
    width = max((len(" ".join(each.keys)) for each in rows), default=0)
    names = max((len(each.command) for each in rows), default=0)
    for subject, group in groupby(rows, lambda each: _subject(each.command)):
        yield f"{subject}:"
        for each in group:
            pressed = " ".join(each.keys).ljust(width)
            yield f"  {pressed}  {each.command.ljust(names)}  {keys.commands[each.command].help}"
            yield f"  {' ' * width}  {_when(each)}"
    bound = {each.command for each in keys.bound}
    free = [
        each
        for each in sorted(keys.commands.values(), key=lambda each: _place(each.name))
        if each.name not in bound
        and any(wanted in text.lower() for text in (each.name, each.help, each.whose))
    ]
    if free:
        yield "commands that are bound to no keys by this table:"
        names = max(len(each.name) for each in free)
        for command in free:
            whose = "" if command.whose == "default" else f" ({command.whose})"
            yield f"  {command.name.ljust(names)}  {command.help}{whose}"
    if not rows and not free:
        yield f"There is nothing about {text!r} among the keys; %keys alone lists all."


def conditions(keys: Keys) -> Iterator[str]:
    """List the conditions."""
    names = max(map(len, keys.conditions), default=0)
    for name in sorted(keys.conditions):
        yield f"  {name.ljust(names)}  {keys.conditions[name].help}"


def explained(keys: Keys, pressed: Sequence[str], below: Iterable[str] = ()) -> Iterator[str]:
    """Tell what one key does.

    :param pressed: as prompt_toolkit spells it.
    :param below: what prompt_toolkit itself does by it.
    """
    wanted = identity(pressed)
    found = [each for each in reversed(keys.bound) if identity(each.keys) == wanted]
    longer = [
        each
        for each in keys.bound
        if len(each.keys) > len(wanted) and identity(each.keys)[: len(wanted)] == wanted
    ]
    name = f"{for_people(pressed)} ({' '.join(pressed)})"
    below = [*dict.fromkeys(below)]
    if not found and not below:
        yield f"{name} is bound to nothing" + (" alone" if longer else "") + "."
    else:
        yield f"{name} does the first of these whose condition holds:"
    for each in found:
        yield f"  {each.command}  {keys.commands[each.command].help}"
        yield f"      {_when(each)}"
    if below:
        yield f"  prompt_toolkit's own: {', '.join(below)}"
    if longer:
        begun = dict.fromkeys(f"{for_people(each.keys)} ({each.command})" for each in longer)
        yield f"  With further keys: {', '.join(begun)}"


def is_key(keys: Keys, text: str) -> bool:
    """Tell whether a text names keys rather than something to look for."""
    wanted = identity(spelled(text))
    return bool(wanted) and any(identity(each.keys)[: len(wanted)] == wanted for each in keys.bound)


def without_editor(text: str = "") -> Iterator[str]:
    """List the default table as it is written, for a shell without the editor."""
    rows = [(each.keys, each.command, each.when) for each in (*ABOVE, *ROWS)]
    rows += [(row.ours or row.keys, row.command, row.when or row.filter) for row in THEIR_ROWS]
    shown = [row for row in dict.fromkeys(rows) if text.lower() in " ".join(row).lower()]
    width = max((len(row[0]) for row in shown), default=0)
    names = max((len(row[1]) for row in shown), default=0)
    for pressed, command, when in sorted(shown, key=lambda row: _place(row[1])):
        yield f"  {pressed.ljust(width)}  {command.ljust(names)}  {when}".rstrip()


def below_of(found: Iterable[Any], names: Mapping[int, str]) -> Iterator[str]:
    """Give what bindings of prompt_toolkit do, as far as their functions say it.

    :param names: of commands, by their functions' id.
    """
    for binding in found:
        handler = binding.handler
        if id(handler) in names:
            yield names[id(handler)]
        elif getattr(handler, "__name__", "") != "_ignore":
            lines = (getattr(handler, "__doc__", None) or "").strip().split("\n\n")[0].splitlines()
            text = " ".join(line.strip() for line in lines)
            if text:
                yield text.partition(". ")[0].rstrip(".")


def _all_of(keys: Keys, bound: Bound) -> str:
    command: Command = keys.commands[bound.command]
    shown = (
        " ".join(bound.keys),
        for_people(bound.keys),
        command.name,
        bound.when,
        command.help,
        bound.whose,
    )
    return "\n".join(shown).lower()


def _when(bound: Bound) -> str:
    whose = "" if bound.whose == "default" else f" ({bound.whose})"
    return f"when {bound.when or 'always'}{whose}"


def _subject(command: str) -> str:
    subject, dot, _ = command.partition(".")
    return subject if dot else "prompt_toolkit"


def _place(command: str) -> tuple[int, str, str]:
    subject = _subject(command)
    return (_ORDER.index(subject) if subject in _ORDER else len(_ORDER), subject, command)
