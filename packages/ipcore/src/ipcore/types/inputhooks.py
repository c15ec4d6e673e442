"""What runs some event loop while the shell waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class InputContext(Protocol):
    """What an input hook is to wait for. The hooks of prompt_toolkit take the same."""

    def input_is_ready(self) -> bool:
        """Tell whether the hook has to return. Cheap, and does not block."""
        ...

    def fileno(self) -> int:
        """Give a descriptor that can be read as soon as the hook has to return.

        Never to be read by the hook. On Windows it is a socket's.
        """
        ...


#: Runs an event loop until the context is ready. Called on the thread that runs cells.
InputHook = Callable[[InputContext], object]
