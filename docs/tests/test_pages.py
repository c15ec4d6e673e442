"""What holds for every page: no names that do not belong there, nothing unreadable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.tests.pages import DOCS, blocks, name_of, pages
from tools.check_names import check_text, machine_paths


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_names_no_stranger_no_index_and_no_path_of_a_machine(page: Path) -> None:
    assert not list(check_text(name_of(page), page.read_text(encoding="utf-8"), machine_paths()))


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_block_is_of_a_kind_that_is_run_or_is_text(page: Path) -> None:
    known = {"console", "ipshell", "python", "text", "toml", "json"}
    for block in blocks(page):
        if block.directive in ("", "code-block"):
            assert block.language in known, block.place
            assert block.caption or block.language not in ("toml", "json"), f"{block.place}: no caption"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_starts_with_its_only_title(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert (
        len(
            re.findall(r"^# ", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
        )
        == 1
    )


def test_what_the_tutorial_says_to_install_is_all_there_is() -> None:
    text = (DOCS / "tutorial" / "first-session.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in DOCS.parent.glob("packages/*/pyproject.toml")}
    assert {f"./packages/{name}" for name in folders} == set(re.findall(r"\./packages/\w+", text))


def test_the_table_of_distributions_says_what_exists() -> None:
    text = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| `[\w-]+` \| .* \| (exists|planned) \|$", text, flags=re.MULTILINE)
    folders = {path.parent.name for path in DOCS.parent.glob("packages/*/pyproject.toml")}
    assert {name for name, state in rows if state == "exists"} == folders
    assert len(rows) == 13
