"""Running a cell: transform, parse, compile, run, show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types.cells import Cell, CellResult
from .compiler import COMPILE_ERRORS, Compiler
from .sources import Sources

if TYPE_CHECKING:
    from types import CodeType

    from ..shell import InteractiveShell


class CellRunner:
    """Runs cells for one shell, on the thread that calls it."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.compiler = Compiler()
        self.sources = Sources()

    def run(self, cell: Cell) -> CellResult:
        """Run one cell to its end.

        Whatever the cell raises ends up in the result; what went wrong is shown
        unless the cell is silent. A blank cell does nothing.
        """
        result = CellResult(cell)
        if not cell.source.strip():
            return result
        shell = self.shell
        if not cell.silent:
            shell.notify("ipshell_cell_started", cell=cell)
        pieces = self._compile(cell, result)
        if pieces:
            self._execute(cell, pieces, result)
        shell.outputs.sync()
        if not cell.silent:
            if result.success:
                shell.last_error.count_success(shell.outputs.retention.error_cells)
            shell.notify("ipshell_cell_finished", result=result)
        return result

    def _compile(self, cell: Cell, result: CellResult) -> list[CodeType]:
        shell = self.shell
        error: BaseException
        try:
            result.transformed = shell.transform(cell.source)
        except SyntaxError as refused:
            error = refused.with_traceback(None)  # the stack is the transformer's, not the user's
        except KeyboardInterrupt as stopped:
            error = stopped
        else:
            if cell.store_history:
                shell.outputs.store_input(cell.number, cell.source, result.transformed)
            name = self.sources.register(cell.label, result.transformed)
            try:
                tree = self.compiler.parse(result.transformed, name)
                interactivity = shell.ast_node_interactivity if cell.show_value else "none"
                return self.compiler.compile(tree, name, interactivity)
            except COMPILE_ERRORS as wrong:
                error = wrong
        if cell.store_history and not result.transformed:
            shell.outputs.store_input(cell.number, cell.source, cell.source)
        result.error_before_exec = error
        if not cell.silent:
            shell.show_error(error)
        return []

    def _execute(self, cell: Cell, pieces: list[CodeType], result: CellResult) -> None:
        shell = self.shell
        hook = shell.displayhook
        with hook.showing(cell, result), shell.traps:
            try:
                for code in pieces:
                    exec(code, shell.user_global_ns, shell.user_ns)
            except BaseException as error:  # the user's, whatever it is
                result.error_in_exec = error
        if result.error_in_exec is not None and not cell.silent:
            shell.show_error(result.error_in_exec)

    def close(self) -> None:
        """Forget the texts of cells."""
        self.sources.close()
