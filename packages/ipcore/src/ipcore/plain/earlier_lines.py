"""The lines of earlier sessions, for the arrow keys of a prompt that readline edits."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: Cells whose lines can be recalled.
MOST_CELLS: Final = 1000


def offer_earlier_lines(shell: InteractiveShell) -> None:
    """Have the lines of earlier cells taken up once the first prompt is shown, so that it need not wait."""
    from .prefill import at_first_prompt, can_prefill

    if can_prefill():
        at_first_prompt(lambda: _take_up(shell))


def _take_up(shell: InteractiveShell) -> None:
    import readline

    if not shell.history:
        return
    try:
        rows = list(shell.history.get_tail(MOST_CELLS, include_latest=True))
    except Exception as error:  # a plugin's
        from ..cells.keeping import give_up

        give_up(shell, error)
        return
    last = ""
    for *_, text in rows:
        for line in str(text).split("\n"):
            if line.strip() and line != last:
                readline.add_history(line)
                last = line
    _go_behind_the_last()


def _go_behind_the_last() -> None:
    """Let the arrow key begin at the newest line: for the line that is being read, there were none."""
    import ctypes
    import readline

    with suppress(OSError, AttributeError):  # what the module is linked with cannot be reached: from the next
        ctypes.PyDLL(str(readline.__file__)).using_history()
