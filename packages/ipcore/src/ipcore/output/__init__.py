"""Output belongs to the cell that caused it: for hosts that show cells, and for threads that choose.

Nothing of this is imported while the shell runs in a terminal, where there is but one place to write to.
"""

from __future__ import annotations

from .capture import CellOutput
from .causes import follow_current_cell

__all__ = ["CellOutput", "follow_current_cell"]
