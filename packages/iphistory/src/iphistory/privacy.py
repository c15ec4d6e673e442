"""What is never kept: texts that look as if they held a secret, and what the user says.

A pattern that is too wide loses cells, one that is too narrow keeps a password for ever. So what is
kept out is told once a session, with the name of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Final

#: Rules by name, each a regular expression that finds a secret in a cell.
SECRETS: Final = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{60,}\b",
    "a GitLab token": r"\bglpat-[\w-]{20,}",
    "a Slack token": r"\bxox[abposr]-[\w-]{10,}",
    "an API key": r"\bsk-[A-Za-z0-9_-]{20,}",
    "a JSON web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"{}]+:[^\s/@'\"{}]{3,}@",
    # Only where a text is assigned: "password = getpass()" holds none.
    "a password": r"(?i:password|passwd|secret|(?:api|access|secret)_?key|(?:auth|access)_?token)\d*"
    r"['\"]?\]?\s*[=:]\s*[rbuf]{0,2}(?:'[^']{3,}'|\"[^\"]{3,}\")",
}

#: Without one of these there is no secret; found faster than the rules one by one.
_HINT: Final = re.compile(
    r"://|-----BEGIN|AKIA|ASIA|gh[pousr]_|_pat_|glpat-|xox|sk-|eyJ|(?i:pass|secret|key|token)"
)

#: Secrets are short: in a longer cell only its first characters are looked at.
_LONGEST: Final = 100_000


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
        if self._secrets and _HINT.search(text, 0, _LONGEST):
            for name, rule in SECRETS.items():
                if re.search(rule, text[:_LONGEST]):
                    return name
        return ""


def is_expression(pattern: str) -> str:
    """Say what is wrong with a regular expression; empty if nothing is."""
    try:
        re.compile(pattern)
    except re.error as wrong:
        return str(wrong)
    return ""
