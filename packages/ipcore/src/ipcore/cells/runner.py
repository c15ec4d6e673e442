"""Running a cell: transform, parse, compile, run, show."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from ..errors import InputRejected, PolicyError
from ..notices import notice
from ..types.cells import Cell, CellResult
from .asynchrony import as_interrupt, await_pieces, explained, is_asynchronous, run_pieces
from .compiler import COMPILE_ERRORS, Compiler
from .sources import Sources

if TYPE_CHECKING:
    from types import CodeType, TracebackType

    from ..application.file_runner import FileRunner
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
        #: Whether it was Ctrl-C that cancelled the awaited cell.
        self.interrupted = False
        #: Whether a process forked by a cell ends where the cell ends, see :mod:`ipcore.hosts.forking`.
        self.children_leave = True
        #: Whether earlier cells of the session are being run again.
        self.again = False
        self._made_after = _forks
        #: What the last cell has left in the place of Ctrl-C's handler.
        self.replaced: Replaced | None = None
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

    def _admission(self, cell: Cell, result: CellResult) -> Admission:
        """Give the context manager that every cell runs in, however it runs."""
        return Admission(self, cell, result)

    def refuse(self, cell: Cell, result: CellResult, refused: PolicyError) -> None:
        """Note and show that a policy keeps a cell from running."""
        result.error_before_exec = refused.with_traceback(None)
        if cell.store_history:
            self._keep(cell, cell.source)
            self.shell.outputs.session.end(cell, result)
        if not cell.silent:
            self.shell.show_error(refused)

    def _keep(self, cell: Cell, text: str) -> None:
        """Keep the text of a cell: for this session, and for later ones."""
        outputs = self.shell.outputs
        outputs.session.begin(cell)
        outputs.store_input(cell.number, cell.source, text)
        if self.shell.history and not cell.again:
            from .keeping import keep_input

            keep_input(self.shell, cell, text)

    def transform(self, cell: Cell, result: CellResult) -> None:
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
            self._keep(cell, result.transformed or cell.source)
        if result.error_before_exec is None:
            try:
                return self._compiled(cell, result.transformed)
            except COMPILE_ERRORS as wrong:
                result.error_before_exec = wrong
            except (InputRejected, KeyboardInterrupt) as rejected:  # an AST transformer's, or over it
                result.error_before_exec = rejected
        if not cell.silent:
            shell.show_error(result.error_before_exec)
            self._name_what_is_missing(cell, result.error_before_exec)
        return []

    def _compiled(self, cell: Cell, text: str) -> list[CodeType]:
        """Compile the rewritten text of a cell.

        :raises InputRejected: if an AST transformer cancels the cell.
        """
        shell = self.shell
        compiler = self.compiler if cell.shell_futures else Compiler()
        name = self.sources.register(cell.label, text)
        interactivity = shell.ast_node_interactivity if cell.show_value else "none"
        visited = shell.ast_transformers or shell.transformers.visitors
        if shell.namespace is None and not visited:
            pieces = compiler.compile_text(text, name, interactivity, awaits=shell.autoawait)
            if pieces is not None:
                return pieces
        tree = compiler.parse(text, name)
        if visited:
            from .trees import transform_tree

            tree = transform_tree(shell, tree, lambda: compiler.parse(text, name))
        if shell.namespace is not None:
            tree = shell.namespace.adapt(tree)
        return compiler.compile(tree, name, interactivity, awaits=shell.autoawait)

    def _execute(self, cell: Cell, pieces: list[CodeType], result: CellResult) -> None:
        shell = self.shell
        before = shell.displayhook.show_for(cell, result)
        try:
            with shell.traps:
                try:
                    if self.replaced is None or is_asynchronous(pieces):
                        run_pieces(shell, pieces)
                    else:  # an event loop handles Ctrl-C, and does not run in this cell
                        from ..hosts.interrupts import handled_by_python

                        with handled_by_python(shell):
                            run_pieces(shell, pieces)
                except BaseException as error:  # the user's, whatever it is
                    result.error_in_exec = explained(error)
        finally:
            shell.displayhook.restore(before)
        self._settle(cell, result)

    async def _await(self, cell: Cell, pieces: list[CodeType], result: CellResult) -> None:
        shell = self.shell
        before = shell.displayhook.show_for(cell, result)
        try:
            with shell.traps:
                try:
                    await await_pieces(shell, pieces)
                except BaseException as error:  # the user's, whatever it is
                    result.error_in_exec = as_interrupt(error) if self.interrupted else explained(error)
        finally:
            shell.displayhook.restore(before)
        self._settle(cell, result)

    def _settle(self, cell: Cell, result: CellResult) -> None:
        """What follows the execution of a cell: its names reach the namespace, its failures are shown."""
        if self.shell.namespace is not None:
            self.shell.namespace.settle()
        if cell.silent:
            return
        if result.error_in_exec is not None:
            self.shell.show_error(result.error_in_exec, raised_in_cell=True)
            self._name_what_is_missing(cell, result.error_in_exec)
            self._tell_of_loops(result.error_in_exec)
        self.shell.report_lost_tasks()

    @property
    def files(self) -> FileRunner:
        """What runs files and modules for extensions."""
        from ..application.file_runner import FileRunner

        return FileRunner(self.shell)

    def note_handler(self, cell: Cell, former: Any, modules: int) -> None:
        """Note that a cell has replaced the handler of SIGINT."""
        from ..hosts.interrupts import replaced

        self.replaced = replaced(self.shell, cell.label, former, modules)

    def _name_what_is_missing(self, cell: Cell, error: BaseException) -> None:
        """Of ``cd work`` and the like say which distribution would make sense of it."""
        kind = type(error)
        if (kind is NameError or kind is SyntaxError) and self.shell.automagic and cell.number:
            from ..known_parts import missing_command

            text = missing_command(cell.source, error)
            if text and cell.source.split()[0] not in self.shell.user_ns:
                notice(text)

    def _tell_of_loops(self, error: BaseException) -> None:
        """Of a cell that looked for a running event loop say when it has one."""
        if type(error) is RuntimeError:
            from .loop_hints import hint_for

            text = hint_for(error, self.shell.user_global_ns)
            if text:
                notice(text)

    def undo_replaced(self) -> None:
        """Put the handler of SIGINT back that a cell has replaced, and name who did it."""
        if self.replaced is not None and not self.replaced.of_asyncio:
            self.replaced.undo()
            self.replaced = None

    def close(self) -> None:
        """Forget the texts of cells."""
        self.sources.close()


class Admission:
    """What surrounds every cell: its origin, policies, hooks and callbacks.

    A context manager that gives whether there is something to run and no policy refuses it.
    """

    __slots__ = (
        "_blank",
        "_cell",
        "_forks",
        "_handler",
        "_modules",
        "_refused",
        "_result",
        "_runner",
        "_running",
    )

    def __init__(self, runner: CellRunner, cell: Cell, result: CellResult) -> None:
        self._runner = runner
        self._cell = cell
        self._result = result
        self._running = runner.shell.policies.running(cell.origin, cell.number)
        self._blank = not cell.source.strip()
        self._refused = False

    def __enter__(self) -> bool:
        runner = self._runner
        if runner.replaced is not None:
            runner.undo_replaced()
        self._forks, self._handler, self._modules = _forks, _getsignal(_SIGINT), len(sys.modules)
        self._running.__enter__()
        if not self._blank:
            try:
                self._begin()
            except BaseException:
                self._running.__exit__()
                raise
        return not (self._blank or self._refused)

    def _begin(self) -> None:
        cell, shell = self._cell, self._runner.shell
        try:
            shell.policies.check("cell", cell.source)
        except PolicyError as refused:
            self._refused = True
            self._runner.refuse(cell, self._result, refused)
            return
        if not cell.silent:
            shell.notify("ipshell_cell_started", cell=cell)
        shell.trigger("pre_execute")
        self._runner.transform(cell, self._result)
        if not cell.silent:
            shell.trigger("pre_run_cell", cell)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if _forks != self._forks and self._runner.children_leave:
                from ..hosts.forking import leave

                leave(error or self._result.error_before_exec or self._result.error_in_exec)
            if _getsignal(_SIGINT) is not self._handler:
                self._runner.note_handler(self._cell, self._handler, self._modules)
            if kind is None and not self._refused:
                self._finish()
        finally:
            self._running.__exit__()

    def _finish(self) -> None:
        cell, result, shell = self._cell, self._result, self._runner.shell
        if not self._blank:
            shell.outputs.sync()
            if cell.store_history:
                shell.outputs.session.end(cell, result)
            if not cell.silent:
                if result.success:
                    shell.count_success()
                if cell.store_history and shell.history and not cell.again:
                    from .keeping import keep_result

                    keep_result(shell, result)
                shell.notify("ipshell_cell_finished", result=result)
        shell.trigger("post_execute")
        if not cell.silent:
            shell.trigger("post_run_cell", result)
