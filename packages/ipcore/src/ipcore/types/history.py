"""What keeps cells between runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .cells import CellResult

#: A cell as it is given back: the number of its session, its own number, and its text, or a pair of its text
#: and that of its value.
HistoryRow = tuple[int, int, str | tuple[str, str | None]]


class History(Protocol):
    """A component that keeps cells between runs, and finds them again.

    Used on the thread that runs cells. To keep a cell must take microseconds: it stands between Enter and
    the result.
    """

    def store_inputs(self, line_num: int, source: str, source_raw: str | None = None) -> None:
        """Keep a cell; called before it runs, so that one that ends the process is found.

        :param line_num: its number in this session.
        :param source: its text with escapes rewritten; as typed, where that failed.
        :param source_raw: as typed.
        """
        ...

    def store_result(self, result: CellResult) -> None:
        """Keep what became of the cell that was kept last."""
        ...

    def get_range_by_str(self, rangestr: str, raw: bool = True, output: bool = False) -> Iterable[HistoryRow]:
        """Give cells of ranges as users write them, such as ``4-6 ~2/``; empty for this session."""
        ...

    def get_tail(
        self, n: int = 10, raw: bool = True, output: bool = False, include_latest: bool = False
    ) -> Iterable[HistoryRow]:
        """Give the last cells of all sessions, the oldest of them first."""
        ...

    def search(
        self,
        pattern: str = "*",
        raw: bool = True,
        search_raw: bool = True,
        output: bool = False,
        n: int | None = None,
        unique: bool = False,
    ) -> Iterable[HistoryRow]:
        """Give the cells of all sessions that match a pattern with ``*`` and ``?``, oldest first."""
        ...

    def start(self) -> None:
        """Take up work; called once by the shell. Opens no file."""
        ...

    def close(self) -> None:
        """Write what is left and release what is held; called once by the shell."""
        ...
