"""The cell put in order by a formatter that is installed: on demand, and before Enter runs it.

Formatters are programs of their own, so that one which hangs is ended, and none keeps anybody from typing.
Magics and other escapes are hidden from them.
"""

from __future__ import annotations

import asyncio
import re
import sys
import threading
from concurrent.futures import Future
from importlib.util import find_spec
from shutil import which
from subprocess import PIPE, CalledProcessError, Popen, TimeoutExpired
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.keys import Keys

from ipcore.cells.logical_lines import ESCAPE, scan

from .children import OWN_CHILDREN
from .edits import blanks_of
from .entering import finished
from .forks import end_before_forks
from .indentation import PYTHON_BODIES

if TYPE_CHECKING:
    from .editor import Editor

#: Name → the arguments with which it is run as a module of Python: from standard input to standard output.
FORMATTERS: Final = {
    "black": ("black", "--quiet", "-"),
    "ruff": ("ruff", "format", "--quiet", "--stdin-filename", "cell.py", "-"),
    "yapf": ("yapf",),
}
#: Seconds that a formatter has, and that it has while the cell waits for it to be run.
PATIENCE: Final = 5.0
BEFORE_RUN: Final = 3.0

_CELL_MAGIC = re.compile(r"\s*%%(\w*)[^\n]*\n")


class Unformatted(Exception):
    """A formatter has not done its work; says why, in one line."""


class Unsuited(Unformatted):
    """The cell is none that a formatter can put in order, which need not be told when it runs."""


# -- what a formatter is given -------------------------------------------------


def hidden(text: str) -> tuple[str, str, list[str]]:
    """Put something in place of escapes that a formatter leaves alone.

    :returns: what stands before the code and is not given to it, the code, and the escapes in order.
    :raises Unsuited: for the cell magic of another language.
    """
    head = ""
    magic = _CELL_MAGIC.match(text)
    if magic or text.lstrip().startswith("%%"):
        if magic is None or magic.group(1) not in PYTHON_BODIES:
            raise Unsuited("what is in this cell magic is no Python")
        head, text = magic.group(), text[magic.end() :]
    escapes: list[str] = []
    pieces: list[str] = []
    done = 0
    for line in scan(text):
        if line.kind < ESCAPE:
            continue
        escape = text[line.code : line.end].rstrip("\n")
        pieces += text[done : line.code], _stand_in(len(escapes))
        escapes.append(escape)
        done = line.code + len(escape)
    return head, "".join(pieces) + text[done:], escapes


def _stand_in(number: int) -> str:
    return f"__escape_{number}__"


def shown(head: str, code: str, escapes: list[str]) -> str:
    """Undo :func:`hidden`.

    :raises Unformatted: if an escape is not there any more, or twice.
    """
    for number, escape in enumerate(escapes):
        if code.count(_stand_in(number)) != 1:
            raise Unformatted("a magic got lost in it")
        code = code.replace(_stand_in(number), escape)
    return head + code


def same_place(old: str, cursor: int, new: str) -> int:
    """Find the cursor's place in a text whose blanks have changed: behind as many other characters."""
    left = sum(not character.isspace() for character in old[:cursor])
    if not left:
        return 0
    for index, character in enumerate(new):
        left -= not character.isspace()
        if not left:
            return index + 1
    return len(new)


# -- running one ---------------------------------------------------------------


async def formatted(text: str, name: str, patience: float | None = None) -> str:
    """Have a text formatted.

    :param name: one of :data:`FORMATTERS`.
    :param patience: seconds that it may take; :data:`PATIENCE` by default.
    :raises Unformatted: if that does not work.
    """
    if not text.strip():
        return text
    head, code, escapes = hidden(text)
    margin = blanks_of(code.lstrip("\n"))
    if margin:
        raise Unsuited("the cell begins with blanks")
    new = await _run(name, code if code.endswith("\n") else code + "\n", patience or PATIENCE)
    return shown(head, new if text.endswith("\n") else new.rstrip("\n"), escapes)


async def _run(name: str, code: str, patience: float) -> str:
    """Run a formatter beside the editor: its loop starts no programs on every system."""
    running = _Running(command(name), code, patience)
    try:
        return await asyncio.wrap_future(running.answer)
    except asyncio.CancelledError:
        running.tell_to_end()
        raise
    except OSError as error:
        raise Unformatted(f"{name} cannot be started: {error}") from error
    except TimeoutExpired:
        raise Unformatted(f"{name} has not answered within {patience:g} s") from None
    except CalledProcessError as error:
        raise Unsuited(f"{name}: {_reason(error.stderr.decode('utf-8', 'replace'))}") from None


class _Running:
    """A formatter that runs, and the thread that waits for it. Both end before a fork."""

    def __init__(self, words: list[str], code: str, patience: float) -> None:
        self.answer: Future[str] = Future()
        self._process: Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._halted = False
        self._thread: threading.Thread | None = threading.Thread(
            target=self._work, args=(words, code, patience), name=OWN_CHILDREN, daemon=True
        )
        end_before_forks(self)
        self._thread.start()

    def tell_to_end(self) -> threading.Thread | None:
        """Have the formatter end, and the thread with it; gives the thread."""
        with self._lock:
            self._halted = True
            if self._process is not None:
                self._process.kill()
        return self._thread

    def forget(self) -> None:
        """Do nothing more, in a forked child."""
        self._lock = threading.Lock()
        self._thread = self._process = None

    def _work(self, words: list[str], code: str, patience: float) -> None:
        try:
            answer = self._ask(words, code, patience)
        except BaseException as error:
            self._give(error)
        else:
            self._give(answer)

    def _give(self, answer: str | BaseException) -> None:
        if self.answer.set_running_or_notify_cancel():  # else nobody waits
            if isinstance(answer, str):
                self.answer.set_result(answer)
            else:
                self.answer.set_exception(answer)

    def _ask(self, words: list[str], code: str, patience: float) -> str:
        options: dict[str, Any] = {} if sys.platform == "win32" else {"start_new_session": True}
        with Popen(words, stdin=PIPE, stdout=PIPE, stderr=PIPE, **options) as process:  # Ctrl-C is not for it
            with self._lock:
                self._process = process
                if self._halted:
                    process.kill()
            try:
                output, errors = process.communicate(code.encode("utf-8", "surrogatepass"), patience)
            finally:
                with self._lock:
                    self._process = None
                if process.returncode is None:
                    process.kill()
        if self._halted:
            raise Unformatted("the process has forked meanwhile")
        if process.returncode:
            raise CalledProcessError(process.returncode, words, output, errors)
        text: str = output.decode("utf-8")
        return text.replace("\r\n", "\n")


def command(name: str) -> list[str]:
    """Give the command of a formatter: of this environment, else of the user's search path.

    :raises Unformatted: if there is neither.
    """
    if find_spec(FORMATTERS[name][0]) is not None:
        return [sys.executable, "-P", "-m", *FORMATTERS[name]]  # not what lies in the working directory
    program = which(name)
    if program is None:
        raise Unformatted(f"{name} is installed neither in {sys.prefix} nor on the search path")
    return [program, *FORMATTERS[name][1:]]


def _reason(errors: str) -> str:
    """Give the line of an error that says most: the first that is not blank."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return re.sub(r"^error: ", "", lines[0]) if lines else "it gave no reason"


# -- in the editor -------------------------------------------------------------


class Formatting:
    """The formatter of one editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._task: asyncio.Task[None] | None = None

    def start(self, *, run: bool, asked: bool = True) -> None:
        """Have the cell formatted, and run then.

        :param run: with what the formatter refuses as it stands: the error that it runs into says more.
        :param asked: whether that was asked for; else it is not told of a cell that it cannot format.
        """
        name, text = self.editor.terminal.autoformatter, self.editor.buffer.text
        if not name:
            self.editor.message(f"no formatter is chosen: set Terminal.autoformatter to {_choices()}")
        elif self._task is None or self._task.done():
            self.editor.message(f"{name} formats the cell")
            work = self._format_and_run(name, text, asked) if run else self._format(name, text)
            self.editor.app.holding = run  # keys are for the next cell, or call this one back
            self._task = self.editor.start_task(work, f"formatting by {name}")

    async def _format(self, name: str, text: str) -> None:
        self._take(text, *await _attempt(name, text, PATIENCE, True))

    async def _format_and_run(self, name: str, text: str, asked: bool) -> None:
        app = self.editor.app
        try:
            new, refused = await _attempt(name, text, BEFORE_RUN, asked)
        finally:
            app.holding = False
        called_back = any(press.key == Keys.ControlC for press in app.key_processor.input_queue)
        if self._take(text, new, refused) and not called_back:
            self.editor.submit(finished(new))
        else:
            app.key_processor.process_keys()

    def _take(self, text: str, new: str, refused: str) -> bool:
        """Put in what has become of the cell; tell whether that is still the one that was formatted."""
        editor, buffer = self.editor, self.editor.buffer
        if buffer.text != text or editor.app.resting or editor.app.current_buffer is not buffer:
            editor.message("the cell has changed meanwhile, and is left as it is")
            return False
        editor.message(f"not formatted: {refused}" if refused else "", "class:message.error")
        if new != text:
            buffer.save_to_undo_stack()
            editor.set_text(new, same_place(text, buffer.cursor_position, new))
        return True


async def _attempt(name: str, text: str, patience: float, asked: bool) -> tuple[str, str]:
    """Give what a formatter makes of a text; or the text, and what is to be told of that."""
    try:
        return await formatted(text, name, patience), ""
    except Unformatted as error:
        return text, str(error) if asked or not isinstance(error, Unsuited) else ""


def _choices() -> str:
    *some, last = FORMATTERS
    return f"{', '.join(some)} or {last}"
