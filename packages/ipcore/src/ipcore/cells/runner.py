"""Running a cell: transform, parse, compile, run, show."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ..errors import PolicyError
from ..types.cells import Cell, CellResult
from .asynchrony import await_pieces, is_asynchronous, run_pieces
from .compiler import COMPILE_ERRORS, Compiler
from .sources import Sources

if TYPE_CHECKING:
    from types import CodeType

    from ..hosts.interrupts import Replaced
    from ..shell import InteractiveShell


_SIGINT: Final = 2
#: The signal module itself is not imported by everybody; what is below it is always there on CPython.
_getsignal: Any = getattr(sys.modules.get("_signal"), "getsignal", lambda number: None)

#: How many forks there were from the process that imported this to the one that runs.
_forks = 0
_counting = False


def _count_forks() -> None:
    """Have forks counted from now on."""
    global _counting
    if not _counting and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_child=_in_child)
    _counting = True


def _before_fork() -> None:
    from ..hosts.forking import prepare

    prepare()


def _in_child() -> None:
    global _forks
    _forks += 1


class CellRunner:
    """Runs cells for one shell, on the thread that calls it."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.compiler = Compiler()
        self.sources = Sources()
        #: Whether a process forked by a cell ends where the cell ends, see :mod:`ipcore.hosts.forking`.
        self.children_leave = True
        self._made_after = _forks
        #: What the last cell has left in the place of Ctrl-C's handler.
        self._replaced: Replaced | None = None
        _count_forks()

    @property
    def forked(self) -> bool:
        """Whether this process is a child of the one that made the shell."""
        return _forks != self._made_after

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
        forks = _forks
        with shell.policies.running(cell.origin, cell.number):
            if self._replaced is not None and not self._replaced.of_asyncio:
                self._replaced.undo()
                self._replaced = None
            handler, modules = _getsignal(_SIGINT), len(sys.modules)
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
                if told:
                    shell.trigger("pre_run_cell", cell)
            try:
                yield not blank
            finally:
                if _forks != forks and self.children_leave:
                    from ..hosts.forking import leave_with

                    leave_with(result)
            if _getsignal(_SIGINT) is not handler:
                from ..hosts.interrupts import replaced

                self._replaced = replaced(shell, cell.label, handler, modules)
            if told and not blank:
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
                if shell.namespace is not None:
                    tree = shell.namespace.adapt(tree)
                interactivity = shell.ast_node_interactivity if cell.show_value else "none"
                return self.compiler.compile(tree, name, interactivity, awaits=shell.autoawait)
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
                if self._replaced is None or is_asynchronous(pieces):
                    run_pieces(shell, pieces)
                else:  # an event loop handles Ctrl-C, and does not run in this cell
                    from ..hosts.interrupts import handled_by_python

                    with handled_by_python(shell):
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

    def close(self) -> None:
        """Forget the texts of cells."""
        self.sources.close()
