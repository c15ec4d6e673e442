"""``ipshell plugin_template``."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from ipcore.testing.contracts import CommandContract


class TestContract(CommandContract):
    plugin = "plugin_template.plugin"
    key = "plugin_template"
    distribution = "plugin-template"
    examples = {"0s tea is ready": "tea is ready"}
    mistakes = ("soon tea", "3m")


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_it_waits_and_prints(run_ipshell: Run) -> None:
    done = run_ipshell("plugin_template", "0s", "tea", "is", "ready")
    assert (done.stdout, done.stderr, done.returncode) == ("tea is ready\n", "", 0)


def test_a_mistake_is_told_in_one_line(run_ipshell: Run) -> None:
    done = run_ipshell("plugin_template", "soon", "tea")
    assert done.stderr == "ipshell: a reminder is a duration and a text, such as: 3m tea is ready\n"
    assert done.returncode == 1
