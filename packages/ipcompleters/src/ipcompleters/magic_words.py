"""The line of a magic, up to the cursor, as words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .context import MagicLine, context_of, of_code
from .magic_lines import SHELL_MAGICS, code_start
from .scanning import read_code

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

    from .context import Context

#: A magic without its mark: what follows the blank begins as an argument does, and not as an operator does.
_BARE: Final = re.compile(r"\s*(?P<name>[^\W\d]\w*)[ \t]+(?P<line>(?:[\w\"'~/.-].*)?)\Z")


class Words(NamedTuple):
    """The arguments of a magic that takes no code, up to the cursor."""

    name: str
    """The magic, without ``%``."""
    cell: bool
    """Whether it is one for a whole cell."""
    words: tuple[str, ...]
    """Those before the cursor's."""
    word: str
    """The one at the cursor, as typed; may be empty."""
    start: int
    """Where that one begins in the request's text."""

    @property
    def quoted(self) -> bool:
        """Whether the word begins with a quote."""
        return self.word[:1] in ('"', "'")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words before the cursor's that are no options."""
        return tuple(word for word in self.words if not word.startswith("-"))


def line_of(shell: InteractiveShell, request: CompletionRequest) -> Words | None:
    """Give the arguments of the magic that the cursor stands behind, if it takes no code there.

    A magic counts without its mark too, where the shell would take it for one.
    """
    context = context_of(request)
    magic = context.magic
    if magic is not None:
        if context.place != "magic":
            return None
        before = request.text[magic.start : context.start]
        return Words(
            magic.name,
            magic.cell,
            tuple(before.split()),
            request.text[context.start : request.cursor],
            context.start,
        )
    if context.place not in ("code", "string", "nothing"):
        return None
    return _bare(shell, request)


def code_behind(shell: InteractiveShell, request: CompletionRequest) -> Context | None:
    """Tell what the cursor stands in behind a magic without its mark, where that takes code."""
    found = _bare_magic(shell, request)
    if found is None:
        return None
    text, start, cursor = request.text, found.start("line"), request.cursor
    code = code_start(found["name"], text, start, cursor)
    if code < 0:
        return None
    line = MagicLine(found["name"], False, start, text[start:cursor])
    return of_code(text, read_code(text, code, cursor), cursor, "", line)


def _bare_magic(shell: InteractiveShell, request: CompletionRequest) -> re.Match[str] | None:
    """Read a line that the shell would take for one of a magic, though it has no mark."""
    found = _BARE.match(request.before)
    if found is None or not shell.automagic or "\n" in request.text.strip():
        return None
    name = found["name"]
    if name in SHELL_MAGICS or name not in shell.magics.names("line") or name in request.objects.names():
        return None
    return found


def _bare(shell: InteractiveShell, request: CompletionRequest) -> Words | None:
    found = _bare_magic(shell, request)
    if found is None:
        return None
    name, start = found["name"], found.start("line")
    if code_start(name, request.text, start, request.cursor) >= 0:
        return None
    words = found["line"].split()
    word = words.pop() if words and not found["line"][-1].isspace() else ""
    return Words(name, False, tuple(words), word, request.cursor - len(word))
