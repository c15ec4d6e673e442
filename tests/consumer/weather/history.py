"""Keeps cells in memory, and passes them on."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from ipcore import Component, InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.ranges import Range, ranges
from ipcore.types.cells import CellResult
from ipcore.types.history import History, HistoryRow


class Diary(Component):
    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self.kept: list[tuple[int, str, str]] = []
        self.outcomes: dict[int, bool] = {}

    def store_inputs(self, line_num: int, source: str, source_raw: str | None = None) -> None:
        self.kept.append((line_num, source, source if source_raw is None else source_raw))

    def store_result(self, result: CellResult) -> None:
        self.outcomes[result.cell.number] = result.success

    def get_range_by_str(self, rangestr: str, raw: bool = True, output: bool = False) -> Iterable[HistoryRow]:
        wanted: list[Range] = [each for each in ranges(rangestr) if each.session == 0]
        for each in wanted:
            for row in self.rows(raw, output):
                if each.start <= row[1] and (each.stop is None or row[1] < each.stop):
                    yield row

    def get_tail(
        self, n: int = 10, raw: bool = True, output: bool = False, include_latest: bool = False
    ) -> Iterable[HistoryRow]:
        rows = self.rows(raw, output) if include_latest else self.rows(raw, output)[:-1]
        return rows[max(len(rows) - n, 0) :]

    def search(
        self,
        pattern: str = "*",
        raw: bool = True,
        search_raw: bool = True,
        output: bool = False,
        n: int | None = None,
        unique: bool = False,
    ) -> Iterable[HistoryRow]:
        texts: dict[str, HistoryRow] = {}
        for at, row in enumerate(self.rows(raw, output)):
            number, source, typed = self.kept[at]
            if fnmatchcase(typed if search_raw else source, pattern):
                name = typed if unique else str(number)
                texts.pop(name, None)
                texts[name] = row
        found = list(texts.values())
        return found if n is None else found[max(len(found) - n, 0) :]

    def rows(self, raw: bool, output: bool) -> list[HistoryRow]:
        found: list[HistoryRow] = []
        for number, source, typed in self.kept:
            text = typed if raw else source
            found.append((0, number, (text, None) if output else text))
        return found


@hookimpl
def ipshell_history(shell: InteractiveShell) -> History:
    return Diary(parent=shell, name="history")
