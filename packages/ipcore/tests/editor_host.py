"""A host whose line editor lives in a thread of its own: as small as can be, for POSIX terminals.

The editor owns the terminal while the prompt is up, and hands each line to the main thread as a cell.
Run as a program by the tests in ``test_editor_host.py``.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import termios
from typing import Any, Final

from ipcore.hosts.main_thread import MainThread, Stopped, quick_switching
from ipcore.hosts.wakeup import WakeUp
from ipcore.shell import InteractiveShell

KEYS: Final = 0
SCREEN: Final = 1


class Editor:
    """Reads keys, echoes them, hands lines over."""

    def __init__(self, shell: InteractiveShell, signals: WakeUp) -> None:
        self.shell = shell
        self.signals = signals
        self.done = WakeUp()
        self.line = ""
        self.warned = False
        self.users = termios.tcgetattr(KEYS)

    def run(self, main: MainThread) -> int:
        """Read lines and have them run until the user leaves."""
        with self.done, selectors.DefaultSelector() as keys, selectors.DefaultSelector() as waiting:
            for selector in (keys, waiting):
                selector.register(self.signals, selectors.EVENT_READ)
            keys.register(KEYS, selectors.EVENT_READ)
            waiting.register(self.done, selectors.EVENT_READ)
            while not self.shell.exiting:
                line = self.read_line(main, keys)
                if line is None:
                    break
                self.run_cell(main, waiting, line)
        return 0

    def read_line(self, main: MainThread, keys: selectors.BaseSelector) -> str | None:
        """Edit one line, with the terminal's own editing off; ``None`` for the end of input."""
        self.line = ""
        self.raw()
        try:
            with quick_switching():
                self.prompt()
                while True:
                    for key, _ in keys.select():
                        if key.fileobj is self.signals:
                            self.take_signals(main)
                            continue
                        for char in os.read(KEYS, 1024).decode():
                            if char == "\r":
                                self.write("\n")
                                return self.line
                            if char == "\x04" and not self.line:
                                self.write("\n")
                                return None
                            self.take(main, char)
        finally:
            termios.tcsetattr(KEYS, termios.TCSADRAIN, self.users)

    def take(self, main: MainThread, char: str) -> None:
        if char == "\x03":
            self.write("^C\n")
            self.line = ""
            if self.warned:
                main.interrupt(callbacks=True)
                self.warned = False
            elif not main.answers(0.2):
                self.warned = True
                self.write("a callback does not end; Ctrl-C once more stops it\n")
            self.prompt()
        elif char == "\x7f":
            self.line = self.line[:-1]
            self.write("\b \b")
        else:
            self.line += char
            self.write(char)

    def run_cell(self, main: MainThread, waiting: selectors.BaseSelector, line: str) -> None:
        """Have a line run, and see to the signals meanwhile; the keyboard is the cell's."""
        asked = main.run_cell(line, store_history=True, origin="keyboard")
        asked.add_done_callback(lambda _: self.done.wake())
        while not asked.done():
            waiting.select()
            self.done.drain()
            self.take_signals(main)
        try:
            asked.result(0)
        except Stopped as stopped:
            self.write(f"{stopped}\n")

    def take_signals(self, main: MainThread) -> None:
        numbers = self.signals.drain()
        if numbers:
            main.hand_on(numbers)

    def raw(self) -> None:
        mode: list[Any] = termios.tcgetattr(KEYS)
        mode[0] &= ~termios.ICRNL
        mode[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
        termios.tcsetattr(KEYS, termios.TCSADRAIN, mode)

    def prompt(self) -> None:
        self.write(f"In [{self.shell.execution_count}]: {self.line}")

    def write(self, text: str) -> None:
        os.write(SCREEN, text.encode())


def main() -> int:
    """Make a shell on the main thread, and the editor in a thread of its own."""
    shell = InteractiveShell()
    shell.start()
    try:
        with WakeUp() as signals:
            signal.signal(signal.SIGWINCH, lambda *_: None)  # so that the interpreter writes its number
            return MainThread(shell, signals=signals).run(Editor(shell, signals).run)
    finally:
        shell.close()


if __name__ == "__main__":
    sys.exit(main())
