"""Taking what is printed, by whom and however, and handing it to a host with the cell that caused it."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from ..hosts.forking import end_thread
from ..notices import notice
from ..types.output import StreamText
from .causes import FOLLOWING, Inheritance, cause, caused_by
from .descriptors import Descriptors
from .streams import CellStream

if TYPE_CHECKING:
    from typing import TextIO

#: Seconds that text is held back, so that what belongs together is handed over at once.
INTERVAL: Final = 0.02
#: Characters that may wait to be handed over; of more the oldest are lost.
MOST: Final = 8_000_000
#: Seconds that anybody waits for a host that does not take its output.
PATIENCE: Final = 1.0
#: Seconds that a thread which has ended may still be counted.
_GONE: Final = 0.1

_DESCRIPTORS: Final = {"stdout": 1, "stderr": 2}

# The signal module makes enumerations of all that goes through it; below it there is the same without.
_signal: Final[Any] = sys.modules.get("_signal", signal)
_SIGINT: Final = int(signal.SIGINT)


class CellOutput:
    """While open, all output of the process goes to a host, piece by piece, with the cell that caused it.

    ``sys.stdout`` and ``sys.stderr`` are replaced, the descriptors 1 and 2 lead into pipes, and threads
    inherit the cell that starts them. There can be one at a time. All is put back on closing, at the latest
    at exit.

    :param deliver: takes each :class:`~ipcore.types.output.StreamText`; called by one thread at a time, which
        is never that of the cells, but on closing. What it prints, and what it fails to take, goes
        to the former standard streams.
    :param interval: seconds that text is held back to be handed over together; 0 for none.
    :param descriptors: whether to catch what C code and child processes write.
    :param terminal: the host is a line editor in the terminal: cells write to the former streams
        and descriptors themselves, as full-screen programs have to, and only what is written at the prompt
        is handed over, to be painted above it.
    """

    def __init__(
        self,
        deliver: Callable[[StreamText], object],
        *,
        interval: float = INTERVAL,
        descriptors: bool = True,
        terminal: bool = False,
    ) -> None:
        self._deliver = deliver
        self._direct = terminal
        self._interval = interval
        self._catches = descriptors
        self._descriptors: Descriptors | None = None
        self._inheritance = Inheritance()
        self._former: dict[str, TextIO | None] = {}
        self._streams = {
            name: CellStream(name, number, self._write, self.flush) for name, number in _DESCRIPTORS.items()
        }
        # Reentrant, as a signal handler or a finalizer may print while its thread is in here.
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._pieces: deque[tuple[str, str, bool, str]] = deque()
        self._size = 0
        self._lost = 0
        self._taken = 0
        self._delivered = 0
        self._hurried = False
        self._stuck = False
        self._thread: threading.Thread | None = None
        self._closing = False
        self._paused = False
        self._in_child = False
        self.is_open = False
        #: The cell that runs; ``None`` at the prompt.
        self.running: str | None = None
        #: The cell that ran last, or runs.
        self.last = ""

    # -- life ------------------------------------------------------------------

    def __enter__(self) -> CellOutput:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Begin.

        :raises RuntimeError: if there is one open already.
        """
        global _open
        if _open is not None or self._closing:
            raise RuntimeError("the output of this process is given to a host already")
        _open = self
        _watch_forks()
        for name in _DESCRIPTORS:
            stream = getattr(sys, name)
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
            self._former[name] = stream
            if self._direct and stream is not None:
                self._streams[name].stand_for(stream)
        if self._catches:
            self._descriptors = Descriptors(only_between=self._direct)
            self._move_faulthandler(self._descriptors.saved[2])
        self.is_open = True
        self._start_thread()
        for name, stream in self._streams.items():
            setattr(sys, name, stream)
        self._inheritance.__enter__()
        atexit.register(self.close)

    def close(self) -> None:
        """Hand over what is left, and put everything back. A second call does nothing."""
        global _open
        if not self.is_open or self._in_child:
            return
        atexit.unregister(self.close)
        self._inheritance.__exit__()
        for name, stream in self._streams.items():
            if getattr(sys, name) is stream:
                setattr(sys, name, self._former[name])
        if self._descriptors is not None:
            self._move_faulthandler(2)
            with self._lock:
                self._descriptors.restore()
        self._stop_thread()
        with self._lock:
            self._take()
            left = self._merged()
            self.is_open = False
            self._closing = True
        if self._stuck or self._thread is not None:  # a thread that did not end is still with the host
            for each in left:
                self._write_formerly(each.stream, each.text)
        else:
            self._hand_over(left)
        if self._descriptors is not None and self._thread is None:
            self._descriptors.close()
        _open = None

    @staticmethod
    def _move_faulthandler(descriptor: int | None) -> None:
        """Have a crash told where somebody can read it: nobody empties the pipes of a process that died."""
        faulthandler = sys.modules.get("faulthandler")
        if faulthandler is not None and faulthandler.is_enabled() and descriptor is not None:
            faulthandler.enable(descriptor)

    # -- cells -----------------------------------------------------------------

    @contextmanager
    def cell(self, identifier: str) -> Iterator[None]:
        """Have what the body prints, and what it starts, belong to a cell; nests.

        At the end everything that was written has been handed over. To be used by the thread that
        runs cells.

        :param identifier: how the host knows the cell; must not be empty.
        """
        former = self.running
        if self._direct:
            self.flush()  # what belongs above the prompt is painted before the cell writes below it
        with caused_by(identifier):
            self._turn(identifier, begins=True)
            try:
                yield
            finally:
                self._turn(former, begins=False)
                self.flush()

    def caller(self) -> str:
        """Give the cell that caused the calling code; the running one, or none, if that is not known."""
        cell = cause()
        if cell is None:
            return self.running or ""
        return self.running or self.last if cell == FOLLOWING else cell

    def _turn(self, cell: str | None, *, begins: bool) -> None:
        with _interrupts_later(), self._lock:
            if self._direct:
                self._flush_former()
            descriptors = self._descriptors
            if descriptors is not None and self.is_open and not self._in_child:
                self._take()
                descriptors.push(cell) if begins else descriptors.pop()
                self._take()
            self.running = cell
            if cell is not None:
                self.last = cell

    # -- taking ----------------------------------------------------------------

    def _write(self, stream: str, text: str) -> None:
        if self._in_child:  # the parent reads what comes through the pipes
            _write_all(_DESCRIPTORS[stream], text)
            return
        thread = self._thread
        if not self.is_open or (thread is not None and thread.ident == threading.get_ident()):
            self._write_formerly(stream, text)
            return
        if self._direct and self.running is not None:
            former = self._former[stream]
            if former is not None:
                former.write(text)
            return
        with self._lock:
            self._take()
            self._add(self.caller(), stream, text)
            if self._size > MOST:
                self._make_room()
        if not self._interval:
            self.flush()

    def _take(self) -> None:
        """Take what has come through the pipes; it was written before whatever is added next."""
        if self._descriptors is not None:
            for cell, stream, text in self._descriptors.read():
                self._add(self.running or "" if cell is None else cell, stream, text)

    def _add(self, cell: str, stream: str, text: str) -> None:
        if not self._pieces and not self._paused:
            self._wake()
        self._pieces.append((cell, stream, self.running is None, text))
        self._size += len(text)
        self._taken += 1

    def _make_room(self) -> None:
        """Wait for a slow host a moment, then let go of the oldest text."""
        if not self._stuck:
            self._stuck = not self._news.wait_for(lambda: self._size <= MOST, PATIENCE)
        while self._size > MOST:
            text = self._pieces.popleft()[3]
            self._size -= len(text)
            self._lost += len(text)

    def _wake(self) -> None:
        if self._descriptors is not None:
            self._descriptors.wake()
        else:
            self._news.notify_all()

    # -- handing over ----------------------------------------------------------

    def flush(self) -> bool:
        """Have all that was written so far handed over; waits for a second at most.

        :returns: whether it was.
        """
        thread = self._thread
        if self._direct:
            self._flush_former()
        if not self.is_open or self._in_child or thread is None or thread.ident == threading.get_ident():
            return True
        with self._lock:
            self._take()
            wanted = self._taken
            if self._delivered >= wanted:
                return True
            if self._stuck:
                return False
            self._hurried = True
            self._wake()
            met = self._news.wait_for(lambda: self._delivered >= wanted or self._paused, PATIENCE)
            self._stuck = not met
            return self._delivered >= wanted

    def _flush_former(self) -> None:
        for stream in self._former.values():
            with suppress(OSError, ValueError, AttributeError):  # there is none, or nobody reads it any more
                stream.flush()  # type: ignore[union-attr]

    def descriptor(self, stream: str) -> int | None:
        """Give the descriptor that a stream led to before, for what the host itself writes.

        :param stream: ``stdout`` or ``stderr``.
        :returns: ``None`` if there was none, or descriptors are not caught.
        """
        return None if self._descriptors is None else self._descriptors.saved[_DESCRIPTORS[stream]]

    def _start_thread(self) -> None:
        self._paused = False
        # Made so that it is nobody's: not noted as caused by a cell.
        self._thread = threading.Thread(target=self._work, name="ipshell output", daemon=True)
        self._thread.start()

    def _stop_thread(self) -> None:
        with self._lock:
            self._paused = True
            self._wake()
        thread = self._thread
        if thread is not None and thread.ident != threading.get_ident():
            end_thread(thread, PATIENCE)
            if not thread.is_alive():
                self._thread = None

    def _work(self) -> None:
        due: float | None = None
        while not self._paused:
            self._wait(None if due is None else max(0.0, due - time.monotonic()))
            with self._lock:
                self._take()
                if not self._pieces:
                    due = None
                    continue
                now = time.monotonic()
                due = due if due is not None else now + self._interval
                if now < due and not self._hurried:
                    continue
                due, self._hurried = None, False
                upto, batch = self._taken, self._merged()
            self._hand_over(batch)
            with self._lock:
                self._delivered, self._stuck = upto, False
                self._news.notify_all()

    def _wait(self, seconds: float | None) -> None:
        if self._descriptors is not None:
            self._descriptors.wait(seconds)
            return
        with self._lock:
            if not self._paused and not self._hurried and (seconds is not None or not self._pieces):
                self._news.wait(seconds)

    def _merged(self) -> list[StreamText]:
        """Give what waits, neighbours joined, and forget it."""
        merged: list[StreamText] = []
        if self._lost:
            text = f"[ipshell: {self._lost} characters of output are lost, as they were not taken in time]\n"
            merged.append(StreamText(self.last, "stderr", text, self.running is None))
            self._lost = 0
        texts: list[str] = []
        key: tuple[str, str, bool] | None = None
        for *each, text in (*self._pieces, (None, None, None, "")):
            if tuple(each) != key:
                if key is not None:
                    merged.append(StreamText(key[0], key[1], _encodable("".join(texts)), key[2]))
                key, texts = tuple(each), []  # type: ignore[assignment]
            texts.append(text)
        self._pieces.clear()
        self._size = 0
        return merged

    def _hand_over(self, batch: list[StreamText]) -> None:
        for each in batch:
            try:
                self._deliver(each)
            except (
                BaseException
            ) as error:  # the host's: the output is not to be lost, and print() not to fail
                self._write_formerly(each.stream, each.text)
                notice(
                    f"the host did not take output: {type(error).__name__}: {error}. It goes to the former "
                    f"standard output.",
                    once="output not taken",
                )

    def _write_formerly(self, stream: str, text: str) -> None:
        if self._descriptors is not None and self.is_open:
            data = text.encode("utf-8", "backslashreplace")
            self._descriptors.write_saved(_DESCRIPTORS[stream], data)
            return
        former = self._former.get(stream)
        with suppress(OSError, ValueError, AttributeError):  # there is none, or nobody reads it any more
            former.write(text)  # type: ignore[union-attr]
            former.flush()  # type: ignore[union-attr]

    # -- fork ------------------------------------------------------------------

    def _before_fork(self) -> None:
        thread = self._thread
        self._stop_thread()  # a child of a process with threads is a child in danger
        if thread is not None and self._thread is None:
            _wait_until_gone(thread.native_id)
        self._lock.acquire()

    def _after_fork(self) -> None:
        self._lock.release()
        if self._thread is not None:  # it did not end
            self._paused = False
        elif not _restarts_later or threading.current_thread() is not threading.main_thread():
            self._restart()

    def _restart(self) -> None:
        if self._thread is None and self.is_open and not self._in_child:
            self._start_thread()
            with self._lock:
                self._wake()

    def _after_fork_in_child(self) -> None:
        self._in_child = True
        if self._descriptors is not None:
            self._descriptors.leave_to_parent()
        self._lock.release()


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Let a Ctrl-C that comes in the body act behind it; half a turn would be none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[Any] = []
    former = _signal.getsignal(_SIGINT)
    if callable(former):
        _signal.signal(_SIGINT, lambda *signal: came.append(signal))
    try:
        yield
    finally:
        if callable(former):
            _signal.signal(_SIGINT, former)
        if came:
            former(*came[0])


#: The one that is open.
_open: CellOutput | None = None
_watching = False
#: Whether the thread starts again only when ``os.fork()`` has returned.
_restarts_later = False


def _watch_forks() -> None:
    """Be told of forks. That cannot be undone, so it is done once, and does nothing while none is open."""
    global _watching
    if not _watching and hasattr(os, "register_at_fork"):
        _watching = True

        def told(method: str) -> Callable[[], None]:
            def tell() -> None:
                if _open is not None and not _open._in_child:
                    getattr(_open, method)()

            return tell

        os.register_at_fork(
            before=told("_before_fork"),
            after_in_parent=told("_after_fork"),
            after_in_child=told("_after_fork_in_child"),
        )
        if sys.version_info >= (3, 13):
            _restart_later()


def _restart_later() -> None:
    """Have the thread started again as soon as the main thread runs Python code after a fork.

    Since 3.13 the interpreter looks for threads after it has called the hooks, so none may be started
    in one. A pending call is made later. It has to be asked for without any Python code, as it
    would be made in the middle of that, and behind other hooks that are written in Python.
    """
    global _restarts_later
    import ctypes
    import logging  # noqa: F401 (for its hook)
    from functools import partial

    def restart(_: object) -> int:
        if _open is not None:
            _open._restart()
        return 0

    pending = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(restart)
    os.register_at_fork(after_in_parent=partial(ctypes.pythonapi.Py_AddPendingCall, pending, None))
    _restarts_later = True


def _wait_until_gone(thread: int | None) -> None:
    """Wait until the system counts a thread no more that has ended; CPython asks it, and warns."""
    deadline = time.monotonic() + _GONE
    place = f"/proc/self/task/{thread}"
    while os.path.exists(place) and time.monotonic() < deadline:
        time.sleep(0.0001)


def _encodable(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _write_all(descriptor: int, text: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    with suppress(OSError):
        while data:
            data = data[os.write(descriptor, data) :]
