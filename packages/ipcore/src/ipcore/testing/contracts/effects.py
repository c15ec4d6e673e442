"""What code does to the world while it runs: files, processes, connections, imports, threads."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any, Final

#: Audit events of the interpreter and what they mean; the first argument of the event fills the braces.
_EVENTS: Final = {
    "import": "imports {}",
    "open": "opens the file {!r}",
    "os.listdir": "lists the folder {!r}",
    "os.scandir": "lists the folder {!r}",
    "os.remove": "removes {!r}",
    "os.rename": "renames {!r}",
    "os.mkdir": "makes the folder {!r}",
    "os.rmdir": "removes the folder {!r}",
    "subprocess.Popen": "starts the program {!r}",
    "os.system": "runs the command {!r}",
    "os.posix_spawn": "starts the program {!r}",
    "os.exec": "runs the program {!r}",
    "os.fork": "forks the process",
    "os.startfile": "opens {!r}",
    "socket.connect": "connects to the network",
    "socket.bind": "listens at the network",
    "socket.getaddrinfo": "looks up the host {!r}",
    "socket.gethostbyname": "looks up the host {!r}",
    "sqlite3.connect": "opens the database {!r}",
    "time.sleep": "sleeps {} s",
    "webbrowser.open": "opens {!r} in a browser",
    "_thread.start_new_thread": "starts a thread",
    "_thread.start_joinable_thread": "starts a thread",
}

#: By thread what its open recordings have found.
_recording: dict[int, list[tuple[str, str]]] = {}
_hooked = threading.Lock()
_installed: list[bool] = []


class Effects:
    """Records what the body does in this thread. A context manager; they do not nest.

    By the audit hooks of the interpreter. One is installed at the first use and stays, as none can be
    taken away; it costs next to nothing while nothing is recorded.

    :param without: events that are left out, for example ``import`` or ``open``.
    """

    def __init__(self, *without: str) -> None:
        self._without = without
        self._found: list[tuple[str, str]] = []

    def __enter__(self) -> Effects:
        with _hooked:
            if not _installed:
                sys.addaudithook(_note)
                _installed.append(True)
        _recording[threading.get_ident()] = self._found
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del _recording[threading.get_ident()]

    @property
    def found(self) -> list[str]:
        """What was done, in words, each once, in order."""
        return list(dict.fromkeys(text for event, text in self._found if event not in self._without))

    def __str__(self) -> str:
        return "; ".join(self.found)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _recording:
        return
    found = _recording.get(threading.get_ident())
    meaning = _EVENTS.get(event)
    if found is not None and meaning is not None:
        found.append((event, meaning.format(*(arguments or ("",)))))
