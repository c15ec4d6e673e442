"""What a pager has to keep to."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from ...errors import TryNext
from .plugin import PluginContract

if TYPE_CHECKING:
    from ..shells import TestedShell


class PagerContract(PluginContract):
    """A pager that a key of the family ``pagers`` gives.

    Beside what every plugin keeps to: where there is no terminal it prints the text or leaves it to another
    way, and it comes back. What it does on a terminal is tried with the fixture ``terminal``.
    """

    family = "pagers"
    listings: ClassVar[Mapping[str, str]] = {"the pagers": "key in registry.keys('pagers')"}
    first_use = "registry.call_named('pagers', key, 'ipshell_pager', shell=shell)"

    deadline: ClassVar[float] = 10.0
    """Seconds in which it comes back where there is nobody to read."""

    @pytest.fixture
    def pager(self, shell: TestedShell) -> Any:
        """What the hook gives."""
        return self.given(shell)

    def given(self, shell: TestedShell) -> Any:
        """Have the hook give the pager."""
        from ...system.paging import check_pager

        given = shell.registry.call_named(self.family, self.key, "ipshell_pager", check_pager, shell=shell)
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail("ipshell_pager gives nothing.", "Give an object with show(text, start).")
        return given.value

    def use(self, shell: TestedShell) -> None:
        """Have the hook give it."""
        shell.pager = self.key
        self.given(shell)

    @pytest.mark.parametrize("text", ["", "one line", "lines\n" * 500, "\x1b[31mred\x1b[0m\n書\n" * 200])
    def test_without_a_terminal_it_comes_back(
        self, pager: Any, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nobody would press a key: the text is printed, or TryNext raised."""
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        call = f"show({text[:20]!r}, 0)"
        todo = "Where standard input or output is no terminal, raise ipcore.errors.TryNext."
        left = False
        with self.trying(call, todo), self.coming_back(call, self.deadline, todo):
            try:
                pager.show(text, 0)
            except TryNext:
                left = True
        shown = capsys.readouterr().out
        self.check(
            left or not text.split() or text.split()[-1] in shown,
            f"{call}, without a terminal, shows {shown[-40:]!r}, and not the text.",
            todo,
        )

    def test_the_shell_knows_it_by_its_name(self, shell: TestedShell) -> None:
        """Named by ``InteractiveShell.pager``, it is what the shell asks."""
        self.use(shell)
        self.check_no_failures(shell.registry)
