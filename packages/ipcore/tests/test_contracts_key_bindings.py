"""The contract of key bindings catches those that do not keep to it."""

from __future__ import annotations

import pytest
from contract_trials import Plugin, judge


def command(body: str, more: str = "") -> str:
    return (
        "from ipcore.types.key_bindings import KeyBinding\n\n"
        f"def loud(cell):\n    {body}\n\n"
        "@hookimpl\ndef ipshell_key_bindings(shell):\n"
        f'    return [KeyBinding("letters.loud", loud, "Write it in capitals.", "c-x u"){more}]\n'
    )


GOOD = "cell.replace(cell.text.upper()[: len(cell.text)], min(cell.cursor, len(cell.text.upper())))"
LOUD = {"examples": {"letters.loud": ("a|b", "A|B")}}

PLUGINS = {
    "good": Plugin(command(GOOD), attributes=LOUD),
    "selected": Plugin(
        command("first, last = cell.selection; cell.replace(cell.text[:first] + cell.text[last:], first)"),
        attributes={"examples": {"letters.loud": ("a|bc|d", "a|d")}},
    ),
    "other": Plugin(
        command("cell.insert('!')"),
        "each_command_does_what_the_examples_say",
        ("letters.loud makes 'a!|b' of 'a|b', not 'A|B'",),
        LOUD,
    ),
    "unknown": Plugin(
        command(GOOD),
        "each_command_does_what_the_examples_say",
        ("it has no command 'letters.low'",),
        {"examples": {**LOUD["examples"], "letters.low": ("|", "|")}},
    ),
    "untold": Plugin(
        command(GOOD, ', KeyBinding("letters.low", loud, "Write it low.")'),
        "each_command_does_what_the_examples_say",
        ("no example says what letters.low does",),
        LOUD,
    ),
    "raises": Plugin(
        command("cell.replace(cell.text.upper(), cell.text.index('b'))"),
        "it_takes_any_cell",
        ("letters.loud with the cell ''", "raised ValueError", "takes its keys away"),
        LOUD,
    ),
    "beyond": Plugin(
        command("cell.replace(cell.text, cell.cursor + 1)"),
        "it_takes_any_cell",
        ("there is no position 1 in a text of 0 characters",),
        LOUD,
    ),
    "twice": Plugin(
        command(GOOD, ', KeyBinding("letters.loud", loud, "Again.")'),
        "it_takes_any_cell",
        ("it gives letters.loud twice",),
        LOUD,
    ),
    "nothing": Plugin(
        "@hookimpl\ndef ipshell_key_bindings():\n    return []\n",
        "it_takes_any_cell",
        ("it gives no key binding",),
        LOUD,
    ),
    "misnamed": Plugin(
        command(GOOD).replace("letters.loud", "loud"),
        "it_takes_any_cell",
        ('is not of the form "subject.verb"',),
        LOUD,
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("key_bindings"), "KeyBindingContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_key_bindings(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
