"""What the page on completion says of names and attributes is what the code does."""

from __future__ import annotations

import re

import pytest

from docs.tests.pages import DOCS, rows
from ipcompleters.attributes import AttributeProvider
from ipcompleters.names import NameProvider
from ipcore import InteractiveShell
from ipcore.types.completion import CompletionRequest

PAGE = DOCS / "reference" / "completion.md"


@pytest.mark.parametrize("row", rows(PAGE, "Cell"), ids=lambda row: row[0])
def test_what_the_page_says_is_proposed(row: list[str]) -> None:
    (text,), given = (re.findall(r"`(.*?)`", cell) for cell in row[:2])
    cursor = next(
        (end for mark in ("pri", "casef") if (end := text.find(mark) + len(mark)) > len(mark)), len(text)
    )
    shell = InteractiveShell()
    try:
        request = CompletionRequest(text, cursor, objects=shell.completer.objects)
        providers = (NameProvider(shell), AttributeProvider(shell))
        assert [each.text for provider in providers for each in provider.complete(request)] == given
    finally:
        shell.close()


@pytest.mark.parametrize("row", rows(PAGE, "Option of `AttributeProvider`"), ids=lambda row: row[0])
def test_the_options_of_attributes_are_those_of_the_code(row: list[str]) -> None:
    name, _, default, says = row
    trait = AttributeProvider.class_own_traits(config=True)[name.strip("`")]
    assert default == f"`{trait.default_value_repr()}`"
    assert says == trait.help


def test_all_options_of_attributes_are_on_the_page() -> None:
    listed = [row[0].strip("`") for row in rows(PAGE, "Option of `AttributeProvider`")]
    assert listed == sorted(AttributeProvider.class_own_traits(config=True))
