"""``%%plugin_template``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.testing.contracts import CellMagicContract

if TYPE_CHECKING:
    from ipcore.testing import TestedShell


class TestContract(CellMagicContract):
    plugin = "plugin_template.plugin"
    key = "plugin_template"
    distribution = "plugin-template"
    examples = {("3m", "milk\nsugar\n"): "milk\nsugar"}
    mistakes = (("soon", "milk"), ("", "milk"))


def test_a_mistake_is_told_in_one_line(shell: TestedShell) -> None:
    cell = shell.run_cell("%%plugin_template soon\nmilk").assert_error("UserError")
    assert cell.stderr.splitlines() == [
        "UserError: a reminder is a duration and a text, such as: 3m tea is ready"
    ]
