"""Who may read what is typed: the front end, and through it whoever has a question.

While a front end runs, ``input()`` and ``getpass.getpass()`` come here. Code of the running cell reads
as it would without a shell. Every other question, of a thread, a callback or a task that
outlived its cell, is put to the person between cells, one at a time, and says who asks.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from ..cells.displayhook import write_out
from ..component import Component
from ..errors import NobodyToAsk
from ..notices import notice
from .input_functions import give_back, plain_getpass, plain_input, serving, take_over

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..shell import InteractiveShell

#: Seconds that a question waits for its turn; then it fails with :class:`~ipcore.errors.NobodyToAsk`.
PATIENCE: Final = 600.0
#: Questions that may wait; who asks one more is refused at once.
MOST_WAITING: Final = 100
#: Seconds between looks at whether a question that waits can be asked.
_STEP: Final = 0.1

#: Functions that a thread is in while it does nothing but wait, and the modules they are of.
_WAITING: Final = frozenset(("wait", "join", "_wait_for_tstate_lock", "select"))
_OF: Final = frozenset(("threading", "selectors", "multiprocessing.connection"))


class Question:
    """A question of a thread that may not read from the terminal itself."""

    def __init__(self, prompt: str, password: bool) -> None:
        self.prompt = prompt
        self.password = password
        self.thread = threading.current_thread().name
        self.done = threading.Event()
        #: Held by whoever is asking it; nobody asks it twice.
        self.taken = threading.Lock()
        #: Ends the reading of an answer that is not wanted any more, where that is possible.
        self.call_off: Callable[[], None] | None = None
        self.answer = ""
        self.error: BaseException | None = None

    @property
    def text(self) -> str:
        """What the person sees."""
        return f"Thread {self.thread!r} asks: {self.prompt}"

    def ask(self, ask: Callable[[str, bool], str]) -> None:
        """Have it answered; what goes wrong is the asker's."""
        try:
            self.answer = ask(self.text, self.password)
        except BaseException as error:  # Ctrl-C and Ctrl-D among them
            self.error = error.with_traceback(None)
        self.done.set()

    def result(self) -> str:
        """Give the answer.

        :raises BaseException: what came instead of one.
        """
        if self.error is not None:
            raise self.error
        return self.answer


class Keyboard(Component):
    """The keyboard of one shell. Safe from any thread."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._frontends: list[Any] = []
        self._waiting: deque[Question] = deque()
        #: Held while anybody reads an answer, and who that is.
        self._reading = threading.Lock()
        self._reader = 0
        self._process = os.getpid()
        #: The question of a thread that reads its answer itself.
        self._shown: Question | None = None
        self.patience = PATIENCE
        #: Set by a front end while ``input()`` waits for a line of a cell.
        self.at_prompt = False
        self._wakes = False

    # -- for whoever asks ------------------------------------------------------

    def ask(
        self,
        prompt: str = "",
        *,
        completer: Any = None,
        history: Any = None,
        lexer: Any = None,
        password: bool = False,
    ) -> str:
        """Put a question to the person at the keyboard. Blocks until it is answered.

        Code of the running cell is answered at once. Any other code waits until no cell runs,
        unless the cell itself only waits; on the screen it is said which thread asks.

        :param prompt: what to show.
        :param completer: what proposes completions, for a front end that has any.
        :param history: earlier answers to recall, for a front end that can.
        :param lexer: what colours the answer, for a front end that does.
        :param password: do not show what is typed.
        :raises EOFError: for Ctrl-D.
        :raises KeyboardInterrupt: for Ctrl-C, in the thread that asks.
        :raises NobodyToAsk: if there is no terminal, or the question was not asked in time; an ``EOFError``.
        """
        more = {"completer": completer, "history": history, "lexer": lexer}

        def put(text: str, hidden: bool) -> str:
            return self._put(text, hidden, **more)

        if (
            self._frontends and os.getpid() != self._process
        ):  # in a fork's child: the keyboard is the parent's
            if not self._plain():
                raise NobodyToAsk("a forked process has nobody to ask; its parent has.")
            return self._put(prompt, password)
        if not self._frontends or self._owned():
            _flush()
            with self._reads():
                return put(prompt, password)
        if not self._answerable():
            raise NobodyToAsk(
                f"thread {threading.current_thread().name!r} asks for input while no cell of it runs, and "
                "there is no terminal to ask at."
            )
        if self._shell.policies.on_own_thread:  # a callback, while the prompt waits
            question = Question(prompt, password)
            question.thread = f"{question.thread} (a callback)"
            self._ask_beside(question, put)
            return question.result()
        return self._wait(Question(prompt, password), put)

    @contextmanager
    def release_terminal(self) -> Iterator[bool]:
        """Leave the terminal to a program in the body; gives whether that may read from it.

        Only code of the running cell gets it, and a callback while the prompt waits. A program that
        another thread starts has to do without standard input.
        """
        _flush()
        if not self._frontends:
            yield True
        elif self._owned():
            frontend = self._frontends[-1]
            releases = hasattr(frontend, "release_terminal")
            with frontend.release_terminal() if releases else nullcontext():
                yield self._plain() or releases
        elif self._shell.policies.on_own_thread and self._has_terminal():
            with self._beside():
                yield True
        else:
            yield False

    # -- for front ends --------------------------------------------------------

    @contextmanager
    def serving(self, frontend: object) -> Iterator[None]:
        """Have a front end, or another host, answer the questions while it runs; nests.

        Meanwhile ``input()`` and ``getpass.getpass()`` of the whole process come here; ``getpass`` by
        whatever name it was imported. So does ``sys.stdin``, where the front end has no terminal to release.

        :param frontend: may offer what :class:`~ipcore.types.frontends.Asking` describes.
        """
        self._frontends.append(frontend)
        take_over(self)
        former = self._set_signal()
        stdin = sys.stdin
        if hasattr(frontend, "ask") and not hasattr(frontend, "release_terminal"):  # there is no terminal
            from .standard_input import KeyboardInput

            sys.stdin = KeyboardInput(self)
        ours = sys.stdin
        try:
            yield
        finally:
            if sys.stdin is ours:
                sys.stdin = stdin
            self._restore_signal(former)
            give_back(self)
            self._frontends.remove(frontend)
            if not self._frontends:
                self._refuse_waiting()

    def ask_waiting(self) -> None:
        """Ask what threads wait to have answered; for a front end, between cells, on the thread of the cells.

        Blocks while there are questions. Ctrl-C and Ctrl-D answer one question, and end no shell.
        """
        if self.at_prompt and self._reading.locked():  # by this very thread
            return
        if self._reading.locked():  # a thread of the last cell has the person's attention
            self._wait_for_reader()
        while self._waiting:
            question = self._waiting.popleft()
            if question.taken.acquire(blocking=False):
                if self.at_prompt:
                    self._ask_beside(question, self._put)
                else:
                    with self._reads():
                        question.ask(self._put)
                    if question.error is not None:
                        write_out("\n")  # neither Ctrl-C nor Ctrl-D ends the line on the screen

    # -- inside ----------------------------------------------------------------

    @contextmanager
    def _reads(self) -> Iterator[None]:
        """Read as the only one. A signal handler that asks in the middle of it is left to Python."""
        if self._reader == threading.get_ident():
            yield
            return
        with self._reading:
            self._reader = threading.get_ident()
            try:
                yield
            finally:
                self._reader = 0

    def _wait_for_reader(self) -> None:
        """Wait while a thread of the last cell reads its answer; Ctrl-C calls its question off."""
        question = self._shown
        try:
            write_out("\n")
            notice("a thread is still waiting for its answer.")
            if question is not None:
                write_out(question.text, flush=True)
            with self._reading:
                return
        except KeyboardInterrupt:
            if question is None or question.call_off is None:
                raise
            question.call_off()
        with self._reading:
            return

    def _set_signal(self) -> Any:
        """Make it possible to ask while ``input()`` waits: what runs Python in there is a signal.

        SIGURG, as nobody is harmed if it goes astray: by default it is ignored.
        """
        number = getattr(signal, "SIGURG", None)
        main = threading.main_thread().ident
        if number is None or main != threading.get_ident() or main != self._shell.policies.thread:
            return None
        former = signal.getsignal(number)
        self._wakes = former in (signal.SIG_DFL, _on_urgent)
        return signal.signal(number, _on_urgent) if self._wakes else None

    def _restore_signal(self, former: Any) -> None:
        if former is not None:
            self._wakes = bool(self._frontends[1:])
            if signal.getsignal(signal.SIGURG) is _on_urgent:
                signal.signal(signal.SIGURG, former)

    def _wake(self) -> bool:
        """Have :meth:`ask_waiting` called if ``input()`` waits for a line; gives whether that is possible."""
        if self._wakes and sys.platform != "win32":
            if self.at_prompt:
                signal.pthread_kill(self._shell.policies.thread, signal.SIGURG)
            return True
        return False

    @property
    def reads_plainly(self) -> bool:
        """Whether the calling code may read from the terminal itself, as Python does."""
        return self._owned() and self._plain()

    def _owned(self) -> bool:
        """Tell whether this is the cell's thread during its cell, or the front end itself between two."""
        return self._shell.policies.on_own_thread and not self.at_prompt

    def _busy(self) -> bool:
        """Tell whether a cell runs that questions wait for; not if a callback at the prompt runs it."""
        return self._shell.policies.busy and not self.at_prompt

    def _plain(self) -> bool:
        """Tell whether the terminal is read by Python's own means."""
        return not self._frontends or not hasattr(self._frontends[-1], "ask")

    def _answerable(self) -> bool:
        return not self._plain() or self._has_terminal()

    def _has_terminal(self) -> bool:
        from ..plain.reading import edits_lines

        return edits_lines()

    def _put(self, text: str, hidden: bool, **more: Any) -> str:
        """Put a question through the front end, or by Python's own means."""
        ask = getattr(self._frontends[-1], "ask", None) if self._frontends else None
        try:
            if ask is not None:
                return str(ask(text, password=hidden, **more))
            return plain_getpass(text) if hidden else plain_input(text)
        except (KeyboardInterrupt, EOFError) as error:
            error.__traceback__ = None  # how the answer was read is nothing to the user
            raise

    def _beside(self) -> AbstractContextManager[None]:
        if self.at_prompt and self._plain() and sys.platform != "win32":
            from .answers import beside_the_prompt

            return beside_the_prompt()
        return nullcontext()

    def _ask_beside(self, question: Question, put: Callable[[str, bool], str]) -> None:
        """Ask while ``input()`` waits for a line in this very thread."""
        if self.at_prompt and self._plain() and sys.platform != "win32":
            from .answers import read_answer

            def put(text: str, hidden: bool) -> str:
                return read_answer(text, password=hidden)

        with self._reads(), self._beside():
            question.ask(put)

    def _wait(self, question: Question, put: Callable[[str, bool], str]) -> str:
        """Wait for the turn of a thread's question, and ask it here if nobody else can."""
        if len(self._waiting) >= MOST_WAITING:
            raise NobodyToAsk(f"{MOST_WAITING} questions wait to be answered already.")
        deadline = time.monotonic() + self.patience
        own = not self._plain()
        told = False
        self._waiting.append(question)
        pause, waits = 0.0, 0
        while not question.done.wait(pause):
            pause = _STEP
            busy = self._busy()
            waits = waits + 1 if busy and self._cell_waits() else 0
            # Seen twice: it may be that it only waits for this thread to start.
            if waits > 1 or (own and not busy):
                if question.taken.acquire(blocking=False):
                    self._forget(question)
                    self._ask_here(question, put)
            elif question.taken.locked() or (not busy and self._wake()):  # it is, or will be, on the screen
                continue
            elif time.monotonic() >= deadline and question.taken.acquire(blocking=False):
                self._forget(question)
                raise NobodyToAsk(f"nobody could be asked within {self.patience:g} s: {question.text}")
            elif not told and time.monotonic() >= deadline - self.patience + _STEP:
                told = True
                when = "when the running cell has ended" if busy else "after the next line"
                notice(f"thread {question.thread!r} asks for input; it is asked {when}.")
        return question.result()

    def _forget(self, question: Question) -> None:
        if question in self._waiting:
            self._waiting.remove(question)

    def _ask_here(self, question: Question, put: Callable[[str, bool], str]) -> None:
        """Ask in the thread that has the question, which nobody else has time for."""
        if not self._plain() or sys.platform == "win32":
            with self._reads():
                question.ask(put)
            return
        from .answers import calling_off, read_answer

        with self._reads(), calling_off() as (until, call_off):
            question.call_off = call_off
            self._shown = question
            question.ask(lambda text, hidden: read_answer(text, password=hidden, until=until))
            self._shown = question.call_off = None

    def _cell_waits(self) -> bool:
        """Tell whether the cell's thread does nothing but wait for another thread, or for its event loop."""
        frame = sys._current_frames().get(self._shell.policies.thread)
        if frame is None:
            return False
        return frame.f_code.co_name in _WAITING and frame.f_globals.get("__name__") in _OF

    def _refuse_waiting(self) -> None:
        while self._waiting:
            question = self._waiting.popleft()
            if question.taken.acquire(blocking=False):
                question.error = NobodyToAsk("the shell has ended, and nobody can be asked any more.")
                question.done.set()


def _on_urgent(number: int, frame: object) -> None:
    """What a thread wakes ``input()`` with, to have its question asked."""
    keyboard = serving()
    if keyboard is not None and keyboard.at_prompt:
        keyboard.ask_waiting()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):  # closed, or no real stream
                continue
