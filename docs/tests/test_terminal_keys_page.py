"""The page of the terminal says of keys what the code says."""

from __future__ import annotations

import re
from importlib.metadata import entry_points

from docs.tests.pages import DOCS, rows
from ipterminal.frontend import Terminal
from ipterminal.keys.table import CONDITION_NAMES
from ipterminal.options import COMMANDS

PAGE = DOCS / "reference" / "terminal.md"
SOURCES = DOCS.parent / "packages" / "ipterminal" / "src" / "ipterminal"
OPTIONS = (
    "editing_mode emacs_bindings_in_vi_insert_mode modal_cursor timeoutlen ttimeoutlen "
    "extra_open_editor_shortcuts run_after_edit shortcuts"
).split()
SUBJECTS = (
    "editing_modes line_commands clipboard_keys external_editor key_help keys/bindings options paste_mode"
).split()
COMMAND = re.compile(r'command\(\s*"([\w.]+)",.*?"([^"]+\.)"', re.DOTALL)


def test_the_options_of_keys_are_described() -> None:
    traits = Terminal.class_own_traits(config=True)
    told = {row[0].strip("`").removeprefix("Terminal."): row[1:] for row in rows(PAGE, "Option")}
    for name in OPTIONS:
        assert told[name] == [f"`{traits[name].default_value_repr()}`", traits[name].help]


def test_the_commands_of_keys_are_described() -> None:
    told = {row[1].strip("`"): row[2] for row in rows(PAGE, "Key") if len(row) == 3}
    for name, (_, _, help) in COMMANDS.items():
        assert told[f"options.{name}"] == help
    for subject in SUBJECTS:
        source = (SOURCES / f"{subject}.py").read_text("utf-8")
        found = [match for match in COMMAND.findall(source) if "." in match[0]]
        assert found, subject
        for name, help in found:
            assert told[name] == help, name


def test_ipythons_names_of_conditions_are_told() -> None:
    found = [[cell.strip("`") for cell in row] for row in rows(PAGE, "IPython's condition")]
    assert found == [[theirs, ours] for theirs, ours in CONDITION_NAMES.items()]


def test_every_magic_of_the_terminal_is_told() -> None:
    told = {row[0].strip("`").split()[0] for row in rows(PAGE, "Magic")}
    ours = {each.name for each in entry_points(group="ipshell.line_magics") if "ipterminal" in each.value}
    assert told == {f"%{name}" for name in ours}
