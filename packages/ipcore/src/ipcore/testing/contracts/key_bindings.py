"""What commands for the keys of the editor have to keep to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import pytest

from .plugin import PluginContract, required

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared

    from ...types.key_bindings import KeyBinding
    from ..shells import TestedShell


class CellOnPaper:
    """A cell that a command is tried with.

    :param text: the text.
    :param cursor: the position in it.
    :param anchor: the other end of what is selected; the cursor by default.
    """

    def __init__(self, text: str, cursor: int, anchor: int | None = None) -> None:
        self.text = text
        self.cursor = cursor
        self._anchor = cursor if anchor is None else anchor
        #: Whether it was handed over.
        self.ran = False
        #: What was shown below it.
        self.messages: list[str] = []

    @property
    def selection(self) -> tuple[int, int]:
        """Where what is selected begins and ends."""
        return min(self.cursor, self._anchor), max(self.cursor, self._anchor)

    def replace(self, text: str, cursor: int | None = None) -> None:
        """Replace the text."""
        at = len(text) if cursor is None else cursor
        if not 0 <= at <= len(text):
            raise ValueError(f"there is no position {at} in a text of {len(text)} characters")
        self.text, self.cursor = text, at
        self._anchor = at

    def insert(self, text: str) -> None:
        """Put a text in at the cursor."""
        self.replace(self.text[: self.cursor] + text + self.text[self.cursor :], self.cursor + len(text))

    def run(self) -> None:
        """Note that it was handed over."""
        self.ran = True

    def message(self, text: str) -> None:
        """Keep a message."""
        self.messages.append(text)


class KeyBindingContract(PluginContract):
    """Commands for the keys of the editor.

    Beside what every plugin keeps to: each command does what the examples say, and something or nothing
    with any other cell, but raises nothing.
    """

    family = "key_bindings"
    first_use = "shell.registry.call_each('key_bindings', 'ipshell_key_bindings', shell=shell)"

    examples: ClassVar[Mapping[str, tuple[str, str]]] = required(
        "commands, each with a cell before and after it; a bar is the cursor, two hold what is selected",
        '{"letters.shout": ("a|b", "A|B")}',
    )

    @pytest.fixture
    def commands(self, shell: TestedShell, declared: Declared) -> dict[str, KeyBinding]:
        """What the hook gives, by names."""
        return self.given(shell, declared)

    def given(self, shell: TestedShell, declared: Declared | None = None) -> dict[str, KeyBinding]:
        """Have the hook give the commands."""
        from ...key_bindings import check_key_bindings

        given = shell.registry.call_each(self.family, "ipshell_key_bindings", check_key_bindings, shell=shell)
        self.check_no_failures(shell.registry)
        found = [each for item in given if declared in (None, item.plugin) for each in item.value]
        self.check(
            found, "it gives no key binding.", "ipshell_key_bindings(shell) has to return a list with one."
        )
        names = [each.name for each in found]
        twice = sorted({name for name in names if names.count(name) > 1})
        self.check(not twice, f"it gives {', '.join(twice)} twice.", "Each command has a name of its own.")
        return dict(zip(names, found, strict=True))

    def use(self, shell: TestedShell) -> None:
        """Have the hook give them."""
        self.given(shell)

    def test_each_command_does_what_the_examples_say(self, commands: dict[str, KeyBinding]) -> None:
        """Each has an example, and makes of the cell what stands there."""
        without = sorted({*commands} - {*self.examples})
        self.check(not without, f"no example says what {', '.join(without)} does.", "Add one to `examples`.")
        for name, (before, after) in self.examples.items():
            self.check(
                name in commands,
                f"it has no command {name!r}, but {', '.join(commands)}.",
                "Is the name in `examples` right?",
            )
            cell = _cell(before)
            self._called(commands[name], cell)
            at = cell.cursor
            found = f"{cell.text[:at]}|{cell.text[at:]}"
            self.check(found == after, f"{name} makes {found!r} of {before!r}, not {after!r}.")

    def test_it_takes_any_cell(self, commands: dict[str, KeyBinding]) -> None:
        """An empty one, half a one, odd characters, the cursor anywhere, something selected or not."""
        from hypothesis import strategies as st

        from .texts import ODD, any_text, for_all, plain_python

        @st.composite
        def cells(draw: st.DrawFn) -> tuple[str, int, int]:
            text = draw(st.one_of(any_text(), plain_python()))
            places = st.integers(0, len(text))
            cursor = draw(places)
            return text, cursor, draw(st.one_of(st.just(cursor), places))

        odd = [(text, at, 0) for text in ODD for at in (0, len(text))]
        for command in commands.values():
            for_all(cells(), partial(self._tried, command), first=odd)

    def _tried(self, command: KeyBinding, cell: tuple[str, int, int]) -> None:
        self._called(command, CellOnPaper(*cell))

    def _called(self, command: KeyBinding, cell: CellOnPaper) -> None:
        what = f"{command.name} with the cell {cell.text[:40]!r}, the cursor at {cell.cursor},"
        todo = "Whatever stands in the cell, do something or nothing: what it raises takes its keys away."
        with self.trying(what, todo):
            command.function(cell)


def _cell(text: str) -> CellOnPaper:
    """Read a cell in which bars stand for the cursor, or for the ends of what is selected."""
    first, bar, rest = text.partition("|")
    middle, second, last = rest.partition("|")
    if second:
        return CellOnPaper(first + middle + last, len(first) + len(middle), len(first))
    return CellOnPaper(first + rest, len(first) if bar else len(text))
