"""Sending Ctrl-C once more, to somebody who can do what it asks for.

What a signal handler raises while no Python code waits below it is lost. So such a Ctrl-C is noted, and comes
again when ``input()`` itself waits.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Final

#: Seconds between attempts, and how many there are.
STEP: Final = 0.02
ATTEMPTS: Final = 100
#: Seconds that the thread gets to end.
_PATIENCE: Final = 5.0


class Resending:
    """Sends SIGINT to the main thread until it has arrived. There is no such thing on Windows.

    :param is_wanted: tells whether it has not arrived yet; called with :attr:`lock` held.
    """

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        #: Held while it is sent. A handler may take it in the middle of code that holds it.
        self.lock = threading.RLock()
        self._is_wanted = is_wanted
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self.end()
        self._ended.clear()
        self._thread = threading.Thread(target=self._send, name="ipshell Ctrl-C", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Send no more, and wait for the thread. Not for signal handlers."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ended.set()
            thread.join(_PATIENCE)

    def _send(self) -> None:
        main = threading.main_thread().ident or 0
        for _ in range(ATTEMPTS):
            if self._ended.wait(STEP):
                return
            with self.lock:
                if not self._is_wanted():
                    return
                signal.pthread_kill(main, signal.SIGINT)
