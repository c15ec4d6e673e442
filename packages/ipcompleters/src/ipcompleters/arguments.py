"""Names of keyword arguments, inside of a call."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inspect import Signature

    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest

#: Characters of a signature that are shown.
_LONGEST: Final = 240


class ArgumentProvider:
    """Names of keyword arguments, inside of a call."""

    name = "keyword arguments"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose ``name=`` for what the function takes and has not been given."""
        from ipcore.types.completion import Completion

        from .context import context_of

        context = context_of(request)
        call = context.call
        if call is None or context.place != "code" or context.dotted is not None or not call.at_start:
            return
        typed = request.text[context.start : request.cursor]
        if request.trigger == "typing" and not typed:
            return
        found, function = request.objects.find(call.function, context.before)
        signature = request.objects.signature(function) if found else None
        if signature is None:
            return
        shown = _shown(signature)
        for name in _names(signature, call.position, call.keywords):
            if request.matches(name, typed):
                yield Completion(context.start, request.cursor, f"{name}=", "param", shown)


def _names(signature: Signature, position: int, given: tuple[str, ...]) -> Iterator[str]:
    for parameter in signature.parameters.values():
        kind = parameter.kind
        if kind is Parameter.POSITIONAL_ONLY or kind is Parameter.POSITIONAL_OR_KEYWORD:
            position -= 1
            if position >= 0:
                continue
        if kind is not Parameter.POSITIONAL_OR_KEYWORD and kind is not Parameter.KEYWORD_ONLY:
            continue
        if parameter.name not in given:
            yield parameter.name


def _shown(signature: Signature) -> str:
    text = str(signature)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
