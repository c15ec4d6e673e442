"""The pages about the test kit name all that is in it."""

from __future__ import annotations

import re

import pytest

import ipcore.testing
from docs._extensions.contract_pages import attributes_of, checks_of, contracts_by_name
from docs.tests.pages import DOCS, blocks, headings, rows
from ipcore.testing import fixtures

REFERENCE = DOCS / "reference"
MAP = DOCS / "reference" / "hooks" / "index.md"


def test_every_fixture_of_the_kit_is_documented() -> None:
    docs = {name: (getattr(fixtures, name).__doc__ or "").strip() for name in fixtures.__all__}
    summaries = {name: " ".join(text.partition("\n\n")[0].split()) for name, text in docs.items()}
    wanted = [[f"`{name}`", summary.replace("``", "`")] for name, summary in summaries.items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in wanted)
    assert rows(REFERENCE / "testing.md", "Fixture") == wanted, f"the rows have to be:\n{table}"


def test_every_public_name_of_the_kit_is_documented() -> None:
    text = (REFERENCE / "testing.md").read_text(encoding="utf-8")
    found = re.findall(r"^\.\. auto\w+:: ipcore\.testing\.(\w+)(?:\(\))?$", text, flags=re.MULTILINE)
    assert sorted(found) == sorted(ipcore.testing.__all__)


def test_every_contract_has_a_section() -> None:
    page = REFERENCE / "contracts.md"
    assert headings(page, 2) == list(contracts_by_name())
    assert [block.language for block in blocks(page) if block.directive == "contract"] == headings(page, 2)


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
