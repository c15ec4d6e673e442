"""Names of the user, builtin ones and keywords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

from .bindings import bound_before, bound_within
from .context import bare_path, context_of
from .keywords import keywords_at
from .matching import BY_INITIALS, completions, matching

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest, Objects

    from .bindings import Bindings
    from .context import Context

#: For how many names it is looked up what they are, and how they are called: as many as are seen.
TYPED: Final = 200
SIGNED: Final = 8


#: Which names that brings, only the objects tell.
_STAR: Final = re.compile(r"\bimport\s*\*")


class NameProvider:
    """Names of the user, builtin ones, those that the cell makes, and keywords.

    Nothing where a name is made up, but for methods that Python calls; nothing in comments and strings, and
    behind numbers.
    """

    name = "names"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> list[Completion]:
        """Propose names and keywords."""
        context = context_of(request)
        if context.place == "nothing" and "def" in context.statement:
            from .data_model import special_methods

            return special_methods(request, context)
        if context.place != "code" or context.dotted is not None:
            return []
        if bare_path(request) >= 0:
            return []
        if context.expected == "operator" and not context.bracket:  # time prin|
            context = self._behind_a_magic(request) or context
        start, end = context.start, request.cursor
        if start and request.text[start - 1] == "\\":  # a command for a character
            return []
        typed = request.text[start:end]
        if request.trigger == "typing" and not typed:
            return []
        indented = request.line_before[:1].isspace()
        allowed = [each for each in keywords_at(context, indented=indented) if each.startswith(typed)]
        if context.expected == "operator":
            if start == end and not request.text[start - 1].isspace():
                return []  # right behind an expression
            found = []
        else:
            found = self._names(request, context, typed)
        return [*found, *(Completion(start, end, name, "keyword") for name in allowed)]

    def _behind_a_magic(self, request: CompletionRequest) -> Context | None:
        from .magic_words import code_behind

        context = code_behind(self._shell, request)
        return context if context is not None and context.place == "code" else None

    def _names(self, request: CompletionRequest, context: Context, typed: str) -> list[Completion]:
        start, end = context.start, request.cursor
        objects = request.objects
        bound = {**bound_before(context.before), **bound_within(context.statement)}
        names = objects.names(context.before if _STAR.search(context.before) else "")
        names += bound
        direct, initials = matching(request, names, typed, "_")
        make, proposed = Completion._make, []
        for index, name in enumerate(direct[:TYPED]):
            kind, signature = _described(objects, name, bound, context, signed=index < SIGNED)
            proposed.append(make((start, end, name, kind, signature, "", 0, self.name)))
        proposed += completions(self.name, start, end, direct[TYPED:], "")
        for name in initials:
            kind, _ = _described(objects, name, bound, context, signed=False)
            proposed.append(Completion(start, end, name, kind, rank=BY_INITIALS))
        return proposed


def _described(
    objects: Objects, name: str, bound: Bindings, context: Context, *, signed: bool
) -> tuple[str, str]:
    """Tell what a name is, and how it is called."""
    kind = bound.get(name)
    if kind is not None and (kind or not signed):
        return kind, ""
    found, value = objects.find(name, context.before if kind is not None else "")
    if not found:
        return kind or "", ""
    kind = objects.type_of(value)
    if not signed or kind not in ("function", "class"):
        return kind, ""
    signature = objects.signature(value)
    return kind, "" if signature is None else str(signature)
