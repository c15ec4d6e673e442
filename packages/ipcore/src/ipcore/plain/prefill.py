"""A prompt that begins with a text, as ``set_next_input`` asks for."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from ..notices import notice

if TYPE_CHECKING:
    from .resending import Resending


def can_prefill() -> bool:
    """Tell whether the line that ``input()`` edits can begin with a text here."""
    try:
        import readline
    except ImportError:
        return False
    return hasattr(readline, "set_pre_input_hook")  # libedit's may lack it


@contextmanager
def prefilled(text: str) -> Iterator[None]:
    """Have the line that ``input()`` reads in the body begin with a text."""
    import readline

    def insert() -> None:
        _run_pending()
        readline.insert_text(text)
        readline.redisplay()

    readline.set_pre_input_hook(insert)
    try:
        yield
    finally:
        readline.set_pre_input_hook(_run_pending if _pending else None)


#: What waits for the first prompt, and what is to be done after that.
_pending: list[tuple[Callable[[], None], Callable[[], None] | None]] = []


def at_first_prompt(function: Callable[[], None], then: Callable[[], None] | None = None) -> None:
    """Have a function called once the next prompt of ``input()`` stands there, before keys are read.

    :param function: is not broken off by Ctrl-C, which arrives after it.
    :param then: is called after that, with Ctrl-C as it was; not if one has come.
    """
    import readline

    _pending.append((function, then))
    readline.set_pre_input_hook(_run_pending)


def _run_pending() -> None:
    import readline

    readline.set_pre_input_hook(None)
    if not _pending:
        return
    afterwards = []
    with _ctrl_c_held_back() as noted:
        while _pending:
            function, then = _pending.pop()
            function()
            afterwards.append(then)
    for then in () if noted else afterwards:
        if then is not None:
            then()


@contextmanager
def _ctrl_c_held_back() -> Iterator[list[int]]:
    """Have a Ctrl-C that comes in the body arrive after it, when the editor waits.

    What a handler raises in a hook of readline is lost, and would leave half done what the hook does.
    """
    former = signal.getsignal(signal.SIGINT)
    if not callable(former) or threading.current_thread() is not threading.main_thread():
        yield []
        return
    noted: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, former)
        if noted and hasattr(signal, "pthread_kill"):
            _send_again(former)


def _send_again(former: Callable[[int, FrameType | None], object]) -> None:
    """Send SIGINT to the main thread until its handler is called: the editor may not wait yet."""
    from .resending import Resending

    def arrive(number: int, frame: FrameType | None) -> None:
        with sending.lock:
            signal.signal(signal.SIGINT, former)
        former(number, frame)

    sending = Resending(lambda: signal.getsignal(signal.SIGINT) is arrive)
    signal.signal(signal.SIGINT, arrive)
    _sent_again.append(sending)
    sending.start()


#: What sends a Ctrl-C that was held back.
_sent_again: deque[Resending] = deque(maxlen=1)


def end_sending() -> None:
    """End what is left of a Ctrl-C that was held back."""
    while _sent_again:
        _sent_again.pop().end()


def show(text: str) -> None:
    """Show a text that cannot be put into the prompt."""
    notice(f"this prompt cannot begin with a text; type or copy it:\n{text}")
