"""Told of shells and cells: keeps what failed, and follows the shell's events."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.cells import Cell, CellResult

failures: list[int] = []


def after(result: CellResult) -> None:
    error: BaseException | None = result.error_in_exec
    if error is not None and not result.success:
        failures.append(result.execution_count)


@hookimpl
def ipshell_shell_created(shell: InteractiveShell) -> None:
    shell.user_ns["weather"] = "fair"
    shell.events.register("post_run_cell", after)


@hookimpl
def ipshell_shell_closing(shell: InteractiveShell) -> None:
    shell.events.unregister("post_run_cell", after)


@hookimpl(tryfirst=True)
def ipshell_cell_started(cell: Cell) -> None:
    source: str = cell.raw_cell
    if source and cell.number and cell.cell_meta is not None:
        print(sorted(cell.cell_meta))


@hookimpl
def ipshell_cell_finished(result: CellResult) -> None:
    label: str = result.cell.label
    if not label:
        result.raise_error()
