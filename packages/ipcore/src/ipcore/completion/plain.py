"""The core's own providers: names, attributes, magics. They read tables and nothing else."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..hookspecs import hookimpl
from ..types.completion import Completion

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.completion import CompletionProvider, CompletionRequest


def name_start(request: CompletionRequest) -> int:
    """Tell where the dotted name or magic begins that ends at the cursor."""
    text, at, first = request.text, request.cursor, request.line_start
    while at > first and (text[at - 1] == "." or f"x{text[at - 1]}".isidentifier()):
        at -= 1
    for _ in range(2):
        if at > first and text[at - 1] == "%":
            at -= 1
    return at


class NameProvider:
    """Names of the user, builtin ones and keywords."""

    name = "names"

    def __init__(self, shell: InteractiveShell) -> None:
        pass

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose names, where no dotted name and no magic is typed."""
        start, end = request.word_start, request.cursor
        if name_start(request) != start:
            return
        word = request.word
        for name in request.matching_names(request.objects.names(), word):
            yield Completion(start, end, name)
        for name in request.matching_names(keyword.kwlist, word):
            yield Completion(start, end, name, "keyword")


class AttributeProvider:
    """Attributes of what a dotted name stands for."""

    name = "attributes"

    def __init__(self, shell: InteractiveShell) -> None:
        pass

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose attributes; those with underscores once one is typed."""
        start, end, word = request.word_start, request.cursor, request.word
        dotted = request.text[name_start(request) : start]
        if not dotted.endswith(".") or not dotted.partition(".")[0].isidentifier():
            return
        found, value = request.objects.find(dotted[:-1])
        if not found:
            return
        hidden = not word.startswith("_")
        for name in request.objects.attributes(value):
            if request.matches(name, word) and not (hidden and name.startswith("_")):
                yield Completion(start, end, name)


class MagicProvider:
    """Magics: at the beginning of a line without their mark too."""

    name = "magics"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose magics that begin with what is typed."""
        start, end = name_start(request), request.cursor
        typed = request.text[start:end]
        name = typed.lstrip("%")
        at_start = not request.text[request.line_start : start].strip()
        if "." in typed or not (name == request.word and (name != typed or (at_start and name))):
            return
        for mark in ("%%",) if typed.startswith("%%") else ("%", "%%"):
            for each in self._shell.magics.names("cell" if mark == "%%" else "line"):
                if request.matches(each, name):
                    yield Completion(start, end, mark + each, "magic")


class _Plugin:
    def __init__(self, kind: type[NameProvider | AttributeProvider | MagicProvider]) -> None:
        self._kind = kind

    @hookimpl
    def ipshell_completion_providers(self, shell: InteractiveShell) -> Iterable[CompletionProvider]:
        return [self._kind(shell)]


names = _Plugin(NameProvider)
attributes = _Plugin(AttributeProvider)
magics = _Plugin(MagicProvider)
