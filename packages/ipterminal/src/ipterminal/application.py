"""The application of prompt_toolkit that stays alive between prompts."""

from __future__ import annotations

from asyncio import wait
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import set_app
from prompt_toolkit.filters import vi_navigation_mode

from .cell_buffer import CellBuffer
from .cell_window import CellRenderer
from .keys.matching import MatchingKeys

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import Binding
    from prompt_toolkit.key_binding.key_processor import KeyPress, KeyPressEvent

    from .keys.bindings import Memory

#: Seconds that tasks of the application get to end.
ENDING: Final = 0.05


class GuardedKeys(MatchingKeys):
    """Calls what keys are bound to; what that raises ends no editor."""

    tell: Callable[[BaseException, str], object]

    def _call_handler(self, handler: Binding, key_sequence: list[KeyPress]) -> None:
        try:
            super()._call_handler(handler, key_sequence)
        except GeneratorExit:
            raise
        except BaseException as error:  # KeyboardInterrupt and SystemExit too: they would end the loop
            keys = " ".join(str(getattr(press.key, "value", press.key)) for press in key_sequence)
            self.tell(error, f"the key {keys}")

    def _fix_vi_cursor_position(self, event: KeyPressEvent) -> None:
        """Keep vi's cursor off the end of a line, as ever, and outside of grapheme clusters."""
        super()._fix_vi_cursor_position(event)
        buffer = event.app.current_buffer
        if isinstance(buffer, CellBuffer) and not buffer.text.isascii() and vi_navigation_mode():
            column = buffer.preferred_column
            buffer.leave_cluster()
            buffer.preferred_column = column


class CellApplication(Application[None]):
    """Runs for the whole conversation; rests while something else has the terminal.

    :param tell: is told what a key binding raises, and of which key.
    :param memory: what conditions are while one key is looked up.
    """

    renderer: CellRenderer

    def __init__(
        self, *, tell: Callable[[BaseException, str], object], memory: Memory, **options: Any
    ) -> None:
        #: Whether something else has the terminal: nothing is painted, and keys are kept.
        self.resting = False
        #: Whether what is painted now is to stay on the screen: nothing that only helps with editing.
        self.finishing = False
        #: Whether keys are kept, as the cell is about to run.
        self.holding = False
        #: Tells how many seconds what has come waits for the rest of a key.
        self.patience: Callable[[], float] | None = None
        super().__init__(**options)
        self.renderer = CellRenderer(self.renderer.style, self.output, mouse_support=self.mouse_support)
        processor = GuardedKeys(self.key_processor._bindings)
        processor.tell, processor.memory = tell, memory
        self.key_processor = processor

    @property  # type: ignore[override,unused-ignore]
    def ttimeoutlen(self) -> float:
        """How many seconds what has come waits for the rest of a key, from now on."""
        return self.patience() if self.patience is not None else 0.5

    @ttimeoutlen.setter
    def ttimeoutlen(self, seconds: float) -> None:
        """Leave it to :attr:`patience`."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is being edited just now."""
        return self.resting or self.finishing or self.holding or super().is_done

    def _redraw(self, render_as_done: bool = False) -> None:
        if not self.resting:
            super()._redraw(render_as_done)

    def _enable_breakpointhook(self) -> AbstractContextManager[None]:  # type: ignore[override,unused-ignore]
        """Leave ``breakpoint()`` alone: it is the cells'."""
        return nullcontext()

    async def cancel_and_wait_for_background_tasks(self) -> None:
        """Cancel what still runs; what does not end at once is left behind."""
        for task in self._background_tasks:
            task.cancel()
        if self._background_tasks:
            await wait(self._background_tasks, timeout=ENDING)

    def in_context(self, function: Callable[[], object]) -> None:
        """Call a function as a key binding is called: for this application, not another one."""
        if self.context is not None:
            self.context.copy().run(function)
        else:
            with set_app(self):
                function()
