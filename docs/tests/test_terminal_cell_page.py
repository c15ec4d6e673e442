"""The page of the terminal says of cells on the screen, and of their colours, what the code says."""

from __future__ import annotations

from docs.tests.pages import DOCS, rows
from ipterminal.frontend import Terminal
from ipterminal.lexing import BODIES

PAGE = DOCS / "reference" / "terminal.md"


def test_the_options_are_those_of_the_front_end() -> None:
    traits = Terminal.class_own_traits(config=True)
    table = rows(PAGE, "Option")
    assert {"`Terminal.highlight_matching_brackets`", "`Terminal.prompt_line_number_format`"} <= {
        row[0] for row in table
    }
    for name, default, says in table:
        trait = traits[name.strip("`").removeprefix("Terminal.")]
        assert default == f"`{trait.default_value_repr()}`"
        assert says == trait.help


def test_the_languages_of_cell_magics_are_the_known_ones() -> None:
    found = {}
    for magics, language in rows(PAGE, "Cell magics"):
        found.update({name.strip("`").removeprefix("%%"): language for name in magics.split(", ")})
    assert found == BODIES
