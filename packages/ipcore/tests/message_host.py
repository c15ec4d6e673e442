"""A host driven by messages, what a kernel and an engine are at their core; run as a process by tests.

The main thread runs cells. Another one gets messages, each a line of JSON, over a loopback socket, and
answers at once what it can. All that comes of a cell carries the identifier of its message.
"""

from __future__ import annotations

import json
import queue
import socket
import sys
import threading
from concurrent.futures import TimeoutError as NoAnswer
from typing import Any

from ipcore.errors import NobodyToAsk
from ipcore.hosts.main_thread import MainThread
from ipcore.output import CellOutput
from ipcore.shell import InteractiveShell
from ipcore.types.output import StreamText

#: Seconds that the main thread gets for an answer; then it is busy.
PATIENCE = 0.2


class MessageHost:
    """Runs the cells of one client until that is gone or has had enough."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.settimeout(None)
        self._sending = threading.Lock()
        self._replies: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._has_input = True
        self.shell = InteractiveShell()
        self.shell.start()
        self.main = MainThread(self.shell)
        self.output = CellOutput(self._deliver)

    def run(self) -> int:
        receiver = threading.Thread(target=self._receive, name="messages", daemon=True)
        with self.output, self.shell.keyboard.serving(self):
            receiver.start()
            self._send("ready")
            self.main.serve()
        self.shell.close()
        self._send("ended")
        self._socket.close()
        return 0

    # -- messages --------------------------------------------------------------

    def _send(self, kind: str, cell: str = "", **content: Any) -> None:
        line = json.dumps({"kind": kind, "cell": cell, **content}) + "\n"
        with self._sending:
            self._socket.sendall(line.encode())

    def _deliver(self, output: StreamText) -> None:
        self._send("stream", output.cell, name=output.stream, text=output.text, at_prompt=output.at_prompt)

    def _receive(self) -> None:
        with self._socket.makefile("r", encoding="utf-8") as lines:
            try:
                for line in lines:
                    message = json.loads(line)
                    getattr(self, f"_on_{message.pop('kind')}")(**message)
            except OSError:
                pass  # the client is gone, as below
        self._on_shutdown()

    def _on_execute(self, id: str, code: str, has_input: bool = True) -> None:
        self.main.call_as_cell(self._execute, id, code, has_input)

    def _on_complete(self, id: str, text: str) -> None:
        names = sorted(name for name in list(self.shell.user_ns) if name.startswith(text))
        self._send("completions", id, names=names)

    def _on_inspect(self, id: str, name: str) -> None:
        future = self.main.call(self.shell.inspector.describe, name)  # it may run the user's __repr__
        try:
            self._send("inspection", id, text=future.result(PATIENCE))
        except NoAnswer:
            future.cancel()
            self._send("inspection", id, text="busy")

    def _on_interrupt(self, id: str) -> None:
        self._send("interrupted", id, done=self.main.interrupt())

    def _on_answer(self, text: str | None) -> None:
        self._replies.put(text)

    def _on_shutdown(self) -> None:
        self._replies.put(None)
        self.main.close(1.0)

    # -- on the main thread ----------------------------------------------------

    def _execute(self, cell: str, code: str, has_input: bool) -> None:
        self._send("status", cell, state="busy")
        self._has_input = has_input
        with self.output.cell(cell):
            result = self.shell.run_cell(code, store_history=True, origin="remote")
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            self._send("error", cell, name=type(error).__name__, text=str(error))
        else:
            self._send("result", cell, number=result.execution_count, value=repr(result.result))
        self._send("status", cell, state="idle")

    # -- the keyboard ----------------------------------------------------------

    def ask(self, prompt: str, *, password: bool, completer: Any, history: Any, lexer: Any) -> str:
        if not self._has_input:
            raise NobodyToAsk("the client that sent this cell answers no questions")
        self._send("question", self.output.caller(), prompt=prompt, password=password)
        answer = self._replies.get()
        if answer is None:
            raise EOFError
        return answer


if __name__ == "__main__":
    sys.exit(MessageHost(int(sys.argv[1])).run())
