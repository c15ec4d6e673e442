"""A program in a session of its own, on a pseudo-terminal: how it starts, how it is, how it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

#: Seconds that a program has to end by itself when its terminal is closed.
_GRACE: Final = 2.0
#: Seconds for what takes no time: a program to start, a killed one to end.
_SOON: Final = 30.0

# Runs in the new session before the program: takes the terminal, gives signals their default
# meaning (what started the tests may ignore some), and becomes the program. A function that runs
# between fork and exec would do the same, but not in a process with threads.
_LAUNCHER: Final = """\
import fcntl, os, signal, socket, sys, termios
with socket.socket(fileno=int(sys.argv[1])) as channel:
    channel.set_inheritable(False)
    with channel.makefile("rb") as told:
        count, *words = told.read().split(b"\\0")
    try:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        for number in signal.valid_signals():
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                try:
                    signal.signal(number, signal.SIG_DFL)
                except (OSError, ValueError):
                    pass
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        arguments, variables = words[1 : int(count) + 1], words[int(count) + 1 :]
        os.execve(words[0], arguments, dict(each.split(b"=", 1) for each in variables))
    except OSError as error:
        channel.sendall(str(error).encode())
        os._exit(127)
"""


class TtyMode(NamedTuple):
    """How the terminal's driver in the kernel treats input and output."""

    #: Input comes line by line, and can be edited by the driver.
    canonical: bool
    #: What is typed is shown by the driver.
    echo: bool
    #: Ctrl-C, Ctrl-Z and Ctrl-\\ send signals.
    signals: bool
    #: Enter comes in as a line feed.
    enter_is_newline: bool
    #: A line feed that is written goes to the first column too.
    newline_returns: bool
    #: Ctrl-S and Ctrl-Q stop and start the output.
    flow_control: bool


class Program:
    """A program that leads a session and a process group of its own, on a terminal of its own.

    :param words: the program and its arguments.
    :param cwd: the directory that it is started in.
    :param env: its environment.
    :param rows: height of the terminal.
    :param columns: width of the terminal.
    :raises FileNotFoundError: if there is no such program.
    :raises OSError: if it cannot be started.
    :raises ValueError: if there is no program, no room, or a NUL character somewhere.
    :raises NotImplementedError: on Windows.
    """

    def __init__(
        self, words: list[str], cwd: str | Path | None, env: Mapping[str, str], rows: int, columns: int
    ) -> None:
        if sys.platform == "win32":
            raise NotImplementedError("pseudo-terminals of this kind are POSIX's: Windows has none")
        import termios

        if not words or not words[0]:
            raise ValueError("no program is named")
        if rows < 1 or columns < 1:
            raise ValueError(f"a terminal of {rows} rows and {columns} columns has no place for anything")
        if any("\0" in text for text in (*words, *env, *env.values())):
            raise ValueError("no argument and no environment variable can hold a NUL character")
        path = _found(words[0], cwd, env)
        message = [str(len(words)), path, *words, *(f"{name}={value}" for name, value in env.items())]
        self._ended: int | None = None
        self._closed = False
        #: Our end of the terminal; -1 when it is closed.
        self.descriptor, other = os.openpty()
        ours, theirs = socket.socketpair()
        with ours:
            try:
                termios.tcsetwinsize(other, (rows, columns))
                self._process = subprocess.Popen(
                    [sys.executable, "-ISc", _LAUNCHER, str(theirs.fileno())],
                    cwd=cwd,
                    stdin=other,
                    stdout=other,
                    stderr=other,
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                )
            except BaseException:
                self.hang_up()
                raise
            finally:
                os.close(other)
                theirs.close()
            os.set_blocking(self.descriptor, False)
            try:
                ours.settimeout(_SOON)
                ours.sendall(b"\0".join(os.fsencode(word) for word in message))
                ours.shutdown(socket.SHUT_WR)
                # Closed when the launcher becomes the program.
                if failure := ours.recv(65536):
                    raise OSError(f"cannot start {words[0]}: {failure.decode(errors='replace')}")
            except BaseException:
                self.close()
                raise

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status() is None

    def status(self) -> int | None:
        """Give the status that it has ended with, or minus the number of the signal that ended it.

        It stays a zombie until :meth:`close`: until then its number, and that of its process group,
        belong to nobody else. Python's own way would give them away.
        """
        if self._ended is None:
            if sys.platform == "win32" or not hasattr(os, "waitid"):  # macOS before Python 3.13
                self._ended = self._process.poll()
            elif done := os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
                self._ended = done.si_status if done.si_code == os.CLD_EXITED else -done.si_status
        return self._ended

    def fate(self) -> str:
        """Say how it is."""
        status = self.status()
        if status is None:
            return f"is still running (process {self.pid})"
        if status >= 0:
            return f"has ended with status {status}"
        try:
            return f"was ended by {signal.Signals(-status).name}"
        except ValueError:
            return f"was ended by signal {-status}"

    def wait(self, seconds: float) -> bool:
        """Wait for its end; tell whether that has come."""
        end = time.monotonic() + seconds
        while self.running:
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(0.01, left))
        return True

    def has_stopped(self) -> bool:
        """Tell whether it has been stopped since the last call."""
        number, _ = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED) if self.running else (0, 0)
        return number != 0

    def set_size(self, rows: int, columns: int) -> None:
        """Change the size of the terminal; the process group in its foreground gets SIGWINCH."""
        import termios

        termios.tcsetwinsize(self._open(), (rows, columns))

    def tty_mode(self) -> TtyMode:
        """Give how the driver treats the terminal now."""
        import termios

        flags = termios.tcgetattr(self._open())
        return TtyMode(
            canonical=bool(flags[3] & termios.ICANON),
            echo=bool(flags[3] & termios.ECHO),
            signals=bool(flags[3] & termios.ISIG),
            enter_is_newline=bool(flags[0] & termios.ICRNL),
            newline_returns=bool(flags[1] & termios.OPOST),
            flow_control=bool(flags[0] & termios.IXON),
        )

    def _open(self) -> int:
        if self.descriptor < 0:
            raise ValueError("this terminal is closed")
        return self.descriptor

    def hang_up(self) -> None:
        """Close the terminal: its session gets SIGHUP."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def close(self) -> None:
        """Hang up, wait for a moment, kill what is left: its process group, and that in the foreground."""
        if self._closed:
            return
        self._closed = True
        groups = {self.pid, self._foreground()}
        self.hang_up()
        try:
            self.wait(_GRACE)
        finally:
            if self._process.returncode is None:
                for group in groups:
                    # Not permitted: what macOS says of a group of zombies.
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(group, signal.SIGKILL)
                self.wait(_SOON)
                self._process.wait(_SOON)

    def _foreground(self) -> int:
        """Give the process group that has the terminal, if it belongs to this session."""
        with suppress(OSError):
            group = os.tcgetpgrp(self.descriptor)
            if group > 0 and os.getsid(group) == self.pid:
                return group
        return self.pid


def _found(program: str, cwd: str | Path | None, env: Mapping[str, str]) -> str:
    """Find a program as the kernel and the search path would."""
    if os.sep in program:
        path = os.path.join(cwd or ".", program)
        if not os.path.exists(path):
            raise FileNotFoundError(f"there is no program {path}")
        return os.path.abspath(path)
    found = shutil.which(program, path=env.get("PATH", os.defpath))
    if found is None:
        raise FileNotFoundError(f"there is no program {program!r} on the PATH")
    return os.path.abspath(found)
