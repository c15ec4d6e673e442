"""The cells of the running session, from the shell's memory: there without any file."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ipcore.ranges import ranges

if TYPE_CHECKING:
    from ipcore import InteractiveShell

    from .accessor import Row


class ThisSession:
    """Gives cells of a running session, whatever is kept of it elsewhere.

    :param shell: whose session it is.
    """

    session_number = 0

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def get_range(
        self,
        start: int = 1,
        stop: int | None = None,
        raw: bool = True,
        output: bool = False,
        session: int = 0,
    ) -> list[Row]:
        """Give cells by their numbers; what was forgotten is left out.

        :param start: the first; one below 0 counts back from the end.
        :param stop: the one behind the last, likewise; ``None`` for all.
        :param session: the number that the rows have.
        """
        outputs = self._shell.outputs
        kept = outputs.raw_inputs if raw else outputs.inputs
        rows: list[Row] = []
        for number in range(*slice(start, stop).indices(len(kept))):
            text = kept[number]
            if text:
                rows.append((session, number, (text, outputs.texts.get(number)) if output else text))
        return rows

    def get_range_by_str(self, rangestr: str, raw: bool = True, output: bool = False) -> list[Row]:
        """Give cells of ranges; of other sessions there are none."""
        return [
            row
            for session, start, stop in ranges(rangestr)
            if session == 0
            for row in self.get_range(start, stop, raw, output)
        ]

    def get_tail(
        self, n: int = 10, raw: bool = True, output: bool = False, include_latest: bool = False
    ) -> list[Row]:
        """Give the last cells, the oldest of them first."""
        rows = self.get_range(raw=raw, output=output)
        rows = rows if include_latest else rows[:-1]
        return rows[max(len(rows) - max(n, 0), 0) :]

    def search(
        self,
        pattern: str = "*",
        raw: bool = True,
        search_raw: bool = True,
        output: bool = False,
        n: int | None = None,
        unique: bool = False,
    ) -> list[Row]:
        """Give the cells that match, the oldest first."""
        searched = {number: str(text) for _, number, text in self.get_range(raw=search_raw)}
        rows = [
            row
            for row in self.get_range(raw=raw, output=output)
            if fnmatchcase(searched.get(row[1], ""), pattern.replace("[^", "[!"))
        ]
        if unique:
            rows = sorted({row[2][0] if output else row[2]: row for row in rows}.values())
        return rows if n is None else rows[max(len(rows) - max(n, 0), 0) :]
