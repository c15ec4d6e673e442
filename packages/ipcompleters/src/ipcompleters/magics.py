"""Magics, and what belongs behind some of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

from .context import context_of
from .magic_arguments import arguments
from .magic_sources import summary_of, target
from .magic_words import line_of

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.magics.registry import Kind
    from ipcore.types.completion import CompletionRequest

    from .context import Context

#: What may stand above a cell magic: nothing, and other ones.
_ABOVE: Final = re.compile(r"(?:[ \t]*(?:%%.*)?\n)*[ \t]*")


class MagicProvider:
    """``%name`` and ``%%name``, at the beginning of a statement without the mark too, and their arguments."""

    name = "magics"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose magics, or behind one of those that are known what it takes."""
        context = context_of(request)
        if context.place == "magic name":
            typed = request.text[context.start : request.cursor]
            yield from self._names(request, context.start, typed)
            return
        if request.word and _is_bare(request, context):
            yield from self._bare(request, context)
        line = line_of(self._shell, request)
        if line is not None:
            yield from arguments(self._shell, request, line)

    def _names(self, request: CompletionRequest, start: int, typed: str) -> Iterator[Completion]:
        name = typed.lstrip("%").lstrip()
        mark = typed[: len(typed) - len(name)]
        kinds: list[Kind] = ["line", "cell"] if mark == "%" else ["cell"] if mark == "%%" else ["line"]
        if _ABOVE.fullmatch(request.text, 0, start) is None:
            kinds = [kind for kind in kinds if kind == "line"]
        for kind in kinds:
            # Blanks between mark and name stay: "% timeit" is a magic.
            written = "%%" if kind == "cell" else mark
            for each in request.matching_names(self._shell.magics.names(kind), name):
                yield self._completion(request, start, kind, written + each, each)

    def _bare(self, request: CompletionRequest, context: Context) -> Iterator[Completion]:
        kinds: list[Kind] = ["line"]
        if _ABOVE.fullmatch(request.text, 0, request.word_start) is not None:
            kinds.append("cell")
        hidden: set[str] | None = None
        for kind in kinds:
            for each in request.matching_names(self._shell.magics.names(kind), request.word):
                if hidden is None:
                    hidden = set(request.objects.names(context.before))
                if each not in hidden:
                    text = ("%" if kind == "line" else "%%") + each
                    yield self._completion(request, request.word_start, kind, text, each)

    def _completion(
        self, request: CompletionRequest, start: int, kind: Kind, text: str, name: str
    ) -> Completion:
        summary = summary_of(self._shell.magics.registered(*target(self._shell, kind, name)))
        return Completion(start, request.cursor, text, "magic", summary)


def _is_bare(request: CompletionRequest, context: Context) -> bool:
    """Tell whether nothing but a word is typed of a statement that begins a line."""
    if context.place != "code" or context.magic is not None or context.statement != request.word:
        return False
    return not request.text[request.line_start : request.word_start].strip()
