"""Reading the command line.

``ipshell [options] [COMMAND … | -c CODE | -m MODULE | FILE | -] [arguments]``

As in CPython, options end at the first of ``-c``, ``-m``, a file name or ``--``:
everything after it belongs to the program. argparse cannot stop there, so the words
are read here; it only lays out the help.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from ..errors import UsageError

if TYPE_CHECKING:
    from .options import Assignment, Option

Target = Literal["", "code", "module", "file", "stdin", "command"]

#: ``--Class.trait=value``, also with a key: ``--Class.trait.key=value``.
_SETTING: Final = r"(?s)--([A-Z]\w*)((?:\.[A-Z]\w*)*)\.([a-z_]\w*)(?:\.([^=]+))?(?:=(.*))?\Z"

_COMMAND: Final = r"[a-z][a-z0-9_-]*\Z"


class CommandLine(NamedTuple):
    """What the words of the command line mean."""

    own: dict[str, list[str]]
    """The application's own options by their longest name; a list of the values given."""
    assignments: list[Assignment]
    """Configuration, in order."""
    target: Target
    """What to run."""
    value: str
    """The code, module, file or command to run."""
    arguments: list[str]
    """What is left, for the program or the command."""

    def has(self, key: str) -> bool:
        """Tell whether an option without a value was given."""
        return key in self.own

    def last(self, key: str) -> str | None:
        """Give the value of an option that was given last."""
        return self.own[key][-1] if key in self.own else None


def parse(words: list[str]) -> CommandLine:
    """Read the words after the program's name.

    Whether a first word that looks like a command is one is for the caller to find out.

    :raises UsageError: for an option that does not exist or lacks its value.
    """
    own: dict[str, list[str]] = {}
    assignments: list[Assignment] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "-":
            return CommandLine(own, assignments, "stdin", "-", words[at:])
        if not word.startswith("-"):
            kind: Target = "command" if re.match(_COMMAND, word) else "file"
            return CommandLine(own, assignments, kind, word, words[at:])
        if word == "--":
            if at == len(words):
                break
            return CommandLine(own, assignments, "file", words[at], words[at + 1 :])
        short = _short_target(word)
        if short is not None:
            before, letter, joined = short
            for each in before:
                own.setdefault(_lookup(f"-{each}").key, []).append("")
            if not joined and at == len(words):
                raise UsageError(f"-{letter} needs {'the code' if letter == 'c' else 'the module'} to run.")
            value = joined or words[at]
            return CommandLine(
                own,
                assignments,
                "code" if letter == "c" else "module",
                value,
                words[at if joined else at + 1 :],
            )
        at = _read_option(word, words, at, own, assignments)
    return CommandLine(own, assignments, "", "", [])


def _short_target(word: str) -> tuple[str, str, str] | None:
    """Split ``-ic``, ``-m`` or ``-cCODE``: letters before, the letter, what is joined to it."""
    if word.startswith("--"):
        return None
    for at, letter in enumerate(word[1:], 1):
        if letter in "cm":
            return word[1:at], letter, word[at + 1 :]
        option = _option(f"-{letter}")
        if option is None or option.metavar:
            break
    return None


def _read_option(
    word: str, words: list[str], at: int, own: dict[str, list[str]], assignments: list[Assignment]
) -> int:
    """Read one option; give the place of the next word."""
    from .options import Assignment

    setting = re.match(_SETTING, word)
    if setting:
        first, middle, trait, key, value = setting.groups()
        if value is None:
            if at == len(words):
                raise UsageError(f"{word} needs a value: {word}=VALUE.")
            value, at = words[at], at + 1
        shown = word.partition("=")[0]
        assignments.append(Assignment(first + middle, trait, value, shown, key or "", repeats=True))
        return at
    name, equals, value = word.partition("=")
    if not word.startswith("--") and len(word) > 2:
        name, equals, value = word[:2], "=", word[2:].removeprefix("=")
    option = _lookup(name)
    if option.part and not _is_installed(option.part):
        raise UsageError(f"{name} needs {option.part}, which is not installed.")
    if option.metavar and not equals:
        if at == len(words):
            raise UsageError(f"{name} needs a value: {name} {option.metavar}.")
        value, at = words[at], at + 1
    elif equals and not option.metavar:
        raise UsageError(f"{name} takes no value.")
    if not option.settings:
        own.setdefault(option.key, []).append(value)
    for section, trait, fixed in option.settings:
        assignments.append(
            Assignment(section, trait, value if option.metavar else fixed, name, repeats=option.repeats)
        )
    return at


def _option(name: str) -> Option | None:
    from .options import BY_NAME

    return BY_NAME.get(name)


def _lookup(name: str) -> Option:
    option = _option(name)
    if option is not None:
        return option
    from ..configuration.sections import nearest
    from .options import BY_NAME

    near = nearest(name, [each for each in BY_NAME if len(each) > 2])
    hint = f" Did you mean {near}?" if near else ""
    raise UsageError(f"there is no option {name}.{hint} See ipshell --help.")


def _is_installed(part: str) -> bool:
    from ..configuration.sections import is_installed

    return is_installed(part)


def to_config(assignments: list[Assignment]) -> tuple[Any, dict[str, str]]:
    """Turn assignments into configuration.

    Text is kept as text until a component with that trait asks for it.

    :returns: a traitlets ``Config``, and for each ``Section.trait`` the option as written.
    """
    from traitlets.config.loader import Config, DeferredConfigList, DeferredConfigString

    config = Config()
    shown: dict[str, str] = {}
    texts: dict[tuple[str, str], list[Any]] = {}
    for each in assignments:
        place = (each.section, each.trait)
        shown[f"{each.section}.{each.trait}"] = each.shown
        section = config
        for name in each.section.split("."):
            section = section[name]
        if each.key:
            table = section.get(each.trait, {})
            section[each.trait] = {**table, each.key: each.value}
            continue
        given = [*texts.get(place, []), each.value] if each.repeats else [each.value]
        texts[place] = given
        if len(given) > 1:
            section[each.trait] = DeferredConfigList(given)
        else:
            section[each.trait] = DeferredConfigString(given[0]) if isinstance(given[0], str) else given[0]
    return config, shown
