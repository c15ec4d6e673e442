"""A key for the weather."""

from __future__ import annotations

from collections.abc import Iterable

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.key_bindings import CellEditor, KeyBinding


def forecast(cell: CellEditor) -> None:
    first, last = cell.selection
    if first == last:
        cell.insert("# sunny")
        return
    cell.replace(cell.text[:first] + cell.text[last:], first)
    cell.message("a clear sky")


@hookimpl
def ipshell_key_bindings(shell: InteractiveShell) -> Iterable[KeyBinding]:
    return [
        KeyBinding("weather.forecast", forecast, "Note the weather.", "c-x w", when="in_cell"),
        KeyBinding("weather.run", lambda cell: cell.run(), "Run the cell, come rain or shine."),
    ]
