"""The branch of the working directory's repository, and whether anything in it is changed.

git is asked in a thread, with a deadline: a repository may be huge, or on a disk that hangs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .children import OWN_CHILDREN
from .forks import end_before_forks

if TYPE_CHECKING:
    from subprocess import Popen

#: Seconds that git is given.
DEADLINE: Final = 2.0
#: Times that git may be too slow in one folder before it is asked no more there.
_PATIENCE: Final = 3
#: Folders whose state is kept, so that it is there at once when one comes back.
_KEPT: Final = 32
#: Seconds that the thread gets to end, once git was told to.
_ENDING: Final = 1.0


class State(NamedTuple):
    """What a repository is like."""

    branch: str
    """The branch, or the beginning of a commit's name."""
    dirty: bool
    """Whether files that it knows are changed."""


class Repository:
    """Knows the state of the repository that the working directory is in, as it was the last time.

    :param changed: is called when the state is another one; on the thread that asked git.
    :param program: git.
    """

    def __init__(self, changed: Callable[[], object], program: str = "git") -> None:
        self._changed = changed
        self._program = program
        self._states: dict[str, State | None] = {}
        self._slow: dict[str, int] = {}
        self._folder = ""
        self._lock = threading.Lock()
        #: The newest one, which may have ended.
        self._thread: threading.Thread | None = None
        self._asking = False
        self._process: Popen[bytes] | None = None
        self._again = False
        self._halted = False
        self._closed = False
        end_before_forks(self)

    @property
    def state(self) -> State | None:
        """What is known of the working directory; ``None`` for nothing."""
        return self._states.get(self._folder)

    def refresh(self) -> None:
        """Ask git, unless that is under way. Comes back at once."""
        try:
            self._folder = os.getcwd()
        except OSError:  # it is gone
            self._folder = ""
            return
        with self._lock:
            if self._closed or self._slow.get(self._folder, 0) >= _PATIENCE:
                return
            if self._asking:
                self._again = True
                return
            self._halted = False
            self._thread = threading.Thread(target=self._work, name=OWN_CHILDREN, daemon=True)
            self._thread.start()
            self._asking = True

    def close(self) -> None:
        """Ask no more; wait a moment for what is under way."""
        from ipcore.hosts.forking import end_thread

        self._closed = True
        thread = self.tell_to_end()
        if thread is not None:
            end_thread(thread, _ENDING)

    def tell_to_end(self) -> threading.Thread | None:
        """Have the thread end, and what it has started; gives the thread."""
        with self._lock:
            self._again = False
            self._halted = True
            thread, process = self._thread, self._process
        if process is not None:
            process.kill()
        return thread

    def forget(self) -> None:
        """Begin anew, in a forked child."""
        self._lock = threading.Lock()
        self._thread = self._process = None
        self._asking = self._again = False

    def _work(self) -> None:
        try:
            while True:
                self._look(self._folder)
                with self._lock:
                    if not self._again or self._closed:
                        self._asking = False
                        return
                    self._again = False
        except BaseException:
            self._asking = False  # it is asked again, whatever has gone wrong
            raise

    def _look(self, folder: str) -> None:
        """Ask for the state of a folder, keep it, and tell if it is news."""
        before = self._states.get(folder)
        state = self._ask(folder)
        while len(self._states) >= _KEPT and folder not in self._states:
            del self._states[next(iter(self._states))]
        self._states[folder] = state
        if state != before:
            self._changed()

    def _ask(self, folder: str) -> State | None:
        from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

        command = [self._program, "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
        options: dict[str, Any] = {}
        if os.name == "posix":
            options["start_new_session"] = True  # Ctrl-C at the prompt is not for it
        try:
            process = Popen(
                command,
                cwd=folder,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=DEVNULL,
                # It takes no lock that a git of the user's would wait for.
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
                **options,
            )
        except OSError:  # there is no git, or the folder is gone
            return None
        with process:
            with self._lock:
                self._process = process
                if self._halted:
                    process.kill()
            try:
                out, _ = process.communicate(timeout=DEADLINE)
            except TimeoutExpired:
                process.kill()
                self._slow[folder] = self._slow.get(folder, 0) + 1
                while len(self._slow) > _KEPT:
                    del self._slow[next(iter(self._slow))]
                return self._states.get(folder)
            finally:
                self._process = None
        if self._halted:  # by a fork, which says nothing of the repository
            return self._states.get(folder)
        return read_status(out.decode("utf-8", "replace")) if process.returncode == 0 else None


def read_status(text: str) -> State | None:
    """Read what ``git status --porcelain=v2 --branch`` says; ``None`` if it says nothing of a branch."""
    branch = commit = ""
    dirty = False
    for line in text.splitlines():
        if line.startswith("# branch.head "):
            branch = line.removeprefix("# branch.head ")
        elif line.startswith("# branch.oid "):
            commit = line.removeprefix("# branch.oid ")
        elif line and not line.startswith("#"):
            dirty = True
    if branch == "(detached)":
        branch = commit[:8]
    return State(branch, dirty) if branch else None
