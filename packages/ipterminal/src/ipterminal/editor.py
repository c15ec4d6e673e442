"""The editor of one conversation: what the subjects build on.

Everything here is called on the editor's thread, unless it says otherwise.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, emacs_insert_mode, has_focus, vi_insert_mode
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.keys import Keys as KeyNames
from prompt_toolkit.layout.containers import Container, Float
from prompt_toolkit.output import ColorDepth

from ipcore.errors import UserError
from ipcore.hosts.main_thread import Stopped, quick_switching
from ipcore.notices import notice
from ipcore.plugins.failures import reason_of, traceback_of

from .application import CellApplication
from .cell_buffer import CellBuffer
from .features import install
from .keys import Keys
from .layout import build, cell_window
from .painting import above, echoed, finish, rows_of
from .questions import Question, Questions
from .terminal_input import open_input
from .terminal_output import open_output

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPress

    from .conversation import Conversation
    from .key_times import KeyTimes
    from .terminal_modes import State

T = TypeVar("T")

#: Seconds that a callback of the idle loop may take before Ctrl-C tells of it.
STUCK: Final = 0.25
#: Seconds that the editor gets to leave the terminal to a callback.
LEAVING: Final = 5.0
#: Seconds that a terminal may owe an answer.
OWED: Final = 2.0
#: Seconds within which a process stands still that was told to; one that nobody could wake never does.
STOPS_WITHIN: Final = 0.5

#: Numbers of signals; 0 where there is none of that name.
_CONTINUED: Final = int(getattr(signal, "SIGCONT", 0))
_RESIZED: Final = int(getattr(signal, "SIGWINCH", 0))


class Editor:
    """Edits cells and hands them over.

    :param conversation: whose cells they are.
    :param text: what the first cell begins with.
    :param cursor: the position in it; behind it by default.
    """

    def __init__(self, conversation: Conversation, text: str = "", cursor: int | None = None) -> None:
        self.conversation = conversation
        self.shell = conversation.shell
        self.terminal = conversation.terminal
        self.main = conversation.main
        self.keys = Keys()
        #: What floats above the layout: menus.
        self.floats: list[Float] = []
        #: Rows below the cell, from the top: what belongs to what is being typed; all else; what ends it.
        self.at_cell: list[Container] = []
        self.below: list[Container] = []
        self.at_bottom: list[Container] = []
        #: How long keys took, as ``%keys --times`` shows it.
        self.key_times: KeyTimes | None = None
        #: Called before each new prompt.
        self.before_prompt: list[Callable[[], object]] = []
        #: Called at the end, when nothing is edited any more.
        self.at_end: list[Callable[[], object]] = []
        #: Called after the cell's text or cursor has changed.
        self.after_change: list[Callable[[], object]] = []
        #: Say whether something stands in the cell that must not stay on the screen when it is handed over.
        self.unfinished: list[Callable[[], bool]] = []
        #: Called with what the terminal answers to questions, as it came.
        self.on_answer: list[Callable[[str], object]] = []
        self.buffer = CellBuffer(
            name=DEFAULT_BUFFER,
            multiline=True,
            accept_handler=self._accept,
            enable_history_search=Condition(lambda: self.terminal.enable_history_search),
        )
        self.prompt_text = ""
        self.continuation_text = ""
        self.message_fragments: StyleAndTextTuples = []
        self._given = (text, cursor)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._open_line = ""
        #: What separates the prompt from what is above it, if it stands there: it moves with the prompt.
        self.gap = ""
        self._stuck = False
        self._stops = False  # after Ctrl-Z, until the shell goes on
        self._sent = False
        self._thread = threading.get_ident()
        self._owed: list[tuple[re.Pattern[str], float]] = []
        self._quick = ExitStack()
        self._conditions()
        self.questions = Questions(self)
        #: The window of the cell: what is shown of it, its prompts and colours.
        self.cell = cell_window(self)
        install(self)
        self.input = open_input(conversation.modes, self._answered)
        self.output = open_output(lambda: conversation.screen)
        self.app = CellApplication(
            tell=self.tell,
            memory=self.keys.memory,
            layout=build(self),
            key_bindings=self.keys.bindings,
            input=self.input,
            output=self.output,
            mouse_support=Condition(lambda: bool(self.terminal.mouse_support)),
            terminal_size_polling_interval=None,
        )
        self.app.after_render += self._rendered
        self.app.key_processor.before_key_press += self._key_pressed
        for event in (self.buffer.on_text_changed, self.buffer.on_cursor_position_changed):
            event += self._changed
        self._painted: tuple[str, int] | None = None

    def _conditions(self) -> None:
        condition = self.keys.condition
        condition("in_cell", has_focus(self.buffer), "The keys go to the cell.")
        condition("insert_mode", emacs_insert_mode | vi_insert_mode, "Keys insert text.")

    # -- running -----------------------------------------------------------------

    async def run(self) -> int:
        """Edit and hand over cells until the user leaves.

        :returns: the exit status.
        """
        self._thread = threading.get_ident()
        self.terminal.editor = self
        loop = self._loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._loop_failed)
        self.app.pre_run_callables.append(self._begin)
        signals = self.conversation.signals.fileno()
        loop.add_reader(signals, self._take_signals)
        try:
            await self.app.run_async(set_exception_handler=False, handle_sigint=False)
        except EOFError:  # the terminal is gone
            return 0
        finally:
            self.conversation.editor = self.terminal.editor = None
            # Where prompt_toolkit has put them, for whatever application reads here next.
            self.app.key_processor.feed_multiple(get_typeahead(self.input))
            self.conversation.typed_ahead += self.give_up_keys()
            self._quick.close()
            self.questions.close()
            loop.remove_reader(signals)
            for task in [*self._tasks]:
                task.cancel()
            for function in self.at_end:
                self._guarded(function)
        return self.conversation.exit_status()

    def _begin(self) -> None:
        """Take over the prompt that stands on the screen, or paint one."""
        with self.conversation.painting:
            painted, self.conversation.painted = self.conversation.painted, ""
            self.conversation.editor = self
            if self.conversation.waiting:
                self.call_soon(self.paint_above)
        self.conversation.modes.set("raw")
        typed = self.input.read_at_once()
        if painted:
            rows = rows_of(painted + echoed(typed), self.output.get_size().columns)
            self.output.write_raw("\r" + (f"\x1b[{rows - 1}A" if rows > 1 else ""))
            self.gap = self._separator()
        else:
            self._separate()
        self._quick.enter_context(quick_switching())
        text, cursor = self._given
        self._new_cell(text, cursor)
        # An Escape that came last, some time ago, is no beginning of another key.
        keys = self.input.flush_keys() if typed.endswith("\x1b") else self.input.take_keys()
        self.app.key_processor.feed_multiple(self.conversation.take_typed_ahead() + keys)

    def _new_cell(self, text: str = "", cursor: int | None = None) -> None:
        """Make ready for the next cell, without painting."""
        number = self.shell.execution_count
        self.prompt_text = self.shell.prompts.input(number)
        self.continuation_text = self.shell.prompts.continuation(number)
        self.buffer.reset()
        self.app.vi_state.reset()
        self.app.emacs_state.reset()
        self.app.layout.focus(self.buffer)
        self._painted = None
        self._sent = False
        if text:
            self.set_text(text, cursor)
        for function in self.before_prompt:
            self._guarded(function)

    def exit(self) -> None:
        """End the conversation. For any thread."""
        self.call_soon(lambda: self.app.exit() if self.app.future and not self.app.future.done() else None)

    # -- for subjects ------------------------------------------------------------

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have a function called on the editor's thread. For any thread."""
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(lambda: self.app.in_context(lambda: self._guarded(function)))
            except RuntimeError:  # it has ended
                return

    def set_text(self, text: str, cursor: int | None = None) -> None:
        """Replace the text of the cell.

        :param cursor: the position in it; behind it by default.
        """
        from prompt_toolkit.document import Document

        self.buffer.set_document(
            Document(text, len(text) if cursor is None else cursor), bypass_readonly=True
        )

    def message(self, text: str, style: str = "class:message") -> None:
        """Show one line below the cell, until the next key."""
        self.message_fragments = [(style, text)] if text else []
        self.app.invalidate()

    def start_task(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T | None]:
        """Run a coroutine on the editor's loop; what it raises is told in one line. Cancelled at the end."""

        async def guarded() -> T | None:
            try:
                return await coroutine
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self.tell(error, name)
                return None

        if self._loop is None:
            raise RuntimeError("the editor does not run yet")
        task = self._loop.create_task(guarded(), name=name, context=self.app.context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def unsent(self) -> tuple[str, int | None]:
        """The text of the cell, and the cursor in it; nothing of a cell that was handed over."""
        return ("", None) if self._sent else (self.buffer.text, self.buffer.cursor_position)

    def submit(self, text: str) -> None:
        """Hand a text over as the cell, now."""
        self._sent = True
        self._rest("quiet", whole=True)
        self._when_done(self.conversation.run_cell(text), self._next_cell)

    def run_in_terminal(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called on the main thread, with the terminal its own.

        The cell comes back as it was.

        :returns: what the function returns or raises.
        """
        self._rest("users", erase=True)
        future = self.conversation.call(function)
        self._when_done(future, self._come_back)
        return future

    def tell(self, error: BaseException, what: str) -> None:
        """Tell in one line what went wrong, and where. For any thread."""
        reason = str(error) if issubclass(type(error), UserError) else reason_of(error)
        notice(f"{what}: {reason.rstrip('.')}.", details=traceback_of(error))

    # -- cells -------------------------------------------------------------------

    def _accept(self, buffer: Buffer) -> bool:
        self.submit(buffer.text)
        return True

    def _rest(self, state: State, *, erase: bool = False, whole: bool = False) -> None:
        """Leave the terminal to somebody else, with the cell finished on the screen, or gone from it.

        :param whole: whether the rows that are not in view are to stay, too.
        """
        with self.conversation.painting:
            if self.conversation.waiting:
                self.paint_above()
            if erase:
                self.app.renderer.erase()
                self.app.renderer.reset()
            else:
                if self.app.color_depth != ColorDepth.MONOCHROME:
                    self._guarded(self.cell.await_colours)  # a cell runs without, too
                self.app.in_context(lambda: finish(self, unchanged=self._stands_finished(), whole=whole))
            self.app.resting = True
            self._open_line = ""
        self._quick.close()
        self.input.rest()
        self.conversation.set_mode(state)

    def _resume(self) -> None:
        self._thread = threading.get_ident()  # another one after a fork
        self.conversation.modes.set("raw")
        with self.conversation.painting:
            self.app.resting = False
            self.app.renderer.reset()
        self.input.resume()
        self._quick.enter_context(quick_switching())

    def _when_done(self, future: Future[Any], function: Callable[[], object]) -> None:
        def done(_: object) -> None:
            self.call_soon(lambda: self._done(future, function))

        future.add_done_callback(done)

    def _done(self, future: Future[Any], function: Callable[[], object]) -> None:
        error = None if future.cancelled() else future.exception()
        if self.shell.exiting or self.shell.closed:
            self.exit()
            return
        if isinstance(error, Stopped):
            if isinstance(error.__cause__, KeyboardInterrupt):  # before the cell had really begun
                self.output.write_raw("KeyboardInterrupt\r\n")
        elif error is not None:
            self.tell(error, "the shell")
        function()

    def _next_cell(self) -> None:
        """Begin the next cell, after one has run."""
        self._separate()
        self._resume()
        self._new_cell(self.shell.prompting.take_next_input())
        self._paint_or_go_on()

    def _separate(self) -> None:
        """Leave room between what is above and the prompt."""
        self.end_open_line()
        self.output.write_raw(self.shell.separate_in)
        self.gap = self._separator()

    def _separator(self) -> str:
        """Give what separates the prompt from what is above it, if that is lines of their own."""
        text = self.shell.separate_in
        return text if text.endswith("\n") and "\x1b" not in text else ""

    def _come_back(self) -> None:
        """Go on with the cell as it was left."""
        self.gap = ""
        self._resume()
        self._paint_or_go_on()

    def _paint_or_go_on(self) -> None:
        keys = self.conversation.take_typed_ahead() + self.input.take_keys()
        self.app.key_processor.feed_multiple(keys)
        if self.app.key_processor.input_queue:  # typed ahead
            self.app.key_processor.process_keys()
        if not self.app.resting:
            self.app._redraw()
            self.questions.ask_next()

    def give_up_keys(self) -> list[KeyPress]:
        """Give the keys that were typed ahead, for another prompt. For any thread, while this rests."""
        queue = self.app.key_processor.input_queue
        keys = []
        while queue:
            keys.append(queue.popleft())
        keys += self.input.give_up_keys()
        # Neither answers nor prompt_toolkit's mark for a pause.
        return [press for press in keys if press.key is not KeyNames.CPRResponse and press.data != "_Flush"]

    def _stands_finished(self) -> bool:
        """Tell whether the screen shows the cell as it is to stay there."""
        buffer = self.buffer
        if self._painted != (buffer.text, self.app.render_counter) or self.message_fragments:
            return False
        if buffer.complete_state or buffer.suggestion or buffer.selection_state:
            return False
        screen = self.app.renderer.last_rendered_screen
        shown = self.app.layout.visible_windows
        if screen is None or len(shown) != 1 or any(function() for function in self.unfinished):
            return False
        info = shown[0].render_info
        return info is not None and info.window_height == screen.height and info.vertical_scroll == 0

    def _rendered(self, _: object) -> None:
        self._painted = (self.buffer.text, self.app.render_counter)

    # -- what is printed meanwhile -----------------------------------------------

    def paint_above(self) -> None:
        """Paint what was printed above the prompt."""
        with self.conversation.painting:
            text = self.conversation.take_printed()
            if text and not self.app.resting:
                gap = self.gap if self.questions.asking else self._separator()
                self._open_line = above(self, text, self._open_line, self.gap, gap)
                self.gap = gap

    def end_open_line(self) -> None:
        """Have what is printed next begin a line of its own."""
        self._open_line = ""

    # -- for other threads -------------------------------------------------------

    def ask(self, prompt: str, *, password: bool = False) -> str:
        """Put a question in the place of the cell and wait for the answer; on any other thread.

        :raises EOFError: for Ctrl-D, and if the editor ends.
        :raises KeyboardInterrupt: for Ctrl-C.
        """
        question = Question(prompt, password, Future())
        self.questions.hand_in(question)
        self.call_soon(self.questions.ask_next)
        return question.answer.result()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Have the terminal as the user has it in the body, and the prompt gone; on any other thread.

        :raises TimeoutError: if the editor does not leave it.
        """
        left: Future[None] = Future()

        def leave() -> None:
            if left.set_running_or_notify_cancel():
                self._rest("users", erase=True)
                left.set_result(None)

        self.call_soon(leave)
        try:
            left.result(LEAVING)
        except TimeoutError:
            if left.cancel():
                raise
            left.result(LEAVING)
        try:
            yield
        finally:
            self.call_soon(self._come_back)

    # -- leaving -----------------------------------------------------------------

    def drop(self) -> None:
        """Drop what is typed; tell of a callback that does not end, and stop it at the second time."""
        if self._stuck:
            self._stuck = False
            threading.Thread(
                target=lambda: self.main.interrupt(callbacks=True), name="ipshell interrupts", daemon=True
            ).start()
            return
        if self.buffer.text:
            self.app.in_context(lambda: finish(self, unchanged=False))
            self._separate()
            self.app.renderer.reset()
            self._new_cell()
            self.app.invalidate()
        self.start_task(self._ping(), "the wait for an answer")

    async def _ping(self) -> None:
        """Find out whether the main thread answers."""
        answer = asyncio.wrap_future(self.main.call(int))
        done, _ = await asyncio.wait([answer], timeout=STUCK)
        if done:
            self._stuck = False
            return
        self._stuck = True
        self.message("a callback of the event loop does not end; Ctrl-C once more stops it.")
        await asyncio.wait([answer])
        self._stuck = False
        self.message("")

    def leave(self) -> None:
        """Leave the shell, at once or after a question."""
        if not self.shell.confirm_exit:
            self._finally_leave()
            return

        def answered(answer: Future[str]) -> None:
            error = answer.exception()
            if isinstance(error, EOFError) or (
                error is None and answer.result().strip().lower() in ("", "y", "yes")
            ):
                self.call_soon(lambda: self._finally_leave(asked=True))

        self.questions.put("Do you really want to exit ([y]/n)? ").add_done_callback(answered)

    def _finally_leave(self, *, asked: bool = False) -> None:
        if not self.app.resting:
            # An empty prompt below the question and its answer would look as if the shell went on.
            self._rest("quiet", erase=asked and not self.buffer.text)
            self.conversation.drain()
        self.exit()

    def suspend(self) -> None:
        """Go to the background of the terminal, until the user calls for the shell again."""
        if not hasattr(signal, "SIGTSTP"):
            return
        self._rest_for_others()
        self._stops = True
        os.kill(0, signal.SIGTSTP)
        # Another thread may take the signal, and this one go on before the process stands still. So the cell
        # is painted when the end of the pause is told; or after a while, as nobody may be there to stop it.
        if self._loop is not None:
            loop, come_back = self._loop, lambda: self.app.in_context(self._go_on)
            loop.call_later(STOPS_WITHIN, lambda: loop.call_later(STOPS_WITHIN / 2, come_back))

    def _go_on(self) -> None:
        """Come back from the background, once."""
        if self._stops:
            self._stops = False
            self._come_back()

    def _rest_for_others(self) -> None:
        """Leave the terminal to the program that has started the shell; no answer is to come there."""
        self._rest("quiet")
        self.conversation.drain()
        self.conversation.set_mode("users")

    def quit(self) -> None:
        """End as SIGQUIT does."""
        self._rest_for_others()
        if hasattr(signal, "SIGQUIT"):
            # To this thread: it must not have the terminal back before the process ends.
            signal.pthread_kill(threading.get_ident(), signal.SIGQUIT)
        self._come_back()

    # -- signals -----------------------------------------------------------------

    def _take_signals(self) -> None:
        numbers = self.conversation.signals.drain()
        if numbers:
            self.main.hand_on(numbers)
            self.take_signals(numbers)

    def take_signals(self, numbers: bytes) -> None:
        """Do what signals ask for."""
        if self._stops and _CONTINUED in numbers:
            self.app.in_context(self._go_on)
            return
        if self.app.resting:
            return
        if _CONTINUED in numbers:
            self.conversation.modes.again()
            self.app.in_context(self._repaint)
        elif _RESIZED in numbers:
            self.app.in_context(self.app._on_resize)
        if signal.SIGINT in numbers:
            self.app.in_context(self.drop)

    def _repaint(self) -> None:
        """Paint the prompt anew, below what others have written meanwhile."""
        self.gap = ""
        self.end_open_line()
        self.app.renderer.reset()
        self.app._redraw()

    # -- inside ------------------------------------------------------------------

    def _guarded(self, function: Callable[[], object]) -> None:
        try:
            function()
        except Exception as error:
            self.tell(error, getattr(function, "__qualname__", "the editor"))

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:
            self.tell(error, "the editor")
        else:
            notice(f"the editor: {context.get('message')}.")

    def ask_terminal(self, question: str, last: re.Pattern[str]) -> None:
        """Ask the terminal something; the answer comes to :attr:`on_answer`, if at all.

        :param last: what the last of the answers looks like. Until it has come, or two seconds have
            passed, whoever else gets the terminal gets it a moment later, without the answer.
        """
        self._owed = [*self._owed, (last, time.monotonic() + OWED)]
        self.output.write_raw(question)
        self.output.flush()

    def is_settled(self) -> bool:
        """Tell whether the terminal owes no answer. For any thread."""
        now = time.monotonic()
        return not any(until > now for _, until in self._owed)

    def _answered(self, answer: str) -> None:
        self._owed = [each for each in self._owed if not each[0].fullmatch(answer)]
        if threading.get_ident() != self._thread:  # one that has waited for it
            self.call_soon(lambda: self._answered(answer))
            return
        for function in self.on_answer:
            try:
                function(answer)
            except Exception as error:
                self.tell(error, "an answer of the terminal")

    def _changed(self, _: object) -> None:
        for function in self.after_change:
            self._guarded(function)

    def _key_pressed(self, _: object) -> None:
        self.message_fragments = []
