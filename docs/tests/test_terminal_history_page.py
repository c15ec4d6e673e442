"""The page of the terminal says of earlier cells and suggestions what the code says."""

from __future__ import annotations

import inspect
import re

from docs.tests.pages import DOCS, rows
from ipterminal.frontend import Terminal
from ipterminal.suggestions import Suggestions

PAGE = DOCS / "reference" / "terminal.md"
SOURCES = DOCS.parent / "packages" / "ipterminal" / "src" / "ipterminal"
OPTIONS = (
    "enable_history_search history_search autosuggestions_provider llm_provider_class "
    "llm_constructor_kwargs llm_prefix_from_history"
).split()
COMMAND = re.compile(r'command\(\s*"([\w.]+)",.*?"([^"]+\.)"', re.DOTALL)


def told() -> dict[str, str]:
    return {row[1].strip("`"): row[2] for row in rows(PAGE, "Key") if len(row) == 3}


def test_the_options_of_earlier_cells_and_suggestions_are_described() -> None:
    traits = Terminal.class_own_traits(config=True)
    found = {row[0].strip("`").removeprefix("Terminal."): row[1:] for row in rows(PAGE, "Option")}
    for name in OPTIONS:
        assert found[name] == [f"`{traits[name].default_value_repr()}`", traits[name].help]


def test_the_commands_of_earlier_cells_are_described() -> None:
    for subject in ("recalling", "history_keys", "incremental_search"):
        found = COMMAND.findall((SOURCES / f"{subject}.py").read_text("utf-8"))
        assert found, subject
        for name, help in found:
            assert told()[name] == help, name


def test_the_commands_of_suggestions_are_described() -> None:
    source = (SOURCES / "suggestions.py").read_text("utf-8")
    names = re.findall(r'^        "(\w+)": suggestions\.(\w+),$', source, re.MULTILINE)
    assert names
    for name, method in names:
        assert told()[f"suggestion.{name}"] == inspect.getdoc(getattr(Suggestions, method)), name
