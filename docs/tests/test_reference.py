"""The tables of the reference say what the code says, no more and no less."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from traitlets.config.configurable import Configurable

import ipcore
from docs._extensions.hook_pages import hooks_of, read_docstring
from docs.tests.pages import DOCS, headings, rows
from ipcore.application.options import ELSEWHERE, OWN, SETTINGS, Option
from ipcore.configuration.checks import expected
from ipcore.configuration.sections import FAMILY, core_classes
from ipcore.delegation import Delegated, Replaceable
from ipcore.hooks import HOOKS
from ipcore.hookspecs import API_VERSION, FAMILIES
from ipcore.magics import magic_options
from ipcore.parts import PARTS
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.styles import STYLES
from ipcore.testing import contracts
from iphistory.history import HistoryManager
from iphistory.magics import HistoryMagics

REFERENCE = DOCS / "reference"
SOURCES = Path(ipcore.__file__).parent


def same(page: str, first_column: str, wanted: Iterable[Iterable[str]]) -> None:
    """Compare a table with its rows as the code gives them."""
    wanted = [list(row) for row in wanted]
    found = rows(REFERENCE / page, first_column)
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in wanted)
    assert found == wanted, f"the rows of docs/reference/{page} have to be:\n{table}"


def spelt(option: Option) -> str:
    value = f" {option.metavar}" if option.metavar else ""
    return ", ".join(f"`{name}{value}`" for name in option.names)


def settings(option: Option) -> str:
    return ", ".join(
        f"`{section}.{trait}`" + ("" if option.metavar else f" = `{value!r}`")
        for section, trait, value in option.settings
    )


def test_every_option_of_the_program_is_documented() -> None:
    same("command-line.md", "Option", ([spelt(option), option.help] for option in OWN))


def test_every_option_that_sets_configuration_is_documented() -> None:
    table = ([spelt(option), option.help, settings(option)] for option in SETTINGS)
    same("command-line.md", "Short form", table)


def test_every_option_of_another_part_is_documented() -> None:
    table = ([spelt(option), option.help, option.part] for option in ELSEWHERE)
    same("command-line.md", "Option of a part", table)


def test_every_command_is_documented() -> None:
    cells = [row[0] for row in rows(REFERENCE / "command-line.md", "Command")]
    found = {re.split(r"[` ]", cell.removeprefix("`ipshell "))[0] for cell in cells}
    assert found == {each.key for each in BUILTIN if each.family == "commands"} | {"help"}


def test_every_environment_variable_is_documented() -> None:
    read = set()
    for file in SOURCES.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        read.update(re.findall(r"\b(IPSHELL_[A-Z_]+|XDG_[A-Z_]+)\b", text))
        read.update(re.findall(r'environ\.get\("(\w+)"', text))
    cells = [row[0] for row in rows(REFERENCE / "command-line.md", "Variable")]
    found = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    # Where Windows is, and what a completing shell says: nobody sets these.
    assert read - {"SYSTEMROOT", "COMP_LINE"} <= found
    assert {name for name in found if name.startswith("IPSHELL_")} <= read


@pytest.mark.parametrize("kind", core_classes(), ids=lambda kind: kind.__name__)
def test_every_option_of_configuration_is_documented(kind: type[Configurable]) -> None:
    text = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    table = [
        f"| `{name}` | {expected(trait)} | `{trait.default_value_repr()}` | {trait.help} |"
        for name, trait in sorted(kind.class_own_traits(config=True).items())
    ]
    section = text.partition(f"\n## {kind.__name__}\n")[2].partition("\n## ")[0]
    found = [line for line in section.splitlines() if line.startswith("| `")]
    assert found == table, f"the rows of {kind.__name__} have to be:\n" + "\n".join(table)


def test_every_option_of_the_history_is_documented() -> None:
    table = [
        [f"`{name}`", expected(trait), f"`{trait.default_value_repr()}`", trait.help]
        for name, trait in sorted(HistoryManager.class_own_traits(config=True).items())
    ]
    same("history.md", "Option of `HistoryManager`", table)


def test_every_option_of_the_magic_history_is_documented() -> None:
    told = {
        name for row in rows(REFERENCE / "history.md", "Option") for name in re.findall(r"`(-+\w+)", row[0])
    }
    options = magic_options(HistoryMagics.history)
    assert {name for option in options for name in option.names} == told


def test_every_section_of_configuration_is_documented() -> None:
    found = headings(REFERENCE / "configuration.md", 2)
    assert [kind.__name__ for kind in core_classes()] == [name for name in found if " " not in name]


def test_the_owners_of_other_sections_are_those_that_the_shell_names() -> None:
    table = rows(REFERENCE / "configuration.md", "Distribution")
    found = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in table}
    wanted: dict[str, set[str]] = {}
    for section, dist in FAMILY.items():
        wanted.setdefault(f"`{dist}`", set()).add(section)
    assert found == wanted


def test_the_table_of_families_is_that_of_the_code() -> None:
    table = []
    for family in FAMILIES.values():
        name = f"[`{family.name}`]({family.name}.md)" if family.specs else f"`{family.name}`"
        hooks = ", ".join(f"`{hook}`" for hook in hooks_of(family)) if family.specs else "not specified yet"
        table.append([name, family.kind, family.summary, hooks])
    same("hooks/index.md", "Family", table)


def test_the_table_of_families_in_the_architecture_is_that_of_the_code() -> None:
    found = rows(DOCS / "explanation" / "architecture.md", "Family")
    core = {each.family for each in BUILTIN}
    table = []
    for family, row in zip(FAMILIES.values(), found, strict=True):
        if family.specs:
            docs = [read_docstring(hook) for hook in hooks_of(family).values()]
            since = min((each.facts["Since"] for each in docs), key=lambda text: [*map(int, text.split("."))])
            name, stability = f"[`{family.name}`](../reference/hooks/{family.name}.md)", family.stability
            assert re.fullmatch(r"`\w+Contract`(, `\w+Contract`)*", row[6]), f"the contract of {family.name}"
        else:
            name, since, stability = f"`{family.name}`", "-", "-"
            assert row[6] == "-"
        table.append([name, f"`{family.group}`", family.kind, row[3], since, stability, row[6]])
        assert row[3].startswith("core") == (family.name in core), f"who supplies {family.name}"
    assert found == table


def test_the_contract_classes_of_the_families_are_those_of_the_test_kit() -> None:
    found = rows(DOCS / "explanation" / "architecture.md", "Family")
    named = {name for row in found for name in re.findall(r"`(\w+)`", row[6])}
    bases = {"PluginContract"}
    assert {name for name in vars(contracts) if name.endswith("Contract")} - bases == named


def test_who_supplies_a_family_is_a_distribution_that_there_is_or_will_be() -> None:
    page = DOCS / "explanation" / "architecture.md"
    known = {row[1] for row in rows(page, "Folder")}
    named = {name for row in rows(page, "Family") for name in re.findall(r"`[\w-]+`", row[3])}
    assert named <= known


def test_the_version_of_the_contracts_is_told_for_this_release() -> None:
    last = rows(DOCS / "explanation" / "compatibility.md", "Release of `ipshell-core`")[-1]
    assert last == [".".join(ipcore.__version__.split(".")[:2]), API_VERSION]


def test_the_core_plugins_are_documented() -> None:
    wanted: dict[str, list[str]] = {}
    for each in BUILTIN:
        wanted.setdefault(each.family, []).append(f"`{each.key}`")
    same("plugins.md", "Family", ([f"`{name}`", ", ".join(keys)] for name, keys in sorted(wanted.items())))


def test_the_parts_of_a_shell_are_documented() -> None:
    table = ([f"`{name}`", part.without, part.brings] for name, part in PARTS.items())
    same("shell.md", "Part", table)


def test_the_attributes_of_a_shell_are_there() -> None:
    shell = ipcore.InteractiveShell()
    try:
        for row in rows(REFERENCE / "shell.md", "Attribute")[:6]:
            assert hasattr(shell, row[0].strip("`"))
    finally:
        shell.close()


def test_the_message_about_two_owners_of_a_key_is_the_one_shown(capsys: pytest.CaptureFixture[str]) -> None:
    owners = [Declared("line_magics", "shout", dist, dist, "1.0") for dist in ("alpha", "beta")]
    registry = Registry(builtin=(*BUILTIN, *owners))
    assert registry.call_named("line_magics", "shout", "ipshell_line_magic", shell=None) is None
    assert capsys.readouterr().err in (REFERENCE / "plugins.md").read_text(encoding="utf-8")


def test_the_public_names_of_the_shell_are_there() -> None:
    table = rows(REFERENCE / "public-names.md", "Name")
    names = {name for row in table for name in re.findall(r"`(\w+)(?:\(.*?\))?`", row[0])}
    shell = ipcore.InteractiveShell()
    try:
        assert [name for name in sorted(names) if not hasattr(shell, name)] == []
        handed_on = {name for name, value in vars(Delegated).items() if isinstance(value, Replaceable)}
        handed_on -= set(PARTS)
        assert handed_on <= names
        elsewhere = rows(REFERENCE / "public-names.md", "Comes with") + rows(
            REFERENCE / "public-names.md", "Why"
        )
        others = {name for row in elsewhere for name in re.findall(r"`(\w+)`", row[1])}
        assert not names & others
        assert [name for name in sorted(others) if hasattr(shell, name)] == []
    finally:
        shell.close()


def test_the_hooks_of_the_shell_are_documented() -> None:
    table = rows(REFERENCE / "public-names.md", "Hook")
    assert {row[0]: row[1] for row in table} == {f"`{name}`": f"`{given}`" for name, given in HOOKS.items()}


def test_the_style_names_are_documented() -> None:
    wanted = [[f"`{name}`", meaning.replace("\\n", "`\\n`")] for name, meaning in STYLES.items()]
    same("hooks/themes.md", "Style name", wanted)
