"""Functions of others that keys call: named when they do not come back, and stopped by Ctrl-C.

They run on the editor's thread, which takes no key meanwhile. So a thread that has waited a while says whose
function it is, and has the terminal make signals of Ctrl-C and Ctrl-\\ again. Ctrl-C then raises
``KeyboardInterrupt`` in the editor's thread, at the next bytecode of Python, by
``PyThreadState_SetAsyncExc`` of CPython's C interface; a function in C code that does not return cannot be
stopped so.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from ipcore.hosts.wakeup import wait_readable

from .first_paint import LEAVE_PASTES, MARK_PASTES, write

if TYPE_CHECKING:
    from .editor import Editor

T = TypeVar("T")

#: Seconds after which a function is named, and between looks whether it has come back after all.
PATIENCE: Final = 3.0
_STEP: Final = 0.1
#: Seconds that the terminal is waited for, which the function may be writing to.
_WRITING: Final = 1.0


def watched(editor: Editor, what: str, function: Callable[[], T]) -> T:
    """Call a function of somebody else's, on the editor's thread.

    :param what: whose it is, for the message.
    :raises KeyboardInterrupt: if Ctrl-C has stopped it.
    """
    watch = _Watch(editor, what)
    threading.Thread(target=watch.work, name="ipshell watches a key", daemon=True).start()
    try:
        try:
            return function()
        finally:
            watch.end()
    except KeyboardInterrupt:  # it may have come on the way to the end
        watch.end()
        raise


class _Watch:
    """One call."""

    def __init__(self, editor: Editor, what: str) -> None:
        self._editor = editor
        self._what = what
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._named = False
        self._raised = False

    def end(self) -> None:
        """Have the editor as it was, with the prompt below what was told; on the editor's thread."""
        while True:
            try:
                with self._lock:
                    self._over.set()
                    if self._raised:
                        _raise_in(self._thread, None)  # what has not arrived yet
                    named, self._named = self._named, False
                break
            except KeyboardInterrupt:  # it arrived just now: the function had come to its end by itself
                continue
        if named:
            editor = self._editor
            editor.conversation.modes.set("raw")
            write(editor.conversation.screen, f"\r\x1b[K{MARK_PASTES}")  # without the echo of keys
            editor.gap = ""
            editor.end_open_line()
            editor.app.renderer.reset()
            editor.app.invalidate()

    def work(self) -> None:
        """Wait for the end of the call, in a thread of its own."""
        if self._over.wait(PATIENCE):
            return
        with self._lock:
            if self._over.is_set():
                return
            self._named = True
            self._name()
        conversation = self._editor.conversation
        while not self._over.is_set():
            if not wait_readable(conversation.signals.fileno(), _STEP):
                continue
            numbers = conversation.signals.drain()
            conversation.main.hand_on(numbers)
            with self._lock:
                if signal.SIGINT in numbers and not self._over.is_set():
                    self._raised = True
                    _raise_in(self._thread, KeyboardInterrupt)

    def _name(self) -> None:
        """Say below the cell who holds it up, and leave Ctrl-C and Ctrl-\\ to the system."""
        editor, conversation = self._editor, self._editor.conversation
        way_out = "closing the terminal ends the shell"
        if self._can_stop():
            conversation.modes.set("users")
            way_out = "Ctrl-C stops it where it is Python; Ctrl-\\ ends the shell"
        rows = 0
        screen = editor.app.renderer.last_rendered_screen
        if screen is not None:
            rows = max(0, screen.height - 1 - editor.app.renderer._cursor_pos.y)
        below = f"\x1b[{rows}B" if rows else ""
        text = f"{below}\r\nipshell: {self._what} has not come back for {PATIENCE:g} s. {way_out}.\r\n"
        held = conversation.painting.acquire(timeout=_WRITING)
        try:
            write(conversation.screen, f"{LEAVE_PASTES}{text}")
        finally:
            if held:
                conversation.painting.release()

    def _can_stop(self) -> bool:
        """Tell whether Ctrl-C comes here: cells run on the main thread, and no program's loop has it."""
        conversation = self._editor.conversation
        main = threading.main_thread().ident
        return self._editor.shell.policies.thread == main and not conversation.awaited


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Have an exception raised in a thread; ``None`` takes one back that has not been yet."""
    try:
        import ctypes
    except ImportError:  # Python was built without
        return
    given = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)
