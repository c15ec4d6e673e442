"""Calls of ``embed()`` that are to open no shell any more, and those that end with an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

#: A file and a line.
Place = tuple[str, int]

#: Where no shell is opened any more, or what was made there opens none. There are not more than a program
#: has lines.
_killed: Final[set[Place]] = set()


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
    made: Place | None = None
    """File and line where the :class:`~ipcore.embedding.InteractiveShellEmbed` was made that is called."""

    @property
    def killed(self) -> bool:
        """Whether calls from here open no shell."""
        return (self.file, self.line) in _killed or self.made in _killed

    def kill(self) -> None:
        """Have calls from here open no shell any more, in this process."""
        _killed.add((self.file, self.line))

    def kill_instance(self) -> None:
        """Have what is called here open no shell any more, wherever it is called, in this process.

        For :func:`~ipcore.embedding.embed` that is the call itself.
        """
        _killed.add(self.made or (self.file, self.line))

    def ended(self) -> None:
        """End the call as the user has asked for.

        :raises KillEmbedded: after ``%exit_raise``.
        """
        if self.raises:
            raise KillEmbedded(f"the shell at {self.file}:{self.line} was left by %exit_raise")


def place_of(caller: FrameType) -> Place:
    """Give where a frame is just now."""
    return caller.f_code.co_filename, caller.f_lineno


def call_of(caller: FrameType, made: Place | None = None) -> EmbeddedCall:
    """Give the call that a frame makes just now.

    :param made: where that was made which is called, if it was.
    """
    return EmbeddedCall(*place_of(caller), made=made)
