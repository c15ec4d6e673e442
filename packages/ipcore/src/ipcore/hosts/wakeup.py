"""Waking a thread that waits in an event loop, whichever loop that is."""

from __future__ import annotations

import os
import select
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

#: Bytes read at once; there is one for each signal or wake-up that nobody has drained yet.
_CHUNK: Final = 4096
#: Above this, ``select()`` cannot look at a descriptor.
_MOST_SELECTED: Final = 1024
#: Seconds to wait for a thread that was told to end, and has nothing else to do.
_JOINED: Final = 5.0


class WakeUp:
    """A descriptor that can be read once somebody has called :meth:`wake`.

    A pair of sockets, as any event loop on any platform can watch one. What was woken
    reads it empty with :meth:`drain`. May serve ``signal.set_wakeup_fd`` too, by
    :attr:`signal_descriptor`; the numbers of signals are then among what is drained.

    In a child of a fork it is dead: the sockets are the parent's.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._process = os.getpid()

    def fileno(self) -> int:
        """Give the descriptor to watch; -1 after :meth:`close`."""
        return self._reader.fileno()

    @property
    def signal_descriptor(self) -> int:
        """The other end, to which the interpreter may write the numbers of signals."""
        return self._writer.fileno()

    def wake(self) -> None:
        """Make the descriptor readable. Never blocks; for any thread and for signal handlers.

        Does nothing after :meth:`close`, and in a child of a fork.
        """
        self.put(b"\0")

    def put(self, data: bytes) -> None:
        """Make the descriptor readable, with certain bytes to be drained."""
        if os.getpid() != self._process:
            return
        try:
            self._writer.send(data)
        except OSError:  # full, so it is readable already; or closed, so nobody waits
            return

    def drain(self) -> bytes:
        """Read the descriptor empty; it can be read again only after the next wake-up.

        :returns: the numbers of the signals that came, oldest first, a byte each.
        """
        found = b""
        while os.getpid() == self._process:
            try:
                data = self._reader.recv(_CHUNK)
            except OSError:  # empty, or closed
                break
            if not data:
                break
            found += data
        return found.replace(b"\0", b"")

    def close(self) -> None:
        """Close both ends. A second call does nothing."""
        self._reader.close()
        self._writer.close()

    def __enter__(self) -> WakeUp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def wait_readable(descriptor: int, timeout: float | None) -> bool:
    """Wait until a descriptor can be read; tell whether it can.

    :param timeout: seconds; 0 only looks, ``None`` waits for ever.
    :raises OSError: if it is closed.
    """
    if descriptor >= _MOST_SELECTED and hasattr(select, "poll"):
        return _poll(descriptor, select.POLLIN, timeout)
    return bool(select.select([descriptor], [], [], timeout)[0])


def wait_writable(descriptor: int, timeout: float | None) -> bool:
    """Wait until a descriptor can be written to; as :func:`wait_readable`."""
    if descriptor >= _MOST_SELECTED and hasattr(select, "poll"):
        return _poll(descriptor, select.POLLOUT, timeout)
    return bool(select.select([], [descriptor], [], timeout)[1])


def _poll(descriptor: int, event: int, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


@contextmanager
def calling_when_readable(descriptor: int, function: Callable[[], object]) -> Iterator[None]:
    """Call a function, once and in a thread, when a descriptor can be read while the body runs.

    For event loops that cannot watch descriptors, such as asyncio's on Windows, or that may not come to it.
    """
    with WakeUp() as end:

        def watch() -> None:
            with selectors.DefaultSelector() as selector:
                selector.register(descriptor, selectors.EVENT_READ)
                selector.register(end, selectors.EVENT_READ)
                found = {key.fileobj for key, _ in selector.select()}
            if descriptor in found and end not in found:
                function()

        thread = threading.Thread(target=watch, name="ipshell-readable", daemon=True)
        thread.start()
        try:
            yield
        finally:
            end.wake()
            thread.join(_JOINED)
