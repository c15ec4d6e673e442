"""The arrow keys and their like: earlier cells come back into the editor."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.filters import emacs_mode, has_selection

from .cell_buffer import CellBuffer
from .entering import finished
from .lookups import Lookups

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.key_binding.key_processor import KeyPress

    from .editor import Editor

#: Seconds after the first prompt until earlier cells are taken up, if nobody asks for them before.
_LATER: Final = 0.15
#: Seconds that keys wait for an earlier cell that is not at hand yet.
_HOLDING: Final = 0.5
#: Different cells that are looked for further back than those at hand.
_FURTHER: Final = 500


class Recalling:
    """Keeps the earlier cells of one editor up to date, and finds those that are not at hand."""

    def __init__(self, editor: Editor, buffer: CellBuffer) -> None:
        self._editor = editor
        self._buffer = buffer
        self._earlier = buffer.earlier
        self._lookups = Lookups(editor, "earlier cells")
        self._seen = 1  # In[0] is none
        self._begun = self._taken_up = False
        self._next: int | None = None
        #: How many cells back the user wants to be, once they are there, from which text and cursor.
        self._pending: tuple[int, str, int, bool] | None = None
        #: A last word that was asked for before there were cells: text, cursor, and which word.
        self._word: tuple[str, int, int | None] | None = None
        self._held: list[KeyPress] = []
        self._timer: asyncio.TimerHandle | None = None
        buffer.missing = self._missing

    # -- which there are -----------------------------------------------------------

    def before_prompt(self) -> None:
        """Take up what has run since the last prompt."""
        kept = self._editor.shell.outputs.raw_inputs
        self._seen = min(self._seen, len(kept))
        for text in kept[self._seen :]:
            self._earlier.add(text)
        self._seen = len(kept)
        self._pending = self._word = None
        self._release()
        if not self._begun:
            self._begun = True
            asyncio.get_running_loop().call_later(_LATER, self.take_up)
        elif self._taken_up:
            self._ask_others()
        mark, self._next = self._next, None
        if mark is not None and not self._buffer.text:
            self._buffer.go_to_mark(mark)

    def take_up(self) -> None:
        """Take up cells of earlier sessions, once."""
        if self._taken_up:
            return
        self._taken_up = True
        most = self._editor.shell.history_load_length
        if most > 0:
            self._lookups.ask(lambda finder: [finder.recent(most)], self._earlier.add_older, self._carry_out)
        self._ask_others()

    def _ask_others(self) -> None:
        """Take up what other shells have kept meanwhile, if the history shares it."""
        history = self._editor.shell.history
        ask = getattr(history, "get_new", None)
        if not getattr(history, "share", False) or not callable(ask):
            return
        asked = self._editor.main.call(ask)

        def take(rows: Iterable[Any]) -> None:
            for *_, text in rows:
                self._earlier.add(str(text))

        def answered(_: object) -> None:
            if not asked.cancelled() and asked.exception() is None:
                rows = asked.result()
                self._editor.call_soon(lambda: take(rows))

        asked.add_done_callback(answered)

    # -- further back --------------------------------------------------------------

    def _missing(self, count: int) -> None:
        """Go on as soon as what was asked for is there."""
        buffer, earlier = self._buffer, self._earlier
        if not self._taken_up:
            self.take_up()
        elif not self._lookups.asking:
            prefix = earlier.prefix
            if earlier.knows_all:
                return
            self._lookups.ask(
                lambda finder: [finder.prefixed(prefix, _FURTHER)],
                lambda texts: self._take_further(prefix, texts),
                self._carry_out,
            )
        self._pending = (count, buffer.text, buffer.cursor_position, bool(earlier.prefix))
        self._hold_keys()

    def _take_further(self, prefix: str, texts: list[str]) -> None:
        if prefix == self._earlier.prefix:
            at_hand = set(self._earlier.cells)
            self._earlier.add_further(prefix, (text for text in texts if text not in at_hand))

    def _carry_out(self) -> None:
        """Go to where the user wanted to be, if nothing has been typed meanwhile."""
        pending, self._pending = self._pending, None
        word, self._word = self._word, None
        here = (self._buffer.text, self._buffer.cursor_position)
        if word is not None and word[:2] == here:
            self._buffer.yank_last_arg(word[2])
        if pending is not None and pending[1:3] == here:
            self._buffer.go_back(pending[0], search=pending[3])
        self._editor.app.invalidate()
        self._release()

    # -- keys that come too soon ---------------------------------------------------

    @property
    def holds_keys(self) -> bool:
        """Whether keys wait for a cell that was asked for: they may be meant for it."""
        return self._timer is not None

    def hold(self, event: KeyPressEvent) -> None:
        """Keep a key until the cell is there, or is not there soon enough."""
        self._held += event.key_sequence

    def _hold_keys(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_HOLDING, self._release)

    def _release(self) -> None:
        held, self._held = self._held, []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if held:
            keys = self._editor.app.key_processor
            keys.feed_multiple(held, first=True)
            self._editor.app.in_context(keys.process_keys)

    def close(self) -> None:
        """Ask nothing more."""
        self._lookups.cancel()
        if self._timer is not None:
            self._timer.cancel()

    # -- commands ------------------------------------------------------------------

    def insert_last_word(self, event: KeyPressEvent) -> None:
        """Insert the last word of the cell before; again, of those before."""
        buffer, count = self._buffer, event.arg if event.arg_present else None
        if self._taken_up and not (self._lookups.asking and not self._earlier.cells):
            buffer.yank_last_arg(count)
            return
        self.take_up()
        self._hold_keys()
        self._word = (buffer.text, buffer.cursor_position, count)

    def run_and_follow(self, event: KeyPressEvent) -> None:
        """Run the cell; the one that came after it stands at the next prompt."""
        self._next = self._earlier.following()
        self._editor.submit(finished(self._buffer.text))


def install(editor: Editor) -> None:
    """Bind the arrow keys, Page Up and Page Down, Alt-P and Alt-N, Alt-< and Alt->, Alt-., Ctrl-X Ctrl-N."""
    buffer = editor.buffer
    if not isinstance(buffer, CellBuffer):
        raise TypeError("the cell has no history")
    recalling = Recalling(editor, buffer)
    editor.before_prompt.append(recalling.before_prompt)
    keys = editor.keys
    for name, there, help in (
        ("has_selection", has_selection, "Something is selected."),
        ("emacs_mode", emacs_mode, "The keys are those of Emacs."),
    ):
        if name not in keys.conditions:
            keys.condition(name, there, help)

    def oldest(event: KeyPressEvent) -> None:
        buffer.go_to_history(0)

    def newest(event: KeyPressEvent) -> None:
        buffer.go_to_history(len(buffer.earlier.cells))

    command = keys.command
    command(
        "history.up",
        lambda event: buffer.auto_up(event.arg),
        "Go a line up, above the first to earlier cells.",
    )
    command(
        "history.down",
        lambda event: buffer.auto_down(event.arg),
        "Go a line down, below the last to later cells.",
    )
    command("history.previous", lambda event: buffer.go_back(event.arg), "Go to the cell before.")
    command("history.next", lambda event: buffer.go_forward(event.arg), "Go to the cell after.")
    command("history.first", oldest, "Go to the oldest cell.")
    command("history.last", newest, "Go back to what was typed.")
    command(
        "history.last_word",
        recalling.insert_last_word,
        "Insert the last word of the cell before; again, of those before.",
    )
    command(
        "history.run_and_next", recalling.run_and_follow, "Run the cell, and go on with the one after it."
    )
    keys.condition("recalling", lambda: recalling.holds_keys, "A cell is awaited that is not at hand yet.")
    command("history.hold", recalling.hold, "Keep this key until the cell that was asked for is there.")
    editor.at_end.append(recalling.close)
    typing = "in_cell & insert_mode & ~has_selection"
    for key, name in (
        ("up", "history.up"),
        ("down", "history.down"),
        ("c-p", "history.up"),
        ("c-n", "history.down"),
        ("pageup", "history.previous"),
        ("pagedown", "history.next"),
        ("escape p", "history.previous"),
        ("escape n", "history.next"),
    ):
        keys.bind(key, name, typing)
    for key, name in (
        ("escape <", "history.first"),
        ("escape >", "history.last"),
        ("c-x c-n", "history.run_and_next"),
    ):
        keys.bind(key, name, f"{typing} & emacs_mode")
    keys.bind("escape .", "history.last_word", f"{typing} & (emacs_mode | emacs_in_vi)")
    # Keys of one name win over any key, so each that could be meant for the cell is named.
    for key in ("up", "down", "c-p", "c-n", "pageup", "pagedown", "c-m", "c-c", "<any>"):
        keys.bind(key, "history.hold", "in_cell & recalling")
