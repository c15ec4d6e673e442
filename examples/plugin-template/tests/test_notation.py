"""``in 3m, tea is ready``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.testing.contracts import InputTransformerContract

if TYPE_CHECKING:
    from ipcore.testing import TestedShell


class TestContract(InputTransformerContract):
    plugin = "plugin_template.plugin"
    key = "plugin_template"
    distribution = "plugin-template"
    examples = {"in 3m, tea is ready": "%plugin_template 3m, tea is ready"}


def test_it_is_short_for_the_magic(shell: TestedShell) -> None:
    assert shell.run_cell("in 3m, tea is ready").assert_ok().value == "tea is ready"
    assert shell.run_cell("in 1h milk\n").assert_ok().value == "milk"


def test_python_stays_python(shell: TestedShell) -> None:
    assert shell.run_cell("inside = [3]\n3 in inside").assert_ok().value is True
