"""Running commands of the system shell, on the terminal or with their output captured.

The command gets the terminal itself where there is one, so full-screen programs and prompts
work and Ctrl-C reaches it as it would from any shell. Where Python's own streams are
not the process's (a captured cell, a notebook, a test), the output is written to them as it
comes. No process outlives the call, unless it put itself into the background.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO, overload

from ..errors import UserError
from .slist import LSString, SList

if TYPE_CHECKING:
    from queue import Queue
    from subprocess import Popen

#: What :func:`run` and :func:`capture` give for a command that Ctrl-C ended.
INTERRUPTED = -2

#: How long, in seconds, a command that must end is given before the next stronger signal.
_GRACE = 2.0
_KILL: int = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has but one way to end a process
#: How often, in seconds, a wait for output looks up (on Windows Ctrl-C does not wake a wait).
_TICK = 0.1
#: Pieces of output that may wait to be written, and how many bytes each has at most.
_PIECES, _PIECE = 64, 65536

_MISTAKES = {
    "cd": "a child process cannot change the shell's directory: use %cd",
    "pip": "this is the first pip on the path, maybe of another Python: %pip is the one of this Python",
    "conda": "this may be the conda of another environment: %conda is the one of this Python",
}
_WORDS = re.compile(r"\s*(cd|pip|conda)(?:\s+[^|&;<>`$()]*)?\s*\Z")


class BackgroundError(UserError, OSError):
    """A command asked to go on in the background where its output has to be collected."""


def run(command: str, *, reads: bool = True) -> int:
    """Run a command, its output going to the user. Blocks until it ends.

    :param command: for the shell named by ``SHELL`` (Windows: ``COMSPEC``).
    :param reads: whether it gets our standard input; else it has an empty one.
    :returns: its exit status; the negative number of the signal that ended it; -2 after Ctrl-C.
    :raises UserError: if the command is empty or holds a NUL character, or if there is no such shell.
    :raises BackgroundError: for a trailing ``&`` where output goes through Python's own streams.
    """
    sinks = [None if _is_process_stream(1) else _writer(sys.stdout), _error_sink()]
    if any(sinks) and re.search(r"(?<!&)&\s*\Z", command):
        raise BackgroundError("no background commands here: leave out the trailing &")
    return _run(command, *sinks, reads=reads)


@overload
def capture(command: str, split: Literal[True] = True, *, reads: bool = True) -> tuple[SList, int]: ...
@overload
def capture(command: str, split: Literal[False], *, reads: bool = True) -> tuple[LSString, int]: ...
@overload
def capture(command: str, split: bool, *, reads: bool = True) -> tuple[SList | LSString, int]: ...
def capture(command: str, split: bool = True, *, reads: bool = True) -> tuple[SList | LSString, int]:
    """Run a command and collect its standard output. Blocks until all of it is there.

    What it writes to standard error goes to the user. Bytes that are no text in the
    locale's encoding come out as U+FFFD.

    :param split: give lines without their ends, else the text as it came.
    :param reads: as for :func:`run`.
    :returns: the output, of an interrupted command what there was, and the status as of :func:`run`.
    :raises UserError: if the command is empty or holds a NUL character, or if there is no such shell.
    """
    pieces: list[str] = []
    status = _run(command, pieces.append, _error_sink(), reads=reads)
    text = "".join(pieces)
    if not split:
        return LSString(text), status
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    return SList(lines), status


def warn_common_mistake(command: str) -> str | None:
    """Give a warning for a command that does not do what its user likely wants.

    :param command: without the ``!``. Only a command alone counts: ``cd x && make`` is fine.
    :returns: one line, or ``None``.
    """
    match = _WORDS.match(command)
    return f"!{match[1]}: {_MISTAKES[match[1]]}" if match else None


def shell_arguments(command: str, directory: str) -> tuple[list[str] | str, str | None]:
    """Tell how to start a command in the system shell.

    :param command: as typed.
    :param directory: the working directory.
    :returns: arguments for a new process, and the directory to start it in, ``None`` for the same.
    """
    if sys.platform != "win32":
        return [os.environ.get("SHELL") or "/bin/sh", "-c", command], None
    start_in = None
    if directory.startswith("\\\\"):  # cmd cannot be in a network directory; pushd gives it a drive letter
        command = f'pushd "{directory}" && {command}'
        start_in = os.environ.get("SYSTEMROOT", "C:\\")
    return f'{os.environ.get("COMSPEC", "cmd.exe")} /d /s /c "{command}"', start_in


Sink = Callable[[str], object]


def _run(command: str, output: Sink | None, errors: Sink | None, *, reads: bool) -> int:
    """Run a command; a channel without a sink goes to the process's own stream."""
    if not command.strip():
        raise UserError("there is no command after the !")
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)
    on_terminal = _owns_terminal()
    with _Signals(on_terminal) as signals:
        process = _start(command, reads, output is not None, errors is not None, on_terminal)
        try:
            signals.forward_to(process)
            channels = [
                (pipe, sink)
                for pipe, sink in ((process.stdout, output), (process.stderr, errors))
                if pipe is not None and sink is not None
            ]
            if channels:
                _pump(channels, lambda: signals.interrupted and process.poll() is not None)
            status = process.wait()
        except BaseException:
            _end(process, on_terminal)
            raise
        if signals.interrupted and not on_terminal:
            _signal_group(process, _KILL)  # what it started and what did not listen
    if sys.platform != "win32" and 128 < status < 128 + signal.NSIG:
        status = 128 - status  # the shell's way to say that its child was ended by a signal
    if signals.interrupted and (status < 0 or (sys.platform == "win32" and status)):
        return INTERRUPTED
    return status


def _start(
    command: str, reads: bool, pipe_output: bool, pipe_errors: bool, on_terminal: bool
) -> Popen[bytes]:
    from subprocess import DEVNULL, PIPE, Popen

    arguments, directory = shell_arguments(command, _working_directory())
    more: dict[str, Any] = {}
    if sys.platform != "win32" and not on_terminal:
        more["process_group"] = 0  # so that what the command started can be signalled too
    try:
        return Popen(
            arguments,
            cwd=directory,
            stdin=None if reads else DEVNULL,
            stdout=PIPE if pipe_output else None,
            stderr=PIPE if pipe_errors else None,
            bufsize=0,
            **more,
        )
    except ValueError as error:  # a NUL, or a character that the file system's encoding lacks
        raise UserError(f"the command cannot be passed to the system shell: {error}") from None
    except OSError as error:
        shell = arguments[0] if isinstance(arguments, list) else os.environ.get("COMSPEC", "cmd.exe")
        variable = "COMSPEC" if sys.platform == "win32" else "SHELL"
        raise UserError(
            f"the system shell {shell} could not be started: {error.strerror or error}. "
            f"Set the environment variable {variable} to one that can."
        ) from None


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed; the child's business
        return ""


def _is_process_stream(descriptor: Literal[1, 2]) -> bool:
    """Tell whether Python writes where a child process would write by itself."""
    stream = sys.stdout if descriptor == 1 else sys.stderr
    if stream is None:  # no stream at all, as under pythonw: nothing to write to
        return True
    try:
        return stream.fileno() == descriptor
    except (AttributeError, OSError, ValueError):
        return False


def _error_sink() -> Sink | None:
    return None if _is_process_stream(2) else _writer(sys.stderr)


def _writer(stream: TextIO) -> Sink:
    def write(text: str) -> None:
        stream.write(text.replace("\r\n", "\n") if os.linesep == "\r\n" else text)
        _flush(stream)

    return write


def _flush(stream: TextIO | None) -> None:
    if stream is not None:
        with suppress(OSError, ValueError, AttributeError):  # closed, its reader gone, or no real stream
            stream.flush()


def _owns_terminal() -> bool:
    """Tell whether the command will be in a terminal's foreground, where Ctrl-C reaches it directly."""
    if sys.platform == "win32":
        return True  # children share the console
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:  # there is none
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


class _Signals:
    """What becomes of signals while a command runs.

    On a terminal the command has got Ctrl-C itself and decides what it means (an editor
    or an interpreter goes on), as in any shell. Elsewhere it gets what we get, and if it does
    not end of Ctrl-C it is made to. Without effect outside of the main thread.
    """

    def __init__(self, on_terminal: bool) -> None:
        self.interrupted = False
        self._on_terminal = on_terminal
        self._process: Popen[bytes] | None = None
        self._deadline: threading.Timer | None = None
        self._leaving = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Signals:
        if threading.current_thread() is not threading.main_thread():
            return self
        handlers: dict[int, Any] = {signal.SIGINT: self._interrupt}
        if sys.platform != "win32":
            # The terminal's quit key is for the command; a request to end takes it with us.
            others: dict[int, Any] = {signal.SIGQUIT: _ignore}
            if not self._on_terminal:
                others = {signal.SIGTERM: self._leave, signal.SIGHUP: self._leave}
            handlers |= {n: each for n, each in others.items() if signal.getsignal(n) == signal.SIG_DFL}
        for number, handler in handlers.items():
            if signal.getsignal(number) is not None:  # None: set by C code, could not be put back
                self._before[number] = signal.signal(number, handler)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline.join()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        interrupts = sys.modules.get("ipcore.hosts.interrupts")
        if interrupts is not None:
            interrupts.rearm()
        if self._leaving:
            os.kill(os.getpid(), self._leaving)

    def forward_to(self, process: Popen[bytes]) -> None:
        """Begin to pass signals on to a process, those first that came while it was started."""
        self._process = process
        if self._leaving:
            self._leave(self._leaving, None)
        elif self.interrupted and self._deadline is None:
            self._interrupt(signal.SIGINT, None)

    def _interrupt(self, number: int, frame: object) -> None:
        self.interrupted = True
        if self._process is None or self._on_terminal:
            return
        _signal_group(self._process, number)
        if self._deadline is None:
            self._deadline = threading.Timer(_GRACE, _signal_group, [self._process, _KILL])
            self._deadline.daemon = True
            self._deadline.start()

    def _leave(self, number: int, frame: object) -> None:
        self._leaving = number
        if self._process is not None:
            _signal_group(self._process, number)
            signal.signal(number, self._before.pop(number))
            os.kill(os.getpid(), number)


def _ignore(number: int, frame: object) -> None:
    """Do nothing. Unlike ``SIG_IGN`` a handler is not inherited by the command."""


def _signal_group(process: Popen[bytes], number: int) -> None:
    """Signal a command that leads a process group of its own, and what it started."""
    if sys.platform == "win32":
        process.terminate()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _end(process: Popen[bytes], on_terminal: bool) -> None:
    """End a process that may still run, and reap it."""
    from subprocess import TimeoutExpired

    for number in (signal.SIGTERM, _KILL):
        if on_terminal:
            process.send_signal(number)
        else:
            _signal_group(process, number)
        with suppress(TimeoutExpired):
            process.wait(_GRACE)
            break


def _pump(channels: list[tuple[IO[bytes], Sink]], give_up: Callable[[], bool]) -> None:
    """Hand what comes through pipes to their sinks until all are at their end.

    Pipes are read in threads (nothing else waits for several on every platform), sinks are
    called in this one, so that output belongs to the cell that runs here.

    :param give_up: asked when nothing comes; true if no more is worth waiting for.
    """
    import codecs
    import locale
    from queue import Empty, Queue

    pieces: Queue[tuple[int, bytes]] = Queue(_PIECES)
    over = threading.Event()
    decoder = codecs.getincrementaldecoder(locale.getpreferredencoding(False))
    decoders = [decoder("replace") for _ in channels]
    for index, (pipe, _) in enumerate(channels):
        threading.Thread(
            target=_read, args=(pipe, index, pieces, over), name="ipshell command output", daemon=True
        ).start()
    left = len(channels)
    try:
        while left:
            try:
                index, piece = pieces.get(timeout=_TICK)
            except Empty:
                if give_up():
                    break
                continue
            if text := decoders[index].decode(piece, not piece):
                channels[index][1](text)
            left -= not piece
    finally:
        over.set()


def _read(pipe: IO[bytes], index: int, pieces: Queue[tuple[int, bytes]], over: threading.Event) -> None:
    """Read a pipe to its end, which is an empty piece, and close it."""
    from queue import Full

    with pipe:
        piece = b"more"
        while piece and not over.is_set():
            piece = pipe.read(_PIECE)
            while not over.is_set():
                with suppress(Full):
                    pieces.put((index, piece), timeout=_TICK)
                    break
