"""The conversation: the editor in a thread of its own, the cells on this one, the terminal between them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ipcore.errors import is_a
from ipcore.exiting import exit_status
from ipcore.hosts.answers import read_answer
from ipcore.hosts.input_functions import plain_getpass, plain_input
from ipcore.hosts.interrupts import InterruptWatch
from ipcore.hosts.main_thread import MainThread
from ipcore.hosts.wakeup import WakeUp
from ipcore.notices import notice
from ipcore.output import CellOutput

from .children import OWN_CHILDREN, watch_children
from .editor_thread import EditorThread
from .first_paint import LEAVE_PASTES, MARK_PASTES, ask_first_prompt, paint_first_prompt, write
from .stop_signals import StopSignals

if TYPE_CHECKING:
    from concurrent.futures import Future

    from prompt_toolkit.key_binding import KeyPress

    from ipcore.types.cells import CellResult
    from ipcore.types.output import StreamText

    from .editor import Editor
    from .frontend import Terminal
    from .terminal_modes import State, TerminalModes

T = TypeVar("T")

#: What the terminal is to stop doing at the end, however that comes: marking pasted text, telling of the
#: mouse, hiding the cursor, wrapping no lines, another shape of the cursor, colours.
RESTORED: Final = "\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?25h\x1b[?7h\x1b[0 q\x1b[0m"
#: Characters printed at the prompt that may wait to be painted.
_MOST_WAITING: Final = 1_000_000
#: Seconds that whoever prints more waits for the editor.
_PATIENCE: Final = 1.0
#: Seconds that an answer of the terminal is waited for, before it would be read by somebody else.
DRAINED: Final = 0.1
#: Seconds that the editor gets to end.
CLOSING: Final = 1.0
#: Signals whose numbers the editor is to be told.
_TOLD: Final = tuple(getattr(signal, name) for name in ("SIGWINCH", "SIGCONT") if hasattr(signal, name))


def is_awaited() -> bool:
    """Tell whether a program awaits a conversation."""
    return any(conversation.awaited for conversation in _open)


#: The conversations that go on, the innermost last.
_open: list[Conversation] = []


class GivenUp(Exception):
    """The editor does not work.

    :ivar text: what was typed.
    """

    def __init__(self, text: str) -> None:
        super().__init__("the editor breaks again and again")
        self.text = text


def converse(terminal: Terminal, modes: TerminalModes) -> int:
    """Paint the first prompt, load the editor, and run cells until the user leaves.

    :returns: the exit status.
    :raises GivenUp: if the editor does not work.
    """
    with first_prompt(terminal, modes) as painted:
        return Conversation(terminal, modes, painted).run()


@contextmanager
def first_prompt(terminal: Terminal, modes: TerminalModes) -> Iterator[str]:
    """Have the terminal, whoever had it, with the first prompt on it; give what that is."""
    outer = _open[-1] if _open else None
    with outer.left_to_another() if outer is not None else nullcontext():
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        pieces = ask_first_prompt(terminal)
        modes.set("echoing")
        terminal.at_end(lambda: _restore(modes, 1))
        try:
            yield paint_first_prompt(terminal, 1, pieces)
        finally:
            terminal.at_end(None)
            _restore(modes, 1)


def _restore(modes: TerminalModes, screen: int) -> None:
    if modes.state != "users":
        write(screen, RESTORED)
    modes.set("users")


def stand_still() -> None:
    """Have the editors' threads end for a fork; they go on behind the cell, or the callback, that forks."""
    for conversation in _open:
        conversation.thread.pause()
        if not conversation.main.running:  # a callback's: they go on when it has returned
            conversation.main.call_soon(conversation.go_on)


class ConversationOutput(CellOutput):
    """What is printed at the prompt. It is told of forks, and when threads may be there again after one."""

    def __init__(self, deliver: Callable[[StreamText], object]) -> None:
        super().__init__(deliver, terminal=True)

    def _before_fork(self) -> None:
        stand_still()
        super()._before_fork()

    def _restart(self) -> None:
        """Leave that to :meth:`go_on`, on the thread of the cells.

        The interpreter looks for threads when all hooks have run, and others have hooks written in
        Python, in the middle of which this would come.
        """
        if threading.current_thread() is not threading.main_thread():
            self.go_on()
            for conversation in _open:
                conversation.thread.start()

    def go_on(self) -> None:
        """Take what is printed again."""
        super()._restart()


class Conversation:
    """One conversation in one terminal. Made and run on the thread that runs cells.

    :param terminal: the front end.
    :param modes: who sets the terminal's mode.
    :param painted: the prompt that stands on the screen.
    :param main: who runs cells, if not the thread that made this.
    """

    def __init__(
        self, terminal: Terminal, modes: TerminalModes, painted: str, main: MainThread | None = None
    ) -> None:
        self.terminal = terminal
        self.shell = terminal.shell
        self.modes = modes
        modes.on_pending = self._left_in_background
        self.painted = painted
        self.signals = WakeUp()
        self.output = ConversationOutput(self._deliver)
        self.main = main or MainThread(self.shell, signals=self.signals)
        self.thread = EditorThread(self._edit, self.main.close)
        self.editor: Editor | None = None
        self._process = os.getpid()
        self._over = False
        #: Held by whoever writes to the terminal, or changes who may.
        self.painting = threading.RLock()
        self._room = threading.Condition(self.painting)
        self._waiting: list[str] = []
        self._size = 0
        self._interrupts = InterruptWatch()
        self._stops = StopSignals(self._leave_for_others)
        #: Keys that came before this prompt and are for it: typed ahead at that of another conversation.
        self.typed_ahead: list[KeyPress] = []
        #: Whether the terminal was asked for its background.
        self.asked_background = False
        #: What is written to the terminal at the end: it takes back what a subject has changed.
        self.undo = ""

    @property
    def screen(self) -> int:
        """The terminal's descriptor, whatever 1 leads to just now."""
        if self._over:
            return -1
        found = self.output.descriptor("stdout")
        return 1 if found is None else found

    def run(self) -> int:
        """Serve the editor until the user leaves."""
        with self.open(), self.shell.keyboard.serving(self):
            self.thread.start()
            try:
                self.main.serve()
            finally:
                self.end_editor()
            return self.thread.result()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Have what is printed come here, and leave everything as it was found."""
        self.terminal.at_end(self.restore)
        if _open:
            self.typed_ahead += _open[-1].give_up_keys()
        _open.append(self)
        try:
            with ExitStack() as stack:
                stack.callback(self.signals.close)
                stack.enter_context(self._signals_noted())
                stack.callback(lambda: self.output.close())
                self.output.open()
                stack.callback(self._interrupts.close)
                yield
        finally:
            _open.remove(self)
            if _open:
                _open[-1].typed_ahead += self.take_typed_ahead()
            self.restore()
            self.terminal.at_end(None)

    @property
    def awaited(self) -> bool:
        """Whether its cells are run by a coroutine, in a loop that goes on."""
        return False

    def give_up_keys(self) -> list[KeyPress]:
        """Give the keys that were typed ahead, to the conversation whose prompt comes next."""
        editor = self.editor
        keys = self.take_typed_ahead()
        return keys if editor is None else keys + editor.give_up_keys()

    def take_typed_ahead(self) -> list[KeyPress]:
        """Give the keys that came before this prompt, once."""
        keys, self.typed_ahead = self.typed_ahead, []
        return keys

    @contextmanager
    def left_to_another(self) -> Iterator[None]:
        """Leave the terminal, and the capture of what is printed, to another conversation in the body.

        That of a shell which a cell opens, or a callback at the prompt.
        """
        with self.release_terminal():
            self.output.close()  # the descriptors lead to the terminal again
            try:
                yield
            finally:
                if not self.main.running:
                    self._open_output()

    def _open_output(self) -> None:
        """Take what is printed from now on, if nobody does."""
        if not self.output.is_open:
            self.output = ConversationOutput(self._deliver)
            self.output.open()

    def restore(self) -> None:
        """Leave the terminal as it was found, whoever ends the conversation, and how."""
        if os.getpid() != self._process:  # a fork's child: it is the parent's
            return
        screen = self.screen
        self._over = True  # the editor paints no more
        undo, self.undo = self.undo, ""
        if undo:
            write(screen, undo)
        _restore(self.modes, screen)

    # -- the editor's thread -----------------------------------------------------

    def end_editor(self) -> None:
        """Have the editor end, and wait for that a moment."""
        self.main.close()
        ended = self.thread.end(CLOSING)
        if self.painted:  # the editor was not loaded
            self.new_line()
        if not ended:
            notice(f"the editor did not end within {CLOSING:g} s, and is left behind.")
            if (editor := self.editor) is not None:
                editor.questions.close()

    def _edit(self) -> Coroutine[Any, Any, int]:
        """Load the editor and run it; in the editor's thread."""
        from .supervision import supervise

        return supervise(self)

    # -- cells -------------------------------------------------------------------

    def run_cell(self, text: str) -> Future[None]:
        """Have a cell run; the terminal is its own meanwhile."""
        return self.main.call_as_cell(self._run_cell, text)

    def run_between(self, function: Callable[[], object]) -> Future[None]:
        """Have a function called that may run cells; the terminal is its own as it is a cell's."""
        return self.main.call_as_cell(self._run_between, function)

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called as a cell is, with the terminal its own."""
        return self.main.call_as_cell(self._call, function)

    def _run_cell(self, text: str) -> None:
        with self.around_cell(), self._interrupts:
            self.conclude(self.shell.run_cell(text, store_history=True, origin="keyboard"))

    def _run_between(self, function: Callable[[], object]) -> None:
        with self.around_cell(), self._interrupts:
            function()

    @contextmanager
    def around_cell(self) -> Iterator[None]:
        """Let a cell have the terminal in the body."""
        watch_children(self)
        self._stops.handle()
        try:
            with self.output.cell(str(self.shell.execution_count)):
                yield
                self.shell.prompts  # noqa: B018 - those that were chosen are made here, not at the prompt
        finally:
            self._stops.let_be()
            self.go_on()

    def go_on(self) -> None:
        """Have threads again after a fork, and what is printed, if a shell within this one had it."""
        if os.getpid() == self._process:
            self._open_output()
            self.output.go_on()
            self.thread.start()

    def _call(self, function: Callable[[], T]) -> T:
        with self.output.cell(f"{self.shell.execution_count} at the prompt"):
            return function()

    def conclude(self, result: CellResult) -> None:
        """Tell what is to be told behind a cell."""
        leave = result.error_in_exec
        if is_a(leave, SystemExit) and not self.shell.exiting:
            said = "" if leave.code is None else f": {leave.code}"
            print(f"SystemExit{said}\nThe shell stays; to leave it type exit, or Ctrl-D.")
        self.shell.report_lost_tasks()

    def exit_status(self) -> int:
        """Give the exit status of a shell that was told to exit."""
        code = self.shell.exit_code
        return exit_status(code) if self.shell.exiting and code is not None else 0

    def child_starts(self, *, forked: bool) -> None:
        """Have the terminal as the user has it for the rest of the cell: a program may read from it.

        :param forked: whether this process forks: its editor begins no other thread then, while the hooks
            that end threads are called one after the other.
        """
        if threading.current_thread().name != OWN_CHILDREN:
            if self.editor is not None:
                self.editor.app.renderer.shared = True
            if self.modes.state == "quiet":
                self.drain()
                self.set_mode("users")
        if forked:
            stand_still()

    def drain(self) -> None:
        """Take what the terminal still has to answer, before somebody else reads from it."""
        editor = self.editor
        if editor is not None and editor.app.resting and not editor.is_settled():
            editor.input.drain(DRAINED, editor.is_settled)

    def set_mode(self, state: State) -> State:
        """Go over to a state of the terminal, in which it marks what is pasted unless it is the user's.

        :returns: the former one.
        """
        former = self.modes.set(state)
        if state == "users" and former != "users":
            write(self.screen, LEAVE_PASTES)
        else:
            self.mark_pastes()
        if self.main.running:
            self._stops.handle() if state == "quiet" else self._stops.let_be()
        return former

    def mark_pastes(self) -> None:
        """Have the terminal mark what is pasted while a cell runs; at the prompt the editor does that."""
        if self.modes.state == "quiet":
            write(self.screen, MARK_PASTES)

    def _leave_for_others(self) -> Callable[[], object]:
        """Leave the terminal as the user has it, while a cell runs; give what takes it back."""
        if os.getpid() != self._process:
            return lambda: None
        former = self.set_mode("users")
        return lambda: self.set_mode(former)

    def _left_in_background(self) -> None:
        """Have the editor look when the terminal is ours again: not every shell tells by a signal."""
        editor = self.editor
        if editor is not None and os.getpid() == self._process:
            editor.call_soon(editor.await_foreground)

    # -- what is printed at the prompt -------------------------------------------

    def _deliver(self, piece: StreamText) -> None:
        """Take what was printed while no cell ran; on the thread that hands it over.

        What comes before the editor, whose prompt stands by then, waits for it.
        """
        with self.painting:
            editor = self.editor
            if editor.app.resting if editor is not None else not self.painted:
                write(self.screen, piece.text)
                return
            self._waiting.append(piece.text)
            self._size += len(piece.text)
            if editor is not None and len(self._waiting) == 1:
                editor.call_soon(editor.paint_above)
            if self._size > _MOST_WAITING:
                self._room.wait_for(lambda: self._size <= _MOST_WAITING, _PATIENCE)

    @property
    def waiting(self) -> bool:
        """Whether something was printed that is not painted yet."""
        return bool(self._waiting)

    def new_line(self) -> None:
        """Go to the row below whatever the editor has left on the screen."""
        with self.painting:
            self.painted = ""
            write(self.screen, f"{RESTORED}\r\n{self.take_printed()}")

    def take_printed(self) -> str:
        """Give what is to be painted above the prompt; with :attr:`painting` held."""
        text = "".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        self._room.notify_all()
        return text

    # -- the keyboard ------------------------------------------------------------

    def ask(self, prompt: str, *, password: bool, completer: Any, history: Any, lexer: Any) -> str:
        """Put a question: a cell's as Python does, any other in the editor's place."""
        editor = self.editor
        if self.main.running or editor is None:
            with self.release_terminal():
                if threading.get_ident() == self.shell.policies.thread:
                    return plain_getpass(prompt) if password else plain_input(prompt)
                return read_answer(prompt, password=password)
        return editor.ask(prompt, password=password)

    @contextmanager
    def release_terminal(self) -> Iterator[None]:
        """Leave the terminal to a program, as the user has it."""
        editor = self.editor
        if self.main.running or editor is None:
            self.drain()
            former = self.set_mode("users")
            try:
                yield
            finally:
                if self.main.running:  # else the editor has it by now
                    self.set_mode(former)
            return
        with editor.away():
            yield

    # -- signals -----------------------------------------------------------------

    @contextmanager
    def _signals_noted(self) -> Iterator[None]:
        """Have the interpreter tell the editor of signals that nobody handles: the size, the continuation."""
        former: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for number in _TOLD:
                if signal.getsignal(number) == signal.SIG_DFL:
                    former[number] = signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number, handler in former.items():
                if signal.getsignal(number) == self._on_signal:
                    signal.signal(number, handler)

    def _on_signal(self, number: int, frame: Any) -> None:
        if number == getattr(signal, "SIGCONT", None):
            self.modes.again()
