"""What a clipboard has to keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from ...errors import TryNext
from .plugin import PluginContract

if TYPE_CHECKING:
    from ..shells import TestedShell

_TEXTS: Final = ("word", "two\nlines\n", "tab\tand blanks  ", "Grüße 書 🙂", "x" * 10_000)


class ClipboardContract(PluginContract):
    """A way to the clipboard that a key of the family ``clipboards`` gives.

    Beside what every plugin keeps to: what was written is read again, if both can be done here, and where
    something cannot be done it says so by ``TryNext``, soon. What was in the clipboard is put back.
    """

    family = "clipboards"
    listings: ClassVar[Mapping[str, str]] = {"the clipboards": "key in registry.keys('clipboards')"}
    first_use = "registry.call_named('clipboards', key, 'ipshell_clipboard', shell=shell)"

    deadline: ClassVar[float] = 20.0
    """Seconds in which each call comes back."""

    @pytest.fixture
    def clipboard(self, shell: TestedShell) -> Iterator[Any]:
        """What the hook gives."""
        clipboard = self.given(shell)
        before = self._read(clipboard)
        yield clipboard
        if before:
            self._write(clipboard, before)

    def given(self, shell: TestedShell) -> Any:
        """Have the hook give the clipboard."""
        from ...system.clipboard import check_clipboard

        given = shell.registry.call_named(
            self.family, self.key, "ipshell_clipboard", check_clipboard, shell=shell
        )
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail("ipshell_clipboard gives nothing.", "Give an object with read() and write(text).")
        return given.value

    def use(self, shell: TestedShell) -> None:
        """Have the hook give it."""
        shell.clipboard = self.key
        self.given(shell)

    @pytest.mark.parametrize("text", _TEXTS, ids=["word", "lines", "blanks", "unicode", "long"])
    def test_what_was_written_is_read_again(self, clipboard: Any, text: str) -> None:
        """To the last character, where both can be done."""
        if not self._write(clipboard, text):
            return
        found = self._read(clipboard)
        self.check(
            found is None or found == text,
            f"after write({text[:20]!r}), read() gives {str(found)[:40]!r}.",
            "Give the text as it was written; without a way to read it raise ipcore.errors.TryNext.",
        )

    def test_it_can_be_read_in_any_thread(self, clipboard: Any) -> None:
        """The thread of the front end pastes."""
        self.in_another_thread("read()", lambda: [self._read(clipboard)])

    def test_the_shell_knows_it_by_its_name(self, shell: TestedShell) -> None:
        """Named by ``InteractiveShell.clipboard``, it is what the shell asks."""
        self.use(shell)
        self.check_no_failures(shell.registry)

    def _read(self, clipboard: Any) -> str | None:
        todo = "Where it cannot be read raise ipcore.errors.TryNext; wait a few seconds at most."
        found: object = None
        with self.trying("read()", todo, allowed=(TryNext,)):
            found = clipboard.read()
            self.check(isinstance(found, str), f"read() gives {type(found).__name__}, not text.", todo)
        return found if isinstance(found, str) else None

    def _write(self, clipboard: Any, text: str) -> bool:
        """Tell whether it could be written."""
        todo = "Where it cannot be written raise ipcore.errors.TryNext; wait a few seconds at most."
        call = f"write({text[:20]!r})"
        with self.trying(call, todo, allowed=(TryNext,)), self.coming_back(call, self.deadline, todo):
            clipboard.write(text)
            return True
        return False
