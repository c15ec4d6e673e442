"""Values that an argument or variable may have by its annotation, or that are known of an argument."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from inspect import Signature

    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest

    from .choices import Choices, Reader
    from .context import Call, Context

#: What may be chosen stands before what else may stand there.
RANK: Final = 1


class LiteralProvider:
    """Values that an argument or variable may have by its annotation."""

    name = "literals"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose the values of ``Literal`` and the members of an Enum; in a string, texts alone."""
        from .context import context_of

        context = context_of(request)
        if context.place not in ("code", "string") or context.dotted is not None:
            return
        if not (context.call or context.assigned) or not _is_alone(request, context):
            return
        found = _choices(request, context)
        if context.string is not None:
            yield from _quoted(request, context, found)
        else:
            yield from _whole(request, context, found)


def _is_alone(request: CompletionRequest, context: Context) -> bool:
    """Tell whether the value is nothing but what is typed: not the end of an expression."""
    start = context.start if context.string is None else context.string.start
    before = request.text[:start].rstrip()
    return before.endswith(("=", ",", "(", "[", "{")) or (context.expected == "value" and not context.call)


def _quoted(request: CompletionRequest, context: Context, found: Choices) -> Iterator[Completion]:
    from ipcore.types.completion import Completion

    from .quoting import endings

    piece = context.string
    if piece is None:
        return
    end = piece.end if piece.closed else request.cursor
    for _, content in endings(request, piece, found.values.values()):
        if content:
            yield Completion(piece.content_start, end, content, "literal", "", "", RANK)


def _whole(request: CompletionRequest, context: Context, found: Choices) -> Iterator[Completion]:
    from ipcore.types.completion import Completion

    start, end = context.start, request.cursor
    typed = request.text[start:end]
    for value in found.values.values():
        text = repr(value)
        if text.startswith(typed):
            yield Completion(start, end, text, "literal", "", "", RANK)
    for text in found.members:
        name = text.rpartition(".")[2]
        if request.matches(text, typed) or request.matches(name, typed):
            yield Completion(start, end, text, "attribute", "", "", RANK)


# -- where the annotation stands -------------------------------------------------------


def _choices(request: CompletionRequest, context: Context) -> Choices:
    from .choices import Reader

    reader = Reader(request.objects, context.before)
    if context.call is not None:
        _of_argument(request, context, context.call, reader)
    elif context.assigned is not None:
        _of_name(request, context, context.assigned, reader)
    return reader.found


def _of_argument(request: CompletionRequest, context: Context, call: Call, reader: Reader) -> None:
    objects = request.objects
    found, function = objects.find(call.function, context.before)
    signature = objects.signature(function) if found else None
    parameter = None if signature is None else _parameter(signature, call)
    if parameter is None or signature is None:
        return
    _read(reader, parameter.annotation)
    if not reader.found.values and not reader.found.members:
        from .known_choices import known_choices

        for text in known_choices(parameter.name, signature, request.text[context.start : request.cursor]):
            reader.found.add(text)


def _parameter(signature: Signature, call: Call) -> Parameter | None:
    """Give the parameter whose argument is typed."""
    parameters = signature.parameters.values()
    if call.argument is not None:
        named = signature.parameters.get(call.argument)
        if named is not None and named.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY):
            return named
        return next((each for each in parameters if each.kind is Parameter.VAR_KEYWORD), None)
    position = call.position
    for each in parameters:
        if each.kind is Parameter.VAR_POSITIONAL:
            return each
        if each.kind not in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            return None
        if not position:
            return None if each.name in call.keywords else each
        position -= 1
    return None


def _read(reader: Reader, annotation: Any) -> None:
    """Read the annotation of a signature."""
    from ipcore.completion.shown import Stored

    if annotation is Parameter.empty:
        return
    if type(annotation) is Stored:
        reader.read(annotation.value, annotation.names)
    else:
        reader.read(annotation)


def _of_name(request: CompletionRequest, context: Context, name: str, reader: Reader) -> None:
    from .choices import annotation_in, entry, members_of

    objects = request.objects
    written = _own_annotation(request, context, name) or annotation_in(context.before, name)
    if written is not None:
        reader.read(written)
        return
    owner, _, attribute = name.rpartition(".")
    if owner:
        found, value = objects.find(owner, context.before)
        if found:
            _of_attribute(value, attribute, reader)
            return
    else:
        found, table = objects.find("__annotations__")
        annotation = entry(table, name) if found else None
        if annotation is not None:
            reader.read(annotation)
            return
    found, value = objects.find(name, context.before)
    if found and _is_compared(request, context):
        kind = _class_of(value)
        if members_of(kind):
            reader.read(kind)


def _is_compared(request: CompletionRequest, context: Context) -> bool:
    """Tell whether the name keeps its value: what it is assigned may be of another kind."""
    start = context.start if context.string is None else context.string.start
    before = request.text[:start].rstrip()
    return before.endswith(("==", "!=")) or not before.endswith("=")


def _own_annotation(request: CompletionRequest, context: Context, name: str) -> str | None:
    """Give the annotation in ``name: annotation = value`` itself."""
    start = context.start if context.string is None else context.string.start
    statement = context.statement[: len(context.statement) - (request.cursor - start)].rstrip()
    if not statement.startswith(name) or not statement.endswith("=") or statement.endswith("=="):
        return None
    colon = statement[len(name) :].lstrip()
    return colon[1:-1].strip() or None if colon.startswith(":") else None


def _class_of(value: object) -> Any:
    from ipcore.types.completion import InstanceOf

    return value.kind if type(value) is InstanceOf else type(value)


def _of_attribute(owner: object, name: str, reader: Reader) -> None:
    """Read the annotation that the class of an object gives an attribute."""
    from ipcore.completion.shown import bases_of
    from ipcore.completion.signatures import class_annotations

    from .choices import globals_of

    kind = _class_of(owner)
    for each in (*bases_of(owner), *bases_of(kind)):
        annotation = class_annotations(each).get(name)
        if annotation is not None:
            reader.read(annotation, globals_of(each))
            return
