"""The contract of the family ``lifecycle``: plugins that are told when shells and cells start and end."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, ClassVar, Final

from .plugin import PluginContract

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared
    from ipcore.testing.shells import CellOutcome, TestedShell

#: What it is called → a cell of that kind.
CELLS: Final = {
    "that gives a value": "6 * 7",
    "that gives nothing": "x = 1",
    "that prints": "print('out')",
    "that fails": "1 / 0",
    "that cannot be parsed": "x = = 1",
    "that is blank": "  \n",
    "of several lines": "def f():\n    return 'a'\n\nf()",
    "that is interrupted": "raise KeyboardInterrupt",
    "whose value cannot be shown": (
        "class Evil:\n    def __repr__(self): raise ValueError('no')\n"
        "    __str__ = __eq__ = __bool__ = __len__ = __hash__ = __repr__\nEvil()"
    ),
    "whose error cannot be shown": (
        "class Evil(Exception):\n    def __str__(self): raise ValueError('no')\nraise Evil"
    ),
    "that runs another": "get_ipython().run_cell('y = 2').result",
    "of odd characters": "'naïve 🐍 \\ud800 \\x00'",
    "with a magic that there is not": "%no_such_magic_of_anybody",
}


class _Value:
    """Something that a cell may give."""


class LifecycleContract(PluginContract):
    """What a plugin keeps to that is told of shells and cells."""

    family = "lifecycle"

    shows: ClassVar[bool] = False
    """Whether it prints anything itself."""
    sets: ClassVar[Collection[str]] = ()
    """Names of the user's that it may set."""
    keeps_results: ClassVar[bool] = False
    """Whether it is meant to keep the results of cells, values and all."""

    def use(self, shell: TestedShell) -> None:
        """Run a cell of each kind."""
        for source in CELLS.values():
            self.run(shell, source)

    def run(self, shell: TestedShell, source: str) -> CellOutcome:
        """Run a cell with a number."""
        return shell.run_cell(source, store_history=True)

    # -- what is tested --------------------------------------------------------

    def test_cells_come_to_the_same_with_it(
        self, shell: TestedShell, make_shell: Callable[..., TestedShell]
    ) -> None:
        """Whatever a cell does: its value, its error and what is shown are as without the plugin."""
        from ipcore.plugins.registry import Registry

        bare = make_shell(self.configuration, registry=Registry())
        expected = {kind: account(self.run(bare, source), self.shows) for kind, source in CELLS.items()}
        bare.close()  # so that get_ipython() gives the other one
        for kind, source in CELLS.items():
            given = account(self.run(shell, source), self.shows)
            self.check_no_failures_at(shell, kind)
            for what, wanted in expected[kind].items():
                self.check(
                    given[what] == wanted,
                    f"of a cell {kind}, {source!r}, the {what} is {given[what]!r}, and without the plugin "
                    f"{wanted!r}.",
                    "A plugin of this family takes note; it changes nothing. What is meant to print says so: "
                    "shows = True.",
                )

    def test_silent_cells_are_none_of_its_business(self, shell: TestedShell) -> None:
        """What runs silently passes, and a numbered cell after it is told."""
        shell.run_cell("x = 1", silent=True)
        self.run(shell, "x = 2")
        self.check_no_failures_at(shell, "after a silent one")

    def test_it_leaves_the_users_names_alone(
        self, shell: TestedShell, make_shell: Callable[..., TestedShell]
    ) -> None:
        """It sets no variable of the user's but those that it says."""
        from ipcore.plugins.registry import Registry

        from .magics import users_names

        bare = make_shell(self.configuration, registry=Registry())
        self.run(bare, "x = 1")
        expected = {*users_names(bare), *self.sets}
        bare.close()  # so that get_ipython() gives the other one
        self.run(shell, "x = 1")
        strange = sorted(set(users_names(shell)) - expected)
        self.check(
            not strange,
            f"it sets variables of the user's: {', '.join(strange)}.",
            "Keep what you need in the plugin. If a name is what it is for, say which: sets = ('name',).",
        )

    def test_it_leaves_the_process_as_it_is(self, shell: TestedShell) -> None:
        """Cells start and end, and directory, environment and standard streams are as before."""
        with self.leaving_alone("a cell that it is told of", "Leave the process as it is."):
            self.run(shell, "x = 1")

    def test_it_does_not_keep_results(self, shell: TestedShell) -> None:
        """The value of a cell goes when the user lets it go."""
        from ipcore.types.cells import Cell, CellResult

        if self.keeps_results:
            return
        value = _Value()
        gone = weakref.ref(value)
        cell = Cell("value", 1, "Cell In[1]", True)
        shell.notify("ipshell_cell_started", cell=cell)
        result = CellResult(cell, "value\n", value)
        shell.notify("ipshell_cell_finished", result=result)
        self.check_no_failures_at(shell, "that gives a value")
        del value, result
        gc.collect()
        self.check(
            gone() is None,
            "it keeps the results of cells, and so every value that the user has shown, however large.",
            "Keep what you need of them: result.cell.source, result.success. If keeping values is what it "
            "is for, set keeps_results = True, and bound their number.",
        )

    def test_it_is_told_once_that_the_shell_closes(
        self, declared: Declared, make_shell: Callable[..., TestedShell]
    ) -> None:
        """A shell that has run nothing closes too, and closing it again does nothing."""
        shell = self.new_shell(make_shell)
        shell.close()
        shell.close()
        self.check_no_failures(shell.registry)

    def check_no_failures_at(self, shell: TestedShell, kind: str) -> None:
        """Fail the test if the plugin has failed at a cell of some kind."""
        if shell.registry.failures:
            failure = shell.registry.failures[0]
            self.fail(
                f"at a cell {kind}, {failure.stage} failed: {failure.reason}\n{failure.traceback}",
                "It is off for the session then. Take cells as they come: some fail before they run, some "
                "run others, and values and errors may have methods that raise.",
            )


def account(outcome: CellOutcome, shows: bool) -> dict[str, object]:
    """Give what a user notices of a cell."""
    error = outcome.error
    noticed: dict[str, object] = {
        "kind of value": type(outcome.value).__name__,
        "kind of error": type(error).__name__ if error is not None else "",
        "number": outcome.execution_count,
    }
    if not shows:
        noticed["text on standard output"] = re.sub(r"\b0x[0-9a-fA-F]+", "0x...", outcome.stdout)
    return noticed
