"""Texts inside of string literals: what is typed of one, and how one is written to its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

    from .context import StringPiece

_SIMPLE: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "\n": "",
}
_ESCAPE: Final = re.compile(
    r"\\(?:([ntrabfv\\'\"\n])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))"
)
_ESCAPE_OF_BYTES: Final = re.compile(r"\\(?:([ntrabfv\\'\"\n])|x([0-9a-fA-F]{2})()()|([0-7]{1,3}))")
_QUOTE: Final = re.compile(r"\\(.)|\"", re.DOTALL)


def endings(
    request: CompletionRequest, piece: StringPiece, values: Iterable[Any]
) -> Iterable[tuple[Any, str]]:
    """Give those of some values that may be meant by a string literal, each with the content to stand there.

    What is typed stays as it is typed, if the value begins with it.

    :param values: of any type; others than texts, or bytes behind ``b``, are passed by.
    """
    prefix = piece.prefix.lower()
    if "f" in prefix or "t" in prefix:  # of their braces it is not known what they give
        return ()
    kind: Any = bytes if "b" in prefix else str
    typed = request.text[piece.content_start : request.cursor]
    alike = [value for value in values if type(value) is kind]
    quote = piece.quote[0]
    if kind is str and request.matching == "prefix" and _is_plain(f"{typed}{''.join(alike)}", quote):
        plain = [text for text in alike if text.startswith(typed)] if typed else alike
        return zip(plain, plain, strict=True)
    return _endings(request, piece, alike, typed, kind)


def _endings(
    request: CompletionRequest, piece: StringPiece, values: list[Any], typed: str, kind: Any
) -> Iterator[tuple[Any, str]]:
    raw = "r" in piece.prefix.lower()
    kept, meaning = _meaning(typed, kind, raw)
    quote = piece.quote[0]
    for value in values:
        text: str = value if kind is str else value.decode("latin-1")
        if text.startswith(meaning):
            content = written(value[len(meaning) :], quote, raw)
            if content is not None and (kept is typed or (kept + content).startswith(typed)):
                yield value, kept + content
        elif request.matches(text, meaning):
            content = written(value, quote, raw)
            if content is not None:
                yield value, content


def _is_plain(text: str, quote: str) -> bool:
    """Tell whether a text is the content of its literal as it is."""
    return text.isprintable() and "\\" not in text and quote not in text


def written(value: str | bytes, quote: str, raw: bool = False) -> str | None:
    """Write a text as the content of a literal; ``None`` if that cannot be done.

    :param quote: one of the quotes around it.
    :param raw: whether the literal has an ``r``, so that nothing can be escaped.
    """
    if isinstance(value, str):
        plain = value
        if _is_plain(value, quote):
            return value
        whole = repr('"' + value)[2:-1]  # Python puts what holds a double quote between single ones
    else:
        plain = value.decode("latin-1")
        whole = repr(b'"' + value)[3:-1]
        if raw and not plain.isascii():
            return None
    if raw:
        return plain if plain.isprintable() and quote not in plain and not plain.endswith("\\") else None
    return whole if quote == "'" else _QUOTE.sub(_in_double_quotes, whole)


def _in_double_quotes(match: re.Match[str]) -> str:
    if match[0] == '"':
        return '\\"'
    return "'" if match[1] == "'" else match[0]


def _meaning(typed: str, kind: Any, raw: bool) -> tuple[str, str]:
    """Tell what is typed of a literal's content, and what it means.

    :returns: what stays of it: all but an escape that is not whole yet; and what that means.
    """
    if raw or "\\" not in typed:
        return typed, typed
    half = re.search(r"(?<!\\)(?:\\\\)*(\\(?:x[0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7})?)\Z", typed)
    kept = typed[: half.start(1)] if half is not None else typed
    pattern = _ESCAPE if kind is str else _ESCAPE_OF_BYTES
    return kept, pattern.sub(_character, kept)


def _character(match: re.Match[str]) -> str:
    simple, two, four, eight, octal = match.groups()
    if simple:
        return _SIMPLE[simple]
    number = int(octal, 8) if octal else int(two or four or eight, 16)
    return chr(number) if number < 0x110000 else match[0]
