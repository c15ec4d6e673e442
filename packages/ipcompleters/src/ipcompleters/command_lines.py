"""Where a command of the system is typed: behind ``!``, and behind an alias."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .context import context_of
from .shell_words import read_command

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

_FIRST_WORD: Final = re.compile(r"[ \t]*([^\W\d]\w*)[ \t]+(.*)\Z")

#: What stands behind a name that is no command: an operator, or what goes on as Python does.
_PYTHON: Final = re.compile(
    r"[=.,(\[:;]|[-+*/%@&|^<>!]=|(?:[+*/%@&|^<>]|//|\*\*|<<|>>)\s|-\s|(?:and|as|for|if|in|is|not|or)\b"
)


class TypedCommand(NamedTuple):
    """A command that is being typed."""

    text: str
    """What is typed of it, up to the cursor; of an alias what stands behind its name."""
    prefix: tuple[str, ...] = ()
    """The words that stand before that: those an alias stands for."""


def command_of(request: CompletionRequest, shell: InteractiveShell | None) -> TypedCommand | None:
    """Give the command that is typed at the cursor; ``None`` if something else is."""
    context = context_of(request)
    if context.place == "shell":
        return TypedCommand(context.command)
    if shell is None:
        return None
    if context.magic is not None:
        if context.place != "magic" or context.magic.cell:
            return None
        name, rest = context.magic.name, request.text[context.magic.start : request.cursor]
    else:
        match = _FIRST_WORD.match(request.line_before)
        if match is None or not shell.automagic or _PYTHON.match(match[2]):
            return None
        name, rest = match[1], match[2]
        if context.before.strip() or request.objects.find(name)[0]:
            return None
    command = shell.aliases.get(name)
    if command is None:
        return None
    words = read_command(re.sub(r"%[sl].*", "", command))
    return TypedCommand(rest, (*words.arguments, *([words.word.value] if words.word.value else [])))
