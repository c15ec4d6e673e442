"""``%plugin_template``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.testing.contracts import LineMagicContract

if TYPE_CHECKING:
    from ipcore.testing import TestedShell


class TestContract(LineMagicContract):
    plugin = "plugin_template.plugin"
    key = "plugin_template"
    distribution = "plugin-template"
    examples = {"3m tea is ready": "tea is ready"}
    mistakes = ("soon tea", "3m")


def test_without_a_text_it_gives_what_is_waiting(shell: TestedShell) -> None:
    assert shell.run_cell("%plugin_template").assert_ok().value == []
    shell.run_cell("%plugin_template 2h tea is cold").assert_ok()
    shell.run_cell("%plugin_template 3m tea is ready").assert_ok()
    waiting = shell.run_cell("%plugin_template").assert_ok()
    assert waiting.value == ["tea is ready", "tea is cold"]


def test_a_mistake_is_told_in_one_line(shell: TestedShell) -> None:
    cell = shell.run_cell("%plugin_template soon tea").assert_error("UserError")
    assert cell.stderr.splitlines() == [
        "UserError: a reminder is a duration and a text, such as: 3m tea is ready"
    ]
