"""Values that are longer than the screen, shown by the pager; a switch that is off by default."""

from __future__ import annotations

import sys
from collections.abc import Collection
from shutil import get_terminal_size
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.display import Output

    from .frontend import Terminal


class LongValues:
    """Shows the value of a cell by the pager if it does not fit on the screen; leaves all else to the next.

    :param terminal: the front end, whose option ``page_long_values`` says whether.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._shell: InteractiveShell = terminal.shell

    @property
    def types(self) -> Collection[str] | None:
        """Nothing beside text."""
        return ()

    def publish(self, output: Output) -> bool:
        """Show a value of many lines, and leave its beginning on the screen."""
        text = output.data.get("text/plain")
        if output.number is None or not isinstance(text, str) or not self._terminal.page_long_values:
            return False
        columns, height = get_terminal_size()
        rows = sum(1 + max(0, len(line) - 1) // max(columns, 1) for line in text.split("\n"))
        if rows < height or not _on_terminal():
            return False
        self._shell.hooks.page(text)
        from ipcore.cells.displayhook import write_out

        lines = text.split("\n")
        beginning = lines[0][: columns - 1]
        more = f"… {len(lines) - 1} more lines" if len(lines) > 1 else f"… {len(text)} characters"
        write_out(self._shell.displayhook.layout(output.number, f"{beginning}\n{more}"))
        return True

    def clear(self, wait: bool) -> bool:
        """Leave it to the next publisher."""
        return False


def _on_terminal() -> bool:
    try:
        return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    except ValueError:  # closed
        return False
