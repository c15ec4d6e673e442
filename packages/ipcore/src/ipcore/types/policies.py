"""What a policy is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

#: What may be asked for.
Kind = Literal["cell", "system", "magic", "file"]

#: What a policy may say, from the mildest to the strictest.
Verdict = Literal["allow", "ask", "refuse"]


@dataclass(frozen=True, slots=True)
class Request:
    """Something that is about to be done in a shell."""

    kind: Kind
    """``cell`` to run a cell; ``system`` to run a command of the system shell, by ``!``, an alias,
    ``get_ipython().system`` or ``getoutput``; ``magic`` to call a magic; ``file`` to run a file
    or module."""
    text: str
    """The cell as typed, the command or magic with ``$name`` and ``{expression}`` filled in, the
    file as named, ``-m NAME`` for a module."""
    origin: str
    """Who wants it: ``keyboard``, ``paste``, ``file``, ``program`` or ``remote``; each is trusted less
    than the one before. What code starts never has a better origin than the code."""
    number: int = 0
    """The execution number of the cell that it happens in; 0 outside of numbered cells."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A policy's answer."""

    verdict: Verdict
    """``allow``, ``ask`` a person, or ``refuse``."""
    reason: str = ""
    """Why, one line for the person; not needed to allow."""


#: The decision that has nothing against it.
ALLOW: Final = Decision("allow")


def ask(reason: str) -> Decision:
    """Make the decision that a person has to be asked."""
    return Decision("ask", reason)


def refuse(reason: str) -> Decision:
    """Make the decision that it must not happen."""
    return Decision("refuse", reason)


class Policy(Protocol):
    """Decides what may run in a shell."""

    name: str
    """Shown where the policy refuses something."""

    def decide(self, request: Request) -> Decision:
        """Say what is to become of a request.

        Called on the thread that makes the request, which may be any, and before anything is
        done. Must not use the shell to run anything. Whatever it raises, and any answer but a
        :class:`Decision`, refuses the request.
        """
        ...
