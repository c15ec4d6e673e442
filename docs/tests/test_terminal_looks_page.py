"""The page of the terminal says of themes, prompts and what else is shown what the code says."""

from __future__ import annotations

import re
from importlib.metadata import entry_points

from docs.tests.pages import DOCS, rows
from ipcore import InteractiveShell
from ipterminal.frontend import Terminal
from ipterminal.known_editors import EDITORS
from ipterminal.palettes import DARKEST, LIGHTEST
from ipterminal.prompt_parts import Parts

PAGE = DOCS / "reference" / "terminal.md"
TEXT = PAGE.read_text(encoding="utf-8")


def names_in(page_rows: list[list[str]]) -> set[str]:
    return {name for row in page_rows for name in re.findall(r"`([^`]+)`", row[0])}


def test_every_theme_is_told() -> None:
    declared = {each.name for each in entry_points(group="ipshell.themes")}
    assert names_in(rows(PAGE, "Theme")) == declared | {"auto", "nocolor", "linux", "lightbg"}
    assert f"`{DARKEST[-1]}`" in TEXT
    assert f"`{LIGHTEST[-1]}`" in TEXT


def test_every_part_of_a_prompt_is_told() -> None:
    shell = InteractiveShell()
    try:
        wanted = {"{style:NAME}" if name == "style" else f"{{{name}}}" for name in Parts(shell)._parts}
    finally:
        shell.close()
    assert names_in(rows(PAGE, "Part")) == wanted


def test_every_editor_is_told() -> None:
    found = set(re.findall(r"`([^`]+)`", TEXT.rpartition("as they want to be:")[2].partition("\n\n")[0]))
    assert found == set(EDITORS)
    assert {each.name for each in entry_points(group="ipshell.editors")} >= found


def test_every_option_of_how_it_looks_is_told() -> None:
    told = {name.removeprefix("Terminal.") for name in names_in(rows(PAGE, "Option"))}
    ours = {
        "ask_background",
        "highlighting_style_overrides",
        "images",
        "page_long_values",
        "continuation_prompt",
        "prompt",
        "prompt_includes_vi_mode",
        "right_prompt",
        "term_title",
        "term_title_format",
        "toolbar",
        "true_color",
    }
    assert ours <= told
    assert ours <= set(Terminal.class_own_traits(config=True))
