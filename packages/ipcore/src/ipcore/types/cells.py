"""The records that travel through the cell pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A piece of code as it was handed over, before anything is done to it."""

    source: str
    """The text as typed, escapes included."""
    number: int
    """The execution number it runs under, the ``n`` of ``In [n]``; 0 for a cell without one."""
    label: str
    """How tracebacks name it, for example ``Cell In[3]``."""
    store_history: bool = False
    """Whether it uses up a number and goes into ``In`` and the history."""
    silent: bool = False
    """Whether it runs without display, history and notifications."""
    show_value: bool = True
    """Whether its last expression is shown, as at a prompt; a script's is not."""
    origin: str = "program"
    """Where the text came from: ``keyboard``, ``paste``, ``file``, ``program`` or ``remote``."""
    shell_futures: bool = True
    """Whether it shares ``from __future__`` imports with the other cells."""
    cell_id: str | None = None
    """What the document it comes from calls it, a notebook for example."""
    cell_meta: Mapping[str, Any] | None = None
    """What that document says about it."""
    transformed_cell: str | None = None
    """The Python text it was rewritten to, before callbacks of ``pre_run_cell`` are called; ``None`` until
    then, and where a transformer refuses it."""
    again: bool = False
    """Whether it is an earlier cell of the session, run again by ``%rewind``: the history has it already."""

    def tell_again(self) -> None:
        """Set :attr:`again`; for the shell."""
        object.__setattr__(self, "again", True)

    def tell_transformed(self, text: str) -> None:
        """Set :attr:`transformed_cell`; for the runner, once per cell."""
        object.__setattr__(self, "transformed_cell", text)

    @property
    def raw_cell(self) -> str:
        """The text as typed, under the name that callbacks of events know."""
        return self.source


@dataclass(slots=True, eq=False)
class CellResult:
    """What became of a cell."""

    cell: Cell
    """The cell that was run."""
    transformed: str = ""
    """The Python text that was compiled, escapes rewritten."""
    result: object = None
    """The last value, that of a cell that hides it too; or ``None``."""
    error_before_exec: BaseException | None = None
    """What kept the cell from running: a syntax error, a transformer's or a policy's refusal."""
    error_in_exec: BaseException | None = None
    """What the running cell raised."""

    @property
    def info(self) -> Cell:
        """The cell, under the name that callbacks of events know."""
        return self.cell

    @property
    def execution_count(self) -> int:
        """The number the cell ran under."""
        return self.cell.number

    @property
    def success(self) -> bool:
        """Whether the cell ran to its end."""
        return self.error_before_exec is None and self.error_in_exec is None

    def raise_error(self) -> None:
        """Raise what the cell failed with, if it failed.

        :raises BaseException: the cell's own error.
        """
        if self.error_before_exec is not None:
            raise self.error_before_exec
        if self.error_in_exec is not None:
            raise self.error_in_exec
