"""The page of the terminal says of completion, documentation and signatures what the code says."""

from __future__ import annotations

import re

from docs.tests.pages import DOCS, rows
from ipterminal import asking, completing
from ipterminal.frontend import Terminal

PAGE = DOCS / "reference" / "terminal.md"
OPTIONS = {
    "display_completions",
    "space_for_menu",
    "complete_while_typing",
    "completion_delay",
    "show_documentation",
    "documentation_rows",
    "signature_bar",
    "mouse_support",
}
COMMAND = re.compile(r'\bcommand\("(?:completion\.)?(\w+)", [^"]*(?:"next"\), |"[a-z ]+"\), )?"([^"]+)"\)')
SOURCES = DOCS.parent / "packages" / "ipterminal" / "src" / "ipterminal"


def test_the_options_of_completion_are_described() -> None:
    traits = Terminal.class_own_traits(config=True)
    told = {row[0].strip("`").removeprefix("Terminal."): row[1:] for row in rows(PAGE, "Option")}
    assert set(told) >= OPTIONS
    for name in OPTIONS:
        assert told[name] == [f"`{traits[name].default_value_repr()}`", traits[name].help]


def test_the_commands_of_completion_are_described() -> None:
    told = {row[1].strip("`"): row[2] for row in rows(PAGE, "Key") if len(row) == 3}
    for subject, file in (("completion", "completion_keys"), ("documentation", "documentation_keys")):
        source = (SOURCES / f"{file}.py").read_text("utf-8")
        found = COMMAND.findall(source)
        assert len(found) == len(re.findall(r"\bcommand\(\"", source)) > 0
        for name, help in found:
            assert told[f"{subject}.{name}"] == help, name


def test_the_times_are_those_of_the_code() -> None:
    text = " ".join(PAGE.read_text("utf-8").split())
    assert f"within {asking.FIRST:g} seconds" in text
    assert asking.LAST == 5
    assert "up to five seconds" in text
    assert asking.PROVEN == 0.5
    assert "half a second at most" in text
    assert asking.UNPROVEN == 0.1
    assert "a tenth of a second" in text
    assert completing.HELD == 2
    assert "two seconds" in text
