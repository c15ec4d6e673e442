"""Which names a typed piece may stand for: those that go with it, and those of whose words it gives initials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

#: Rank of what is found by initials: behind what begins with the piece as typed.
BY_INITIALS = -1


def matching(request: CompletionRequest, names: Iterable[str], typed: str) -> tuple[list[str], list[str]]:
    """Pick the names that a typed piece may stand for, each list sorted.

    :param names: each once.
    :param typed: the piece; nothing stands for all.
    :returns: those that go with it in the way that the user has chosen, and others of which it gives
        initials: ``d_f_m`` stands for ``data_frame_merge``.
    """
    if not typed:
        return sorted(names), []
    direct = sorted(request.matching_names(names, typed))
    pieces = typed.split("_")
    if len(pieces) < 2 or not pieces[0]:
        return direct, []
    known = set(direct)
    return direct, sorted(name for name in names if name not in known and _has_initials(name, pieces))


def _has_initials(name: str, pieces: list[str]) -> bool:
    if name[:1] != pieces[0][0] or name.count("_") < len(pieces) - 1:
        return False
    words = name.split("_")
    return all(word.startswith(piece) for word, piece in zip(words, pieces, strict=False))
