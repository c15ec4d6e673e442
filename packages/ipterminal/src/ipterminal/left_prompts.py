"""The prompts to the left of the cell: those that a cell has set, those of the options, else the shell's.

Needs nothing of the editor: the first prompt stands before that is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.plain.prompts import columns
from ipcore.python_prompts import PythonPrompts, below, without_colors

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.prompts import Fragments

    from .frontend import Terminal
    from .prompt_parts import Parts, Pieces


class SetPrompts:
    """What the user has set ``sys.ps1`` and ``sys.ps2`` to, in the colours of the theme.

    :param shell: the shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._python = PythonPrompts(shell)
        self._texts: dict[str, str | None] = {}

    def run_code(self) -> bool:
        """Tell whether :meth:`look` would run the user's code."""
        return any(map(self._python.runs_code, ("ps1", "ps2")))

    def look(self) -> None:
        """Look at them. On the thread of the cells: the text of an object is made by the user's code."""
        for name in ("ps1", "ps2"):
            text = self._python.ask(name)
            self._texts[name] = None if text is None else without_colors(text)

    def text(self, name: str) -> str | None:
        """Give the text of ``ps1`` or ``ps2``; ``None`` if the user has not set it."""
        return self._texts.get(name)


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
    return [("prompt.continuation", below(before))]


def _set_or_formatted(terminal: Terminal, parts: Parts | None, name: str, option: str) -> Pieces | None:
    style = "prompt" if name == "ps1" else "prompt.continuation"
    text = terminal.set_prompts.text(name)
    if text is not None:
        return [(style, text)]
    form: str = getattr(terminal, option)
    if not form or parts is None:
        return None
    return [(own or style, words) for own, words in parts.pieces(form, f"Terminal.{option}")]
