"""What reads cells from a person or a pipe."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..plain.event_loops import HostLoop


class Frontend(Protocol):
    """An interactive loop."""

    def run(self) -> int:
        """Read and run cells until the user leaves.

        Runs on the main thread and blocks until then.

        :returns: the exit status of the program.
        """
        ...


class Awaited(Protocol):
    """What a front end offers as well if programs can await it; looked for by name.

    Without this, :func:`ipcore.embed_async` reads lines by itself.
    """

    async def run_async(self, host: HostLoop) -> None:
        """Read cells, and run them in an event loop that goes on meanwhile, until the user leaves.

        Runs on the thread of the loop. To be cancelled at any time.

        :param host: the loop, in asyncio and trio alike.
        :raises UserError: if it cannot be used here and now, and the program is to know.
        """
        ...


class Asking(Protocol):
    """What a front end offers as well if it has a keyboard of its own; looked for by name.

    Without these, ``input()`` and ``getpass`` of Python itself are used, on the terminal.
    """

    def ask(self, prompt: str, *, password: bool, completer: Any, history: Any, lexer: Any) -> str:
        """Put a question to the person and give the answer, without its line ending.

        Called on the thread of the cells while one runs, on any other while none does, by one thread at a
        time. Blocks. What it cannot do with ``completer``, ``history`` and ``lexer`` it leaves out.

        :param prompt: what to show.
        :param password: do not show what is typed.
        :param completer: what proposes completions, or ``None``.
        :param history: earlier answers to recall, or ``None``.
        :param lexer: what colours the answer, or ``None``.
        :raises EOFError: for Ctrl-D, or if there is nobody to answer.
        :raises KeyboardInterrupt: for Ctrl-C.
        """
        ...

    def release_terminal(self) -> AbstractContextManager[None]:
        """Leave the terminal to another program while the body runs, as the user had set it up."""
        ...
