"""Errors that are for the person at the prompt."""

from __future__ import annotations

from typing import TypeGuard, TypeVar

E = TypeVar("E", bound=BaseException)


def is_a(error: object, kind: type[E]) -> TypeGuard[E]:
    """Tell whether an error of the user's code is of a kind, without asking the error.

    ``isinstance`` asks for the object's ``__class__`` too, which may be a property that raises.
    """
    return issubclass(type(error), kind)


class UserError(Exception):
    """A mistake of the user's; shown as one line, never with a traceback of ours.

    :param message: what failed, and what to do next.
    :param status: exit status where the error ends the program.
    """

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class OutputGone(Exception):
    """Standard output cannot be written any more: its reader is gone, or the disk is full.

    :param cause: what writing raised.
    """

    def __init__(self, cause: OSError) -> None:
        super().__init__(f"standard output cannot be written: {cause.strerror}")
        self.cause = cause


class CommandInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a command of the system shell, and ends the cell that ran it.

    Shown as nothing: the user has seen the ``^C``.
    """


class UsageError(UserError):
    """A command, magic or option was called the wrong way."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=2)


class PolicyError(UserError):
    """A policy refused a cell, a system command, a magic or a file."""
