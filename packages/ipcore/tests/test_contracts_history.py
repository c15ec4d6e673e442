"""The contract of histories passes those that keep to it, and catches those that do not."""

from __future__ import annotations

import pytest
from contract_trials import Plugin, judge

FRAME = '''
import json
import os
import sqlite3
from fnmatch import fnmatchcase
from ipcore import Component
from ipcore.ranges import ranges

class Own(Component):
    """Keeps rows of session, number, text as typed, text as it ran."""

    def on_start(self):
        self.file = self.parent.history_file
        self.session = 1 + max((row[0] for row in self.rows()), default=0)

    def rows(self):
        try:
            with open(self.file) as file:
                return [json.loads(line) for line in file]
        except OSError:
            return []

    def write(self, row):
        try:
            with open(self.file, "a") as file:
                file.write(json.dumps(row) + "\\n")
        except OSError:
            pass

    def given(self, rows, raw, output):
        rows = [(row[0], row[1], row[2] if raw else row[3]) for row in rows]
        return [(*row[:2], (row[2], None)) for row in rows] if output else rows

    def store_inputs(self, line_num, source, source_raw=None):
        self.write([self.session, line_num, source_raw or source, source])

    def store_result(self, result):
        pass

    def get_range_by_str(self, rangestr, raw=True, output=False):
        found = []
        for session, start, stop in ranges(rangestr):
            session = session if session > 0 else self.session + session
            numbers = range(start, stop or 10**9)
            found += [row for row in self.rows() if row[0] == session and row[1] in numbers]
        return self.given(found, raw, output)

    def get_tail(self, n=10, raw=True, output=False, include_latest=False):
        rows = self.rows() if include_latest else self.rows()[:-1]
        return self.given(rows[max(len(rows) - n, 0):], raw, output)

    def search(self, pattern="*", raw=True, search_raw=True, output=False, n=None, unique=False):
        found = [row for row in self.rows() if fnmatchcase(row[2 if search_raw else 3], pattern)]
        if unique:
            found = sorted({row[2]: row for row in found}.values())
        if n is not None:
            found = found[max(len(found) - n, 0):]
        return self.given(found, raw, output)

@hookimpl
def ipshell_history(shell):
    return Own(parent=shell)
'''


STORED = "self.write([self.session, line_num, source_raw or source, source])"
STORING = "def store_inputs(self, line_num, source, source_raw=None):\n"
CONNECTS = (STORING, f"{STORING}        sqlite3.connect(':memory:').close()\n")

OWN = """
    def own(self):
        return [row for row in self.rows() if row[0] == self.session]
"""

ON_EVENT = """
    def listen(self):
        self.parent.events.register("pre_run_cell", self.on_event)
        return self

    def on_event(self, info):
        self.write([self.session, 0, info.raw_cell, ""])
"""


def own(*changes: tuple[str, str]) -> str:
    """Give the good plugin, changed."""
    text = FRAME
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


PLUGINS = {
    "good": Plugin(FRAME),
    "forgetful": Plugin(
        own(
            ("def rows(self):", f"{OWN}\n    def rows(self):"),
            ("rows = self.rows() if", "rows = self.own() if"),
            ("self.rows()[:-1]", "self.own()[:-1]"),
        ),
        "the_next_shell_finds_them",
        ("in the next shell get_tail(2) gives []", "keeps = False"),
    ),
    "passes_on": Plugin(
        own(
            ("self.write([", "self.kept.append(["),
            ("def rows(self):", "def rows(self):\n        return self.kept\n\n    def old(self):"),
        ).replace("self.file = ", "self.kept = []\n        self.file = "),
        attributes={"keeps": False},
    ),
    "no_component": Plugin(
        own(("class Own(Component):", "class Own:"), ("return Own(parent=shell)", "return Own()")),
        "it_is_a_component_of_the_shell",
        ("Own",),
    ),
    "no_parent": Plugin(
        own(("Own(parent=shell)", "Own()"), ("self.parent.history_file", "'history'")),
        "it_is_a_component_of_the_shell",
        ("the component does not know its shell", "return Own(parent=shell)"),
    ),
    "no_search": Plugin(
        own(("def search(", "def look(")), "it_is_a_component_of_the_shell", ("Own has no search.",)
    ),
    "own_ranges": Plugin(
        own(("in ranges(rangestr)", "in [(0, int(rangestr), int(rangestr) + 1)]")),
        "cells_are_found_by_their_numbers",
        ("get_range_by_str('1-2') of", "raised ValueError"),
    ),
    "half_open": Plugin(
        own(("range(start, stop or 10**9)", "range(start, (stop or 10**9) - 1)")),
        "cells_are_found_by_their_numbers",
        ("get_range_by_str('2') gives [], and not ['two = 2']", "ipcore.ranges.ranges(text)"),
    ),
    "newest_first": Plugin(
        own(("return self.given(rows[max(len(rows) - n, 0):], raw", "return self.given(rows[::-1][:n], raw")),
        "the_newest_cells_are_found",
        ("get_tail(n=2, include_latest=True) gives ['three = 3', 'two = 2']",),
    ),
    "with_itself": Plugin(
        own(("self.rows()[:-1]", "self.rows()")),
        "the_newest_cells_are_found",
        ("get_tail(n=1) gives ['three = 3'], and not ['two = 2']",),
    ),
    "substring": Plugin(
        own(("fnmatchcase(row[2 if search_raw else 3], pattern)", "pattern.strip('*') in row[2]")),
        "cells_are_found_by_what_is_in_them",
        ("search(pattern='app') gives ['apple = 1'",),
    ),
    "not_unique": Plugin(
        own(("if unique:", "if False:")),
        "cells_are_found_by_what_is_in_them",
        ("unique gives of equal cells the last alone",),
    ),
    "raw_alone": Plugin(
        own(("row[2] if raw else row[3]", "row[2]")),
        "cells_are_given_as_typed_or_as_they_ran",
        ("get_range_by_str('1', raw=False) gives ['len?']", "keep source too"),
    ),
    "no_pairs": Plugin(
        own((" if output else rows", " if False else rows")),
        "with_output_a_row_has_a_pair",
        ("With output the third item is a pair",),
    ),
    "lists": Plugin(
        own(("rows = [(row[0], row[1], row[2] if raw else row[3]) for row in rows]", "pass")),
        "the_newest_cells_are_found",
        ("gives [", "A row is a tuple"),
    ),
    "encodes": Plugin(
        own(("json.dumps(row)", "json.dumps(row, ensure_ascii=False)"), ('"a")', '"a", encoding="utf-8")')),
        "a_hard_cell_is_kept",
        ("UnicodeEncodeError", "surrogate"),
    ),
    "first_line": Plugin(
        own((STORED, STORED.replace("source_raw or source", "(source_raw or source).split('\\n')[0]"))),
        "a_hard_cell_is_kept",
        ("of a cell of several lines",),
    ),
    "keeps_all": Plugin(
        own(
            (STORED, "pass"),
            ("    def store_result", f"{ON_EVENT}\n    def store_result"),
            ("    return Own(parent=shell)", "    return Own(parent=shell).listen()"),
        ),
        "what_has_no_number_is_not_kept",
        ("cells without a number are among them",),
    ),
    "successes": Plugin(
        own(
            (STORED, STORED.replace("self.write(", "self.last = (")),
            ("result):\n        pass", "result):\n        result.success and self.write(self.last)"),
        ),
        "a_cell_that_fails_is_found",
        ("gives ['after = 1'], and not ['1 / 0', 'after = 1']",),
    ),
    "raises": Plugin(
        own(('"\\n")\n        except OSError:', '"\\n")\n        except LookupError:')),
        "cells_run_where_none_can_be_kept",
        ("the shell complains of it: keeping a cell: NotADirectoryError",),
    ),
    "connects": Plugin(
        own(CONNECTS),
        "the_user_does_not_wait_for_it",
        ("keeping a cell opens the database ':memory:', each time", 'may = ("sqlite3.connect",)'),
    ),
    "may_connect": Plugin(own(CONNECTS), attributes={"may": ("sqlite3.connect",)}),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("history"), "HistoryContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_history(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
