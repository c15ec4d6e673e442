"""A prompt that begins with a text, as ``set_next_input`` asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..notices import notice


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


#: What waits for the first prompt.
_pending: list[Callable[[], None]] = []


def at_first_prompt(function: Callable[[], None]) -> None:
    """Have a function called once the next prompt of ``input()`` stands there, before keys are read."""
    import readline

    _pending.append(function)
    readline.set_pre_input_hook(_run_pending)


def _run_pending() -> None:
    import readline

    readline.set_pre_input_hook(None)
    while _pending:
        _pending.pop()()


def show(text: str) -> None:
    """Show a text that cannot be put into the prompt."""
    notice(f"this prompt cannot begin with a text; type or copy it:\n{text}")
