"""Hosts of a shell, each driven in the same way: typed to, interrupted, left, in a process of its own.

Terminals are pseudo-terminals with a model of the screen. All waits have a deadline.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Final

from test_message_host import Client

from ipcore.testing import Terminal

#: Seconds for anything.
PATIENCE: Final = 30.0
#: Seconds between two Ctrl-C; one that comes just before a system call does not end that.
AGAIN: Final = 3.0

#: What cells and programs import, so that the lines typed are short.
PRELUDE: Final = """\
import asyncio, os, subprocess, sys, threading, time
from traitlets.config import Config

plain = Config(IPShellApp={"frontend": "plain"})  # whatever else is installed
signs = os.open("signs", os.O_RDWR | os.O_NONBLOCK)
count = [0]

def sign():
    count[0] += 1
    try:
        os.write(signs, b".")
    except BlockingIOError:  # nobody has read any for long
        pass

async def tick():
    while True:
        sign()
        await asyncio.sleep(0.01)

async def spin():
    while True:
        count[0] += 1
        await asyncio.sleep(0)

def nap():
    print("go" + "ing", flush=True)
    time.sleep(100)

def naps():
    print("go" + "ing", flush=True)
    while True:
        time.sleep(0.01)

async def anap():
    print("go" + "ing", flush=True)
    await asyncio.sleep(100)

def ended(pid):
    print("child ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

def child():
    script = "if test -t 0; then echo a terminal; else echo no terminal; fi; echo asked; read x; echo got $x"
    subprocess.run(["sh", "-c", script])
"""


def without_end(lines: list[str]) -> list[str]:
    """Leave out the empty lines at the end."""
    while lines and not lines[-1]:
        lines.pop()
    return lines


class Host(ABC):
    """A shell that somebody works in.

    :param folder: where it runs; gets the file ``prelude.py`` and a pipe for signs of life.
    """

    #: How many cells have been typed, and one more.
    number = 1
    #: Whether there is a terminal.
    terminal = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "prelude.py").write_text(PRELUDE)
        (folder / "home").mkdir()
        os.mkfifo(folder / "signs")
        self._signs = os.open(folder / "signs", os.O_RDONLY | os.O_NONBLOCK)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("IPSHELL_")},
            "IPSHELL_HOME": str(folder / "home"),
            "PYTHONPATH": str(folder),
            "TERM": "xterm",
        }
        for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "INPUTRC"):
            self.environment.pop(name, None)

    # -- what a kind of host has to say -----------------------------------------

    def type(self, text: str) -> None:
        """Send keys."""
        raise NotImplementedError  # a host driven by messages has no keys

    @abstractmethod
    def lines(self) -> list[str]:
        """Give what there is to be seen, the last line last."""

    @abstractmethod
    def read(self) -> bool:
        """Take in what has come, waiting for a moment; false if nothing will come any more."""

    def press(self) -> None:
        """Press Ctrl-C."""
        raise NotImplementedError  # a host driven by messages has no keys

    def wait(self) -> int:
        """Wait for the end of the process; give its status."""
        raise NotImplementedError  # that of a host driven by messages ends with its client

    # -- what they have in common ------------------------------------------------

    def see(self, seen: Callable[[list[str]], bool], what: str) -> list[str]:
        """Wait until what is to be seen meets a condition."""
        deadline = time.monotonic() + PATIENCE
        more = True
        while True:
            lines = self.lines()
            if seen(lines):
                return lines
            if not more or time.monotonic() > deadline:
                raise AssertionError(f"not seen: {what}\n" + "\n".join(lines))
            more = self.read()

    def begin(self, code: str) -> None:
        """Type a cell."""
        self.type(code + "\r")

    def prompt(self) -> list[str]:
        """Wait for the prompt; give the lines."""
        return self.see(lambda lines: lines[-1:] == [f"In [{self.number}]:"], f"In [{self.number}]:")

    def ended(self) -> list[str]:
        """Wait for the end of a cell; give the lines it made. What was typed is left out."""
        self.number += 1
        return self.since(self.prompt()[:-1], self.number - 1)

    def since(self, lines: list[str], number: int) -> list[str]:
        """Give what came behind the line that was typed at a prompt."""
        start = f"In [{number}]:"
        at = max(index for index, line in enumerate(lines) if line.startswith(start))
        return [line for line in (self.shown(lines[at], start), *lines[at + 1 :]) if line]

    def shown(self, line: str, prompt: str) -> str:
        """Give what a cell printed behind its own prompt: on a terminal, what was typed is there."""
        return ""

    def cell(self, code: str) -> list[str]:
        """Run a cell; give the lines it made."""
        self.begin(code)
        return self.ended()

    def until(self, text: str) -> None:
        """Wait until a text ends what is to be seen."""
        self.see(lambda lines: bool(lines) and lines[-1].endswith(text), text)

    def answer(self, prompt: str, text: str) -> None:
        """Answer a question."""
        # The line that makes the question ends like it for a moment, while it is typed.
        asked = prompt.rstrip()
        self.see(lambda lines: bool(lines) and lines[-1].endswith(asked) and "('" not in lines[-1], asked)
        self.type(text + "\r")

    def interrupt(self) -> list[str]:
        """Press Ctrl-C in a cell until it ends; give the lines that made."""
        self.press_until_prompt(self.number + 1)
        return self.ended()

    def press_until_prompt(self, number: int) -> None:
        """Press Ctrl-C until there is an empty prompt."""
        next_time = time.monotonic()

        def there(lines: list[str]) -> bool:
            nonlocal next_time
            if lines[-1:] == [f"In [{number}]:"]:
                return True
            if time.monotonic() >= next_time:
                self.press()
                next_time = time.monotonic() + AGAIN
            return False

        self.see(there, "the prompt after Ctrl-C")

    def forget_signs(self) -> None:
        while select.select([self._signs], [], [], 0)[0] and os.read(self._signs, 65536):
            pass

    def wait_for_signs(self, count: int = 5) -> None:
        """Wait for that many new signs of life. What is to be seen meanwhile is taken in."""
        self.forget_signs()

        def signed(lines: list[str]) -> bool:
            nonlocal count
            while count and select.select([self._signs], [], [], 0)[0]:
                count -= len(os.read(self._signs, 1))
            return not count

        self.see(signed, "signs of life")

    def leave(self) -> tuple[int, list[str]]:
        """Leave by ``exit``; give the status of the process and its last lines."""
        self.begin("exit")
        while self.read():
            pass
        return self.wait(), self.lines()

    def close(self) -> None:
        os.close(self._signs)


class TerminalHost(Host):
    """A program in a pseudo-terminal."""

    terminal = True

    def __init__(self, folder: Path, *arguments: str) -> None:
        super().__init__(folder)
        self._terminal = Terminal(
            [sys.executable, *arguments],
            cwd=folder,
            env=self.environment,
            rows=60,
            columns=200,
            deadline=PATIENCE,
        )
        self.prompt()

    def type(self, text: str) -> None:
        self._terminal.type(text)

    def lines(self) -> list[str]:
        return without_end(self._terminal.screen)

    def read(self) -> bool:
        return self._terminal.read()

    def press(self) -> None:
        self._terminal.press("ctrl-c")

    def wait(self) -> int:
        return self._terminal.exit_status()

    def close(self) -> None:
        self._terminal.close()
        super().close()


class PipeHost(Host):
    """The plain front end between two pipes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._text = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ipcore", "--simple-prompt", "--nosep"],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.prompt()

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.replace("\r", "\n").encode())
        self.process.stdin.flush()

    def lines(self) -> list[str]:
        # Nobody's typing ends the line of a prompt, so what follows stands in the same one.
        text = self._text.decode(errors="replace").replace("In [", "\nIn [")
        return without_end([line.rstrip() for line in text.split("\n")])

    def shown(self, line: str, prompt: str) -> str:
        return line.partition(prompt)[2].removeprefix(" ")

    def read(self) -> bool:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], 0.1)[0]:
            return True
        piece = os.read(self.process.stdout.fileno(), 65536)
        self._text += piece
        return bool(piece)

    def press(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        super().close()


class MessageHost(Host):
    """The host driven by messages, as its client sees it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        before = dict(os.environ)
        here = Path.cwd()
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(folder)
        try:
            self.client = Client()
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    @property
    def _name(self) -> str:
        return f"cell {self.number}"

    def begin(self, code: str) -> None:
        self.client.execute(self._name, code)

    def ended(self) -> list[str]:
        self.client.see("status", self._name, state="idle")
        return self._texts()

    def _texts(self) -> list[str]:
        texts = self.client.texts(self._name) + self.client.texts(self._name, "stderr")
        self.number += 1
        return [line for line in texts.split("\n") if line]

    def until(self, text: str) -> None:
        self.client.printed(self._name, text)

    def answer(self, prompt: str, text: str) -> None:
        self.client.see("question", self._name, prompt=prompt)
        self.client.send("answer", text=text)

    def interrupt(self) -> list[str]:
        self.client.interrupt(self._name, "status", state="idle")
        return self._texts()

    def lines(self) -> list[str]:
        return []

    def read(self) -> bool:
        select.select([self._signs], [], [], 0.1)
        return True

    def close(self) -> None:
        self.client.close()
        super().close()


#: Programs that open a shell in different places; ``count`` tells how their own task gets on.
EMBEDDING: Final = {
    "embed() in a function": """\
from prelude import *
from ipcore import embed

def work(n):
    embed(config=plain, confirm_exit=False, separate_in="")
    print("given back", n)

work(1)
""",
    "embed() inside asyncio.run": """\
from prelude import *
from ipcore import embed

outer = [0]

async def step():
    while True:
        outer[0] += 1
        await asyncio.sleep(0)

async def work(n):
    task = asyncio.create_task(step())
    await asyncio.sleep(0)
    embed(config=plain, confirm_exit=False, separate_in="")
    before = outer[0]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print("given back", n, "and the program goes on:", outer[0] > before)

asyncio.run(work(1))
""",
    "embed() in a worker thread": """\
from prelude import *
from ipcore import embed

def work(n):
    embed(config=plain, confirm_exit=False, separate_in="")
    print("given back", n)

thread = threading.Thread(target=work, args=(1,))
thread.start()
thread.join()
""",
    "await embed_async() in asyncio": """\
from prelude import *
from ipcore import embed_async

outer = [0]

async def step():
    while True:
        outer[0] += 1
        await asyncio.sleep(0.01)

async def work(n):
    task = asyncio.create_task(step())
    await embed_async(config=plain, confirm_exit=False, separate_in="")
    print("given back", n, "and the program goes on:", not task.done())

asyncio.run(work(1))
""",
}


def _embedding(name: str) -> Callable[[Path], Host]:
    def start(folder: Path) -> Host:
        folder.parent.mkdir(exist_ok=True)
        program = folder.with_suffix(".py")
        program.write_text(EMBEDDING[name])
        return TerminalHost(folder, str(program))

    return start


def _beside(file: str) -> str:
    return str(Path(__file__).with_name(file))


#: How each host is started, by its name in the table.
HOSTS: Final[dict[str, Callable[[Path], Host]]] = {
    "plain front end, terminal": lambda folder: TerminalHost(
        folder, "-m", "ipcore", "--simple-prompt", "--nosep", "--no-banner"
    ),
    "plain front end, pipe": PipeHost,
    "editor in its own thread": lambda folder: TerminalHost(folder, _beside("editor_host.py")),
    "editor that paints output": lambda folder: TerminalHost(folder, _beside("painting_host.py")),
    "driven by messages": MessageHost,
    **{name: _embedding(name) for name in EMBEDDING},
}
