"""Completion of durations."""

from __future__ import annotations

import pytest
from ipcore.testing.contracts import CompletionProviderContract
from ipcore.types.completion import CompletionRequest

from plugin_template.completion import Durations


class TestContract(CompletionProviderContract):
    plugin = "plugin_template.plugin"
    key = "plugin_template"
    distribution = "plugin-template"
    examples = {"%plugin_template 2": "25m"}
    silent = ("", "2", "%plugin_template 25m te")


def offered(text: str) -> list[str]:
    """Give what is proposed at the end of a text, as it would stand there."""
    found = Durations().complete(CompletionRequest(text, len(text)))
    return [f"{text[: each.start]}{each.text}" for each in found]


@pytest.mark.parametrize(
    "begun",
    [
        "%plugin_template ",
        "x = 1\n%plugin_template ",
        "%%plugin_template ",
        "in ",
    ],
)
def test_durations_are_offered_where_a_reminder_begins(begun: str) -> None:
    assert offered(begun) == [f"{begun}{each}" for each in ("30s", "1m", "5m", "25m", "1h")]
    assert offered(f"{begun}1") == [f"{begun}1m", f"{begun}1h"]
