"""Telling what a terminal answers from what a person types.

Terminals answer questions on the line that keys come by: where the cursor is, which colours there are, what
they can do. An answer that comes late, to a program that has ended, must not land in the text.
"""

from __future__ import annotations

import re
import time
from typing import Final

#: Whole answers: cursor position and modes (CSI … R, $y), kinds of device (CSI ? > = … c),
#: state and size (CSI … n, t), flags of the keyboard (CSI ? … u), colours (OSC), strings (DCS, APC).
_ANSWER: Final = re.compile(
    r"\x1b\[\?[0-9;]*[cuRn]"
    r"|\x1b\[[>=][0-9;]*c"
    r"|\x1b\[[0-9]+;[0-9]+R"
    r"|\x1b\[\??[0-9;]*\$y"
    r"|\x1b\[[0-9]+(?:;[0-9]+){1,2}t"
    r"|\x1b\[0n"
    r"|\x1b\][0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[P_][^\x1b]*\x1b\\"
)
#: What may become one. For what comes after Escape everybody waits a moment anyway.
_BEGUN: Final = re.compile(
    r"\x1b(?:\[[?>=]?[0-9;]*\$?"
    r"|\][0-9]*(?:;[^\x07\x1b]*\x1b?)?"
    r"|[P_][^\x1b]*\x1b?)?\Z"
)
#: What nobody types: its end is waited for longer than for that of a key.
_SURELY: Final = re.compile(r"\x1b(?:\[[?>=][0-9]|\[[0-9]+;|\][0-9]+;|[P_].)")
#: Characters of an answer that has begun and does not end: more than this, and it is none.
MOST: Final = 8192
#: Seconds that the rest of an answer is waited for; then what there is of it is dropped.
PATIENCE: Final = 1.0
_PASTE: Final = "\x1b[200~"
_PASTED: Final = "\x1b[201~"


class Answers:
    """Takes the answers out of what comes from a terminal, piece by piece. Pasted text is left alone."""

    def __init__(self) -> None:
        self._held = ""
        self._since = 0.0
        self._in_paste = False

    @property
    def waiting(self) -> bool:
        """Whether the beginning of an answer is held back, until its end comes or :meth:`flush`."""
        return bool(self._held)

    @property
    def escape_alone(self) -> bool:
        """Whether it is Escape, and nothing behind it."""
        return self._held == "\x1b"

    def feed(self, text: str) -> tuple[str, list[str]]:
        """Take a piece.

        :returns: what was typed, and the answers.
        """
        if self._held and time.monotonic() - self._since > PATIENCE and _SURELY.match(self._held):
            self._held = ""
        text, self._held = self._held + text, ""
        if "\x1b" not in text and not self._in_paste:
            return text, []
        typed: list[str] = []
        answers: list[str] = []
        while text:
            mark = _PASTED if self._in_paste else _PASTE
            before, found, after = text.partition(mark)
            if self._in_paste:
                typed.append(before + found)
            else:
                typed.append(_ANSWER.sub(lambda match: answers.append(match[0]) or "", before) + found)  # type: ignore[func-returns-value]
            if found:
                self._in_paste = not self._in_paste
            text = after
        if typed:
            self._held, self._since = self._begun(typed[-1]), time.monotonic()
            typed[-1] = typed[-1].removesuffix(self._held)
        return "".join(typed), answers

    def _begun(self, text: str) -> str:
        """Give the end of a text that may be the beginning of an answer, or of the mark that ends a paste."""
        if self._in_paste:
            return next((_PASTED[:n] for n in range(5, 0, -1) if text.endswith(_PASTED[:n])), "")
        begun = _BEGUN.search(text)
        return begun[0] if begun is not None and len(begun[0]) <= MOST else ""

    def flush(self) -> str:
        """Give what was held back: it was typed after all, unless it is surely not."""
        if _SURELY.match(self._held) and not self._in_paste:
            return ""
        text, self._held = self._held, ""
        return text
