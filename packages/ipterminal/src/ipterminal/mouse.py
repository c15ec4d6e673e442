"""The mouse, where the option ``mouse_support`` is on.

A terminal tells where on its screen a click was, and the editor does not know where on the screen it stands:
it never asks, because some terminals answer late. So it asks when something was clicked, and takes the
click once it is answered. A terminal that never answers has a mouse without effect; nothing else is held
up.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from .cell_window import CellRenderer

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor

#: Clicks that wait for an answer; of more the oldest are dropped.
MOST: Final = 16

_WHERE: Final = "\x1b[6n"
_ANSWER: Final = re.compile(r"\x1b\[(\d+);\d+R")
_EVENT: Final = re.compile(r"\x1b\[<?(\d+);\d+;\d+[Mm]")
_MOTION: Final = 32


class Mouse:
    """Takes clicks in one editor. On the editor's thread."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._waiting: list[KeyPressEvent] = []
        #: The row of the frame in which the cursor was when it was asked for.
        self._row = 0

    def take(self, event: KeyPressEvent) -> None:
        """Keep a click, and ask where the cursor is."""
        told = _EVENT.match(event.data)
        if told is not None and int(told[1]) & _MOTION:  # it only moves
            return
        self._waiting = [*self._waiting[1 - MOST :], event]
        if len(self._waiting) == 1:
            self._ask()

    def _ask(self) -> None:
        self._row = self._editor.app.renderer._cursor_pos.y
        self._editor.output.write_raw(_WHERE)
        self._editor.output.flush()

    def answered(self, answer: str) -> None:
        """Take up where the cursor is."""
        told = _ANSWER.fullmatch(answer)
        if told is None or not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        first_row = int(told[1]) - 1 - self._row
        self._editor.app.in_context(lambda: self._handle(waiting, first_row))

    def _handle(self, events: list[KeyPressEvent], first_row: int) -> None:
        from prompt_toolkit.key_binding.bindings.mouse import load_mouse_bindings
        from prompt_toolkit.keys import Keys

        app = self._editor.app
        handler = load_mouse_bindings().get_bindings_for_keys((Keys.Vt100MouseEvent,))[0].handler
        if app.is_done or not isinstance(app.renderer, CellRenderer):
            return
        app.renderer.first_row = first_row
        try:
            for event in events:
                if handler(event) is not NotImplemented:
                    app.invalidate()
        finally:
            app.renderer.first_row = None

    def forget(self) -> None:
        """Drop clicks that nobody has answered for."""
        self._waiting = []


def install(editor: Editor) -> None:
    """Take clicks. On Windows the console itself tells where they are."""
    if sys.platform == "win32":
        return
    mouse = Mouse(editor)
    editor.on_answer.append(mouse.answered)
    editor.before_prompt.append(mouse.forget)
    editor.keys.command("mouse.take", mouse.take, "Take a click of the mouse.")
    editor.keys.bind("<vt100-mouse-event>", "mouse.take")
