"""The first prompt, painted before the editor is loaded, which takes many times as long.

The terminal is raw before that, so what is typed from then on is kept by the terminal, not echoed, and read
by the editor once it is there.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from ipcore.hosts.wakeup import wait_writable

from .appearance import prepare
from .left_prompts import before_cell

if TYPE_CHECKING:
    from .frontend import Terminal
    from .prompt_parts import Pieces

#: Have the terminal mark what is pasted, and leave that; consoles of Windows do not.
MARK_PASTES: Final = "" if sys.platform == "win32" else "\x1b[?2004h"
LEAVE_PASTES: Final = "" if sys.platform == "win32" else "\x1b[?2004l"
#: Seconds after which a terminal that takes nothing more is given up, if writing to it does not wait.
STALLED: Final = 5.0


def ask_first_prompt(terminal: Terminal) -> Pieces:
    """Give the prompt of the next cell; while Ctrl-C is a signal still, as the user's code may make it."""
    shell = terminal.shell
    mode = "ins" if terminal.editing_mode == "vi" else ""
    terminal.set_prompts.look()
    if shell.prompts.whose:
        from .prompt_classes import lend

        lend(terminal)
    terminal.painted = shell.prompts.styled("input", shell.execution_count)
    parts = None
    if terminal.prompt:
        from .prompt_parts import Parts

        parts = Parts(shell, mode=lambda: mode)
    pieces = before_cell(terminal, parts, terminal.painted)
    told = "{mode" in terminal.prompt or "mode" in terminal.followed
    if mode and terminal.prompt_includes_vi_mode and not told:
        pieces.insert(0, ("prompt.mode", "[ins] "))
    return pieces


def paint_first_prompt(terminal: Terminal, descriptor: int, pieces: Pieces) -> str:
    """Paint the prompt of the next cell, in the colours of the theme.

    :param terminal: the front end.
    :param descriptor: of the terminal's output.
    :param pieces: the prompt.
    :returns: the text that stands on the screen: the editor paints over it.
    """
    shell = terminal.shell
    prepare(terminal)
    shown = "".join(shell.theme.paint(text, style) for style, text in pieces)
    shown = shown.replace("\n", "\r\n")
    write(descriptor, f"{MARK_PASTES}{shell.separate_in}{shown}")
    return "".join(text for _, text in pieces)


def write(descriptor: int, text: str) -> None:
    """Write all of a text to a terminal; without effect if the terminal is gone."""
    data = memoryview(text.encode("utf-8", "replace"))
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # a program has left it so, and it takes no more just now
            if not wait_writable(descriptor, STALLED):
                return
        except OSError:
            return
