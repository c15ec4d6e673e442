"""What a component that keeps cells between runs has to keep to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from ...component import Component
from .effects import Effects
from .plugin import PluginContract

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ipcore.plugins.declared import Declared

    from ..shells import TestedShell

#: What the component has, by :class:`ipcore.types.history.History`.
_METHODS: Final = ("store_inputs", "store_result", "get_tail", "get_range_by_str", "search")

#: What takes part between Enter and the result, and may take seconds.
_SLOW: Final = (
    "imports",
    "starts the program",
    "runs the command",
    "connects to the network",
    "looks up the host",
    "opens the database",
    "sleeps",
    "forks",
)

#: Cells that are hard to keep, by what they are.
HARD: Final = {
    "of several lines": "def f():\n    return 1\n\nf()",
    "in other scripts": "größe = '尺寸 📏'",
    "with a zero byte": "x = 'a\0b'",
    "with half of a surrogate pair": "x = '\ud83d'",
    "of a million characters": "x = '" + "a" * 1_000_000 + "'",
    "of line ends alone in a text": "x = 'a\\r\\nb'\n# \x0b \x0c \x85 \u2028",
    "that looks like a pattern": "x = [1, 2] * 3  # ? *",
    "that is no Python": "a = = 1",
}


class HistoryContract(PluginContract):
    """A component that a plugin of the family ``history`` gives.

    Beside what every plugin keeps to: each cell with a number is found again, by its number and by what is in
    it, in this shell and in the next; whatever is wrong with the place where cells are kept, cells run.

    The shells it is tried in have a ``history_file`` in the test's folder.
    """

    family = "history"
    first_use = "registry.call_first('history', 'ipshell_history', shell=shell)"

    keeps: ClassVar[bool] = True
    """Whether cells are found by the next shell too; false for one that only passes them on."""
    may: ClassVar[Sequence[str]] = ()
    """What keeping a cell may do each time: audit events of the interpreter, such as ``sqlite3.connect``."""

    def new_shell(self, make_shell: Callable[..., TestedShell]) -> TestedShell:
        """Make a shell whose history has a file."""

        def make(configuration: Any) -> TestedShell:
            shell = make_shell(configuration)
            shell.history_file = os.path.join(os.getcwd(), "history.sqlite")
            return shell

        return super().new_shell(make)

    @pytest.fixture
    def history(self, shell: TestedShell) -> Any:
        """The component, as the shell uses it."""
        made = shell.history
        self.check_no_failures(shell.registry)
        self.check(made, "the shell has no history.", "Give a component: return History(parent=shell).")
        return made

    def use(self, shell: TestedShell) -> None:
        """Keep a cell, and look for it."""
        shell.run_cell("used = 1", store_history=True)
        list(shell.history.search("used*"))

    def test_it_is_a_component_of_the_shell(self, history: Any, shell: TestedShell) -> None:
        """Started and closed with the shell, configured as its parts are, and with all methods."""
        name = type(history).__name__
        self.check(
            isinstance(history, Component),
            f"ipshell_history gives {name}, which is no component.",
            f"Derive it: class {name}(ipcore.Component).",
        )
        self.check(
            history.parent is shell,
            "the component does not know its shell.",
            f"Give it on: return {name}(parent=shell).",
        )
        lacking = [each for each in _METHODS if not callable(getattr(history, each, None))]
        self.check(
            not lacking,
            f"{name} has no {', '.join(lacking)}.",
            "Define them as ipcore.types.history.History says.",
        )

    # -- this session ----------------------------------------------------------

    def test_cells_are_found_by_their_numbers(self, history: Any, shell: TestedShell) -> None:
        """``4``, ``4-6``, ``4:6`` and ``4-``; what is no range is left out; empty is the session."""
        cells = ["one = 1", "two = 2", "three = 3"]
        self._run(shell, *cells)
        for text, wanted in {
            "2": cells[1:2],
            "1-2": cells[:2],
            "1:2": cells[:1],
            "2-": cells[1:],
            "3 1": [cells[2], cells[0]],
            "": cells,
            "7": [],
            "what": [],
        }.items():
            self._gives(history, f"get_range_by_str({text!r})", wanted, text)
        self.check(
            [row[1] for row in self._rows(history, "get_range_by_str('2-')", "2-")] == [2, 3],
            "the second item of a row of get_range_by_str('2-') is not the number of its cell.",
            "A row is the number of the session, that of the cell, and its text.",
        )

    def test_the_newest_cells_are_found(self, history: Any, shell: TestedShell) -> None:
        """Oldest first; without ``include_latest`` the very last, which asks, is left out."""
        cells = ["one = 1", "two = 2", "three = 3"]
        self._run(shell, *cells)
        for keywords, wanted in (
            ({"n": 2, "include_latest": True}, cells[1:]),
            ({"n": 1}, cells[1:2]),
            ({"n": 0}, []),
            ({"n": 100, "include_latest": True}, cells),
        ):
            what = f"get_tail({', '.join(f'{name}={value}' for name, value in keywords.items())})"
            found = self._checked(history.get_tail, what, **keywords)
            self.check(
                [row[2] for row in found] == wanted,
                f"after the cells {cells}, {what} gives {_texts(found)}, and not {wanted}.",
            )

    def test_cells_are_found_by_what_is_in_them(self, history: Any, shell: TestedShell) -> None:
        """``*`` and ``?`` stand for anything; the pattern is of the whole cell; oldest first."""
        self._run(shell, "apple = 1", "pear = 2", "apples = apple", "apple = 1")
        for keywords, wanted in (
            ({"pattern": "apple*"}, ["apple = 1", "apples = apple", "apple = 1"]),
            ({"pattern": "app"}, []),
            ({"pattern": "p??r*"}, ["pear = 2"]),
            ({"pattern": "apple*", "n": 1}, ["apple = 1"]),
            ({"pattern": "apple*", "unique": True}, ["apples = apple", "apple = 1"]),
        ):
            what = f"search({', '.join(f'{name}={value!r}' for name, value in keywords.items())})"
            found = self._checked(history.search, what, **keywords)
            self.check(
                [row[2] for row in found] == wanted,
                f"{what} gives {_texts(found)}, and not {wanted}.",
                "unique gives of equal cells the last alone, n the newest.",
            )

    def test_cells_are_given_as_typed_or_as_they_ran(self, history: Any, shell: TestedShell) -> None:
        """``raw`` tells which."""
        self._run(shell, "len?")
        self._gives(history, "get_range_by_str('1')", ["len?"], "1")
        ran = self._rows(history, "get_range_by_str('1', raw=False)", "1", raw=False)
        self.check(
            len(ran) == 1 and str(ran[0][2]).startswith("get_ipython()."),
            f"of the cell 'len?' get_range_by_str('1', raw=False) gives {_texts(ran)}.",
            "store_inputs(line_num, source, source_raw) tells both: keep source too.",
        )

    def test_with_output_a_row_has_a_pair(self, history: Any, shell: TestedShell) -> None:
        """The text of the cell, and that of its value or ``None``."""
        self._run(shell, "6 * 7")
        asked: dict[str, dict[str, Any]] = {
            "get_range_by_str": {"rangestr": "1"},
            "get_tail": {"n": 1, "include_latest": True},
            "search": {"pattern": "6*"},
        }
        for what, keywords in asked.items():
            with self.trying(f"{what}(…, output=True)"):
                found = list(getattr(history, what)(output=True, **keywords))
            good = len(found) == 1 and isinstance(found[0][2], tuple) and len(found[0][2]) == 2
            self.check(
                good and found[0][2][0] == "6 * 7" and isinstance(found[0][2][1], (str, type(None))),
                f"{what}(…, output=True) gives {found!r}.",
                "With output the third item is a pair, of the cell's text and its value's or None.",
            )

    @pytest.mark.parametrize("what", HARD)
    def test_a_hard_cell_is_kept(self, history: Any, shell: TestedShell, what: str) -> None:
        """Whatever is in it; what no file can hold may be escaped."""
        cell = HARD[what]
        shell.run_cell("first = 1", store_history=True).assert_ok()
        shell.run_cell(cell, store_history=True)
        self.check_no_failures(shell.registry)
        self._run(shell, "last = 1")
        found = self._checked(history.get_tail, "get_tail(3)", n=3, include_latest=True)
        self.check(len(found) == 3, f"of 3 cells, one {what}, get_tail gives {len(found)}.")
        kept = str(found[1][2])
        wanted = (cell, cell.encode(errors="backslashreplace").decode())
        self.check(
            kept in wanted,
            f"of a cell {what}, {cell[:100]!r}, this is kept: {kept[:100]!r}, {len(kept)} long.",
        )

    def test_what_has_no_number_is_not_kept(self, history: Any, shell: TestedShell) -> None:
        """``run_cell`` without ``store_history``, as start-up files, ``-c`` and programs use it."""
        self._run(shell, "numbered = 1")
        shell.run_cell("unnumbered = 1")
        shell.run_cell("silent = 1", store_history=True, silent=True)
        found = self._checked(history.search, "search('*')", pattern="*")
        self.check(
            [row[2] for row in found] == ["numbered = 1"],
            f"search('*') gives {_texts(found)}: cells without a number are among them.",
            "Keep what store_inputs is told of, and nothing else.",
        )

    def test_a_cell_that_fails_is_found(self, history: Any, shell: TestedShell) -> None:
        """It is what the user wants to mend."""
        shell.run_cell("1 / 0", store_history=True).assert_error(ZeroDivisionError)
        self._run(shell, "after = 1")
        self._gives(history, "get_range_by_str('1-2')", ["1 / 0", "after = 1"], "1-2")

    # -- the next shell --------------------------------------------------------

    def test_the_next_shell_finds_them(
        self, declared: Declared, make_shell: Callable[..., TestedShell]
    ) -> None:
        """By what is in them, and as the newest ones."""
        if not self.keeps:
            return
        first = self.new_shell(make_shell)
        self._run(first, "kept = 'from before'", "other = 1")
        first.close()
        second = self.new_shell(make_shell)
        for what, found in (
            ("get_tail(2)", self._checked(second.history.get_tail, "get_tail", n=2, include_latest=True)),
            ("search('*')", self._checked(second.history.search, "search", pattern="*")),
        ):
            self.check(
                [row[2] for row in found] == ["kept = 'from before'", "other = 1"],
                f"in the next shell {what} gives {_texts(found)}.",
                "Write what is left in on_close(), or set the class attribute keeps = False.",
            )
        self._run(second, "new = 1")
        self._gives(second.history, "get_range_by_str('1')", ["new = 1"], "1")

    def test_cells_run_where_none_can_be_kept(
        self, declared: Declared, make_shell: Callable[..., TestedShell], tmp_path: Path
    ) -> None:
        """The place may be gone, full, or somebody else's."""
        blocked = tmp_path / "no-folder"
        blocked.write_text("a file where a folder should be")
        shell = self.new_shell(make_shell)
        shell.history_file = str(blocked / "history.sqlite")
        for cell in ("a = 1", "b = a + 1"):
            shell.run_cell(cell, store_history=True).assert_ok()
        self.check_no_failures(shell.registry)
        with self.trying("looking for cells where none can be kept", "Say what is wrong, and give nothing."):
            list(shell.history.get_tail(3))
            list(shell.history.search("a*"))
            list(shell.history.get_range_by_str("1"))
        shell.close()
        self.check_no_failures(shell.registry)

    def test_the_user_does_not_wait_for_it(self, history: Any, shell: TestedShell) -> None:
        """It stands between Enter and the result of each cell."""
        self._run(shell, "first = 1")  # what is needed once may be fetched once
        with Effects(*self.may) as effects:
            for number in range(2, 6):
                history.store_inputs(number, f"x = {number}", f"x = {number}")
        slow = [text for text in effects.found if text.startswith(_SLOW)]
        self.check(
            not slow,
            f"keeping a cell {'; '.join(slow)}, each time, while the user waits for the result.",
            "Do it once, or on a thread of your own; what cannot be done without is allowed by the class "
            'attribute may, names of audit events: may = ("sqlite3.connect",).',
        )

    # -- inside ----------------------------------------------------------------

    def _run(self, shell: TestedShell, *cells: str) -> None:
        for cell in cells:
            shell.run_cell(cell, store_history=True).assert_ok()
        self.check_no_failures(shell.registry)

    def _gives(self, history: Any, what: str, wanted: list[str], text: str) -> None:
        found = self._rows(history, what, text)
        self.check(
            [row[2] for row in found] == wanted,
            f"{what} gives {_texts(found)}, and not {wanted}.",
            "ipcore.ranges.ranges(text) reads ranges.",
        )

    def _rows(self, history: Any, what: str, text: str, **keywords: Any) -> list[Any]:
        return self._checked(history.get_range_by_str, what, rangestr=text, **keywords)

    def _checked(self, ask: Callable[..., Any], what: str, **keywords: Any) -> list[Any]:
        """Give the rows that a method gives, checked."""
        with self.trying(f"{what} of {type(getattr(ask, '__self__', ask)).__name__}"):
            rows = list(ask(**keywords))
        wrong = [row for row in rows if not _is_row(row)]
        self.check(
            not wrong,
            f"{what} gives {wrong[:1]!r}.",
            "A row is a tuple: the number of the session, that of the cell, and its text.",
        )
        return rows


def _is_row(row: object) -> bool:
    if not isinstance(row, tuple) or len(row) != 3:
        return False
    return isinstance(row[0], int) and isinstance(row[1], int) and isinstance(row[2], str)


def _texts(rows: Sequence[Any]) -> list[str]:
    return [str(row[2])[:100] for row in rows[:10]]
