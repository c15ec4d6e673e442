"""Where a painting stands after the terminal was made narrower, and broke its rows itself.

Most terminals of today break what stands on the screen anew when their window becomes narrower: a row that
is too long takes several, and the cursor goes down with its own. Others cut the row off. No terminal tells
which it does: it is known of some by what they have in the environment, and of all others it is taken that
they cut, because to erase too much would cost output.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from prompt_toolkit.data_structures import Point
    from prompt_toolkit.layout.screen import Char, Screen

#: Variables of terminals that break rows anew.
_VARIABLES: Final = (
    "ALACRITTY_WINDOW_ID",
    "GHOSTTY_RESOURCES_DIR",
    "KITTY_WINDOW_ID",
    "KONSOLE_VERSION",
    "VTE_VERSION",
    "WEZTERM_PANE",
    "WT_SESSION",
)
#: The same by name; the variable reaches no other machine, ``TERM`` does.
_PROGRAMS: Final = ("Apple_Terminal", "WezTerm", "ghostty", "iTerm.app")
_NAMES: Final = ("alacritty", "foot", "tmux", "wezterm", "xterm-ghostty", "xterm-kitty")
#: Terminals that do not, or not all rows, and may have the variables of one they were started in.
_OTHERS: Final = ("INSIDE_EMACS", "STY", "XTERM_VERSION")


def breaks_rows(environment: Mapping[str, str]) -> bool:
    """Tell whether it is known of a terminal that it breaks rows anew.

    :param environment: of the program in the terminal.
    """
    if environment.get("TMUX"):
        return True
    if any(environment.get(name) for name in _OTHERS) or environment.get("TERM_PROGRAM") == "vscode":
        return False
    return (
        any(environment.get(name) for name in _VARIABLES)
        or environment.get("TERM_PROGRAM") in _PROGRAMS
        or environment.get("TERM", "").startswith(_NAMES)
    )


@cache
def is_known() -> bool:
    """Tell whether it is known of this process's terminal."""
    return breaks_rows(os.environ)


def rows_above(screen: Screen, cursor: Point, width: int) -> int:
    """Give how many rows stand above the cursor, from the top of a painting whose rows were broken anew.

    :param screen: what was painted.
    :param cursor: where in it the cursor stood.
    :param width: columns that the terminal has now.
    """
    above = 0
    for y in range(cursor.y + 1):
        # A row that a cell has painted does not tell its items if it is the same as before.
        cells: dict[int, Char] = screen.data_buffer.get(y, {})
        end = max((x + 1 for x in cells if cells[x].char.strip()), default=0)
        if y == cursor.y:
            end = min(end, cursor.x + 1)
        rows, at = 1, 0
        for x in range(end):
            size = cells[x].width if x in cells else 1
            if at + size > width:
                rows, at = rows + 1, 0
            at += size
        above += rows
    return above - 1
