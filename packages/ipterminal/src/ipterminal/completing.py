"""Tab: asks for completions, completes what they have in common, and opens the menu.

The editor's thread waits for nobody: providers are asked elsewhere, what they answer at once is shown at
once, and what comes late is put behind it. prompt_toolkit's own completion makes an object of each proposal
and measures all of them at every key, so a menu of its own stands here (:mod:`ipterminal.menus`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.utils import get_cwidth

from .asking import Asking
from .completion_keys import add_keys
from .menus import Menu, MenuControl
from .proposals import Edit, common, joined, narrowed, put_in
from .workers import Background

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.key_binding.key_processor import KeyPress

    from ipcore.types.completion import Completion, Matching, Trigger

    from .editor import Editor
    from .menus import Direction, Look

#: Seconds in which late answers are gathered before they are shown together.
GATHERED: Final = 0.03

#: Seconds within which late answers are as good as the first.
FRESH: Final = 0.5

#: Seconds that keys wait at most for what a Tab before them completes: while the providers are loaded, too.
HELD: Final = 2.0

#: Seconds after the first key of a session until that is loaded which Enter and Tab need.
_LOADED_AFTER: Final = 0.05

#: What may stand before the cursor where one completes while typing.
_TYPED: Final = "._%/\\'\""


class _Answer(NamedTuple):
    """What the providers have proposed, made ready to be shown."""

    found: list[Completion]
    waiting: bool
    done: bool
    edit: Edit | None
    """What all of it has in common."""
    after_edit: list[Completion]


class Completing:
    """Completion in one editor. All on the editor's thread, unless it says otherwise."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._background = Background("completion")
        self._slow: set[str] = set()
        self._proven: set[str] = set()
        self._asking: Asking | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_ours = False
        self._has_loaded = self._is_prepared = False
        #: Keys that wait for what Tab completes.
        self._held: list[KeyPress] = []
        #: The text and cursor that were seen last.
        self._seen = ("", 0)
        #: What the menu was made of, before anything was narrowed, and the cursor for which it holds.
        self._base: tuple[list[Completion], int] = ([], 0)
        self.menu: Menu | None = None
        #: The text and cursor for which the menu is being narrowed; and what was typed for that.
        self._narrowing: tuple[str, int, str] | None = None
        #: Called after the menu has changed: opened, closed, another entry chosen.
        self.after_choice: list[Callable[[], object]] = []
        self.control = MenuControl(
            lambda: self.menu, lambda: editor.terminal.space_for_menu, self._clicked, self.move, self._column
        )

    @property
    def _matching(self) -> Matching:
        return self._editor.shell.completer.matching  # type: ignore[no-any-return]

    # -- asking ----------------------------------------------------------------

    def complete(self) -> None:
        """Ask for completions, as Tab does; in a list, turn the page."""
        if self.menu is not None and self.menu.look == "readlinelike" and self.control.next_page(self.menu):
            self._editor.app.invalidate()
            return
        self._ask("tab")

    def _ask(self, how: str, before: Callable[[], object] | None = None) -> None:
        """Ask.

        :param how: ``tab``; ``typing``; or ``again``, for a menu that is open.
        :param before: called first, on the other thread.
        """
        self._stop_asking()
        buffer = self._editor.buffer
        text, cursor = buffer.text, buffer.cursor_position
        trigger: Trigger = "typing" if how == "typing" else "tab"
        completer = self._editor.shell.completer
        asking = Asking(completer, text, cursor, trigger, self._slow, self._proven, self._tell_late)
        asking.how = how
        self._asking = asking
        if how == "tab":
            asking.awaited = True
            self._prepare()
            asyncio.get_running_loop().call_later(HELD, self._await_no_more, asking)
        matching = self._matching

        def work() -> None:
            if before is not None:
                before()
            found = asking.first()
            if found is not None:
                answer = _answer(asking, found, not asking.in_time, matching)
                self._editor.call_soon(lambda: self._take(asking, answer))

        if not self._background.put(work):
            self._stop_asking()
            self._editor.message("Completion: earlier requests have not come back, so nobody is asked now.")

    def _stop_asking(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._held = []
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()

    def _take(self, asking: Asking, answer: _Answer) -> None:
        """Show the first answers."""
        if asking is not self._asking or self._editor.app.is_done:
            return
        menu = self.menu
        if menu is not None and menu.selected is not None:  # something has been chosen meanwhile
            found = answer.found
            if (menu.text, menu.cursor) != (asking.text, asking.cursor):
                found = narrowed(found, asking.cursor, menu.text, menu.cursor, self._matching)
            self._take_late(asking, menu, joined(menu.entries, found), not answer.done)
            return
        since = _since(asking, *self._seen)
        if asking.awaited and (since or self._held or not answer.found):
            # Keys count as if it had answered at once, so it is waited for.
            if (left := asking.patience(answer.found)) > 0:
                left = min(left, GATHERED)  # there may be less to wait for by then
                asyncio.get_running_loop().call_later(left, self._take_what_there_is, asking)
                return
            answer = answer._replace(waiting=False)
        held, self._held = self._held, []
        asking.awaited = False
        if since:
            self._take_typed_on(asking, answer, since)
        else:
            self._take_first(asking, answer)
        self._feed(held)

    def _take_typed_on(self, asking: Asking, answer: _Answer, since: str) -> None:
        """Take up what Tab completes where something was typed behind it before that was known."""
        found, (text, cursor) = answer.found, self._seen
        if not (since[0].isalnum() or since[0] == "_"):
            if len(found) == 1 and not answer.waiting:
                edit = put_in(found[0], asking.text, asking.cursor)
                behind = edit.text[edit.cursor :]
                self._set(Edit(edit.text[: edit.cursor] + since + behind, edit.cursor + len(since)))
            self.close()
            return
        kept = narrowed(found, asking.cursor, text, cursor, self._matching)
        if kept and "\n" not in since:
            self._open(asking, kept, text, cursor, not answer.done)
        else:
            self.close()

    def _take_first(self, asking: Asking, answer: _Answer) -> None:
        how = asking.how
        found, text, cursor = answer.found, asking.text, asking.cursor
        if not answer.done:
            self._tell_late(asking)  # of those who answered since
        if how == "tab" and len(found) == 1 and not answer.waiting:
            self._set(put_in(found[0], text, cursor))
            self.close()
            return
        if how == "typing" and all(each.text == text[each.start : each.end] for each in found):
            found = []
        if not found:
            if how == "again":
                self._forget_menu()
            if answer.done:
                self._stop_asking()
            return
        if answer.edit is not None:
            self._set(answer.edit)
            text, cursor, found = *answer.edit, answer.after_edit or found
        self._open(asking, found, text, cursor, answer.waiting or not answer.done)

    def _open(self, asking: Asking, found: list[Completion], text: str, cursor: int, waiting: bool) -> None:
        look: Look = self._editor.terminal.display_completions  # type: ignore[assignment]  # traitlets says str
        if look == "readlinelike" and asking.trigger == "typing":
            return
        menu = Menu(found, text, cursor, look)
        menu.waiting = waiting
        menu.by_itself = asking.trigger == "typing"
        self.menu = menu
        self._base = (found, cursor)
        self._narrowing = None
        self._shown()

    # -- keys that come too early ----------------------------------------------

    @property
    def is_awaited(self) -> bool:
        """Whether Tab was pressed and nothing is known yet."""
        return self._asking is not None and self._asking.awaited

    @property
    def is_holding(self) -> bool:
        """Whether keys wait for what Tab completes."""
        return bool(self._held)

    def hold(self, event: KeyPressEvent) -> None:
        """Keep a key until what Tab completes is there."""
        self._held += event.key_sequence

    def _take_what_there_is(self, asking: Asking) -> None:
        """Take up what was found, if keys have waited for that long enough."""
        matching = self._matching

        def work() -> None:
            found = asking.now()
            answer = _answer(asking, found, asking.patience(found) > 0, matching)
            self._editor.call_soon(lambda: self._take(asking, answer))

        if asking is self._asking and asking.awaited:
            self._background.put(work)

    def _await_no_more(self, asking: Asking) -> None:
        if asking is self._asking and asking.awaited:
            held = self._held
            if _since(asking, *self._seen):
                self.close()
            asking.awaited = False
            self._held = []
            self._feed(held)

    def _feed(self, keys: list[KeyPress]) -> None:
        if keys:
            self._editor.app.key_processor.feed_multiple(keys, first=True)
            self._editor.app.in_context(self._editor.app.key_processor.process_keys)

    # -- what comes late -------------------------------------------------------

    def _tell_late(self, asking: Asking) -> None:
        """Have late answers taken up, several together. For any thread."""
        if not asking.joining:
            asking.joining = True
            self._editor.call_soon(lambda: self._gather(asking))

    def _gather(self, asking: Asking) -> None:
        if asking is self._asking:
            asyncio.get_running_loop().call_later(GATHERED, self._join, asking)

    def _join(self, asking: Asking) -> None:
        """Have late answers put behind those that are shown."""
        asking.joining = False
        if asking is not self._asking:
            return
        menu, matching = self.menu, self._matching
        text, cursor = (asking.text, asking.cursor) if menu is None else (menu.text, menu.cursor)
        shown = [] if menu is None else menu.entries
        # For a moment, and as long as nobody has done anything, late answers are as good as the first.
        as_first = menu is None or (
            menu.selected is None
            and asking.how == "tab"
            and (text, cursor) == (asking.text, asking.cursor)
            and time.monotonic() < asking.began + FRESH
        )

        def work() -> None:
            waiting = not asking.done
            newer = asking.now()
            if menu is None or as_first:
                answer = _answer(asking, newer, asking.waiting, matching)
                self._editor.call_soon(lambda: self._take(asking, answer))
                return
            if (text, cursor) != (asking.text, asking.cursor):
                newer = narrowed(newer, asking.cursor, text, cursor, matching)
            entries = joined(shown, newer)
            self._editor.call_soon(lambda: self._take_late(asking, menu, entries, waiting))

        self._background.put(work)

    def _take_late(self, asking: Asking, menu: Menu | None, entries: list[Completion], waiting: bool) -> None:
        if asking is not self._asking or menu is not self.menu or self._editor.app.is_done:
            return
        if menu is not None:
            menu.waiting = waiting
            menu.entries = entries
            self._base = (entries, menu.cursor)
            self._editor.app.invalidate()
        elif entries:
            self._open(asking, entries, asking.text, asking.cursor, waiting)

    # -- choosing --------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether there is a menu in which something can be chosen."""
        return self.menu is not None and self.menu.look != "readlinelike"

    @property
    def has_choice(self) -> bool:
        """Whether an entry is chosen."""
        return self.menu is not None and self.menu.selected is not None

    @property
    def has_arrows(self) -> bool:
        """Whether Up and Down belong to the menu: not to one that has opened by itself."""
        return self.is_open and (self.has_choice or not (self.menu is not None and self.menu.by_itself))

    def move(self, direction: Direction) -> None:
        """Choose another entry; its text stands in the cell."""
        self._narrow_now()
        menu = self.menu
        if menu is None or menu.look == "readlinelike":
            return
        if menu.selected is None and (menu.text, menu.cursor) != self._seen:
            self._ask("tab")  # nothing in it goes with what has been typed
        else:
            self._choose(self.control.moved(menu, direction))

    def _choose(self, number: int) -> None:
        menu = self.menu
        if menu is None or not 0 <= number < len(menu.entries):
            return
        menu.selected = number
        self._set(put_in(menu.entries[number], menu.text, menu.cursor))
        self._shown()

    def _clicked(self, number: int) -> None:
        menu = self.menu
        if menu is None or menu.look == "readlinelike":
            return
        if menu.selected == number:
            self.close()
        else:
            self._choose(number)

    def cancel(self) -> None:
        """Close the menu, and give the text back as it was before something was chosen."""
        menu = self.menu
        if menu is not None and menu.selected is not None:
            self._set(Edit(menu.text, menu.cursor))
        self.close()

    def close(self) -> None:
        """Close the menu; what is chosen stays."""
        self._stop_asking()
        self._forget_menu()

    def _forget_menu(self) -> None:
        if self.menu is not None:
            self.menu = None
            self._base = ([], 0)
            self._narrowing = None
            self._shown()

    def _shown(self) -> None:
        for function in self.after_choice:
            function()
        self._editor.app.invalidate()

    def _set(self, edit: Edit) -> None:
        """Change the cell, which is no typing."""
        self._is_ours = True
        try:
            self._editor.set_text(edit.text, edit.cursor)
        finally:
            self._is_ours = False
            self._seen = (self._editor.buffer.text, self._editor.buffer.cursor_position)

    # -- typing ----------------------------------------------------------------

    def changed(self) -> None:
        """Take up that the cell's text or cursor has changed."""
        if self._is_ours:
            return
        buffer = self._editor.buffer
        former, now = self._seen, (buffer.text, buffer.cursor_position)
        if now == former:
            return
        self._seen = now
        self._load()
        menu = self.menu
        if self.is_awaited and self._asking is not None and _since(self._asking, *now) is not None:
            return  # what is typed behind it counts when the answer is there
        if (
            menu is not None
            and menu.selected is None
            and menu.look != "readlinelike"
            and _follows(menu, *now)
        ):
            self._narrow(menu, *now, typed=_typed(former, now))
            return
        self.close()
        editor = self._editor
        if _typed(former, now) and editor.terminal.complete_while_typing and not editor.paste_mode:
            self._ask_soon(now)

    def _narrow(self, menu: Menu, text: str, cursor: int, typed: str) -> None:
        """Show what goes with the text as it is now, and ask again: there may be more."""
        (base, at), matching = self._base, self._matching
        self._narrowing = wanted = (text, cursor, typed)

        def narrow() -> None:
            kept = narrowed(base, at, text, cursor, matching)
            self._editor.call_soon(lambda: self._take_narrowed(menu, kept, wanted))

        self._ask("typing" if menu.by_itself else "again", before=narrow)

    def _narrow_now(self) -> None:
        """Have the menu stand for the text as it is, before something in it is chosen."""
        menu, wanted = self.menu, self._narrowing
        if menu is not None and wanted is not None:
            base, at = self._base
            self._take_narrowed(menu, narrowed(base, at, *wanted[:2], self._matching), wanted)

    def _take_narrowed(self, menu: Menu, kept: list[Completion], wanted: tuple[str, int, str]) -> None:
        if menu is not self.menu or wanted is not self._narrowing:
            return
        self._narrowing = None
        text, cursor, typed = wanted
        if not kept and not (typed.isidentifier() or typed.isdigit()):
            self.close()
        elif kept:
            menu.entries, menu.text, menu.cursor, menu.first = kept, text, cursor, 0
            self._shown()

    def _ask_soon(self, now: tuple[str, int]) -> None:
        """Ask after a moment without keys, where a name is being typed."""
        text, cursor = now
        if not cursor or not (text[cursor - 1].isalnum() or text[cursor - 1] in _TYPED):
            return

        def ask() -> None:
            self._timer = None
            if self._seen == now and not self._editor.app.is_done:
                self._ask("typing")

        delay = self._editor.terminal.completion_delay
        self._timer = asyncio.get_running_loop().call_later(delay, ask)

    def _load(self) -> None:
        """Have things loaded, so that the first Enter and the first Tab need not wait for that."""
        if not self._has_loaded:
            self._has_loaded = True
            shell = self._editor.shell

            def load() -> None:
                from ipcore.cells import first_cell

                first_cell.load(getattr(shell.history, "needed", ()))
                shell.completer.prepare()

            asyncio.get_running_loop().call_later(_LOADED_AFTER, self._background.put, load)

    def _prepare(self) -> None:
        """Have the providers loaded before they are asked: it takes none of their time to answer."""
        if not self._is_prepared:
            self._is_prepared = True
            self._background.put(self._editor.shell.completer.prepare)

    def new_cell(self) -> None:
        """Forget everything: another cell begins."""
        self.close()
        buffer = self._editor.buffer
        self._seen = (buffer.text, buffer.cursor_position)

    # -- where it stands -------------------------------------------------------

    def _column(self) -> int:
        """Give the column of the screen at which the names begin that are completed."""
        menu, buffer = self.menu, self._editor.buffer
        window = self._editor.app.layout.current_window
        info = window.render_info if isinstance(window, Window) else None
        if menu is None or info is None:
            return 0
        start = min(each.start for each in menu.entries[:100])
        try:
            x = info.cursor_position.x
        except (KeyError, IndexError):  # the cursor is not in view
            return 0
        return max(0, int(x) - get_cwidth(buffer.text[start : buffer.cursor_position]))


def _answer(asking: Asking, found: list[Completion], waiting: bool, matching: Matching) -> _Answer:
    """Make ready what there is to be shown. For any thread: of ten thousand names it takes some milliseconds.

    :param waiting: whether somebody is still to answer, so that nothing can be completed yet.
    """
    text, cursor = asking.text, asking.cursor
    edit = None
    if asking.how == "tab" and not waiting:
        edit = common(found, text, cursor, folding=matching != "prefix")
    after = found
    if edit is not None and len(found) > 1:
        after = narrowed(found, cursor, edit.text, edit.cursor, matching)
    return _Answer(found, waiting, asking.done, edit, after)


def _follows(menu: Menu, text: str, cursor: int) -> bool:
    """Tell whether a text differs from the menu's only in what is typed of the names."""
    start = min((each.start for each in menu.entries[:100]), default=menu.cursor)
    return (
        cursor >= start
        and text[cursor:] == menu.text[menu.cursor :]
        and text[:start] == menu.text[:start]
        and text.find("\n", start, cursor) < 0
    )


def _since(asking: Asking, text: str, cursor: int) -> str | None:
    """Give what was typed behind the cursor since completion was asked for; ``None`` if more was done."""
    at = asking.cursor
    if cursor < at or text[:at] != asking.text[:at] or text[cursor:] != asking.text[at:]:
        return None
    return text[at:cursor]


def _typed(former: tuple[str, int], now: tuple[str, int]) -> str:
    """Give the character that was typed between two states of the cell; empty if more was done."""
    text, cursor = now
    at = former[1]
    if cursor != at + 1 or len(text) <= len(former[0]) or text[:at] != former[0][:at]:
        return ""
    return text[at:cursor]


#: The completion of each editor.
_of: WeakKeyDictionary[Editor, Completing] = WeakKeyDictionary()


def completing_of(editor: Editor) -> Completing | None:
    """Give the completion of an editor; ``None`` if it goes without."""
    return _of.get(editor)


def install(editor: Editor) -> None:
    """Add completion: its keys, its conditions, its menu below the cell."""
    completing = Completing(editor)
    _of[editor] = completing
    editor.at_end.append(completing._background.close)
    editor.after_change.append(completing.changed)
    editor.before_prompt.append(completing.new_cell)
    editor.unfinished.append(lambda: completing.menu is not None)
    shown = Condition(lambda: completing.menu is not None and not editor.app.is_done)
    editor.at_cell.append(ConditionalContainer(Window(completing.control, dont_extend_height=True), shown))
    add_keys(editor, completing)
