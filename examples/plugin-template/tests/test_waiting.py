"""What is shown while the prompt waits."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from ipcore.testing.contracts import InputHookContract

from plugin_template.reminders import Reminders

if TYPE_CHECKING:
    import pytest
    from ipcore.testing import TestedShell


class TestContract(InputHookContract):
    plugin = "plugin_template.plugin"
    key = "plugin_template"
    distribution = "plugin-template"


class Keyboard:
    """A keyboard at which a key is pressed while the loop is in its first turn."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._turns = 0

    def input_is_ready(self) -> bool:
        self._turns += 1
        return self._turns > 1

    def fileno(self) -> int:
        return self._connection.fileno()


def test_what_is_due_is_shown_and_forgotten(shell: TestedShell, capsys: pytest.CaptureFixture[str]) -> None:
    reminders = Reminders.of(shell)
    reminders.add("0s tea is ready")
    reminders.add("1h tea is cold")
    shell.enable_gui("plugin_template")
    one, other = socket.socketpair()
    with one, other:
        other.send(b"a key")
        shell.inputhooks.wait(Keyboard(one))
    assert capsys.readouterr().out == "\ntea is ready\n"
    assert reminders.texts() == ["tea is cold"]
