"""Methods that Python itself calls, where a class defines them: ``def __in`` in its body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

    from .context import Context

_STATEMENT: Final = re.compile(r"(?:async\s+)?def\s+(_\w*)\Z")
_OPERATORS: Final = "add sub mul matmul truediv floordiv mod pow lshift rshift and xor or".split()

#: Parameters → the names of those that are usually written with them, without underscores.
_METHODS: Final = {
    "self": (
        "abs aenter aiter anext await bool bytes ceil complex del dir enter float floor getnewargs getstate "
        "hash index init int invert iter len length_hint neg next pos reduce repr reversed str trunc"
    ),
    "self, other": " ".join(
        [
            *("lt", "le", "eq", "ne", "gt", "ge", "divmod", "rdivmod"),
            *(f"{kind}{each}" for each in _OPERATORS for kind in ("", "r", "i")),
        ]
    ),
    "self, key": "getitem delitem missing",
    "self, key, value": "setitem",
    "self, item": "contains",
    "self, name": "getattr getattribute delattr",
    "self, name, value": "setattr",
    "self, instance, owner=None": "get",
    "self, instance, value": "set",
    "self, instance": "delete instancecheck",
    "self, subclass": "subclasscheck",
    "self, owner, name": "set_name",
    "self, exc_type, exc_value, traceback": "exit aexit",
    "self, *args, **kwargs": "call",
    "self, format_spec": "format",
    "self, ndigits=None": "round",
    "self, state": "setstate",
    "self, protocol": "reduce_ex",
    "self, bases": "mro_entries",
    "self, flags": "buffer",
    "self, buffer": "release_buffer",
    "cls, *args, **kwargs": "new",
    "cls, **kwargs": "init_subclass",
    "cls, item": "class_getitem",
    "metacls, name, bases, **kwargs": "prepare",
}


def special_methods(request: CompletionRequest, context: Context) -> list[Completion]:
    """Propose names with parameters where a method of a class is named, once an underscore is typed."""
    match = _STATEMENT.match(context.statement)
    if match is None or not _in_class(context.before):
        return []
    named = request.text.startswith("(", request.cursor)
    found = []
    for parameters, names in _METHODS.items():
        for name in (f"__{each}__" for each in names.split()):
            if name.startswith(match[1]):
                text = name if named else f"{name}({parameters})"
                found.append(Completion(context.start, request.cursor, text, "function", f"({parameters})"))
    return found


def _in_class(before: str) -> bool:
    """Tell whether what follows some lines, and an indentation, stands in the body of a class."""
    *lines, blanks = before.expandtabs().split("\n")
    width = len(blanks)
    for line in reversed(lines):
        text = line.lstrip()
        indent = len(line) - len(text)
        if indent >= width or not text or text.startswith("#"):
            continue
        if re.match(r"(class|(?:async\s+)?def)\b", text):
            return text.startswith("class")
        if not text.startswith((")", "]")):  # the end of a header of several lines
            width = indent
    return False
