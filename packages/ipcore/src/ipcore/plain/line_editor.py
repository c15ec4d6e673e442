"""Editing a line inside a running event loop: GNU readline, a key at a time.

``input()`` gives readline the thread until the line ends. Readline's own interface for
event loops, which Python's module uses below ``input()``, is called here
instead, so history, completion and key bindings are those of the module.
"""

from __future__ import annotations

import ctypes
import select
from typing import TYPE_CHECKING, Any

from ..cells.displayhook import write_out

if TYPE_CHECKING:
    from .event_loops import HostLoop


class LineEditor:
    """Reads lines from the terminal by readline.

    :raises ImportError: if this Python has no GNU readline.
    :raises AttributeError: if its readline cannot be reached.
    :raises OSError: likewise.
    """

    def __init__(self) -> None:
        import readline

        if "libedit" in (readline.__doc__ or ""):
            raise ImportError("libedit has been seen to differ here")
        self._readline = readline
        # What the module is linked with is found through it.
        library = ctypes.PyDLL(str(readline.__file__))
        # Else readline would keep Ctrl-C until the next key. Python's own input() says so too, each time.
        ctypes.c_int.in_dll(library, "rl_catch_signals").value = 0
        self._install = library.rl_callback_handler_install
        self._install.restype = None
        self._read_key = library.rl_callback_read_char
        self._remove = library.rl_callback_handler_remove
        self._abandon = (
            library.rl_free_line_state,
            library.rl_callback_sigcleanup,
            library.rl_cleanup_after_signal,
            library.rl_callback_handler_remove,
        )
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [ctypes.c_void_p]
        self._handler = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._take)  # lives as long as this object
        self._line: bytes | None = None
        self._done = False

    async def read(self, host: HostLoop, descriptor: int, prompt: str) -> bytes | None:
        """Show a prompt and give a line without its ending; ``None`` at the end of input.

        :param host: the loop that goes on meanwhile.
        :param descriptor: the terminal.
        """
        write_out("", flush=True)
        self._line, self._done = None, False
        with host.undisturbed():  # what is raised in a hook of readline's, as one is called here, is lost
            self._install(ctypes.c_char_p(prompt.encode(errors="replace")), self._handler)
        try:
            while not self._done:
                await host.wait_readable(descriptor)
                # Ctrl-C may have thrown the keys away meanwhile, and reading would hold up everything.
                if select.select([descriptor], [], [], 0)[0]:
                    self._read_key()
        finally:
            if not self._done:
                for function in self._abandon:
                    function()
        return self._line

    def remember(self, line: str) -> None:
        """Put a line into the history, as ``input()`` does."""
        readline = self._readline
        length = readline.get_current_history_length()
        if line and (not length or readline.get_history_item(length) != line):
            readline.add_history(line)

    def _take(self, text: Any) -> None:
        """Take up a line that is complete; called by readline."""
        if text:
            self._line = ctypes.string_at(text)
            self._free(text)
        self._done = True
        self._remove()
