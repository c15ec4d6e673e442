"""The line editor in a thread of its own, with output painted above the prompt and questions in its place.

Run as a program by the tests in ``test_painting_host.py``.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from queue import SimpleQueue
from typing import Any

from editor_host import KEYS, Editor

from ipcore.hosts.answers import read_answer
from ipcore.hosts.main_thread import MainThread
from ipcore.hosts.wakeup import WakeUp
from ipcore.output import CellOutput
from ipcore.shell import InteractiveShell
from ipcore.types.output import StreamText


class PaintingEditor(Editor):
    """Paints what is printed meanwhile above the line being typed, and asks in place of it."""

    def __init__(self, shell: InteractiveShell, signals: WakeUp) -> None:
        super().__init__(shell, signals)
        self.output = CellOutput(self.paint, terminal=True)
        self.painting = threading.RLock()
        self.typing = False
        self.questions: SimpleQueue[tuple[str, SimpleQueue[str]]] = SimpleQueue()

    def write(self, text: str) -> None:
        with self.painting:
            os.write(self.output.descriptor("stdout") or 1, text.encode())

    def prompt(self) -> None:
        with self.painting:
            self.typing = True
            super().prompt()

    def paint(self, output: StreamText) -> None:
        """Take what was printed while no cell ran; in the thread that hands it over."""
        with self.painting:
            self.write(f"\r\x1b[K{output.text}")
            if self.typing:
                super().prompt()

    def run_cell(self, main: MainThread, waiting: Any, line: str) -> None:
        with self.painting:
            self.typing = False
        asked = main.call_as_cell(self.execute, line)
        asked.add_done_callback(lambda _: self.done.wake())
        while not asked.done():
            waiting.select()
            self.done.drain()
            self.take_signals(main)

    def execute(self, line: str) -> None:
        with self.output.cell(str(self.shell.execution_count)):
            self.shell.run_cell(line, store_history=True, origin="keyboard")

    # -- the keyboard ----------------------------------------------------------

    def ask(self, prompt: str, *, password: bool, completer: Any, history: Any, lexer: Any) -> str:
        if not self.typing:  # the cell's own, and the terminal is as the user had it
            return read_answer(prompt, password=password)
        answer: SimpleQueue[str] = SimpleQueue()
        self.questions.put((prompt, answer))
        self.signals.wake()
        return answer.get(timeout=30)

    def release_terminal(self) -> AbstractContextManager[None]:
        return nullcontext()

    def take_signals(self, main: MainThread) -> None:
        super().take_signals(main)
        while self.typing and not self.questions.empty():
            prompt, answer = self.questions.get()
            text = ""
            self.write(f"\n{prompt}")
            while not text.endswith("\r"):
                text += os.read(KEYS, 1024).decode()
            self.write(f"{text[:-1]}\n")
            answer.put(text[:-1])
            self.prompt()


def main() -> int:
    """Make a shell on the main thread, and the editor in a thread of its own."""
    shell = InteractiveShell()
    shell.start()
    try:
        with WakeUp() as signals:
            editor = PaintingEditor(shell, signals)
            with editor.output, shell.keyboard.serving(editor):
                return MainThread(shell, signals=signals).run(editor.run)
    finally:
        shell.close()


if __name__ == "__main__":
    sys.exit(main())
