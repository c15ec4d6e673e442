"""Calls of ``embed()`` that are to open no shell any more, and those that end with an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

#: Files and lines whose calls open no shell any more. There are not more than a program has lines.
_killed: Final[set[tuple[str, int]]] = set()


class KillEmbedded(Exception):
    """Raised by ``embed()`` when the user has left the shell by ``%exit_raise``."""


@dataclass
class EmbeddedCall:
    """One call of ``embed()``; a shell's is :attr:`ipcore.shell.InteractiveShell.embedded`.

    :param file: where it is called.
    :param line: likewise.
    """

    file: str
    line: int
    raises: bool = False
    """Whether the call is to raise :class:`KillEmbedded` when the shell is left."""

    @property
    def killed(self) -> bool:
        """Whether calls from here open no shell."""
        return (self.file, self.line) in _killed

    def kill(self) -> None:
        """Have calls from here open no shell any more, in this process."""
        _killed.add((self.file, self.line))

    def ended(self) -> None:
        """End the call as the user has asked for.

        :raises KillEmbedded: after ``%exit_raise``.
        """
        if self.raises:
            raise KillEmbedded(f"the shell at {self.file}:{self.line} was left by %exit_raise")


def call_of(caller: FrameType) -> EmbeddedCall:
    """Give the call that a frame makes just now."""
    return EmbeddedCall(caller.f_code.co_filename, caller.f_lineno)
