"""The lines of earlier cells, for the arrow keys of a prompt that readline edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..shell import InteractiveShell


def offer_earlier_lines(shell: InteractiveShell, then: Callable[[], None]) -> bool:
    """Have the lines of earlier cells taken up once the first prompt is shown, so that it need not wait.

    :param then: is called after that, while the prompt still waits for its first key.
    :returns: whether there is a readline that can do so.
    """
    from .prefill import at_first_prompt, can_prefill

    possible = can_prefill()
    if possible and shell.history_load_length > 0:
        at_first_prompt(lambda: _take_up(shell), then)
    return possible


def are_shared(shell: InteractiveShell) -> bool:
    """Tell whether the history has lines of other shells, as they are typed; loads it."""
    return bool(getattr(shell.history, "share", False))


def take_up_new(shell: InteractiveShell) -> None:
    """Take up the lines of cells that other shells have kept meanwhile, if the history shares them."""
    ask = getattr(shell.history, "get_new", None)
    if callable(ask):
        _add(_rows(shell, ask))


def take_up_at_prompt(shell: InteractiveShell) -> None:
    """Do so while a line is read of which no key has been read yet."""
    take_up_new(shell)
    _go_behind_the_last()


def _take_up(shell: InteractiveShell) -> None:
    history = shell.history
    if not history:
        return
    rows = _rows(shell, lambda: history.get_tail(shell.history_load_length, include_latest=True))
    take_up_new(shell)  # what is new from now on
    _add(rows)
    _go_behind_the_last()


def _rows(shell: InteractiveShell, ask: Any) -> list[Any]:
    """Ask the history; one that fails is used no longer."""
    try:
        return list(ask())
    except Exception as error:  # a plugin's
        from ..cells.keeping import give_up

        give_up(shell, error)
        return []


def _add(rows: Iterable[Any]) -> None:
    import readline

    length = readline.get_current_history_length()
    last = readline.get_history_item(length) if length else ""
    for *_, text in rows:
        for line in str(text).split("\n"):
            if line.strip() and line != last:
                readline.add_history(line)
                last = line


def _go_behind_the_last() -> None:
    """Let the arrow key begin at the newest line: for the line that is being read, there were none."""
    import ctypes
    import readline

    with suppress(OSError, AttributeError):  # what the module is linked with cannot be reached: from the next
        ctypes.PyDLL(str(readline.__file__)).using_history()
