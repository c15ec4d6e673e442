"""Keys, inside of a subscript, and of the call of a method that takes one."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionRequest

    from .context import Context, StringPiece, Subscript

#: Keys stand before what else may stand in a subscript.
RANK: Final = 1

#: Methods whose first argument is a key, and its name if it has one: of dictionaries, of a match, of tables.
_TAKING_KEY: Final = {
    "get": "",
    "pop": "",
    "setdefault": "",
    "group": "",
    "groupby": "by",
    "set_index": "keys",
    "sort_values": "by",
}

#: A number at the end of what is typed.
_NUMBER: Final = re.compile(r"-?\d[\d_.]*\Z")


class KeyProvider:
    """Keys, inside of a subscript, or as the first argument of ``get`` and the like.

    In a subscript, of a key that is a tuple the part is proposed that the cursor stands at.
    """

    name = "keys"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> list[Completion]:
        """Propose keys of what is subscripted or asked; without a quote typed, as whole literals."""
        from .context import context_of

        context = context_of(request)
        if context.place == "nothing" and (number := _NUMBER.search(request.line_before)):
            # Behind a number nothing but the rest of a number may stand.
            context = context_of(replace(request, cursor=request.cursor - len(number[0])))
        subscript = context.subscript or _asked(request, context)
        if subscript is None or context.dotted is not None or not _is_alone(request, context, subscript):
            return []
        find = _all_keys if context.subscript is None or subscript.listed else _parts
        parts = find(request, context, subscript)
        if not parts or request.cancelled():  # an object that is asked for its keys may take its time
            return []
        closes = self._shell.completer.auto_close_dict_keys
        if context.string is not None:
            return _quoted(request, context.string, parts, subscript.closed, closes)
        return _whole(request, subscript, parts, closes)


class _Part:
    """What follows one part of a key: nothing if it is all of it."""

    __slots__ = ("ends", "goes_on", "lone", "whole")

    def __init__(self) -> None:
        #: Whether a key is this and nothing else.
        self.whole = False
        #: Whether it is the last part of a tuple, or one with others behind it.
        self.ends = False
        self.goes_on = False
        #: Whether it is the only part of a tuple, which ends with a comma.
        self.lone = False

    def ending(self, closed: bool) -> str:
        """Give what is to stand behind it; nothing where it is not clear."""
        if self.goes_on:
            return "" if self.whole or self.ends or closed else ", "
        if self.lone:
            return "" if self.whole else ",]"[: 1 if closed else 2]
        return "" if closed else "]"


def _asked(request: CompletionRequest, context: Context) -> Subscript | None:
    """Give the key that is typed in ``table.get(|``, as if it were a subscript that is closed already."""
    from .context import Subscript

    call = context.call
    if call is None or call.position:
        return None
    owner, dot, method = call.function.rpartition(".")
    name = call.argument
    if method == "getenv":
        owner = f"{owner}{dot}environ"
    elif not dot or method not in _TAKING_KEY or (name is not None and name != _TAKING_KEY[method]):
        return None
    start = call.start
    if name is not None:
        typed = context.start if context.string is None else context.string.start
        start = request.text.rindex("=", start, typed) + 1
    while start < request.cursor and request.text[start].isspace():
        start += 1
    return Subscript(owner, call.start, (), start, True)


def _all_keys(request: CompletionRequest, context: Context, subscript: Subscript) -> dict[Any, _Part]:
    found, value = request.objects.find(subscript.value, context.before)
    if subscript.listed and issubclass(type(value), dict):
        return {}
    alone = _Part()
    alone.whole = True
    return dict.fromkeys(request.objects.keys(value), alone) if found else {}


def _is_alone(request: CompletionRequest, context: Context, subscript: Subscript) -> bool:
    """Tell whether the cursor's part of the subscript is nothing but a key, or the beginning of one."""
    if context.place == "string":
        return context.string is not None and context.string.start == subscript.part_start
    typed = request.text[subscript.part_start : request.cursor]
    return context.string is None and (
        not typed or all(character.isalnum() or character in "_.-" for character in typed)
    )


def _parts(request: CompletionRequest, context: Context, subscript: Subscript) -> dict[Any, _Part]:
    objects = request.objects
    found, value = objects.find(subscript.value, context.before)
    if not found:
        return {}
    before: list[Any] = []
    if subscript.before:
        from ipcore.completion.keys import indexed_by, is_literal

        frame = indexed_by(value)
        if frame is not None:  # of rows and columns, the second
            columns = objects.keys(frame) if len(subscript.before) == 1 else []
            return _parts_at(columns, [])
        for written in subscript.before:
            known, part = _value_of(written, request, context)
            if not known or not is_literal(part):
                return {}
            before.append(part)
    return _parts_at(objects.keys(value), before)


def _parts_at(keys: list[Any], before: list[Any]) -> dict[Any, _Part]:
    """Give the parts that may stand behind others, in the order of the keys."""
    if not before and tuple not in {*map(type, keys)}:
        alone = _Part()
        alone.whole = True
        return dict.fromkeys(keys, alone)
    found: dict[Any, _Part] = {}
    at = len(before)
    given = tuple(before)
    for key in keys:
        if type(key) is not tuple:
            if not at:
                found.setdefault(key, _Part()).whole = True
        elif len(key) > at and key[:at] == given:
            part = found.setdefault(key[at], _Part())
            if len(key) == 1:
                part.lone = True
            elif len(key) == at + 1:
                part.ends = True
            else:
                part.goes_on = True
    return found


def _value_of(written: str, request: CompletionRequest, context: Context) -> tuple[bool, Any]:
    try:
        return True, ast.literal_eval(written.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return request.objects.find(written.strip(), context.before)


def _quoted(
    request: CompletionRequest, piece: StringPiece, parts: dict[Any, _Part], closed: bool, closes: bool
) -> list[Completion]:
    from .matching import completions
    from .quoting import endings

    start, end = piece.content_start, piece.end if piece.closed else request.cursor
    found = endings(request, piece, parts)
    if closes and not piece.closed:
        texts = [content + piece.quote + parts[key].ending(closed) for key, content in found]
    else:
        texts = [*filter(None, map(itemgetter(1), found))]
    return [*completions("keys", start, end, texts, "dict key", RANK)]


def _whole(
    request: CompletionRequest, subscript: Subscript, parts: dict[Any, _Part], closes: bool
) -> list[Completion]:
    from .matching import completions

    start, end = subscript.part_start, request.cursor
    typed = request.text[start:end]
    texts = []
    for key, part in parts.items():
        text = repr(key)
        if not text.startswith(typed):
            continue
        if part.lone and not part.whole and not subscript.before:
            text = f"{text},"
        if closes:
            text = text.rstrip(",") + part.ending(subscript.closed)
        texts.append(text)
    return [*completions("keys", start, end, texts, "dict key", RANK)]
