"""Lists of completions: narrowed as one types on, joined with what comes late, and put into the text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ipcore.types.completion import Completion, Matching

#: How far a name may be from what is typed of it, by :func:`ipcore.types.completion.distance`.
_FARTHEST: Final[dict[Matching, int]] = {"prefix": 0, "case-insensitive": 1, "substring": 2, "fuzzy": 3}

#: Marks of magics and quotes, which stand around a name.
_AROUND: Final = "%'\""


class Edit(NamedTuple):
    """A text and the cursor in it."""

    text: str
    cursor: int


def joined(shown: list[Completion], newer: Iterable[Completion]) -> list[Completion]:
    """Put late completions behind those that are shown, each once; what is shown stays in its place.

    A late one that tells the type of one that is shown stands in its place.

    :param shown: those in the menu.
    :param newer: all there are by now, sorted.
    """
    places = {each[:3]: number for number, each in enumerate(shown)}
    found = list(shown)
    for each in newer:
        at = places.get(each[:3])
        if at is None:
            found.append(each)
        elif each.type and not found[at].type:
            found[at] = each
    return found


def narrowed(
    found: Iterable[Completion], cursor: int, text: str, typed_to: int, matching: Matching = "prefix"
) -> list[Completion]:
    """Keep the completions that go with the text as it is now.

    :param found: what was proposed when the cursor was at ``cursor``.
    :param text: the text now.
    :param typed_to: where the cursor is now, on the same line.
    """
    from ipcore.types.completion import Completion, distance

    more = typed_to - cursor
    typed: dict[int, str] = {}
    kept: list[Completion] = []
    new, farthest = tuple.__new__, _FARTHEST[matching]
    for each in found:
        start = each[0]
        if start not in typed:
            typed[start] = text[start:typed_to]
        name, piece = each[2], typed[start]
        if name.startswith(piece) or (farthest and distance(bare(name), bare(piece)) <= farthest):
            kept.append(new(Completion, (start, each[1] + more, *each[2:])))
    return kept


def common(found: list[Completion], text: str, cursor: int, *, folding: bool = False) -> Edit | None:
    """Complete what all completions have in common.

    :param folding: whether upper and lower case count as the same, and what is typed takes theirs.
    :returns: ``None`` if that is no more than what is typed.
    """
    if not found:
        return None
    start = min(each.start for each in found)
    if text.rfind("\n", start, cursor) >= 0:
        return None
    whole = [text[start : each.start] + each.text for each in found]
    first, last = min(whole), max(whole)  # what these two have in common all have that stand between
    prefix = first[
        : next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    ]
    typed = text[start:cursor]
    if len(prefix) <= len(typed):
        return None
    if not prefix.startswith(typed) and not (folding and prefix.casefold().startswith(typed.casefold())):
        return None
    return Edit(text[:start] + prefix + text[cursor:], start + len(prefix))


def put_in(each: Completion, text: str, cursor: int) -> Edit:
    """Put a completion into the text. The rest of a word behind the cursor is not written twice.

    :param text: the text for which it was proposed.
    :param cursor: where the cursor was.
    """
    end = each.end
    rest = _rest_of_word(text, end) if end == cursor else ""
    if rest and each.text.endswith(rest) and len(each.text) - len(rest) >= cursor - each.start:
        end += len(rest)
    return Edit(text[: each.start] + each.text + text[end:], each.start + len(each.text))


def _rest_of_word(text: str, at: int) -> str:
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[at:end]


def bare(text: str) -> str:
    """Leave away what stands around a name: the mark of a magic, quotes."""
    return text.strip(_AROUND)


def matched(name: str, typed: str) -> list[int]:
    """Tell which characters of a name are what is typed of it: together if that is possible.

    :returns: their places; nothing if it does not have them.
    """
    if not typed:
        return []
    if name.startswith(typed):
        return list(range(len(typed)))
    typed = bare(typed)
    skipped = len(name) - len(name.lstrip(_AROUND))
    folded, wanted = name[skipped:].casefold(), typed.casefold()
    if len(folded) != len(name) - skipped or not wanted:  # characters that fold to several
        return []
    at = folded.find(wanted)
    if at >= 0:
        return list(range(skipped + at, skipped + at + len(wanted)))
    places: list[int] = []
    at = -1
    for letter in wanted:
        at = folded.find(letter, at + 1)
        if at < 0:
            return []
        places.append(skipped + at)
    return places
