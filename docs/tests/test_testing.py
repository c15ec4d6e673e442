"""The page of the test kit names all that is in it."""

from __future__ import annotations

import re

import ipcore.testing
from docs.tests.pages import DOCS, rows
from ipcore.testing import fixtures

PAGE = DOCS / "reference" / "testing.md"


def test_every_fixture_of_the_kit_is_documented() -> None:
    docs = {name: (getattr(fixtures, name).__doc__ or "").strip() for name in fixtures.__all__}
    wanted = [[f"`{name}`", text.replace("``", "`")] for name, text in docs.items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in wanted)
    assert rows(PAGE, "Fixture") == wanted, f"the rows have to be:\n{table}"


def test_every_public_name_of_the_kit_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    described = re.findall(r"^\.\. auto\w+:: ipcore\.testing\.(\w+)(?:\(.*\))?$", text, flags=re.MULTILINE)
    assert sorted(described) == sorted(ipcore.testing.__all__)
