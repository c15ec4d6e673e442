"""Which parameter of a signature an argument goes to, and the signature as one line."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .calls import Call

#: Characters of one parameter that are shown.
_LONGEST: Final = 60

_POSITIONAL: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class Piece(NamedTuple):
    """A piece of a signature's line."""

    text: str
    current: bool = False
    """Whether it is the parameter that the cursor's argument goes to."""


def current_parameter(signature: Signature, call: Call) -> str | None:
    """Tell to which parameter the cursor's argument goes.

    :returns: its name; ``None`` if there is none, or if it cannot be told.
    """
    parameters = list(signature.parameters.values())
    by_kind = {each.kind: each.name for each in parameters}
    if call.doubly:
        return by_kind.get(Parameter.VAR_KEYWORD)
    if call.argument is not None:
        for each in parameters:
            if each.name == call.argument and each.kind in (
                Parameter.POSITIONAL_OR_KEYWORD,
                Parameter.KEYWORD_ONLY,
            ):
                return each.name
        return by_kind.get(Parameter.VAR_KEYWORD)
    if call.unpacked:
        return by_kind.get(Parameter.VAR_POSITIONAL)
    positional = [each.name for each in parameters if each.kind in _POSITIONAL]
    if not call.keywords:
        if call.position < len(positional):
            return positional[call.position]
        if Parameter.VAR_POSITIONAL in by_kind:
            return by_kind[Parameter.VAR_POSITIONAL]
    # Behind a named argument, or where there is no further place, only another name can follow.
    taken = {*positional[: call.position], *call.keywords}
    left = [
        each.name
        for each in parameters
        if each.name not in taken and each.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    ]
    if left:
        return left[0] if len(left) == 1 else None
    return by_kind.get(Parameter.VAR_KEYWORD)


def pieces(name: str, signature: Signature, current: str | None) -> list[Piece]:
    """Give a signature as pieces of one line: ``join(a, *p)``.

    :param name: what stands before the parenthesis.
    :param current: the parameter that is marked.
    """
    found = [Piece(f"{name}(")]
    parameters = list(signature.parameters.values())
    shown: list[Piece] = []
    only_positional = False
    star = False
    for each in parameters:
        if each.kind is Parameter.POSITIONAL_ONLY:
            only_positional = True
        elif only_positional:
            shown.append(Piece("/"))
            only_positional = False
        if each.kind is Parameter.VAR_POSITIONAL:
            star = True
        elif each.kind is Parameter.KEYWORD_ONLY and not star:
            shown.append(Piece("*"))
            star = True
        text = printable(str(each))
        if len(text) > _LONGEST:
            text = f"{text[: _LONGEST - 1]}…"
        shown.append(Piece(text, each.name == current))
    if only_positional:
        shown.append(Piece("/"))
    for number, piece in enumerate(shown):
        if number:
            found.append(Piece(", "))
        found.append(piece)
    ending = ")"
    if signature.return_annotation is not Signature.empty:
        ending = f") -> {printable(repr(signature.return_annotation))}"
    found.append(Piece(ending))
    return found


def fitted(line: list[Piece], width: int) -> list[Piece]:
    """Cut a line so that it fits, with the marked piece in view; dots stand for what is left out.

    :param line: pieces, the first of which is the name.
    :param width: columns.
    """
    from prompt_toolkit.utils import get_cwidth

    widths = [get_cwidth(piece.text) for piece in line]
    if sum(widths) <= width:
        return line
    if width < 4:
        return [Piece(cut(line[0].text, width))]
    marked = next((number for number, piece in enumerate(line) if piece.current), 1)
    # From the left, leave out what stands before the marked one until it fits.
    first = 1
    while first < marked and widths[0] + 3 + sum(widths[first : marked + 1]) + 1 > width:
        first += 1
    kept = [line[0]]
    if first > 1:
        kept.append(Piece("…, "))
        while first < marked and not line[first].text.strip(", "):
            first += 1
    kept += line[first:]
    return _cut_right(kept, width)


def _cut_right(line: list[Piece], width: int) -> list[Piece]:
    from prompt_toolkit.utils import get_cwidth

    found: list[Piece] = []
    used = 0
    for piece in line:
        taken = get_cwidth(piece.text)
        if used + taken > width:
            rest = cut(piece.text, width - used)
            if rest:
                found.append(Piece(rest, piece.current))
            elif found:
                last = found.pop()
                shorter = cut(f"{last.text}…", get_cwidth(last.text))
                found.append(Piece(shorter, last.current))
            return found
        found.append(piece)
        used += taken
    return found


def cut(text: str, width: int) -> str:
    """Cut a text so that it takes at most so many columns; an ellipsis tells that it was cut."""
    from prompt_toolkit.utils import get_cwidth

    if get_cwidth(text) <= width:
        return text
    if width < 1:
        return ""
    kept, used = "", 1
    for character in text:
        used += get_cwidth(character)
        if used > width:
            break
        kept += character
    return f"{kept}…"


def printable(text: str) -> str:
    """Give a text of one line: characters that would move the cursor are left out."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
