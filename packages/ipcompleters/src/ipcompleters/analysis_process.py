"""The process of static analysis: started when it is first asked, and never waited for longer than wanted."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

if TYPE_CHECKING:
    import subprocess

#: What one name is: its text, its type, its signature.
Name = tuple[str, str, str]

#: Seconds after which a process that does not answer is killed. It ends itself a little earlier.
_HANGS: Final = 12.0

#: Seconds between two looks at whether the answer is still wanted.
_AGAIN: Final = 0.02

#: Seconds that the end of the process is waited for.
_ENDING: Final = 1.0

#: Answers that are kept, for the next Tab at the same place.
_MOST_ANSWERS: Final = 8

#: Times in a row that the process may end without an answer.
MOST_FAILURES: Final = 3

_PROGRAM: Final = Path(__file__).with_name("jedi_program.py")


class AnalysisError(RuntimeError):
    """The process does not answer, again and again."""


class AnalysisProcess:
    """A process that answers questions, one at a time. Safe from any thread.

    :param program: the file that it runs.
    """

    def __init__(self, program: Path = _PROGRAM) -> None:
        self._program = program
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        #: What is being answered; "" while the process starts.
        self._pending: str | None = None
        self._since = 0.0
        self._answers: OrderedDict[str, list[Name]] = OrderedDict()
        self._failures = 0
        #: Whether no process may be started: it is closed, or a fork is under way.
        self._closed = False
        self._held = False
        _see_forks()
        _all.add(self)

    @property
    def pid(self) -> int | None:
        """The process's number; ``None`` if there is none."""
        process = self._process
        return None if process is None else process.pid

    def ask(self, question: dict[str, Any], until: float, given_up: Callable[[], bool]) -> list[Name]:
        """Give the answer to a question; nothing if there is none in time. It is kept for the next time.

        :param until: when to go without, by ``time.monotonic()``.
        :param given_up: tells whether nobody wants it any more.
        :raises AnalysisError: if the process does not answer, the third time in a row.
        """
        key = json.dumps(question)
        with self._changed:
            while (answer := self._answers.get(key)) is None:
                if self._failures >= MOST_FAILURES:
                    raise AnalysisError(f"its process ended {MOST_FAILURES} times in a row without an answer")
                if self._pending is None:
                    if not self._send(key):
                        return []
                elif time.monotonic() - self._since > _HANGS:
                    self._kill()
                left = until - time.monotonic()
                if left <= 0 or given_up():
                    return []
                self._changed.wait(min(left, _AGAIN))
            return answer

    def close(self) -> None:
        """End the process, and wait until it has ended."""
        self._closed = True
        self._end()

    # -- the process -------------------------------------------------------------

    def _send(self, key: str) -> bool:
        """Have a question answered, or the process started first; tell whether either went well."""
        if self._closed or self._held:
            return False
        self._since = time.monotonic()
        if self._process is None:
            return self._start()
        assert self._process.stdin is not None
        self._pending = key
        try:
            self._process.stdin.write(key.encode() + b"\n")  # it waits for it: no buffer is full
            self._process.stdin.flush()
        except (OSError, ValueError):  # it has just ended, as it does when nothing is asked for long
            self._pending = None
            self._kill()
        return True

    def _start(self) -> bool:
        if not Path(sys.executable or "").name.lower().startswith(("python", "pypy")):
            return False  # a program that has Python built in: it would start once more
        import subprocess

        windows = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
        apart: dict[str, Any] = windows if os.name == "nt" else {"start_new_session": True}
        try:
            process = subprocess.Popen(
                # -E: PYTHONINSPECT and its like; -P: nothing from the folder of the program.
                [sys.executable, "-E", "-P", "-W", "ignore", str(self._program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                **apart,
            )
        except OSError:
            self._failures += 1
            return False
        assert process.stdin is not None
        self._process, self._pending = process, ""
        with suppress(OSError):  # it has ended, which the reader tells
            process.stdin.write(json.dumps(import_path()).encode() + b"\n")
            process.stdin.flush()
        self._reader = threading.Thread(
            target=self._read, args=(process,), name="ipshell static analysis", daemon=True
        )
        self._reader.start()
        return True

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _end(self) -> None:
        with self._changed:
            self._failures = 0
            self._pending = None
            self._kill()
            reader = self._reader
        if reader is not None and reader is not threading.current_thread():
            from ipcore.hosts.forking import end_thread

            end_thread(reader, _ENDING)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Take up answers until the process has ended."""
        assert process.stdout is not None
        assert process.stdin is not None
        for line in process.stdout:
            try:
                given = json.loads(line)
            except ValueError:  # something that was printed while Python started
                continue
            with self._changed:
                self._take(given)
        process.kill()  # it may have closed its output alone
        process.wait()
        process.stdout.close()
        with self._changed:
            with suppress(OSError):  # what was buffered cannot be written any more
                process.stdin.close()
            if self._process is process:
                self._process = self._reader = None
                if self._pending is not None:
                    self._failures += 1
                    self._keep(self._pending, [])  # another question may do better
                    self._pending = None
            self._changed.notify_all()

    def _take(self, given: Any) -> None:
        pending = self._pending
        if pending and isinstance(given, list):
            self._answers[pending] = [
                (str(name), str(kind), str(signature)) for name, kind, signature in given
            ]
            while len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)
            self._failures = 0
        elif pending is None or not (pending == "" and given == "ready"):
            return
        self._pending = None
        self._changed.notify_all()

    def _keep(self, question: str, answer: list[Name]) -> None:
        if question:
            self._answers[question] = answer
            while len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)

    def _forget(self) -> None:
        """Begin anew, in a forked child: the process, ended before the fork, was the parent's."""
        self._changed = threading.Condition()
        self._process = self._reader = self._pending = None
        self._held = False


def import_path() -> list[str]:
    """Give where modules are imported from, with full names."""
    return [os.path.abspath(each) for each in sys.path if isinstance(each, str)]


_all: WeakSet[AnalysisProcess] = WeakSet()
_forks_seen = False


def _see_forks() -> None:
    global _forks_seen
    if not _forks_seen:
        _forks_seen = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_end_all, after_in_parent=_go_on_all, after_in_child=_forget_all)


def _end_all() -> None:
    for each in list(_all):
        each._held = True
        each._end()


def _go_on_all() -> None:
    for each in list(_all):
        each._held = False


def _forget_all() -> None:
    for each in list(_all):
        each._forget()
