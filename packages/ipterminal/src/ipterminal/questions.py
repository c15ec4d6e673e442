"""Questions in the place of the cell: of threads, of callbacks, of the editor itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.containers import Window
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.processors import (
    ConditionalProcessor,
    Processor,
    Transformation,
    TransformationInput,
)

from .painting import above, finish

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


class Question(NamedTuple):
    """A question, and where its answer goes."""

    prompt: str
    password: bool
    answer: Future[str]


class _Hidden(Processor):
    """Shows nothing of a password, and the cursor where it begins."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Put nothing in the place of the text."""
        return Transformation([], source_to_display=lambda _: 0, display_to_source=lambda _: 0)


class Questions:
    """Asks one question at a time; the cell, half typed, comes back after it."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._waiting: deque[Question] = deque()
        self._asked: Question | None = None
        self._closed = False
        self._cells_layout: Layout | None = None
        self.buffer = Buffer(name="question", multiline=False)
        hidden = Condition(lambda: self._asked is not None and self._asked.password)
        control = BufferControl(self.buffer, input_processors=[ConditionalProcessor(_Hidden(), hidden)])
        window = Window(control, get_line_prefix=self._prefix, wrap_lines=True, dont_extend_height=True)
        self._layout = Layout(window, focused_element=window)
        self._bind()

    def _bind(self) -> None:
        keys = self._editor.keys
        keys.condition("in_question", has_focus(self.buffer), "A question is being answered.")
        keys.condition("answer_is_empty", lambda: not self.buffer.text, "No answer is typed yet.")
        keys.command("question.answer", self._on_enter, "Give the answer.")
        keys.command("question.interrupt", self._on_interrupt, "Give KeyboardInterrupt instead of an answer.")
        keys.command("question.end", self._on_end, "Give the end of input instead of an answer.")
        keys.bind("enter", "question.answer", "in_question")
        keys.bind("c-c", "question.interrupt", "in_question")
        keys.bind("c-d", "question.end", "in_question & answer_is_empty")

    def _prefix(self, line: int, wraps: int) -> StyleAndTextTuples:
        asked = self._asked
        return [("", asked.prompt.rpartition("\n")[2])] if asked and not line and not wraps else []

    @property
    def asking(self) -> bool:
        """Whether a question stands in the place of the cell."""
        return self._asked is not None

    # -- asking ------------------------------------------------------------------

    def put(self, prompt: str, *, password: bool = False) -> Future[str]:
        """Ask, when it is its turn; on the editor's thread.

        :returns: the answer; ``KeyboardInterrupt`` and ``EOFError`` for Ctrl-C and Ctrl-D.
        """
        answer: Future[str] = Future()
        self.hand_in(Question(prompt, password, answer))
        self.ask_next()
        return answer

    def hand_in(self, question: Question) -> None:
        """Have it asked by the next :meth:`ask_next`; for any thread. Refused if the editor has ended."""
        self._waiting.append(question)
        if self._closed:  # just now, so that nobody else may refuse it
            self.close()

    def ask_next(self) -> None:
        """Ask what waits, if the prompt is up and nothing is being asked."""
        editor = self._editor
        if self._asked is not None or editor.app.resting or not self._waiting:
            return
        self._asked = self._waiting.popleft()
        self.buffer.reset()
        with editor.conversation.painting:
            editor.app.renderer.erase()
            before, _, _ = self._asked.prompt.rpartition("\n")
            self._cells_layout, editor.app.layout = editor.app.layout, self._layout
            editor.end_open_line()
            if before:
                editor.gap = ""
                above(editor, before + "\n")
            else:
                editor.app._redraw()

    def _on_enter(self, event: KeyPressEvent) -> None:
        text = self.buffer.text
        self._answered(lambda answer: answer.set_result(text))

    def _on_interrupt(self, event: KeyPressEvent) -> None:
        self._answered(lambda answer: answer.set_exception(KeyboardInterrupt()))

    def _on_end(self, event: KeyPressEvent) -> None:
        self._answered(lambda answer: answer.set_exception(EOFError()))

    def _answered(self, give: Callable[[Future[str]], object]) -> None:
        """Give an answer; the cell comes back."""
        asked, editor = self._asked, self._editor
        if asked is None or self._cells_layout is None:
            return
        with editor.conversation.painting:
            finish(editor, unchanged=False)
            editor.app.layout, self._cells_layout = self._cells_layout, None
            self._asked = None
            editor.gap = ""
            editor.end_open_line()
        self.buffer.reset()
        with suppress(InvalidStateError):  # nobody waits for it any more
            give(asked.answer)
        self.ask_next()
        if self._asked is None:
            editor.app.invalidate()

    def close(self) -> None:
        """Refuse what waits, and what is still to come; for any thread."""
        self._closed = True
        left = [self._asked] if self._asked is not None else []
        with suppress(IndexError):  # another thread may do the same
            while True:
                left.append(self._waiting.popleft())
        for question in left:
            with suppress(InvalidStateError):
                question.answer.set_exception(EOFError("the editor has ended, and nobody can be asked."))
