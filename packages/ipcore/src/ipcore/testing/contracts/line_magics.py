"""The contract of the family ``line_magics``."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from .magics import MagicContract, fits
from .plugin import required

if TYPE_CHECKING:
    from ipcore.testing.shells import TestedShell


class LineMagicContract(MagicContract):
    """What a line magic keeps to."""

    family = "line_magics"
    kind = "line"
    listings: ClassVar[Mapping[str, str]] = {
        "the names of line magics": "key in shell.magics.names('line')",
        "completion behind %": "'%' + key in shell.complete('%' + key[:1])[1]",
    }
    first_use = "shell.magics.find_magic(key, 'line')"

    examples: ClassVar[Mapping[str, object]] = required(
        "lines to call it with, each with the value it gives (or a function that judges it)",
        '{"hello": "HELLO"}',
    )
    mistakes: ClassVar[Sequence[str]] = ()
    """Lines that are a mistake of the user's."""

    def cells(self) -> list[tuple[str, object]]:
        """The examples as cells."""
        return [(self.cell_of(line), value) for line, value in self.examples.items()]

    def cell_of(self, line: str) -> str:
        """``%name line``."""
        return f"{self.typed} {line}".rstrip()

    def call(self, shell: TestedShell, text: str) -> object:
        """Call the magic with a line."""
        return shell.run_line_magic(self.key, text)

    def odd_texts(self) -> Iterable[str]:
        """Lines of odd characters, and options that there are not."""
        from .texts import ODD

        one_line = [text for text in ODD if not re.search(r"[\n\r\ud800]", text)]
        return (*one_line, "--no-such-option", "-h", "--help", *(f"{line} '" for line in self.examples))

    def test_its_value_can_be_assigned(self, shell: TestedShell) -> None:
        """``x = %name line`` gives what ``%name line`` shows."""
        if not self.repeatable:
            return
        for cell, expected in self.cells():
            self.run(shell, f"__assigned = {cell}")
            value = shell.user_ns.pop("__assigned")
            self.check(
                fits(value, expected),
                f"'x = {cell}' gives x the value {value!r}, and not what the example says.",
                "Return the value; do not print it, nor look at how the magic was called.",
            )

    def test_it_is_found_by_its_bare_name(self, shell: TestedShell) -> None:
        """``name line`` without ``%`` means it too, as long as no variable has the name."""
        self.check(
            self.key.isidentifier() and not keyword.iskeyword(self.key),
            f"{self.key!r} is no name that could be typed without %.",
            "Name it by a plain word that is no keyword of Python.",
        )
        import builtins

        self.check(
            not hasattr(builtins, self.key),
            f"{self.key!r} is a function of Python's, which is what it means without %.",
            "Give it another name.",
        )
        self.check(shell.is_command(self.key), "the shell does not find it by its bare name.")
        if not self.repeatable or not shell.automagic:
            return
        for line, expected in self.examples.items():
            word = line.partition(" ")[0]
            if word and (not word.isidentifier() or keyword.iskeyword(word)):
                continue  # it may mean Python
            cell = f"{self.key} {line}".rstrip()
            self.check_value(self.run(shell, cell), expected, cell)

    def test_mistakes_are_told_in_one_line(self, shell: TestedShell) -> None:
        """Each line of ``mistakes`` is refused, without a traceback."""
        self.function(shell)
        for line in self.mistakes:
            self.check_mistake(shell, self.cell_of(line), "a mistake")
