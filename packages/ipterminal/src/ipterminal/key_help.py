"""The keys one needs most, for F1 where no name is at the cursor, and what keys cost; until the next key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.utils import get_cwidth

from .completion_keys import bind_escape
from .key_times import KeyTimes
from .keys.names import for_people

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor
    from .keys import Keys

#: The commands that are shown, in this order, with fewer words than their help.
IMPORTANT: Final = {
    "cell.enter": "run the cell if it is complete, else a new line",
    "cell.run": "run it as it stands",
    "cell.newline": "a new line",
    "completion.complete": "complete",
    "documentation.show": "documentation of the name at the cursor",
    "history.search": "search the history",
    "suggestion.accept": "take the suggestion",
    "cell.edit": "edit the cell in your editor",
    "cell.undo": "undo",
    "lines.comment": "comment lines out",
    "lines.move_up": "move lines up",
    "cell.drop": "drop what is typed; stop a cell",
    "screen.clear": "clear the screen",
    "paste.mode": "have text put in as it comes",
    "mode.switch": "Emacs' keys or vi's",
    "options.show": "options",
    "shell.leave": "leave",
}


def help_lines(keys: Keys) -> list[str]:
    """Give the keys one needs most, a line for each."""
    shown = []
    for command, words in IMPORTANT.items():
        pressed = next(
            (for_people(each.keys) for each in reversed(keys.bound) if each.command == command), ""
        )
        if pressed:
            shown.append((pressed, words))
    width = max((len(pressed) for pressed, _ in shown), default=0)
    lines = [f"{pressed.ljust(width)}  {words}" for pressed, words in shown]
    return [*lines, "%keys lists all keys, %keys KEY explains one"]


class Pane:
    """Rows below the cell, until the next key."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.lines: list[str] = []
        #: Whether it was shown when the last key was pressed, which takes it away.
        self.was_shown = False
        self._watches = False

    def show(self, lines: list[str]) -> None:
        """Show lines; as many as there is room for beside the cell."""
        if not self._watches:
            self._watches = True
            self.editor.app.key_processor.before_key_press += lambda _: self._leave()
        size = self.editor.output.get_size()
        room = max(1, size.rows - 3)
        if len(lines) > room:
            lines = [*lines[: room - 1], lines[-1]]
        self.lines[:] = [_cut(line, size.columns - 1) for line in lines]
        self.editor.app.invalidate()

    def _leave(self) -> None:
        self.was_shown = bool(self.lines)
        self.lines.clear()

    def fragments(self) -> StyleAndTextTuples:
        """Give what is painted."""
        return [("class:documentation", "\n".join(self.lines))]


def _cut(line: str, width: int) -> str:
    while get_cwidth(line) > max(1, width):
        line = line[:-2] + "…" if len(line) > 1 else ""
    return line


def install(editor: Editor) -> None:
    """Add the pane, its commands, and the measuring."""
    pane, times = Pane(editor), KeyTimes()
    shown = Condition(lambda: bool(pane.lines) and not editor.app.is_done)
    window = Window(FormattedTextControl(pane.fragments), dont_extend_height=True)
    editor.below.append(ConditionalContainer(window, shown))
    editor.unfinished.append(lambda: bool(pane.lines))

    def help(event: KeyPressEvent) -> None:
        pane.show(help_lines(editor.keys))

    def show_times(event: KeyPressEvent) -> None:
        pane.show(times.lines())

    editor.keys.command("keys.help", help, "Show the keys one needs most.", saves=False)

    def close(event: KeyPressEvent) -> None:
        """Do nothing more: any key takes the pane away."""

    editor.keys.command("keys.close", close, "Take the help away, and do nothing else.", saves=False)
    editor.keys.condition(
        "help_shown", lambda: pane.was_shown, "The help was shown when the key was pressed."
    )
    bind_escape(editor, "keys.close", "in_cell & help_shown")
    editor.keys.command("keys.times", show_times, "Show how long keys took to be painted.", saves=False)
    editor.key_times = times
    editor.before_prompt.append(lambda: times.watch(editor.app))
