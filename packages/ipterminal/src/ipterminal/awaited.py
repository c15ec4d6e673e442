"""The editor for a program that awaits the shell: its loop goes on at the prompt, and in cells that await.

The editor is the same, in its own thread. What runs cells is not a thread that waits for them, but a
coroutine in the program's loop.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from ipcore.errors import UserError
from ipcore.hosts.main_thread import MainThread
from ipcore.hosts.main_thread import Stopped as NotDone
from ipcore.hosts.wakeup import WakeUp
from ipcore.plain.awaiting import AwaitedFrontend
from ipcore.plain.event_loops import Stopped

from .conversation import Conversation, first_prompt, is_awaited

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.plain.event_loops import HostLoop
    from ipcore.types.cells import CellResult

    from .frontend import Terminal
    from .terminal_modes import TerminalModes


async def converse_async(terminal: Terminal, modes: TerminalModes, host: HostLoop) -> None:
    """Run cells in a program's loop until the user leaves.

    :raises GivenUp: if the editor does not work.
    :raises UserError: if another shell of the process is awaited at this terminal.
    """
    if is_awaited():
        raise UserError("another embed_async() of this process has the terminal; leave that one first.")
    with first_prompt(terminal, modes) as painted:
        loop = AwaitedThread(terminal.shell)
        conversation = AwaitedConversation(terminal, modes, painted, loop)
        with conversation.open():
            conversation.thread.start()
            try:
                await AwaitedTerminal(terminal.shell, host, conversation, loop).run_async()
            finally:
                conversation.end_editor()
                loop.close_descriptors()
            conversation.thread.result()


class AwaitedThread(MainThread):
    """As :class:`MainThread`, for the thread of a program's loop, which does what is asked when it can."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._woken.close()
        self._woken = WakeUp()
        self._asked: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._cells: deque[tuple[str, Future[None]]] = deque()
        self._runs = False

    def call(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Have a function called on the loop's thread, between its callbacks and while no cell runs."""
        future: Future[Any] = Future()
        if threading.get_ident() == self._thread:
            _perform(lambda: function(*arguments, **named), future)
            return future
        if self._closing:
            raise RuntimeError("the shell is closing, and takes no more requests")
        self._asked.append((lambda: function(*arguments, **named), future))
        self._woken.wake()
        return future

    def call_as_cell(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """As :meth:`call`."""
        return self.call(function, *arguments, **named)

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have a function called on the loop's thread, when that comes to it."""
        self._asked.append((function, Future()))
        self._woken.wake()

    def hand_over(self, text: str) -> Future[None]:
        """Have a cell run."""
        future: Future[None] = Future()
        self._cells.append((text, future))
        self._woken.wake()
        return future

    def interrupt(self, *, callbacks: bool = False) -> bool:
        """Do nothing: what holds up a program's loop is the program's."""
        return False

    @property
    def running(self) -> bool:
        """Whether a cell runs."""
        return self._runs

    def hand_on(self, numbers: bytes) -> None:
        """Do nothing: the program's loop gets its signals itself."""

    def close(self, timeout: float = 0.0) -> bool:
        """Take no more; what waits is :class:`NotDone`."""
        self._closing = True
        while self._asked:
            _, future = self._asked.popleft()
            if future.set_running_or_notify_cancel():  # else nobody waits for it any more
                future.set_exception(NotDone("the shell closes"))
        self._woken.wake()
        return True

    def close_descriptors(self) -> None:
        """Give back what it was woken with."""
        self._woken.close()

    async def next_cell(self, host: HostLoop) -> tuple[str, Future[None]]:
        """Do what is asked until there is a cell to run.

        :raises EOFError: when the editor has ended.
        """
        while not self._cells:
            if self._closing:
                raise EOFError
            await host.wait_readable(self._woken.fileno())
            self._woken.drain()
            while self._asked:
                _perform(*self._asked.popleft())
        return self._cells.popleft()

    def drop_cells(self) -> None:
        """Run none of the cells that wait."""
        while self._cells:
            self._cells.popleft()[1].set_result(None)

    @contextmanager
    def cell(self) -> Iterator[None]:
        """Tell that a cell runs, in the body."""
        self._runs = True
        try:
            yield
        finally:
            self._runs = False


class AwaitedConversation(Conversation):
    """A conversation whose cells are run by a coroutine."""

    def __init__(self, terminal: Terminal, modes: TerminalModes, painted: str, loop: AwaitedThread) -> None:
        super().__init__(terminal, modes, painted, main=loop)
        self._loop = loop

    def run_cell(self, text: str) -> Future[None]:
        """Have a cell run."""
        return self._loop.hand_over(text)

    @property
    def awaited(self) -> bool:
        """Yes."""
        return True

    def _on_signal(self, number: int, frame: Any) -> None:
        super()._on_signal(number, frame)
        editor = self.editor
        if editor is not None:  # nobody else reads the numbers for it
            editor.call_soon(lambda: editor.take_signals(bytes([number])))


class AwaitedTerminal(AwaitedFrontend):
    """Runs the cells that the editor hands over, in a program's loop."""

    def __init__(
        self, shell: InteractiveShell, host: HostLoop, conversation: AwaitedConversation, loop: AwaitedThread
    ) -> None:
        super().__init__(shell, host)
        self._conversation = conversation
        self._thread = loop
        self._done: Future[None] = Future()

    @contextmanager
    def editing_lines(self) -> Iterator[None]:
        """The editor does."""
        yield

    def ask(self, prompt: str, **options: Any) -> str:
        """See :class:`~ipcore.types.frontends.Asking`."""
        return self._conversation.ask(prompt, **options)

    def release_terminal(self) -> AbstractContextManager[None]:
        """See :class:`~ipcore.types.frontends.Asking`."""
        return self._conversation.release_terminal()

    async def _read_one(self) -> str:
        keyboard = self.shell.keyboard
        AwaitedFrontend._at_prompt = keyboard.at_prompt = True
        self.shell.runner.interrupted = False
        try:
            text, self._done = await self._thread.next_cell(self._host)
            return text
        except BaseException:  # Ctrl-C, just before the cell would have run
            self._thread.drop_cells()
            raise
        finally:
            AwaitedFrontend._at_prompt = keyboard.at_prompt = False

    async def _run_one(self, source: str) -> CellResult:
        try:
            if self.shell.runner.interrupted:
                raise Stopped
            with self._thread.cell(), self._conversation.around_cell():
                result = await super()._run_one(source)
                self._conversation.conclude(result)
                return result
        finally:
            self._done.set_result(None)

    def _judge(self, result: CellResult) -> None:
        """It was, while the terminal was the cell's."""

    async def _may_leave_now(self) -> bool:
        return True


def _perform(function: Callable[[], Any], future: Future[Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except Exception as error:
        future.set_exception(error)
    except BaseException as error:
        stopped = NotDone(f"{type(error).__name__} ended it")
        stopped.__cause__ = error
        future.set_exception(stopped)
