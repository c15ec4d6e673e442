"""Grey suggestions behind the cursor: the rest of an earlier line, or what another source gives.

What is typed on in the suggestion shortens it at once; anything else takes it away, and it is looked for
again when no key has come for a moment. Nothing is looked for in the way of a key.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.auto_suggest import Suggestion

from ipcore.plugins.failures import reason_of
from ipcore.secret_texts import secret_in

from .completion_keys import bind_escape
from .graphemes import next_boundary

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .cell_buffer import CellBuffer
    from .editor import Editor
    from .suggestion_sources import SourceThread, SuggestionRequest, SuggestionSource

#: Seconds without a key after which a suggestion is looked for.
PAUSE: Final = 0.02
#: Suggestions that one can go through at most.
_MOST: Final = 200

_WORD = re.compile(r"\s+|\S+\s*")
_TOKEN = re.compile(r"\w+[^\w\s]?\s*|[^\w\s]+\s*|\s+")


def rests(line: str, cells: Sequence[str]) -> Iterator[str]:
    """Give the rests of earlier lines that begin as a line does, the newest first, each once.

    :param line: the line before the cursor; how far it is indented does not matter.
    :param cells: the earlier cells, oldest first.
    """
    wanted = line.lstrip()
    if not wanted:
        return
    seen = set()
    for cell in reversed(cells):
        if wanted not in cell:  # most are left out by this alone
            continue
        for each in reversed(cell.split("\n")):
            each = each.strip()
            rest = each[len(wanted) :]
            if rest and each.startswith(wanted) and rest not in seen:
                seen.add(rest)
                yield rest


def first_word(suggestion: str) -> str:
    """Give what the first key for a word takes: blanks, or a word with the blanks behind it."""
    found = _WORD.match(suggestion)
    return found[0] if found else ""


def first_token(suggestion: str) -> str:
    """Give what the first key for a token takes: a name with one sign and blanks behind it, or signs."""
    found = _TOKEN.match(suggestion)
    return found[0] if found else ""


class Suggestions:
    """The suggestion of one editor's cell."""

    def __init__(self, editor: Editor, buffer: CellBuffer) -> None:
        self._editor = editor
        self._buffer = buffer
        #: The text and the cursor for which there is a suggestion, and the suggestion.
        self._for: tuple[str, int] = ("", 0)
        self._rest = ""
        self._last = ("", 0)
        self._timer: asyncio.TimerHandle | None = None
        self._sources = FromElsewhere(editor, self)
        buffer.on_text_insert += self._inserted
        editor.after_change.append(self._changed)
        editor.before_prompt.append(self.forget)
        editor.at_end.append(self._stop)

    @property
    def on(self) -> bool:
        """Whether there are suggestions."""
        return self._editor.terminal.autosuggestions_provider is not None and not self._editor.paste_mode

    @property
    def here(self) -> tuple[str, int]:
        """The text, and where the cursor is."""
        return self._buffer.text, self._buffer.cursor_position

    def forget(self) -> None:
        """Begin with a new cell."""
        self._for, self._rest = self.here, ""
        self._stop()

    def show(self, rest: str) -> None:
        """Show a suggestion for what stands there now; none if it is empty."""
        self._for, self._rest = self.here, rest
        self._buffer.suggestion = Suggestion(rest) if rest else None

    # -- what happens in the cell --------------------------------------------------

    def _changed(self) -> None:
        here, last = self.here, self._last
        if here == last:
            return
        self._last = here
        self._stop()
        if not self.on:
            return
        if here == self._for:
            self._buffer.suggestion = Suggestion(self._rest) if self._rest else None
        elif here[0] == self._for[0]:
            self._buffer.suggestion = None
        elif self._buffer.earlier.shows_typed and _deleted(last, here):
            self._later()

    def _inserted(self, _: object) -> None:
        if not self.on:
            return
        piece = _typed(self._for, self.here)
        rest = self._rest
        if piece and rest.startswith(piece) and rest != piece:
            self.show(rest[len(piece) :])
        else:
            self._rest = ""
            self._later()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._sources.cancel()

    def _later(self) -> None:
        self._stop()
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._look_and_paint)

    def _look_and_paint(self) -> None:
        self._timer = None
        if self.look():
            self._editor.app.invalidate()
        elif self._buffer.document.is_cursor_at_the_end_of_line and self._buffer.text.strip():
            self._sources.ask_soon()

    def look(self) -> bool:
        """Look for a suggestion now; tell whether there is one."""
        self.show(next(self._rests(), "") if self.on else "")
        return bool(self._rest)

    def _rests(self) -> Iterator[str]:
        document = self._buffer.document
        if not document.is_cursor_at_the_end_of_line:
            return iter(())
        return rests(document.current_line_before_cursor, self._buffer.earlier.cells)

    # -- commands ------------------------------------------------------------------

    def _take(self, text: str) -> None:
        self._buffer.insert_text(text)

    def accept(self, event: KeyPressEvent) -> None:
        """Take the suggestion."""
        self._take(self._shown)

    def accept_word(self, event: KeyPressEvent) -> None:
        """Take the first word of the suggestion."""
        self._take(first_word(self._shown))

    def accept_token(self, event: KeyPressEvent) -> None:
        """Take the first token of the suggestion: a name with the sign behind it."""
        self._take(first_token(self._shown))

    def accept_character(self, event: KeyPressEvent) -> None:
        """Take the first character of the suggestion."""
        self._take(self._shown[: next_boundary(self._shown, 0)])

    def accept_and_stay(self, event: KeyPressEvent) -> None:
        """Take the suggestion, and leave the cursor where it is."""
        cursor = self._buffer.cursor_position
        self._take(self._shown)
        self._buffer.cursor_position = cursor

    def accept_and_go_left(self, event: KeyPressEvent) -> None:
        """Take the suggestion, and go a character left of where the cursor is."""
        self.accept_and_stay(event)
        self._buffer.cursor_left()

    def discard(self, event: KeyPressEvent) -> None:
        """Take the suggestion away until something is typed."""
        self.show("")
        self._stop()

    def previous(self, event: KeyPressEvent) -> None:
        """Suggest what is older."""
        self._step(1)

    def next(self, event: KeyPressEvent) -> None:
        """Suggest what is newer."""
        self._step(-1)

    def line_up(self, event: KeyPressEvent) -> None:
        """Go a line up, and look for a suggestion there."""
        self._buffer.auto_up(event.arg)
        self.look()

    def line_down(self, event: KeyPressEvent) -> None:
        """Go a line down, and look for a suggestion there."""
        self._buffer.auto_down(event.arg)
        self.look()

    def backspace(self, event: KeyPressEvent) -> None:
        """Delete the character before the cursor, and look for a suggestion."""
        self._buffer.delete_characters(-event.arg)
        self.look()

    def resume(self, event: KeyPressEvent) -> None:
        """Look for a suggestion."""
        self.look()

    def ask(self, event: KeyPressEvent) -> None:
        """Ask the source of suggestions that llm_provider_class names."""
        self._sources.ask()

    @property
    def _shown(self) -> str:
        suggestion = self._buffer.suggestion
        return suggestion.text if suggestion is not None else ""

    def _step(self, by: int) -> None:
        """Show another one, and the first after the last."""
        found = list(islice(self._rests(), _MOST))
        if found:
            at = found.index(self._shown) if self._shown in found else -1
            self.show(found[(at + by) % len(found)])


class FromElsewhere:
    """Asks the source that the options name, and shows what it gives as it comes."""

    def __init__(self, editor: Editor, suggestions: Suggestions) -> None:
        self._editor = editor
        self._suggestions = suggestions
        self._thread: SourceThread | None = None
        self._name: str | None = None
        self._source: SuggestionSource | None = None
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._said: set[str] = set()

    def ask_soon(self) -> None:
        """Ask when no key has come for a while, if the source wants that."""
        if not self._editor.terminal.llm_provider_class or not self._suggestions.on:
            return
        self._prepare()
        if self._source is None and self._thread is not None:  # it has to be made to say when
            self._thread.ask(None, _Answer(self, self._number, self._suggestions.here))
        elif self._source is not None and (pause := self._source.pause) is not None:
            self._timer = asyncio.get_running_loop().call_later(max(pause, 0.0), self.ask)

    def ask(self) -> None:
        """Ask now, for what stands there now."""
        self.cancel()
        name = self._editor.terminal.llm_provider_class
        if not name:
            self._say("no source of suggestions is named by Terminal.llm_provider_class.", always=True)
            return
        self._prepare()
        request = self._request()
        secret = secret_in(request.before + request.after)
        if secret:
            self._say(f"not asked for suggestions: the cell seems to hold {secret}.", always=True)
        elif self._thread is not None:
            self._thread.ask(request, _Answer(self, self._number, self._suggestions.here))

    def cancel(self) -> None:
        """Have nothing more shown of what was asked for."""
        self._number += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._thread is not None:
            self._thread.cancel()

    def _prepare(self) -> None:
        terminal = self._editor.terminal
        name = terminal.llm_provider_class
        if name and name != self._name:
            from .suggestion_sources import SourceThread, made_by_name

            arguments = dict(terminal.llm_constructor_kwargs)
            self._name, self._source = name, None
            self._thread = SourceThread(lambda: made_by_name(name, arguments))

    def _request(self) -> SuggestionRequest:
        from .suggestion_sources import MOST_EARLIER, SuggestionRequest

        text, cursor = self._suggestions.here
        earlier: list[str] = []
        if self._editor.terminal.llm_prefix_from_history == "input_history":
            left = MOST_EARLIER
            for cell in reversed(self._editor.shell.outputs.raw_inputs[-100:]):
                left -= len(cell)
                if left < 0:
                    break
                if cell and not secret_in(cell):
                    earlier.append(cell)
        return SuggestionRequest(text[:cursor], text[cursor:], tuple(reversed(earlier)))

    def _say(self, text: str, *, always: bool = False) -> None:
        """Show a line below the cell; the same one once."""
        if always or text not in self._said:
            self._said.add(text)
            self._editor.message(text)

    # -- what comes, on any thread -------------------------------------------------

    def told(self, number: int, function: Any) -> None:
        """Call a function on the editor's thread, if nothing else has been asked for since."""
        self._editor.call_soon(lambda: function() if number == self._number else None)

    def made(self, source: SuggestionSource) -> None:
        """Ask it now, if it wants that."""
        self._source = source
        self.ask_soon()

    def began(self, source: SuggestionSource) -> None:
        """Say what it hands on."""
        self._source = source
        self._say(f"suggestions: {source.leaves}")

    def shown(self, here: tuple[str, int], text: str) -> None:
        """Show what has come by now."""
        if self._suggestions.here == here and text.strip():
            self._suggestions.show(text)
            self._editor.app.invalidate()

    def failed(self, error: BaseException) -> None:
        """Say it once; what has come stays."""
        self._say(f"suggestions: {reason_of(error)}")


class _Answer:
    """Is told of one answer, in the thread of the source."""

    def __init__(self, sources: FromElsewhere, number: int, here: tuple[str, int]) -> None:
        self._sources = sources
        self._number = number
        self._here = here
        self._text = ""

    def made(self, source: SuggestionSource) -> None:
        self._sources.told(self._number, partial(self._sources.made, source))

    def began(self, source: SuggestionSource) -> None:
        self._sources.told(self._number, partial(self._sources.began, source))

    def piece(self, text: str) -> None:
        self._text += text
        self._sources.told(self._number, partial(self._sources.shown, self._here, self._text))

    def failed(self, error: BaseException) -> None:
        self._sources.told(self._number, partial(self._sources.failed, error))


def _typed(before: tuple[str, int], now: tuple[str, int]) -> str:
    """Give what was typed at the cursor between two states; empty if that is not all that happened."""
    (old, start), (new, end) = before, now
    grown = end > start and len(new) - len(old) == end - start
    return new[start:end] if grown and new[:start] == old[:start] and new[end:] == old[start:] else ""


def _deleted(before: tuple[str, int], now: tuple[str, int]) -> bool:
    """Tell whether what was before the cursor was deleted, and nothing else happened."""
    return bool(_typed(now, before))


#: Keys, commands and when: while nothing is suggested, none of them is anything but what it is without.
_SUGGESTED: Final = "has_suggestion & in_cell & (emacs_insert_mode | vi_insert_mode & emacs_in_vi)"
_SUGGESTED_IN_EMACS: Final = "has_suggestion & in_cell & emacs_insert_mode"
BINDINGS: Final = (
    (
        "right",
        "resume",
        "cursor_at_line_end & in_cell & (emacs_insert_mode | vi_insert_mode & emacs_in_vi) & suggesting",
    ),
    ("right", "accept", f"{_SUGGESTED} & cursor_at_line_end"),
    ("c-f", "accept", _SUGGESTED),
    ("end", "accept_or_line_end", _SUGGESTED),
    ("c-e", "accept_or_line_end", _SUGGESTED),
    ("escape f", "accept_word", _SUGGESTED),
    ("c-right", "accept_token", _SUGGESTED),
    ("escape right", "accept_character", _SUGGESTED),
    ("c-left", "accept_and_go_left", _SUGGESTED),
    ("escape down", "accept_and_stay", _SUGGESTED_IN_EMACS),
    ("delete", "discard", _SUGGESTED_IN_EMACS),
    ("c-up", "previous", "navigable_suggestions & ~has_line_above & has_suggestion & in_cell"),
    ("c-down", "next", "navigable_suggestions & ~has_line_below & has_suggestion & in_cell"),
    ("c-up", "line_up", "has_line_above & navigable_suggestions & in_cell"),
    ("c-down", "line_down", "has_line_below & navigable_suggestions & in_cell"),
)


def install(editor: Editor) -> None:
    """Suggest, and bind the keys that take a suggestion, if they are not switched off."""
    suggestions = Suggestions(editor, editor.buffer)
    keys = editor.keys
    keys.condition("suggesting", lambda: suggestions.on, "There are suggestions, by option.")
    for name, function in {
        "accept": suggestions.accept,
        "accept_or_line_end": suggestions.accept,
        "accept_word": suggestions.accept_word,
        "accept_token": suggestions.accept_token,
        "accept_character": suggestions.accept_character,
        "accept_and_stay": suggestions.accept_and_stay,
        "accept_and_go_left": suggestions.accept_and_go_left,
        "discard": suggestions.discard,
        "previous": suggestions.previous,
        "next": suggestions.next,
        "line_up": suggestions.line_up,
        "line_down": suggestions.line_down,
        "backspace": suggestions.backspace,
        "resume": suggestions.resume,
        "ask": suggestions.ask,
    }.items():
        help = (function.__doc__ or "").strip()
        keys.command(f"suggestion.{name}", function, help)

    def bind() -> None:
        for key, name, when in BINDINGS:
            keys.bind(key, f"suggestion.{name}", when)
        bind_escape(editor, "suggestion.discard", _SUGGESTED_IN_EMACS)

    bound = False

    def bind_if_on() -> None:
        nonlocal bound
        if suggestions.on and not bound:
            bound = True
            bind()

    bind_if_on()
    editor.before_prompt.append(bind_if_on)  # it may be switched on later

    def switched() -> None:
        bind_if_on()
        suggestions.look()

    editor.follow(("autosuggestions_provider",), switched)
