"""The prompts to the left of the cell: those that a cell has set, those of the options, else the shell's.

Needs nothing of the editor: the first prompt stands before that is loaded.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

from ipcore.notices import notice
from ipcore.plain.prompts import columns
from ipcore.plugins.failures import reason_of

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.prompts import Fragments

    from .frontend import Terminal
    from .prompt_parts import Parts, Pieces

#: What colours a prompt of Python's has: sequences of the terminal, and readline's marks around them.
_NO_TEXT: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x09\x0b-\x1f\x7f]"
)

#: ``sys.ps1`` and ``sys.ps2`` as the shell sets them, for programs that look whether there is a prompt.
_OF_THE_SHELL: Final = {"ps1": "In : ", "ps2": "...: "}


class SetPrompts:
    """What cells have set ``sys.ps1`` and ``sys.ps2`` to.

    :param shell: the shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._texts: dict[str, str | None] = {"ps1": None, "ps2": None}
        # A program that opens a shell may have prompts of its own.
        embedded = shell.namespace is not None
        self._others = {
            name: getattr(sys, name, None) if embedded else text for name, text in _OF_THE_SHELL.items()
        }

    def run_code(self) -> bool:
        """Tell whether :meth:`look` would run the user's code."""
        return any(
            type(value) is not str and value is not None and value is not self._others[name]
            for name, value in self._values()
        )

    def look(self) -> None:
        """Look at them. On the thread of the cells: the text of an object is made by the user's code."""
        for name, value in self._values():
            other = self._others[name]
            if (
                value is None
                or value is other
                or (type(value) is str and value in (other, _OF_THE_SHELL[name]))
            ):
                self._texts[name] = None
                continue
            try:
                self._texts[name] = _NO_TEXT.sub("", str(value))
            except KeyboardInterrupt:
                notice(f"Ctrl-C stopped the str() of sys.{name}; what stood there before stays.")
            except BaseException as error:  # the user's
                self._texts[name] = None
                notice(
                    f"sys.{name}: {reason_of(error).rstrip('.')}. The shell's own stands there.",
                    once=f"sys.{name}",
                )

    def _values(self) -> list[tuple[str, Any]]:
        return [(name, getattr(sys, name, None)) for name in self._others]

    def text(self, name: str) -> str | None:
        """Give the text of ``ps1`` or ``ps2``; ``None`` if no cell has set it."""
        return self._texts[name]


def before_cell(terminal: Terminal, parts: Parts | None, asked: Fragments) -> Pieces:
    """Give the prompt before the first line of the next cell.

    :param parts: fill in the option ``prompt``; not needed where that is empty.
    :param asked: what the shell's own is.
    """
    pieces = _set_or_formatted(terminal, parts, "ps1", "prompt")
    return [*asked] if pieces is None else pieces


def before_further_lines(terminal: Terminal, parts: Parts, first: Pieces, asked: Fragments) -> Pieces:
    """Give the prompt before further lines.

    :param first: that before the first one, which it is as wide as where nothing else is said.
    :param asked: what the shell's own is.
    """
    pieces = _set_or_formatted(terminal, parts, "ps2", "continuation_prompt")
    if pieces is not None:
        return pieces
    before = "".join(text for _, text in first).rpartition("\n")[2]
    width = columns(before)
    if terminal.set_prompts.text("ps1") is None and not terminal.prompt:
        pieces = [*asked]
        text = "".join(text for _, text in pieces)
        # One that was made as wide as the prompt by counting characters.
        lack = width - columns(text) if len(text) == len(before) else 0
        return [("prompt.continuation", " " * lack), *pieces] if lack > 0 else pieces
    return [("prompt.continuation", "...: ".rjust(width)[-width:] if width else "")]


def _set_or_formatted(terminal: Terminal, parts: Parts | None, name: str, option: str) -> Pieces | None:
    style = "prompt" if name == "ps1" else "prompt.continuation"
    text = terminal.set_prompts.text(name)
    if text is not None:
        return [(style, text)]
    form: str = getattr(terminal, option)
    if not form or parts is None:
        return None
    return [(own or style, words) for own, words in parts.pieces(form, f"Terminal.{option}")]
