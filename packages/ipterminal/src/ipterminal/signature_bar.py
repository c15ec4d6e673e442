"""The signature of the call that the cursor stands in, one row below the cell, its current argument marked.

It is looked up on another thread, and runs no code of the user's; until it is known the row is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import UIContent, UIControl

from .cell_objects import find, objects_of
from .parameters import current_parameter, fitted, pieces
from .workers import Background

if TYPE_CHECKING:
    from inspect import Signature

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from .calls import Call, Scanner
    from .editor import Editor

#: Signatures of one cell that are remembered.
_KEPT: Final = 64


class SignatureBar(UIControl):
    """The row of one editor. All on the editor's thread, unless it says otherwise."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._background = Background("signatures")
        self._scanner: Scanner | None = None
        #: What is known, by the function as it is written and what stands before it; ``None`` if nothing is.
        self._known: dict[tuple[str, str], Signature | None] = {}
        self._wanted: tuple[str, str] | None = None
        self._call: Call | None = None

    @property
    def signature(self) -> Signature | None:
        """The signature to be shown; ``None`` for none."""
        return None if self._wanted is None else self._known.get(self._wanted)

    def changed(self) -> None:
        """Take up that the cell's text or cursor has changed."""
        if not self._editor.terminal.signature_bar:
            self._wanted = None
            return
        buffer = self._editor.buffer
        self._call = call = self._call_at(buffer.text, buffer.cursor_position)
        wanted = None if call is None else (call.function, call.before)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted is not None and wanted not in self._known:
            self._look_up(wanted)

    def _call_at(self, text: str, cursor: int) -> Call | None:
        if text.find("(", 0, cursor) < 0:  # so the first keys need no scanner
            return None
        if self._scanner is None:
            from .calls import Scanner

            self._scanner = Scanner()
        return self._scanner.call_at(text, cursor)

    def _look_up(self, wanted: tuple[str, str]) -> None:
        editor = self._editor

        def work() -> None:
            if self._wanted != wanted:  # the user typed on
                return
            objects = objects_of(editor)
            found, function = find(objects, *wanted)
            signature = objects.signature(function) if found else None
            editor.call_soon(lambda: self._take(wanted, signature))

        self._background.put(work)

    def _take(self, wanted: tuple[str, str], signature: Signature | None) -> None:
        while len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        self._known[wanted] = signature
        if signature is not None and wanted == self._wanted:
            self._editor.app.invalidate()

    def new_cell(self) -> None:
        """Forget what was known: a cell may have changed it."""
        self._known.clear()
        self._wanted = None
        self.changed()

    # -- painting --------------------------------------------------------------

    def preferred_height(
        self, width: int, max_available_height: int, wrap_lines: bool, get_line_prefix: Any
    ) -> int | None:
        """Take one row."""
        return 1

    def create_content(self, width: int, height: int) -> UIContent:
        """Paint the signature."""
        line: StyleAndTextTuples = []
        signature, call = self.signature, self._call
        if signature is not None and call is not None:
            name = call.function if len(call.function) <= width // 2 else call.function.rpartition(".")[2]
            for piece in fitted(pieces(name, signature, current_parameter(signature, call)), width):
                line.append(("class:signature.current" if piece.current else "class:signature", piece.text))
        return UIContent(lambda _: line, line_count=1, show_cursor=False)


def install(editor: Editor) -> None:
    """Add the row below the cell, its menu and the documentation."""
    bar = SignatureBar(editor)
    editor.at_end.append(bar._background.close)
    editor.after_change.append(bar.changed)
    editor.before_prompt.append(bar.new_cell)
    editor.follow(("signature_bar",), bar.changed)
    editor.unfinished.append(lambda: bar.signature is not None)
    shown = Condition(lambda: bar.signature is not None and not editor.app.is_done)
    window = Window(bar, height=1, dont_extend_height=True)
    editor.at_cell.append(ConditionalContainer(window, shown))
