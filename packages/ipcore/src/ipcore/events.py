"""Events: callbacks of the user and of extensions, called around each cell.

Plugins have the hooks of the family ``lifecycle``; these callbacks are registered and
unregistered while the shell runs, under the names that extensions for IPython use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .component import Component
from .errors import is_a
from .notices import notice

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: Every event, with what its callbacks are called with.
EVENTS: Final = {
    "pre_execute": "()",
    "pre_run_cell": "(info)",
    "post_execute": "()",
    "post_run_cell": "(result)",
    "shell_initialized": "(ip)",
}

#: Characters of an argument that a message shows.
_LONGEST: Final = 200


class Events(Component):
    """The callbacks of one shell. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self.callbacks: dict[str, list[Callable[..., Any]]] = {event: [] for event in EVENTS}

    def register(self, event: str, function: Callable[..., Any]) -> None:
        """Have a function called at an event; does nothing if it already is.

        :param event: one of :data:`ipcore.events.EVENTS`.
        :raises TypeError: if ``function`` cannot be called.
        :raises KeyError: if there is no such event.
        """
        if not callable(function):
            raise TypeError(f"a callback must be a function, not {type(function).__name__}: {function!r}")
        registered = self._of(event)
        if function not in registered:
            registered.append(function)

    def unregister(self, event: str, function: Callable[..., Any]) -> None:
        """Have a function no longer called at an event.

        :raises ValueError: if it is not registered there.
        :raises KeyError: if there is no such event.
        """
        registered = self._of(event)
        if function not in registered:
            raise ValueError(f"{function!r} is not registered as a callback of {event}")
        registered.remove(function)

    def trigger(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Call the callbacks of an event, in the order in which they were registered.

        One that raises is told, with its traceback; the others are called. A callback may
        register and unregister callbacks: that counts from the next time on.

        :raises KeyError: if there is no such event.
        """
        for function in tuple(self._of(event)):
            try:
                function(*args, **kwargs)
            except BaseException as error:  # the callback's, whatever it is: the cell goes on
                self._tell(event, function, args, kwargs, error)

    def _of(self, event: str) -> list[Callable[..., Any]]:
        try:
            return self.callbacks[event]
        except KeyError:
            raise KeyError(f"there is no event {event!r}; there are {', '.join(EVENTS)}") from None

    def _tell(
        self,
        event: str,
        function: object,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        error: BaseException,
    ) -> None:
        from .plugins.failures import reason_of

        given = [_shown(value) for value in args]
        given += [f"{name}={_shown(value)}" for name, value in kwargs.items()]
        what = f"with ({', '.join(given)})" if given else "without arguments"
        reason = f" {reason_of(error)}." if is_a(error, SystemExit) else ""
        notice(
            f"error in callback {_named(function)} of the event {event}, called {what}.{reason} "
            "It stays registered; the others are called."
        )
        self._shell.show_error(error)


def _named(function: object) -> str:
    from .hosts.interrupts import describe_function

    try:
        return describe_function(function)
    except Exception:  # one whose attributes cannot be read
        return _shown(function)


def _shown(value: object) -> str:
    from .types.cells import Cell, CellResult

    if isinstance(value, (Cell, CellResult)):  # their text would bury whose error it is
        cell = value if isinstance(value, Cell) else value.cell
        return f"<{type(value).__name__} of {cell.label}>"
    try:
        text = " ".join(repr(value).split())
    except Exception as broken:  # a hostile __repr__ must not hide whose error it is
        return f"<{type(value).__name__}; its repr fails with {type(broken).__name__}>"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
