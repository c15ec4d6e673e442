"""Output belongs to the cell that caused it: for hosts that show cells, and for threads that choose.

Nothing of this is imported while the shell runs in a terminal, where there is but one place to write to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .causes import follow_current_cell

if TYPE_CHECKING:
    from .capture import CellOutput

__all__ = ["CellOutput", "follow_current_cell"]


def __getattr__(name: str) -> Any:
    """Import what takes output only for the hosts that ask for it: threads choose their cell anywhere."""
    if name == "CellOutput":
        from .capture import CellOutput

        return CellOutput
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
