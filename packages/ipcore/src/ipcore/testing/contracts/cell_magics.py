"""The contract of the family ``cell_magics``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from .magics import MagicContract, fits
from .plugin import required

if TYPE_CHECKING:
    from ipcore.testing.shells import TestedShell


class CellMagicContract(MagicContract):
    """What a cell magic keeps to."""

    family = "cell_magics"
    kind = "cell"
    listings: ClassVar[Mapping[str, str]] = {
        "the names of cell magics": "key in shell.magics.names('cell')",
        "completion behind %%": "'%%' + key in shell.complete('%%' + key[:1])[1]",
    }
    first_use = "shell.magics.find_magic(key, 'cell')"

    examples: ClassVar[Mapping[tuple[str, str], object]] = required(
        "pairs of line and body to call it with, each with the value it gives (or a function that judges it)",
        '{("", "a\\nb\\n"): 2}',
    )
    mistakes: ClassVar[Sequence[tuple[str, str]]] = ()
    """Pairs of line and body that are a mistake of the user's."""

    def cells(self) -> list[tuple[str, object]]:
        """The examples as cells."""
        return [(self._cell(line, body), value) for (line, body), value in self.examples.items()]

    def _cell(self, line: str, body: str) -> str:
        return f"{f'{self.typed} {line}'.rstrip()}\n{body}"

    def cell_of(self, line: str) -> str:
        """``%%name line`` over the body of the first example."""
        return self._cell(line, next((body for _, body in self.examples), "pass\n"))

    def call(self, shell: TestedShell, text: str) -> object:
        """Call the magic over a body."""
        line = next((line for line, _ in self.examples), "")
        return shell.run_cell_magic(self.key, line, text)

    def odd_texts(self) -> Iterable[str]:
        """Bodies of odd characters, plain Python, and ends of the examples."""
        from .texts import ODD, PLAIN

        encodable = [text for text in ODD if "\ud800" not in text]
        return (*encodable, *PLAIN, *(body.rstrip("\n") for _, body in self.examples))

    def test_it_gets_the_body_as_it_was_typed(self, shell: TestedShell) -> None:
        """In a cell and called with line and body, it gives the same."""
        if not self.repeatable:
            return
        self.function(shell)
        for (line, body), expected in self.examples.items():
            with self.trying(f"run_cell_magic({self.key!r}, {line!r}, {body!r})"):
                value = shell.run_cell_magic(self.key, line, body)
            self.check(
                fits(value, expected),
                f"run_cell_magic({self.key!r}, {line!r}, {body!r}) gives {value!r}, and not what the example "
                "says, which is what the same cell gives when it is typed.",
                "Use the line and the body alone, not the text of the cell that runs.",
            )

    def test_without_a_body_it_is_the_users_mistake(self, shell: TestedShell) -> None:
        """An empty body is told in one line."""
        self.function(shell)
        self.check_mistake(shell, f"{self.typed}\n", "a cell without a body")

    def test_mistakes_are_told_in_one_line(self, shell: TestedShell) -> None:
        """Each pair of ``mistakes`` is refused, without a traceback."""
        self.function(shell)
        for line, body in self.mistakes:
            self.check_mistake(shell, self._cell(line, body), "a mistake")
