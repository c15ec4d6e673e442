"""What a test leaves behind: threads, descriptors, asyncio tasks and loops, child processes."""

from __future__ import annotations

import gc
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from fnmatch import fnmatchcase
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task

#: Seconds that what is just ending is given.
GRACE = 2.0

#: Kept by the standard library until the process ends; no plugin can end them.
_KEPT = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


class Leak(NamedTuple):
    """One thing that was left behind."""

    kind: str
    """``thread``, ``descriptor``, ``task``, ``event loop`` or ``process``."""
    name: str
    """What it is called, which :meth:`Leaks.allow` compares: a thread's or task's name, what a descriptor is
    open on, a command line."""
    details: str = ""
    """Where it comes from, as far as that can be told."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}{f' ({self.details})' if self.details else ''}"


#: Things by what tells them from others of their kind; each says what it is when it is asked.
_Things = dict[Hashable, Callable[[], Leak | None]]


class Leaks:
    """Finds what was left behind since it began: a context manager, and what the fixture ``no_leaks`` gives.

    Threads, descriptors, unfinished asyncio tasks, open event loops and child processes, those that ended and
    that nobody waited for included. Children of children are not looked for. On Windows, sockets are not
    seen, and of processes only those started by ``subprocess`` and ``multiprocessing``.

    :param allow: patterns of what may be left, see :meth:`allow`.
    :param grace: seconds that what is just ending is given.
    """

    def __init__(self, *, allow: Iterable[str] = (), grace: float = GRACE) -> None:
        self._allowed = list(allow)
        self._grace = grace
        self._before: set[Hashable] = set()
        #: Kept alive, so that no later object can take the place in memory of one that was there.
        self._held: list[object] = []

    def allow(self, *patterns: str) -> None:
        """Let things be left behind.

        :param patterns: as for files, for kind and name: ``"thread pool-*"``, ``"descriptor *.log"``.
        """
        self._allowed += patterns

    def start(self) -> None:
        """Take what is there now as given."""
        things, self._held = _all_there_is()
        self._before = set(things)

    def found(self) -> list[Leak]:
        """Give what was left behind. Waits until it has ended, the grace at most."""
        end = time.monotonic() + self._grace
        pause = 0.01
        leaks = self._look()
        if leaks:
            gc.collect()  # what nobody holds any more closes itself
            leaks = self._look()
        while leaks and time.monotonic() < end:
            # Nothing tells when a descriptor is closed or a process has ended: look again.
            threading.Event().wait(min(pause, max(0.0, end - time.monotonic())))
            pause = min(2 * pause, 0.2)
            leaks = self._look()
        return leaks

    def check(self) -> None:
        """Fail if something was left behind.

        :raises AssertionError: naming each.
        """
        __tracebackhide__ = True
        leaks = self.found()
        if leaks:
            raise AssertionError("this was left behind:\n" + "\n".join(f"  {leak}" for leak in leaks))

    def __enter__(self) -> Leaks:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        if error is None:  # else that comes first
            self.check()

    def _look(self) -> list[Leak]:
        things, held = _all_there_is()
        told = [tell() for key, tell in things.items() if key not in self._before]
        del held
        return [leak for leak in told if leak is not None and not self._may_stay(leak)]

    def _may_stay(self, leak: Leak) -> bool:
        return any(fnmatchcase(f"{leak.kind} {leak.name}", pattern) for pattern in self._allowed)


def _all_there_is() -> tuple[_Things, list[object]]:
    """Give all things, and the objects that must live as long as their keys are compared."""
    things: _Things = {}
    held: list[object] = []
    _add_threads(things, held)
    _add_descriptors(things)
    _add_tasks(things, held)
    _add_processes(things, held)
    return things, held


# -- threads -------------------------------------------------------------------


def _add_threads(things: _Things, held: list[object]) -> None:
    frames = sys._current_frames()
    known = set()
    for thread in threading.enumerate():
        known.add(thread.ident)
        # Python takes a thread that is not its own for a live one even when that has ended.
        if isinstance(thread, threading._DummyThread) and thread.ident not in frames:
            continue
        held.append(thread)
        things["thread", id(thread)] = lambda thread=thread: _told_thread(thread)  # type: ignore[misc]
    for ident in frames:
        if ident not in known:
            things["thread", "foreign", ident] = lambda ident=ident: _told_foreign(ident)  # type: ignore[misc]


def _told_thread(thread: threading.Thread) -> Leak | None:
    if not thread.is_alive():
        return None
    parts = ["a daemon"] if thread.daemon else []
    target = getattr(thread, "_target", None)
    if target is not None:
        parts.append(f"runs {_name_of(target)}")
    elif type(thread) is not threading.Thread:
        parts.append(f"a {type(thread).__module__}.{type(thread).__qualname__}")
    parts.append(_place(thread.ident))
    return Leak("thread", thread.name, ", ".join(filter(None, parts)))


def _told_foreign(ident: int) -> Leak | None:
    place = _place(ident)
    return Leak("thread", str(ident), f"not started by threading, {place}") if place else None


def _place(ident: int | None) -> str:
    """Tell where a thread is: the innermost frame, and the innermost outside of the standard library."""
    frame = sys._current_frames().get(ident or 0)
    if frame is None:
        return ""
    library = os.path.dirname(threading.__file__)
    inner = frame
    while frame is not None and os.path.dirname(frame.f_code.co_filename).startswith(library):
        if "site-packages" in frame.f_code.co_filename:
            break
        frame = frame.f_back
    frame = frame or inner
    return f"is at {frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"


def _name_of(function: Any) -> str:
    function = getattr(function, "func", function)  # functools.partial
    name = getattr(function, "__qualname__", None)
    if name is None:
        return type(function).__qualname__
    module = getattr(function, "__module__", None)
    return f"{module}.{name}" if module else str(name)


# -- descriptors ---------------------------------------------------------------


def _add_descriptors(things: _Things) -> None:
    kept = _tracker_descriptor()
    for number in _numbers():
        try:
            status = os.fstat(number)
        except OSError:  # the one that the folder itself was read with
            continue
        if number == kept:
            continue
        key = ("descriptor", number, status.st_dev, status.st_ino, stat.S_IFMT(status.st_mode))
        things[key] = lambda number=number, mode=status.st_mode: _told_descriptor(number, mode)  # type: ignore[misc]


def _numbers() -> Iterable[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(name) for name in os.listdir(folder)]
        except OSError:
            continue
    return range(2048)  # as many as Windows has


def _tracker_descriptor() -> int | None:
    """Give the descriptor that multiprocessing keeps for its helper process, if there is one."""
    module = sys.modules.get("multiprocessing.resource_tracker")
    number = getattr(getattr(module, "_resource_tracker", None), "_fd", None)
    return number if isinstance(number, int) else None


def _told_descriptor(number: int, mode: int) -> Leak | None:
    if stat.S_ISSOCK(mode):
        return Leak("descriptor", _socket_name(number), f"number {number}")
    name = _path_of(number)
    if not name:
        kinds = {
            stat.S_IFIFO: "a pipe",
            stat.S_IFREG: "a file",
            stat.S_IFDIR: "a folder",
            stat.S_IFCHR: "a device",
        }
        name = kinds.get(stat.S_IFMT(mode), "of an unknown kind")
    return Leak("descriptor", name, f"number {number}")


def _path_of(number: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        pass
    if sys.platform == "darwin":
        import fcntl

        try:
            return os.fsdecode(fcntl.fcntl(number, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        except OSError:  # none that has a path
            return ""
    return ""


def _socket_name(number: int) -> str:
    import socket

    try:
        with socket.socket(fileno=os.dup(number)) as copy:
            family = getattr(copy.family, "name", str(copy.family))
            ends = [copy.getsockname()]
            with suppress(OSError):  # connected to nobody
                ends.append(copy.getpeername())
    except OSError:
        return "a socket"
    shown = [f"{end[0]}:{end[1]}" if isinstance(end, tuple) and len(end) > 1 else str(end) for end in ends]
    return f"a socket {family} {' to '.join(filter(None, shown))}".rstrip()


# -- asyncio -------------------------------------------------------------------


def _add_tasks(things: _Things, held: list[object]) -> None:
    asyncio = sys.modules.get("asyncio")
    task_kind: Any = getattr(asyncio, "Task", None)
    loop_kind: Any = getattr(asyncio, "AbstractEventLoop", None)
    if task_kind is None or loop_kind is None:  # nobody has one, or somebody is importing it this moment
        return
    # asyncio gives the tasks of one loop, and only of those that it knows itself.
    for each in gc.get_objects():
        kind = type(each)  # not isinstance(), which asks the object for its __class__
        if issubclass(kind, task_kind):
            held.append(each)
            things["task", id(each)] = lambda task=each: _told_task(task)  # type: ignore[misc]
        elif issubclass(kind, loop_kind):
            held.append(each)
            things["loop", id(each)] = lambda loop=each: _told_loop(loop)  # type: ignore[misc]


def _told_task(task: Task[Any]) -> Leak | None:
    if task.done():
        return None
    coroutine = task.get_coro()
    frame = getattr(coroutine, "cr_frame", None)
    place = f", is at {frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else ""
    return Leak("task", task.get_name(), f"runs {_name_of(coroutine)}{place}")


def _told_loop(loop: AbstractEventLoop) -> Leak | None:
    if loop.is_closed():
        return None
    state = "running" if loop.is_running() else "not running"
    return Leak("event loop", type(loop).__qualname__, f"open, {state}")


# -- processes -----------------------------------------------------------------


def _add_processes(things: _Things, held: list[object]) -> None:
    if sys.platform == "win32":
        _add_known_processes(things, held)
        return
    rows = _from_proc() if os.path.exists("/proc/self/stat") else _from_ps()
    for key, pid, state, command in rows:
        if any(kept in command for kept in _KEPT):
            continue
        ended = ", ended, and nobody has waited for it" if state.startswith("Z") else ""
        leak = Leak("process", command, f"number {pid}{ended}")
        things["process", key] = lambda leak=leak: leak  # type: ignore[misc]


def _from_proc() -> Iterable[tuple[Hashable, int, str, str]]:
    """Give our children: what tells one, number, state, command."""
    own = os.getpid()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                head, _, rest = file.read().rpartition(")")
            fields = rest.split()
            if int(fields[1]) != own:
                continue
            with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                command = file.read().replace("\0", " ").strip()
        except OSError:  # it has ended meanwhile
            continue
        # The time it started at, as numbers are used again.
        yield (name, fields[19]), int(name), fields[0], command or head.partition("(")[2]


def _from_ps() -> Iterable[tuple[Hashable, int, str, str]]:
    import subprocess

    command = ["ps", "-axww", "-o", "pid=,ppid=,state=,command="]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as ps:
        try:
            text, _ = ps.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            ps.kill()
            return
    for line in text.splitlines():
        pid, parent, state, *words = line.split(None, 3)
        if int(parent) == os.getpid() and int(pid) != ps.pid:
            yield int(pid), int(pid), state, words[0] if words else ""


def _add_known_processes(things: _Things, held: list[object]) -> None:
    """Add the processes that an object of the standard library stands for."""
    popen = getattr(sys.modules.get("subprocess"), "Popen", None)
    if popen is not None:
        for each in gc.get_objects():
            if issubclass(type(each), popen):
                held.append(each)
                things["process", id(each)] = lambda each=each: _told_popen(each)  # type: ignore[misc]
    if "multiprocessing" in sys.modules:
        import multiprocessing

        for child in multiprocessing.active_children():
            held.append(child)
            leak = Leak("process", child.name, f"number {child.pid}")
            things["process", id(child)] = lambda leak=leak: leak  # type: ignore[misc]


def _told_popen(process: Any) -> Leak | None:
    if process.poll() is not None:
        return None
    import subprocess

    words = process.args
    command = words if isinstance(words, str) else subprocess.list2cmdline([str(word) for word in words])
    return Leak("process", command, f"number {process.pid}")
