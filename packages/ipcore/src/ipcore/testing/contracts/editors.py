"""What an editor has to keep to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from .effects import Effects
from .plugin import PluginContract

if TYPE_CHECKING:
    from ..shells import TestedShell

#: Names of files that a system shell would take apart.
_NAMES: Final = ("notes.py", "/tmp/a folder/b c.py", "it's $HOME.py", "-x.py", "C:\\Users\\ada\\a.py")


class EditorContract(PluginContract):
    """How an editor is called, as a key of the family ``editors`` tells it.

    Beside what every plugin keeps to: for each file it gives words, and these name the file and the line.
    """

    family = "editors"
    listings: ClassVar[Mapping[str, str]] = {"the editors": "key in registry.keys('editors')"}
    first_use = "registry.call_named('editors', key, 'ipshell_editor', shell=shell)"

    knows_lines: ClassVar[bool] = True
    """Whether the editor can be told a line."""

    @pytest.fixture
    def editor(self, shell: TestedShell) -> Any:
        """What the hook gives."""
        from ...system.editors import check_editor

        given = shell.registry.call_named(self.family, self.key, "ipshell_editor", check_editor, shell=shell)
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail("ipshell_editor gives nothing.", "Give an object with arguments(filename, line, wait).")
        return given.value

    def use(self, shell: TestedShell) -> None:
        """Have the shell make a command line for it."""
        from ...system.editors import command_for

        shell.editor = self.key
        command_for(shell, "notes.py", 3, wait=True)

    @pytest.mark.parametrize("wait", [True, False], ids=["waiting", "going on"])
    @pytest.mark.parametrize("name", _NAMES)
    def test_the_words_name_the_file_and_the_line(self, editor: Any, name: str, wait: bool) -> None:
        """Each word as the program is to get it: the shell quotes them."""
        for line in (None, 1, 120):
            call = f"arguments({name!r}, {line}, {wait})"
            with self.trying(call, "Give words for every file and line."):
                words = editor.arguments(name, line, wait)
            self.check(
                isinstance(words, (list, tuple)) and all(isinstance(word, str) for word in words),
                f"{call} gives {words!r}, not a list of texts.",
                'Give each word by itself: ["--goto", f"{filename}:{line}"].',
            )
            self.check(
                any(name in word for word in words),
                f"{call} gives {words!r}, where the file is not named as it is.",
                "Do not quote it: the shell does.",
            )
            if line == 120 and self.knows_lines:
                self.check(
                    any("120" in word for word in words),
                    f"{call} gives {words!r}, without the line.",
                    "Name it; if the editor cannot be told, set the class attribute knows_lines = False.",
                )

    def test_giving_the_words_does_nothing_else(self, editor: Any) -> None:
        """The shell starts the editor, after policies have been asked."""
        editor.arguments("notes.py", 3, True)  # what is needed once may be fetched once
        with Effects() as effects:
            editor.arguments("other.py", 4, False)
        self.check(not effects.found, f"arguments() {effects}.", "Only tell how the editor is called.")

    def test_the_shell_calls_it_so(self, shell: TestedShell) -> None:
        """Named by ``InteractiveShell.editor``, it is called as the plugin tells."""
        self.use(shell)
        self.check_no_failures(shell.registry)
