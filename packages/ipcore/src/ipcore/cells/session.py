"""The cells of this session and what became of each, as far as they can be run again.

Written by the shell around each cell; read by :mod:`ipcore.rewinding`.
"""

from __future__ import annotations

import os
import re
from collections import deque
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.cells import Cell, CellResult

#: Names that the shell keeps up to date itself.
_KEPT_UP: Final = frozenset(("In", "_ih", "Out", "_oh", "_", "__", "___", "_i", "_ii", "_iii", "_dh"))


class Ran:
    """A cell that ran at the prompt.

    :param source: its text as typed.
    :param origin: where it came from, see :attr:`ipcore.types.cells.Cell.origin`.
    :param seconds: how long it took.
    :param error: what it failed with; ``None`` if it went well.
    :param own: whether it is about the session and no part of it.
    """

    __slots__ = ("error", "origin", "own", "seconds", "source", "stopped")

    def __init__(
        self, source: str, origin: str, seconds: float, error: BaseException | None, own: bool = False
    ) -> None:
        self.source = source
        self.origin = origin
        self.seconds = seconds
        self.own = own
        #: A text that tells the error from others; empty if there was none.
        self.error = "" if error is None else told(error)
        #: Whether Ctrl-C ended it.
        self.stopped = issubclass(type(error), KeyboardInterrupt)


class Start:
    """What there was before the first cell; the values themselves may change later.

    :param shell: whose names.
    :param number: that of the first cell.
    """

    def __init__(self, shell: InteractiveShell, number: int) -> None:
        self.names = {name: value for name, value in shell.user_ns.copy().items() if name not in _KEPT_UP}
        notes = self.names.get("__annotations__")
        if type(notes) is dict:
            self.names["__annotations__"] = notes.copy()
        self.hidden = frozenset(shell.user_ns_hidden)
        self.flags = shell.runner.compiler.flags
        #: The number of the first cell, and how many places ``In`` has before it.
        self.number = number
        self.places = len(shell.outputs.raw_inputs)
        try:
            self.folder = os.getcwd()
        except OSError:  # it was removed
            self.folder = ""

    def restore(self, shell: InteractiveShell) -> None:
        """Have it all as it was; ``In`` and ``Out`` are empty then."""
        if self.folder:
            with suppress(OSError):  # cells that need it fail, and say so
                os.chdir(self.folder)
        shell.variables.reset()
        shell.user_ns.update(self.names)
        notes = self.names.get("__annotations__")
        if type(notes) is dict:  # cells add to it
            shell.user_ns["__annotations__"] = notes.copy()
        shell.user_ns_hidden |= self.hidden
        shell.runner.compiler.flags = self.flags
        shell.execution_count = self.number
        shell.outputs.leave_room(self.places)
        shell.outputs.session.start = self


class Session:
    """Keeps what is needed to run cells again. Used on the thread that runs them.

    Of cells that others run, only the outer one is kept.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self.ran: deque[Ran] = deque()
        #: Whether none of the cells is too old to be kept.
        self.whole = True
        #: What there was before the first cell; ``None`` before it, and for names that are a program's.
        self.start: Start | None = None
        self._running: tuple[Cell, float] | None = None
        self._own = False
        #: Cells that were to run and have not: they stand in the place of those from one number to another.
        self.draft: tuple[list[str], int, int] | None = None

    def begin(self, cell: Cell) -> None:
        """Take up that a cell begins, whose text the shell is about to keep."""
        if self._running is None:
            if self.start is None and not self.ran and self._shell.namespace is None:
                self.start = Start(self._shell, cell.number)
            self._running, self._own = (cell, perf_counter()), False

    def end(self, cell: Cell, result: CellResult) -> None:
        """Take up what became of a cell; one that others run, or that was forgotten, is left out."""
        if self._running is None or self._running[0] is not cell:
            return
        seconds = perf_counter() - self._running[1]
        self._running = None
        error = result.error_in_exec if result.error_before_exec is None else result.error_before_exec
        self.ran.append(Ran(cell.source, cell.origin, seconds, error, self._own))

    def pass_over(self) -> None:
        """Keep the running cell as one that is about the session and is never run again."""
        self._own = True

    def forget(self) -> None:
        """Begin anew with the cell after the running one."""
        self.ran.clear()
        self.whole, self.start, self.draft = True, None, None
        self._running = None

    def replaced(self) -> list[tuple[str, Any]]:
        """Give the names and values of the start that cells have given other values, or deleted."""
        names = {} if self.start is None else self.start.names
        kept = self._shell.user_ns
        return [
            (name, value)
            for name, value in names.items()
            if name != "__annotations__" and kept.get(name, self) is not value
        ]

    def let_go(self, source: str) -> None:
        """Forget the oldest cell if this is its text."""
        if self.ran and self.ran[0].source.rstrip("\n") == source:
            self.ran.popleft()
            self.whole = False


def told(error: BaseException) -> str:
    """Describe an error in a text that is the same when it happens again; calls no code of its own."""
    from ..plain.messages import name_of, own_message

    message = own_message(error) or ""
    return f"{name_of(type(error))}: {re.sub('0x[0-9a-fA-F]+', '0x', message)}"
