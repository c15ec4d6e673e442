"""Telling the history of cells; where it fails, cells run on and are kept no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..parts import Absent

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.cells import Cell, CellResult


def keep_input(shell: InteractiveShell, cell: Cell, text: str) -> None:
    """Tell the history of a cell that is about to run.

    :param text: the cell with escapes rewritten.
    """
    try:
        shell.history.store_inputs(cell.number, text, cell.source)
    except Exception as error:  # a plugin's
        give_up(shell, error)


def keep_result(shell: InteractiveShell, result: CellResult) -> None:
    """Tell the history what became of the cell."""
    try:
        shell.history.store_result(result)
    except Exception as error:  # a plugin's
        give_up(shell, error)


def give_up(shell: InteractiveShell, error: Exception) -> None:
    """Go on without the history that failed; say so once."""
    plugin = shell.history.given_by
    if plugin is None:  # the user has put it there, and is to see what is wrong with it
        shell.show_error(error)
    else:
        shell.registry.disable(plugin, "keeping a cell", error)
    shell.replace_part("history", Absent(parent=shell, name="history"))
