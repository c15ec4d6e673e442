"""Blocks of code as they are found in mails, documents and sessions, made into code again."""

from __future__ import annotations

import re

from .pasting import dedented, without_prompts

_QUOTED = re.compile(r"[ \t]*>(?!>>)[ \t]?")
_ADDED = re.compile(r"\+(?!\+\+)")


def cleaned(block: str) -> str:
    """Take away what does not belong to the code: prompts, marks of mails and changes, common indentation."""
    block = block.replace("\r\n", "\n").replace("\r", "\n")
    while True:
        bare = without_prompts(block)
        for mark in (_QUOTED, _ADDED):
            bare = _without(mark, bare)
        bare = dedented(bare)
        if bare == block:
            return block
        block = bare


def _without(mark: re.Pattern[str], block: str) -> str:
    """Take a mark away that all lines begin with, but for blank ones."""
    lines = block.split("\n")
    filled = [line for line in lines if line.strip()]
    if not filled or not all(mark.match(line) for line in filled):
        return block
    return "\n".join(mark.sub("", line, count=1) if mark.match(line) else line for line in lines)
