"""Errors that are for the person at the prompt."""

from __future__ import annotations


class UserError(Exception):
    """A mistake of the user's; shown as one line, never with a traceback of ours.

    :param message: what failed, and what to do next.
    :param status: exit status where the error ends the program.
    """

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class UsageError(UserError):
    """A command, magic or option was called the wrong way."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=2)


class PolicyError(UserError):
    """A policy refused a cell, a system command, a magic or a file."""
