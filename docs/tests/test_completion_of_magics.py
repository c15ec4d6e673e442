"""What the page on completion says of magics and characters is what the code does."""

from __future__ import annotations

import re

import pytest

from docs.tests.pages import DOCS, rows
from ipcompleters.magic_arguments import KNOWN_MAGICS
from ipcompleters.unicode_names import UnicodeProvider
from ipcore import InteractiveShell
from ipcore.types.completion import CompletionRequest

PAGE = DOCS / "reference" / "completion.md"


def test_the_magics_that_are_completed_by_name_are_those_of_the_code() -> None:
    found = [name for row in rows(PAGE, "Magic") for name in re.findall(r"`%(\w+)`", row[0])]
    assert sorted(found) == sorted(KNOWN_MAGICS)


@pytest.mark.parametrize("row", rows(PAGE, "Behind a backslash"), ids=lambda row: row[0])
def test_the_characters_of_the_page_are_proposed(row: list[str]) -> None:
    typed, given = (re.findall(r"`(.*?)`", cell) for cell in row[:2])
    shell = InteractiveShell()
    try:
        for number, text in enumerate(typed):
            before = "x" if text[1:2] in ("^", "_") else ""
            request = CompletionRequest(before + text, len(before + text))
            found = [each.text for each in UnicodeProvider(shell).complete(request)]
            wanted = given if len(typed) == 1 else [given[number]]
            assert set(wanted) <= set(found)
    finally:
        shell.close()


def test_the_option_of_characters_is_documented() -> None:
    name, _, default, says = rows(PAGE, "Option of `UnicodeProvider`")[0]
    trait = UnicodeProvider.class_own_traits(config=True)[name.strip("`")]
    assert default == f"`{trait.default_value_repr()}`"
    assert says == trait.help
