"""Which names a typed piece may stand for: those that go with it, or whose words begin with its letters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

#: Rank of what is found by initials: behind what begins with the piece as typed.
BY_INITIALS: Final = -1


def matching(
    request: CompletionRequest, names: Collection[str], typed: str, hidden: str = ""
) -> tuple[list[str], list[str]]:
    """Pick the names that a typed piece may stand for, each list sorted, each name once.

    :param names: what there is; those that are no identifiers are left out.
    :param typed: the piece; nothing stands for all.
    :param hidden: what names begin with that are left out where nothing is typed, or no underscore.
    :returns: those that go with it in the way that the user has chosen, and others of which it gives
        initials: ``d_f_m`` stands for ``data_frame_merge``.
    """
    found = request.matching_names(names, typed) if typed else names
    if hidden and typed[:1] != "_" and not (typed and request.matching == "prefix"):
        found = [name for name in found if not name.startswith(hidden)]
    direct = sorted(dict.fromkeys(filter(str.isidentifier, found)))  # quicker than of a set: much is in order
    return direct, _by_initials(names, typed, direct) if "_" in typed.strip("_") else []


def completions(
    source: str, start: int, end: int, texts: list[str], kind: str, rank: int = 0
) -> Iterator[Completion]:
    """Make completions of many texts that are all of one kind.

    :param source: the provider's name, so that the shell need not make them again to write it.
    """
    fields = map(repeat, (kind, "", "", rank, source))
    return map(partial(tuple.__new__, Completion), zip(repeat(start), repeat(end), texts, *fields))


def _by_initials(names: Collection[str], typed: str, known: list[str]) -> list[str]:
    pattern = r"[^_\n]*+_".join(map(re.escape, typed.split("_")))
    found = re.findall(rf"^{pattern}.*+$", "\n".join(names), re.MULTILINE)
    return sorted({name for name in found if name.isidentifier()}.difference(known))
