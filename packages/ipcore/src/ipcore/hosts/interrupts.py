"""Ctrl-C: keeping it able to stop cells, and saying why it does not.

Cells run with the handler that Python itself installs, as asyncio and trio look for that
very one, and with nobody's wake-up descriptor. What a cell leaves behind in its place is
undone before the next. A second Ctrl-C in one cell is noticed below Python, where it is
seen even while the main thread does not come back from C code: the module ``faulthandler``
writes a stack into a pipe at each, and a thread that waits at the other end explains.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from ..notices import notice
from .forking import end_thread

if TYPE_CHECKING:
    from ..shell import InteractiveShell

_OURS: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

#: How each stack begins that ``faulthandler`` writes.
_BEGIN: Final = b"(most recent call first)"

#: Threads or modules that are listed.
_MOST_NAMES: Final = 5

#: Seconds that a Ctrl-C gets to stop the cell before that is said not to have happened.
_CALM: Final = 0.1

#: Seconds that a fork waits for the thread to end.
_PATIENCE: Final = 5.0


# -- the handler -------------------------------------------------------------


class Replaced:
    """A handler of SIGINT that a cell has put in place.

    :param label: how the cell is called.
    :param former: the handler before.
    :param modules: the names of modules that the cell imported and that may have done it.
    """

    def __init__(self, label: str, former: Any, modules: list[str]) -> None:
        self._label = label
        self._former = former
        self._modules = modules
        self._handler = signal.getsignal(signal.SIGINT)

        #: Whether an event loop handles SIGINT, by ``add_signal_handler``.
        self.of_asyncio = is_asyncios(self._handler)

    def undo(self) -> None:
        """Put the handler before in place again, if this one is still there, and tell whose it is."""
        if signal.getsignal(signal.SIGINT) is not self._handler:
            return
        signal.signal(signal.SIGINT, self._former)
        if _module_of(self._handler) == "pdb":  # a breakpoint's, which leaves it behind at each "continue"
            return
        notice(
            f"{self._label} replaced what Ctrl-C does: {self._description()}. "
            "That is undone, so that Ctrl-C stops cells. To keep such handlers from now on: "
            "get_ipython().keep_signal_handlers = True",
            once=f"SIGINT {self._description()}",
        )

    def _description(self) -> str:
        if self._handler is signal.SIG_IGN:
            text = "it was ignored (SIG_IGN)"
        elif self._handler is signal.SIG_DFL:
            text = "it ended the process (SIG_DFL)"
        else:
            text = f"it called {describe_function(self._handler)}"
        if self._modules and _module_of(self._handler) not in self._modules:
            text += f", since it imported {', '.join(self._modules[:_MOST_NAMES])}"
        return text


def replaced(shell: InteractiveShell, label: str, former: Any, modules: int) -> Replaced | None:
    """Tell what a cell that just ended has done to the handler of SIGINT.

    :param former: the handler before the cell.
    :param modules: how many modules were imported before the cell.
    :returns: ``None`` if that is to stay: it was Python's own that was put back, one of the shell's, or
        the user said so.
    """
    handler = signal.getsignal(signal.SIGINT)
    if (
        shell.keep_signal_handlers
        or handler is None
        or handler is signal.default_int_handler
        or former is None
        or threading.current_thread() is not threading.main_thread()
        or _module_of(handler).startswith(__package__.partition(".")[0] + ".")
    ):
        return None
    return Replaced(label, former, _suspects(list(sys.modules)[modules:]))


@contextmanager
def handled_by_python(shell: InteractiveShell) -> Iterator[None]:
    """Let Ctrl-C raise ``KeyboardInterrupt`` in the body, although an event loop handles it between cells."""
    former = signal.getsignal(signal.SIGINT)
    if not is_asyncios(former):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    wakes = signal.set_wakeup_fd(-1)  # else the loop would be told of the same Ctrl-C later
    try:
        yield
    finally:
        if signal.set_wakeup_fd(-1) == -1:
            signal.set_wakeup_fd(wakes)
        handlers = getattr(shell.user_loop.loop, "_signal_handlers", {signal.SIGINT: None})
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler and signal.SIGINT in handlers:
            signal.signal(signal.SIGINT, former)


def _suspects(modules: list[str]) -> list[str]:
    """Give those modules that have to do with signals, if any, else the packages they are from."""
    own = __package__.partition(".")[0]
    others = {name: name.partition(".")[0] for name in modules}
    packages = {top: None for top in others.values() if top != own and top not in sys.stdlib_module_names}
    return [name for name, top in others.items() if top in packages and _uses_signals(name)] or list(packages)


def _uses_signals(name: str) -> bool:
    names = getattr(sys.modules.get(name), "__dict__", {})
    return any(value is signal or value is signal.signal for value in list(names.values()))


def is_asyncios(handler: Any) -> bool:
    """Tell whether a handler is what ``loop.add_signal_handler`` installs."""
    return _module_of(handler).partition(".")[0] == "asyncio"


def _module_of(function: Any) -> str:
    return str(getattr(function, "__module__", "") or "") if callable(function) else ""


def describe_function(function: Any) -> str:
    """Say where a function is from: its name, its module, its file and line where they are known."""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    module = _module_of(function)
    text = f"{module}.{name}" if module not in ("", "__main__") else name
    inner = getattr(function, "__func__", getattr(function, "func", function))
    code = getattr(inner, "__code__", None)
    return f"{text} ({_place(code.co_filename, code.co_firstlineno)})" if code is not None else text


# -- one that does not take --------------------------------------------------


class InterruptWatch:
    """A context manager for the time that a cell runs at a prompt. To be used on the main thread.

    The second Ctrl-C in that time, and each further one, is answered by a line on standard error
    that says where the main thread is. There is nothing of it where the system has no such signals.
    """

    def __init__(self) -> None:
        self._pipe: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self._count = 0
        self._cells = 0
        self._on = False
        self._handler: Any = None

    def __enter__(self) -> InterruptWatch:
        if not hasattr(signal, "pthread_kill") or threading.current_thread() is not threading.main_thread():
            return self
        self._handler = signal.getsignal(signal.SIGINT)
        if callable(self._handler):  # ignored, as under nohup, it is to stay so
            self._count = 0
            self._cells += 1
            self._on = self._listen()
            if self._on:
                _watches.append(self)
                self._register()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._on:
            return
        self._on = False
        if self in _watches:
            _watches.remove(self)
        self._unregister()
        handler = signal.getsignal(signal.SIGINT)
        if handler is not self._handler and handler is not None:
            signal.signal(signal.SIGINT, handler)  # again, as it has just been undone below Python
        self._handler = None
        rearm()  # that of a cell around this one, where a shell was opened in a cell

    def close(self) -> None:
        """End the thread, and give back the descriptors."""
        self.pause()
        if self in _all:
            _all.remove(self)
        self._close_pipe()

    def _close_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        for descriptor in pipe or ():
            with suppress(OSError):  # the user has closed it
                os.close(descriptor)

    def pause(self) -> None:
        """End the thread and wait for it, as before a fork; the next cell starts a new one."""
        thread, self._thread = self._thread, None
        if thread is not None and self._pipe is not None and thread is not threading.current_thread():
            with suppress(OSError):  # full: the thread has something to read, and will see the next
                os.write(self._pipe[1], b"\0")
            end_thread(thread, _PATIENCE)

    def forget(self) -> None:
        """Let go of everything, in a child: its Ctrl-C is not its parent's."""
        self._thread = None
        if self._on:
            self._on = False
            self._unregister()
        self._close_pipe()

    def rearm(self) -> None:
        """Notice signals again after somebody has set a handler."""
        if self._on and callable(signal.getsignal(signal.SIGINT)):
            self._unregister()
            self._register()

    def _register(self) -> None:
        import faulthandler

        if self._pipe is not None:
            faulthandler.register(signal.SIGINT, file=self._pipe[1], all_threads=False, chain=True)

    def _unregister(self) -> None:
        import faulthandler

        faulthandler.unregister(signal.SIGINT)

    def _listen(self) -> bool:
        """Have the thread run; false if there can be none, when Ctrl-C works and is not explained."""
        if self._thread is not None and self._thread.is_alive():
            return True
        try:
            if self._pipe is None:
                self._pipe = os.pipe()
                os.set_blocking(self._pipe[1], False)  # a full pipe must not hold up a signal handler
                _see_forks(self)
            self._drain(self._pipe[0])
            thread = threading.Thread(
                target=self._read, args=(self._pipe[0],), name="ipshell interrupts", daemon=True
            )
            thread.start()
        except (OSError, RuntimeError):  # no descriptors or threads left, or the user has closed ours
            return False
        self._thread = thread
        return True

    @staticmethod
    def _drain(descriptor: int) -> None:
        """Forget what came while there was no thread, after a fork in an earlier cell."""
        os.set_blocking(descriptor, False)
        with suppress(BlockingIOError):
            os.read(descriptor, 65536)
        os.set_blocking(descriptor, True)

    def _read(self, descriptor: int) -> None:
        while True:
            try:
                text = os.read(descriptor, 65536)
            except OSError:  # the user has closed it
                return
            presses = text.count(_BEGIN)
            self._count += presses
            if presses and self._count > 1:
                cell = self._cells
                time.sleep(_CALM)
                if self._on and self._cells == cell:
                    notice(explain())
            if not text or b"\0" in text:
                return


#: Those of running cells, the innermost last, and all that there are.
_watches: list[InterruptWatch] = []
_all: list[InterruptWatch] = []
_forks_seen = False


def rearm() -> None:
    """Have the watch of the running cell notice Ctrl-C again, after a handler was set."""
    if _watches:
        _watches[-1].rearm()


def _see_forks(watch: InterruptWatch) -> None:
    global _forks_seen
    _all.append(watch)
    if not _forks_seen and hasattr(os, "register_at_fork"):
        _forks_seen = True
        os.register_at_fork(before=_pause_all, after_in_child=_forget_all)


def _pause_all() -> None:
    for watch in _all:
        watch.pause()


def _forget_all() -> None:
    for watch in _all:
        watch.forget()
    _all.clear()
    _watches.clear()


def explain() -> str:
    """Say where the main thread is and which other threads there are, in one line. Safe from any thread."""
    frames = sys._current_frames()
    frame = frames.get(threading.main_thread().ident or 0)
    text = "Ctrl-C has not stopped the cell yet."
    if frame is not None:
        text += f" The main thread is {_describe(frame)}."
    others = [
        f"{thread.name} ({_describe(frames[thread.ident])})"
        for thread in threading.enumerate()
        if thread is not threading.main_thread()
        and thread.ident in frames
        and not thread.name.startswith(("ipshell ", "ipshell-"))
    ]
    if others:
        more = f" and {len(others) - _MOST_NAMES} more" if len(others) > _MOST_NAMES else ""
        text += f" Other threads run: {', '.join(others[:_MOST_NAMES])}{more}."
    kill = f"kill {os.getpid()} (kill -9 if that does not help)"
    return f"{text} To end the whole shell, from another terminal: {kill}."


def _describe(frame: FrameType) -> str:
    """Say where a frame is; the shell's own are left out."""
    import linecache
    from opcode import opname

    users: FrameType | None = frame
    while users is not None and users.f_code.co_filename.startswith(_OURS):
        users = users.f_back
    if users is None:
        return f"in the shell itself, {_place(frame.f_code.co_filename, frame.f_lineno)}"
    code = users.f_code
    at = users.f_lasti
    called = users is frame and 0 <= at < len(code.co_code) and opname[code.co_code[at]].startswith("CALL")
    name = "the cell's top level" if code.co_name == "<module>" else code.co_qualname
    number = users.f_lineno or code.co_firstlineno  # there is none while an exception is handled
    line = linecache.getline(code.co_filename, number).strip()
    return f"{'in C code called from' if called else 'in'} {name}, {_place(code.co_filename, number)}" + (
        f": {line}" if line else ""
    )


def _place(file: str, line: int) -> str:
    from ..cells.sources import label_of

    return f"{label_of(file) if file.startswith('<ipshell ') else file}, line {line}"
