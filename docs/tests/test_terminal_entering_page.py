"""The page of the terminal says of Enter, pairs, pasting and formatting what the code says."""

from __future__ import annotations

import re

from docs.tests.pages import DOCS, rows
from ipterminal import formatting
from ipterminal.frontend import Terminal

PAGE = DOCS / "reference" / "terminal.md"
OPTIONS = {"validate", "handle_return", "autoindent", "auto_match", "autoformatter", "format_on_enter"}
COMMAND = re.compile(r'keys\.command\(\s*"([\w.]+)", [^"]*"([^"]+)"')
SOURCES = DOCS.parent / "packages" / "ipterminal" / "src" / "ipterminal"


def test_the_options_of_editing_are_described() -> None:
    traits = Terminal.class_own_traits(config=True)
    told = {row[0].strip("`").removeprefix("Terminal."): row[1:] for row in rows(PAGE, "Option")}
    assert set(told) >= OPTIONS
    for name in OPTIONS:
        assert told[name] == [f"`{traits[name].default_value_repr()}`", traits[name].help]


def test_the_commands_of_editing_are_described() -> None:
    told = {row[1].strip("`"): row[2] for row in rows(PAGE, "Key") if len(row) == 3}
    for subject in ("entering", "indentation", "pairs", "pasting", "formatting_keys"):
        source = (SOURCES / f"{subject}.py").read_text("utf-8")
        found = COMMAND.findall(source)
        assert len(found) == source.count("keys.command(") > 0
        for name, help in found:
            assert told[name] == help, name


def test_the_formatters_are_named() -> None:
    *some, last = formatting.FORMATTERS
    text = PAGE.read_text("utf-8")
    assert f"{', '.join(f'`{name}`' for name in some)} or `{last}`" in text
