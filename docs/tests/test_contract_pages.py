"""The page of the contracts has all of them, with what they need and what they test."""

from __future__ import annotations

import re

import pytest

from docs._extensions.contract_pages import attributes_of, checks_of, contracts_by_name
from docs.tests.pages import DOCS, blocks, headings, rows

PAGE = DOCS / "reference" / "contracts.md"
MAP = DOCS / "reference" / "hooks" / "index.md"


def test_every_contract_has_a_section() -> None:
    assert headings(PAGE, 2) == list(contracts_by_name())
    assert [block.language for block in blocks(PAGE) if block.directive == "contract"] == headings(PAGE, 2)


@pytest.mark.parametrize("name", contracts_by_name())
def test_a_contract_says_what_it_needs_and_what_it_tests(name: str) -> None:
    contract = contracts_by_name()[name]
    assert contract.__doc__
    assert all(each.meaning for each in attributes_of(contract))
    tests = list(checks_of(contract))
    assert [test for test, words in tests if not words] == []
    assert tests


def test_the_map_names_every_contract() -> None:
    named = {name for row in rows(MAP, "I want to") for name in re.findall(r"`(\w+Contract)`", row[2])}
    assert named == set(contracts_by_name()) - {"PluginContract"}
