"""Asking the terminal what its background is.

The question (OSC 11) is followed by one that every terminal answers (DA1): so the answer to the second
without one to the first means that there will be none. Neither the prompt nor a key waits for either.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ipcore.colors import background_of

from . import remembered

if TYPE_CHECKING:
    from ipcore.types.themes import Background

    from .editor import Editor

QUESTION: Final = "\x1b]11;?\x1b\\\x1b[c"

_COLOR: Final = re.compile(
    r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/[0-9a-fA-F]{1,4})?(?:\x07|\x1b\\)"
)
_DEVICE: Final = re.compile(r"\x1b\[\?[0-9;]*c")

#: Kinds of terminals that would show the question, or whose background is known.
_UNASKED: Final = ("linux", "eterm", "eterm-color", "cygwin", "ansi", "vt52")


def background_in(answer: str) -> Background | None:
    """Tell what an answer of a terminal says of its background; ``None`` if it is about something else."""
    match = _COLOR.fullmatch(answer)
    if match is None:
        return None
    red, green, blue = (round(int(part, 16) * 255 / (16 ** len(part) - 1)) for part in match.groups()[:3])
    return background_of((red, green, blue))


def worth_asking(environ: Mapping[str, str], known: dict[str, object], platform: str = sys.platform) -> bool:
    """Tell whether a terminal is asked.

    :param known: what is remembered of it. One that did not answer is left alone for a month.
    """
    if platform == "win32" or environ.get("TERM", "").lower() in _UNASKED:
        return False
    silent = known.get("background") == ""
    when = known.get("time")
    return not silent or not isinstance(when, (int, float)) or time.time() - when > remembered.AGAIN


class Asking:
    """One question, and what becomes of it. Used on the editor's thread.

    :param editor: whose terminal is asked.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._asked = False
        self._told: Background | None = None
        editor.on_answer.append(self.answered)
        editor.before_prompt.append(self.ask)

    def ask(self) -> None:
        """Ask, once in a session."""
        conversation = self._editor.conversation
        if self._asked or conversation.asked_background:
            return
        if self._editor.terminal.shell.colors.lower() != "auto" or not self._editor.terminal.ask_background:
            return
        self._asked = conversation.asked_background = True
        if worth_asking(os.environ, remembered.recall()):
            self._editor.ask_terminal(QUESTION, _DEVICE)

    def answered(self, answer: str) -> None:
        """Take an answer of the terminal, of whatever kind; at any time, as often as it comes."""
        found = background_in(answer)
        if found is not None and found != self._told:
            self._told = found
            self._keep(found)
            self._editor.shell.theme.background = found
        elif _DEVICE.fullmatch(answer) and self._asked and self._told is None:
            self._told = ""
            self._keep("")

    def _keep(self, background: Background) -> None:
        """Remember it, if that is news; on the main thread, which may wait for a disk."""
        if remembered.recall().get("background") != background:
            self._editor.main.call(lambda: remembered.remember(background))


def install(editor: Editor) -> None:
    """Ask the terminal at the first prompt."""
    Asking(editor)
