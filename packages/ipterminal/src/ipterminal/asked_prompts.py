"""The shell's prompts for one cell, asked where the user's code may run: on the thread of the cells.

What is late is told once, and what stood there before stays until it comes. Prompts of the core alone run no
code of others, and are asked on the editor's thread, however busy the other one is.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, NamedTuple

from ipcore.notices import notice
from ipcore.plain.prompts import PlainPrompts

from .prompt_classes import lend

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipcore.types.prompts import Fragments

    from .editor import Editor
    from .frontend import Terminal

#: Seconds that prompts have; and those that were late before.
PATIENCE: Final = 1.0
SHORT: Final = 0.05


class Asked(NamedTuple):
    """What the shell's prompts are for one cell."""

    number: int
    first: Fragments
    further: Fragments
    right: Fragments
    toolbar: Fragments


def ask(terminal: Terminal) -> Asked:
    """Ask for all that stands around the next cell, each once; for what is painted already not again."""
    shell, painted = terminal.shell, terminal.painted
    terminal.painted = None
    if painted is None:
        terminal.set_prompts.look()
    lend(terminal)
    number, prompts = shell.execution_count, shell.prompts
    first = painted if painted is not None else prompts.styled("input", number)
    return Asked(
        number, first, prompts.styled("continuation", number), prompts.right(number), prompts.toolbar()
    )


class AskedPrompts:
    """What they are now. Used on the editor's thread.

    :param editor: whose cells they stand around.
    :param came: is called when late ones have come.
    """

    def __init__(self, editor: Editor, came: Callable[[], object]) -> None:
        self._editor = editor
        self._came = came
        self._future: Future[Asked] | None = None
        self._late = False
        number = editor.shell.execution_count
        plain = PlainPrompts()
        self.now = Asked(number, plain.styled("input", number), plain.styled("continuation", number), [], [])

    def ask(self, patience: float | None = None) -> None:
        """Ask anew; wait for it a moment.

        :param patience: seconds; by default as long as they may take.
        """
        terminal, editor = self._editor.terminal, self._editor
        if not self._whose() and not terminal.set_prompts.run_code():
            self.now = ask(terminal)
            return
        if self._future is None or self._future.done():
            try:
                self._future = editor.main.call(ask, terminal)
            except RuntimeError:  # the shell closes
                return
        future = self._future
        try:
            self.now = future.result((SHORT if self._late else PATIENCE) if patience is None else patience)
            self._late = False
        except TimeoutError:
            self._late = self._late or patience is None
            if patience is None:
                self._tell()
            future.add_done_callback(lambda _: editor.call_soon(lambda: self._take(future)))
        except Exception as error:  # it was stopped
            editor.tell(error, "the prompts, before which the last ones stay")

    def _take(self, future: Future[Asked]) -> None:
        """Take what came late; ask again if it is for another cell."""
        if future is not self._future or future.cancelled() or future.exception() is not None:
            return
        if future.result().number != self._editor.shell.execution_count:
            self.ask(0)
            return
        self.now = future.result()
        self._came()

    def _tell(self) -> None:
        whose = self._whose() or "sys.ps1 or sys.ps2"
        notice(
            f"the prompts of {whose} take longer than {PATIENCE:g} s: "
            "those before stand there until they come.",
            once=f"late prompts {whose}",
        )

    def _whose(self) -> str:
        return self._editor.shell.prompts.whose
