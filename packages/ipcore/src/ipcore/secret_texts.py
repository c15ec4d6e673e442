"""Texts that look as if they held a secret: they are not kept, and not handed on.

A pattern that is too wide loses cells, one that is too narrow keeps a password for ever.
"""

from __future__ import annotations

import re
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


def secret_in(text: str) -> str:
    """Say which secret a cell seems to hold; empty for none."""
    if _HINT.search(text, 0, _LONGEST):
        for name, rule in SECRETS.items():
            if re.search(rule, text[:_LONGEST]):
                return name
    return ""
