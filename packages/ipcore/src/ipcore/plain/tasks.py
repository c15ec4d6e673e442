"""``%tasks``: the asyncio tasks of the shell's loop, listed and cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..cells.sources import label_of
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..shell import InteractiveShell

#: Turns of the loop in which a cancelled task can come to its end.
_TURNS = 5


def magic(shell: InteractiveShell) -> Callable[[str], None]:
    """Make the magic for one shell."""

    def tasks(line: str) -> None:
        """List the tasks that are not done: name, function, the line it waits at.

        Usage::

            %tasks                    list them
            %tasks cancel NAME ...    cancel these
            %tasks cancel all         cancel them all
        """
        words = line.split()
        if not words:
            _list(shell)
        elif words[0] == "cancel" and len(words) > 1:
            _cancel(shell, words[1:])
        else:
            raise UsageError("%tasks lists the tasks; %tasks cancel NAME ... or %tasks cancel all ends some.")

    return tasks


def _list(shell: InteractiveShell) -> None:
    rows = [(task.get_name(), *_function_and_place(task)) for task in shell.tasks()]
    if not rows:
        print("No tasks.")
        return
    widths = [max(len(row[at]) for row in rows) for at in (0, 1)]
    for name, function, place in rows:
        print(f"{name:{widths[0]}}  {function:{widths[1]}}  {place}".rstrip())


def _function_and_place(task: Any) -> tuple[str, str]:
    coroutine = task.get_coro()
    function = getattr(coroutine, "__qualname__", type(coroutine).__name__)
    frames = task.get_stack(limit=1)
    if not frames:
        return function, ""
    file = frames[-1].f_code.co_filename
    return function, f"{label_of(file) or file}, line {frames[-1].f_lineno}"


def _cancel(shell: InteractiveShell, names: list[str]) -> None:
    tasks = shell.tasks()
    if names == ["all"]:
        names = [task.get_name() for task in tasks]
    wanted = [task for task in tasks if task.get_name() in names]
    missing = set(names) - {task.get_name() for task in wanted}
    if missing:
        raise UsageError(f"there is no task called {', '.join(sorted(missing))}; see %tasks.")
    for task in wanted:
        task.cancel()
    for _ in range(_TURNS):
        shell.user_loop.turn()
    ended = [task.get_name() for task in wanted if task.done()]
    going = [task.get_name() for task in wanted if not task.done()]
    if ended:
        print(f"cancelled: {', '.join(ended)}")
    if going:
        print(f"told to end, not there yet: {', '.join(going)}")
