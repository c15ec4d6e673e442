"""Which names a typed piece may stand for: those that begin with it, and initials of their words."""

from __future__ import annotations

from collections.abc import Iterable

#: Rank of what is found by initials: behind what begins with the piece as typed.
BY_INITIALS = -1


def matching(names: Iterable[str], typed: str) -> tuple[list[str], list[str]]:
    """Pick the names that a typed piece may stand for, each list sorted.

    :param names: each once.
    :param typed: the piece; nothing stands for all.
    :returns: those that begin with it, and those of which it gives initials: ``d_f_m`` stands for
        ``data_frame_merge``.
    """
    if not typed:
        return sorted(names), []
    direct = [name for name in names if name.startswith(typed)]
    direct.sort()
    pieces = typed.split("_")
    if len(pieces) < 2 or not pieces[0]:
        return direct, []
    found = [name for name in names if _has_initials(name, pieces) and not name.startswith(typed)]
    found.sort()
    return direct, found


def _has_initials(name: str, pieces: list[str]) -> bool:
    if name[0] != pieces[0][0] or name.count("_") < len(pieces) - 1:
        return False
    words = name.split("_")
    return all(word.startswith(piece) for word, piece in zip(words, pieces, strict=False))
