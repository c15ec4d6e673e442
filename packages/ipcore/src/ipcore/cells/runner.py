"""Running a cell: transform, parse, compile, run, show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import InputRejected, PolicyError
from ..types.cells import Cell, CellResult
from .asynchrony import await_pieces, is_asynchronous, run_pieces
from .compiler import COMPILE_ERRORS, Compiler
from .sources import Sources

if TYPE_CHECKING:
    from types import CodeType

    from ..application.file_runner import FileRunner
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
        unless the cell is silent. A blank cell does nothing, and one that a policy
        refuses has neither started nor finished.

        :raises ValueError: if there is no such origin as the cell's.
        """
        result = CellResult(cell)
        with self._admission(cell, result) as admitted:
            if admitted:
                pieces = self._compile(cell, result)
                if pieces:
                    self._execute(cell, pieces, result)
        return result

    async def run_async(self, cell: Cell) -> CellResult:
        """Run one cell in the caller's loop; else as :meth:`run`.

        Its origin is a context variable, so it has to be awaited in one context from beginning to end.

        :raises ValueError: if there is no such origin as the cell's.
        """
        result = CellResult(cell)
        with self._admission(cell, result) as admitted:
            if admitted:
                pieces = self._compile(cell, result)
                if is_asynchronous(pieces):
                    await self._await(cell, pieces, result)
                elif pieces:
                    self._execute(cell, pieces, result)
        return result

    @contextmanager
    def _admission(self, cell: Cell, result: CellResult) -> Iterator[bool]:
        """What surrounds every cell, however it runs: its origin, policies, hooks and callbacks.

        Gives whether there is something to run and no policy refuses it.
        """
        shell = self.shell
        with shell.policies.running(cell.origin, cell.number):
            told = not cell.silent
            blank = not cell.source.strip()
            if not blank:
                try:
                    shell.policies.check("cell", cell.source)
                except PolicyError as refused:
                    self._refuse(cell, result, refused)
                    yield False
                    return
                if told:
                    shell.notify("ipshell_cell_started", cell=cell)
                shell.trigger("pre_execute")
                self._transform(cell, result)
                if told:
                    shell.trigger("pre_run_cell", cell)
            yield not blank
            if not blank:
                shell.outputs.sync()
                if told:
                    if result.success:
                        shell.count_success()
                    shell.notify("ipshell_cell_finished", result=result)
            shell.trigger("post_execute")
            if told:
                shell.trigger("post_run_cell", result)

    def _refuse(self, cell: Cell, result: CellResult, refused: PolicyError) -> None:
        result.error_before_exec = refused.with_traceback(None)
        if cell.store_history:
            self.shell.outputs.store_input(cell.number, cell.source, cell.source)
        if not cell.silent:
            self.shell.show_error(refused)

    def _transform(self, cell: Cell, result: CellResult) -> None:
        """Rewrite the text of a cell; what refuses it goes into the result."""
        try:
            result.transformed = self.shell.transformers.transform(cell.source, echo=not cell.silent)
            cell.tell_transformed(result.transformed)
        except SyntaxError as refused:
            # The stack is the transformer's, not the user's.
            result.error_before_exec = refused.with_traceback(None)
        except KeyboardInterrupt as stopped:
            result.error_before_exec = stopped

    def _compile(self, cell: Cell, result: CellResult) -> list[CodeType]:
        shell = self.shell
        if cell.store_history:
            shell.outputs.store_input(cell.number, cell.source, result.transformed or cell.source)
        if result.error_before_exec is None:
            try:
                return self._compiled(cell, result.transformed)
            except COMPILE_ERRORS as wrong:
                result.error_before_exec = wrong
            except (InputRejected, KeyboardInterrupt) as rejected:  # an AST transformer's, or over it
                result.error_before_exec = rejected
        if not cell.silent:
            shell.show_error(result.error_before_exec)
        return []

    def _compiled(self, cell: Cell, text: str) -> list[CodeType]:
        """Parse and compile the rewritten text of a cell.

        :raises InputRejected: if an AST transformer cancels the cell.
        """
        shell = self.shell
        compiler = self.compiler if cell.shell_futures else Compiler()
        name = self.sources.register(cell.label, text)
        tree = compiler.parse(text, name)
        if shell.ast_transformers or shell.transformers.visitors:
            from .trees import transform_tree

            tree = transform_tree(shell, tree, lambda: compiler.parse(text, name))
        if shell.namespace is not None:
            tree = shell.namespace.adapt(tree)
        interactivity = shell.ast_node_interactivity if cell.show_value else "none"
        return compiler.compile(tree, name, interactivity, awaits=shell.autoawait)

    def _execute(self, cell: Cell, pieces: list[CodeType], result: CellResult) -> None:
        shell = self.shell
        hook = shell.displayhook
        with hook.showing(cell, result), shell.traps:
            try:
                run_pieces(shell, pieces)
            except BaseException as error:  # the user's, whatever it is
                result.error_in_exec = error
        self._settle(cell, result)

    async def _await(self, cell: Cell, pieces: list[CodeType], result: CellResult) -> None:
        shell = self.shell
        with shell.displayhook.showing(cell, result), shell.traps:
            try:
                await await_pieces(shell, pieces)
            except BaseException as error:  # the user's, whatever it is
                result.error_in_exec = error
        self._settle(cell, result)

    def _settle(self, cell: Cell, result: CellResult) -> None:
        """What follows the execution of a cell: its names reach the namespace, its failures are shown."""
        if self.shell.namespace is not None:
            self.shell.namespace.settle()
        if cell.silent:
            return
        if result.error_in_exec is not None:
            self.shell.show_error(result.error_in_exec)
        self.shell.report_lost_tasks()

    @property
    def files(self) -> FileRunner:
        """What runs files and modules for extensions."""
        from ..application.file_runner import FileRunner

        return FileRunner(self.shell)

    def close(self) -> None:
        """Forget the texts of cells."""
        self.sources.close()
