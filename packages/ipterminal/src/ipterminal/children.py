"""Noticing that a cell starts a program, which may want the keyboard as the user has it.

The interpreter tells of it by audit events. A hook for these can never be removed again, so there is
one for the process, and it does nothing while no conversation is open.
"""

from __future__ import annotations

import os
import sys
import weakref
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .conversation import Conversation

_STARTS: Final = frozenset(
    ("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "pty.spawn")
)
_FORKS: Final = frozenset(("os.fork", "os.forkpty"))
#: Name of threads whose programs are our own, and read nothing.
OWN_CHILDREN: Final = "ipshell prompt parts"

_conversation: weakref.ref[Conversation] | None = None
_process = 0


def watch_children(conversation: Conversation) -> None:
    """Have a conversation told of programs that are started, from its first cell on."""
    global _conversation, _process
    if _process == 0:
        sys.addaudithook(_hook)
    _process = os.getpid()
    _conversation = weakref.ref(conversation)


def _hook(event: str, arguments: Any) -> None:
    if event in _STARTS and _conversation is not None:
        conversation = _conversation()
        if conversation is not None and os.getpid() == _process:
            conversation.child_starts(forked=event in _FORKS)
