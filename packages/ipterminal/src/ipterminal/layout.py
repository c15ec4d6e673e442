"""What stands where on the screen: the cell, what is below it, menus."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.containers import ConditionalContainer, FloatContainer, HSplit, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension

from .buffer_control import CellControl
from .cell_window import CellRenderer, CellWindow
from .forks import end_before_forks
from .lexing import Lexing
from .prompt_column import PromptColumn

if TYPE_CHECKING:
    from prompt_toolkit.layout.mouse_handlers import MouseHandlers
    from prompt_toolkit.layout.screen import Screen, WritePosition

    from .editor import Editor
    from .languages import Languages

#: Rows that a message below the cell may have in a narrow window.
_MESSAGE_ROWS: Final = 3


class Root(FloatContainer):
    """All that is painted. Knows when the last float is, and has rows that are the same not compared."""

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,
        z_index: int | None,
    ) -> None:
        """Paint everything, floats included."""
        super().write_to_screen(screen, mouse_handlers, write_position, parent_style, erase_bg, z_index)
        renderer = get_app().renderer
        if isinstance(renderer, CellRenderer):
            screen.draw_all_floats()
            renderer.skip_same_rows(screen)


def cell_window(editor: Editor) -> CellWindow:
    """Make the window of an editor's cell."""
    terminal = editor.terminal
    lexing = Lexing()
    control = CellControl(
        editor.buffer, lexing, highlight_brackets=lambda: terminal.highlight_matching_brackets
    )
    control.tell = editor.tell
    prompts = PromptColumn(
        lambda: [("class:prompt", editor.prompt_text)],
        lambda: [("class:prompt.continuation", editor.continuation_text)],
        numbers=lambda: terminal.prompt_line_number_format,
        unicode=lambda: editor.output.encoding().lower().replace("-", "") == "utf8",
    )
    editor.unfinished += [control.shows_marks, lambda: lexing.behind or lexing.outdated]
    loading = Loading(lexing.languages, lambda: editor.call_soon(editor.app.invalidate))
    window = CellWindow(control, prompts, load=loading.load)
    editor.before_prompt.append(window.forget)
    return window


def build(editor: Editor) -> Layout:
    """Make the layout: the cell, below it what the subjects have to say, and their floats."""
    message = ConditionalContainer(
        Window(
            FormattedTextControl(lambda: editor.message_fragments),
            height=Dimension(max=_MESSAGE_ROWS),
            wrap_lines=True,
            dont_extend_height=True,
        ),
        Condition(lambda: bool(editor.message_fragments) and not editor.app.is_done),
    )
    rows = HSplit([editor.cell, message, *editor.at_cell, *editor.below, *editor.at_bottom])
    return Layout(Root(rows, floats=editor.floats), focused_element=editor.cell)


class Loading:
    """Imports lexers in a thread of its own, which ends when all that were wanted are there.

    :param languages: what is loaded.
    :param loaded: is called in that thread after each one.
    """

    def __init__(self, languages: Languages, loaded: Callable[[], object]) -> None:
        self._languages = languages
        self._loaded = loaded
        self._thread: threading.Thread | None = None
        self._ending = False
        end_before_forks(self)

    def load(self, wait: float = 0.0) -> None:
        """Have what is wanted loaded, unless that is under way. On the editor's thread.

        :param wait: seconds to wait for it, at most.
        """
        if self._thread is None or not self._thread.is_alive():
            self._ending = False
            thread = threading.Thread(target=self._work, name="ipshell-lexers", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads just now; a later frame asks again
                return
            self._thread = thread
        if wait:
            self._thread.join(wait)

    def tell_to_end(self) -> threading.Thread | None:
        """Have the thread end behind the lexer it is importing; gives it."""
        self._ending = True
        return self._thread

    def forget(self) -> None:
        """Begin anew, in a forked child."""
        self._thread = None

    def _work(self) -> None:
        while self._languages.wanted and not self._ending:
            self._languages.load(min(tuple(self._languages.wanted)))
            self._loaded()
