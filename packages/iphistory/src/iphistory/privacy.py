"""What is never kept: texts that look as if they held a secret, and what the user says.

What is kept out is told once a session, with the name of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate

from ipcore.secret_texts import secret_in


class Privacy:
    """Decides which cells are kept.

    :param ignore: regular expressions; a cell in which one is found is not kept.
    :param cells: patterns with ``*`` and ``?``; a cell that is like one from end to end is not kept.
    :param ignore_space: do not keep cells that begin with a blank.
    :param secrets: keep texts out that look like secrets.
    :raises re.error: if an expression is none.
    """

    def __init__(
        self,
        ignore: Iterable[str] = (),
        *,
        cells: Iterable[str] = (),
        ignore_space: bool = True,
        secrets: bool = True,
    ) -> None:
        self._ignore = [re.compile(pattern) for pattern in ignore]
        self._ignore += [re.compile(r"\A" + translate(pattern)) for pattern in cells]
        self._ignore_space = ignore_space
        self._secrets = secrets

    def unwanted(self, text: str) -> bool:
        """Tell whether a cell is one that the user does not want to be kept."""
        if self._ignore_space and text[:1] == " ":
            return True
        return any(pattern.search(text) for pattern in self._ignore)

    def secret(self, text: str) -> str:
        """Say which secret a cell seems to hold; empty for none, and where secrets are kept."""
        return secret_in(text) if self._secrets else ""


def is_expression(pattern: str) -> str:
    """Say what is wrong with a regular expression; empty if nothing is."""
    try:
        re.compile(pattern)
    except re.error as wrong:
        return str(wrong)
    return ""
