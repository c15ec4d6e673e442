"""Emacs' keys or vi's: the option, the key that changes it, the cursor's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.cursor_shapes import CursorShape, CursorShapeConfig
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding.vi_state import InputMode

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor

_SHAPES = {
    InputMode.NAVIGATION: CursorShape.BLOCK,
    InputMode.REPLACE: CursorShape.UNDERLINE,
    InputMode.REPLACE_SINGLE: CursorShape.UNDERLINE,
}


class ModalCursor(CursorShapeConfig):
    """Shows vi's mode by the cursor, if the option ``modal_cursor`` is on; else it is the terminal's own."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor

    def get_cursor_shape(self, application: Application[Any]) -> CursorShape:
        """Give the shape for the mode."""
        if application.editing_mode != EditingMode.VI or not self.editor.terminal.modal_cursor:
            return CursorShape._NEVER_CHANGE
        return _SHAPES.get(application.vi_state.input_mode, CursorShape.BEAM)


#: Seconds that Escape alone waits in vi, where it is no beginning of what a person types.
ALONE: Final = 0.01


class Modes:
    """Which keys one editor has."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        #: The cell when Escape was pressed in vi's insert mode, and after that; the number of that Escape.
        self._left: tuple[Document, Document, int] | None = None

    def follow_options(self) -> None:
        """Do as the options say by now; before each prompt, as a cell may have set them."""
        app, terminal = self.editor.app, self.editor.terminal
        app.timeoutlen, app.patience = terminal.timeoutlen, self._patience
        split = getattr(self.editor.input, "split", None)  # a console of Windows has keys, not sequences
        if split is not None:
            split.within, split.undo = terminal.ttimeoutlen, self._back
        self._set(terminal.editing_mode)
        if not isinstance(app.cursor, ModalCursor):
            app.cursor = ModalCursor(self.editor)

    def _patience(self) -> float:
        """Tell how long the beginning of a key waits; Escape alone hardly in vi, where the rest finds it."""
        whole: float = self.editor.terminal.ttimeoutlen
        alone = getattr(self.editor.input, "escape_alone", False)
        return min(whole, ALONE) if alone and self.editor.app.editing_mode == EditingMode.VI else whole

    def navigate(self, event: KeyPressEvent) -> None:
        """Leave vi's insert mode."""
        before = self.editor.buffer.document
        self.editor.keys.pass_on(event)
        self._left = before, self.editor.buffer.document, self._escapes

    @property
    def _escapes(self) -> int:
        """How many Escapes have acted that may turn out to be the beginning of a key."""
        return getattr(getattr(self.editor.input, "split", None), "escapes", 0)

    def _back(self) -> None:
        """Go back to vi's insert mode if the last Escape has left it: it was the beginning of another key."""
        left, self._left = self._left, None
        editor = self.editor
        if left is not None and left[2] == self._escapes and editor.buffer.document == left[1]:
            editor.app.vi_state.input_mode = InputMode.INSERT
            editor.buffer.cursor_position = left[0].cursor_position

    def choose(self, mode: str) -> None:
        """Change to ``emacs`` or ``vi``, and keep it."""
        self.editor.terminal.editing_mode = mode
        self._set(mode)
        whose = "vi's" if mode == "vi" else "Emacs'"
        self.editor.message(f"The keys are {whose} now.")

    def switch(self) -> None:
        """Change to the other one."""
        self.choose("emacs" if self.editor.app.editing_mode == EditingMode.VI else "vi")

    def _set(self, mode: str) -> None:
        app = self.editor.app
        wanted = EditingMode.VI if mode == "vi" else EditingMode.EMACS
        if app.editing_mode == wanted:
            return
        app.editing_mode = wanted
        app.vi_state.reset()
        if wanted == EditingMode.EMACS:
            app.output.reset_cursor_shape()


def install(editor: Editor) -> None:
    """Have the options followed, and add the commands."""
    modes = Modes(editor)
    editor.before_prompt.append(modes.follow_options)
    editor.follow(("editing_mode", "timeoutlen", "ttimeoutlen"), modes.follow_options)
    editor.follow(("modal_cursor",), lambda: editor.app.output.reset_cursor_shape())

    def switch(event: KeyPressEvent) -> None:
        modes.switch()

    def emacs(event: KeyPressEvent) -> None:
        modes.choose("emacs")

    def vi(event: KeyPressEvent) -> None:
        modes.choose("vi")

    command = editor.keys.command
    command("mode.switch", switch, "Change between Emacs' keys and vi's.")
    command("mode.emacs", emacs, "Have Emacs' keys.")
    command("mode.vi", vi, "Have vi's keys.")
    command("mode.navigate", modes.navigate, "Leave vi's insert mode.")
    # prompt_toolkit would wait whether a key follows that means something else behind Escape, as Alt-B does.
    # Those come together with it.
    bound = editor.keys.bind("escape", "mode.navigate", "in_cell & vi_insert_mode & pass_through")
    bound.binding.eager = Condition(lambda: not editor.app.key_processor.input_queue)
