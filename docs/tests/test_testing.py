"""The page of the test kit names all that there is of it."""

from __future__ import annotations

import re

import ipcore.testing
from docs.tests.pages import DOCS, rows
from ipcore.testing import fixtures

PAGE = DOCS / "reference" / "testing.md"


def test_every_fixture_of_the_kit_is_documented() -> None:
    assert sorted(row[0] for row in rows(PAGE, "Fixture")) == sorted(f"`{name}`" for name in fixtures.__all__)


def test_every_public_name_of_the_kit_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    described = re.findall(r"^\.\. auto\w+:: ipcore\.testing\.(\w+)", text, flags=re.MULTILINE)
    assert set(ipcore.testing.__all__) - set(described) == set()
