"""A program on a real pseudo-terminal, driven as a person does: type, look, wait, resize, hang up.

The terminal is emulated here: :attr:`Terminal.screen` is what a person would see, and the
program's queries (where is the cursor? which colours?) are answered as told: at once, late,
twice or never.

The screen changes only while a method of the terminal waits or types, so what a test looks at
stands still; answers are sent only then too. There is no thread. Nothing waits for a while in the
hope that all has come: what a test waits for is what it says to :meth:`Terminal.wait_for`.
"""

from __future__ import annotations

import codecs
import os
import re
import selectors
import shlex
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self, get_args

from .control_sequences import Interpreter
from .keys import sent_for
from .pseudo_terminal import Program, TtyMode
from .screen import Cursor, Screen, Span, Style, text_of

__all__ = [
    "Cursor",
    "Modes",
    "NotSeen",
    "Query",
    "Response",
    "Span",
    "Style",
    "Terminal",
    "Terminals",
    "TtyMode",
    "shell_command",
]

Answers = Literal["at once", "late", "twice", "never"]
#: What can be waited for: a text, a pattern, or what a function says of the lines.
Condition = str | re.Pattern[str] | Callable[[list[str]], object]

#: Seconds after which a condition is asked again though nothing was written.
_AGAIN: Final = 0.1
#: Bytes of output that are kept as they came.
_RAW: Final = 1 << 20
#: Variables that tell of the terminal that the tests were started in.
_OF_TERMINALS: Final = frozenset(
    """LINES COLUMNS TMUX STY VTE_VERSION KITTY_WINDOW_ID ALACRITTY_WINDOW_ID GHOSTTY_RESOURCES_DIR
    KONSOLE_VERSION WEZTERM_PANE WT_SESSION TERM_PROGRAM XTERM_VERSION INSIDE_EMACS""".split()
)
#: Queries and responses that are kept.
_KEPT: Final = 1000


class NotSeen(AssertionError):
    """What was waited for did not come; the message shows the screen."""


class Query(NamedTuple):
    """A question that the program asked its terminal and that is not answered (again) yet."""

    #: What it asks for: ``"cursor position"``, ``"background colour"``, ...
    name: str
    #: The sequence that the program wrote.
    sequence: str
    #: The answer, as it was right when the question came.
    answer: str
    #: When it will be answered, by ``time.monotonic()``; infinite if it will not be.
    due: float


class Response(NamedTuple):
    """An answer that was sent to the program."""

    #: What was asked for.
    name: str
    #: What was sent.
    text: str


class Modes(NamedTuple):
    """What the program has switched on or off at its terminal."""

    #: Pasted text is marked (2004).
    bracketed_paste: bool
    #: The screen is the one of full-screen programs (1049, 1047, 47).
    alternate_screen: bool
    #: The cursor is shown (25).
    cursor_visible: bool
    #: Cursor keys send sequences of their own (1).
    application_cursor_keys: bool
    #: A text goes on in the next row where one is full (7).
    automatic_wrap: bool
    #: It is told whether the window has the keyboard (1004).
    focus_events: bool
    #: It is told what the mouse does, in any way (9, 1000, 1002, 1003).
    mouse: bool
    #: Painting is to be held back until it is complete (2026); the model does not hold it back.
    synchronized_output: bool
    #: The flags of the kitty keyboard protocol.
    keyboard: int


def shell_command(*arguments: str) -> list[str]:
    """Give the command that runs the shell of this Python: ``python -m ipcore ARGUMENTS``."""
    return [sys.executable, "-m", "ipcore", *arguments]


class Terminal:
    """A terminal in which a program runs.

    :param command: the program and its arguments; a string is taken apart as a POSIX shell would.
        The shell's command is :func:`ipcore.testing.terminal.shell_command`.
    :param cwd: the directory that it is started in.
    :param env: its environment; that of this process if not given. ``TERM`` is ``xterm-256color``
        unless it stands in the mapping; ``LINES`` and ``COLUMNS`` of this process are not passed on.
    :param rows: height of the screen.
    :param columns: width of the screen.
    :param answers: how the program's queries are answered: ``"at once"``, ``"late"``
        (``answers_after`` seconds later), ``"twice"`` or ``"never"``.
    :param answers_after: seconds before a late answer.
    :param deadline: seconds that every wait takes at most, where nothing else is said.
    :param history: how many lines that have scrolled off are kept.
    :raises FileNotFoundError: if there is no such program.
    :raises NotImplementedError: on Windows.
    """

    def __init__(
        self,
        command: Sequence[str] | str,
        *,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        rows: int = 24,
        columns: int = 80,
        answers: Answers = "at once",
        answers_after: float = 0.5,
        deadline: float = 30.0,
        history: int = 10_000,
    ) -> None:
        self.deadline = deadline
        self.answers = answers
        #: Seconds before a late answer; may be changed while the program runs.
        self.answers_after = answers_after
        #: Names of queries that are not answered whatever :attr:`answers` says: what an older terminal does.
        self.unanswered: set[str] = set()
        self._screen = Screen(rows, columns, history)
        self._interpreter = Interpreter(self._screen, self._asked)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._raw = bytearray()
        self._unsent = bytearray()
        self._queries: deque[Query] = deque(maxlen=_KEPT)
        self._responses: deque[Response] = deque(maxlen=_KEPT)
        #: The output is over: nothing will come any more.
        self._over = False
        words = shlex.split(command) if isinstance(command, str) else [os.fspath(word) for word in command]
        self._program = Program(words, cwd, environment(env), rows, columns)

    # -- the program's life --------------------------------------------------------

    @property
    def pid(self) -> int:
        """The number of the program's process; it leads a session and a process group of its own."""
        return self._program.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._program.running

    def send_signal(self, number: int) -> None:
        """Send a signal to the program alone; :meth:`press` Ctrl-C or Ctrl-\\ for the terminal's own.

        :raises ProcessLookupError: if it has ended.
        """
        if not self.running:
            raise ProcessLookupError(f"the program {self._program.fate()}")
        os.kill(self.pid, number)

    def suspend(self) -> None:
        """Stop the program with SIGSTOP, which it cannot notice; wait until it stands still.

        Ctrl-Z is of use only below a system shell: run one, and the program in it.
        """
        self.send_signal(signal.SIGSTOP)
        end = time.monotonic() + self.deadline
        while not self._program.has_stopped():
            if not self.running:
                raise NotSeen(self._failure("the program to stop", None))
            if time.monotonic() > end:
                raise NotSeen(self._failure("the program to stop", self.deadline))
            self.read(0.01)

    def resume(self) -> None:
        """Let a stopped program go on, with SIGCONT to its process group."""
        os.killpg(self.pid, signal.SIGCONT)

    def exit_status(self, deadline: float | None = None) -> int:
        """Wait for the end of the program, take in the rest of its output, and give its status.

        :returns: the exit status; of a program that a signal ended, minus its number.
        :raises NotSeen: if it does not end in time.
        """
        __tracebackhide__ = True
        seconds = self.deadline if deadline is None else deadline
        end = time.monotonic() + seconds
        while self.running:
            left = end - time.monotonic()
            if left <= 0:
                raise NotSeen(self._failure("the end of the program", seconds))
            if not self.read(min(left, 0.05)):
                self._program.wait(left)
        # What a child of the program, which may live on, has not written by now is not its output.
        while self._take_in(_AGAIN) and time.monotonic() < end:
            pass
        status = self._program.status()
        assert status is not None
        return status

    def hang_up(self) -> None:
        """Close the terminal as a window is closed: the program gets SIGHUP, and nothing can be typed."""
        self._program.hang_up()
        self._over = True

    def close(self) -> None:
        """End the terminal and all that runs on it; may be called again.

        It is hung up; what is left of the program after two seconds, and of its process group and
        that in the foreground, is killed.
        """
        self._over = True
        self._program.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- the keyboard --------------------------------------------------------------

    def type(self, text: str) -> None:
        """Send a text as it is: Enter is ``"\\r"``, Ctrl-C is ``"\\x03"``.

        :raises NotSeen: if the program does not take it, or has ended.
        """
        __tracebackhide__ = True
        self.send(text.encode())

    def press(self, *keys: str) -> None:
        """Press keys: ``press("ctrl-a", "up", "x")``.

        :param keys: one character each, or ``enter``, ``tab``, ``escape``, ``backspace``, ``delete``,
            ``up``, ``home``, ``page-up``, ``f1``, ...; before it ``ctrl-``, ``alt-`` or ``shift-``.
            What is sent depends on what the program has asked for, as with a real terminal.
        :raises ValueError: for a key that there is not.
        """
        __tracebackhide__ = True
        modes = self.modes
        application, kitty = modes.application_cursor_keys, bool(modes.keyboard & 1)
        self.type("".join(sent_for(key, application=application, kitty=kitty) for key in keys))

    def paste(self, text: str, *, bracketed: bool | None = None) -> None:
        """Paste a text, as a terminal does it.

        :param text: line feeds in it are sent as Enter; the end of a bracketed paste is taken out of it.
        :param bracketed: mark it as pasted; by default if the program has asked for that.
        """
        __tracebackhide__ = True
        text = text.replace("\r\n", "\r").replace("\n", "\r")
        if self.modes.bracketed_paste if bracketed is None else bracketed:
            text = "\x1b[200~" + text.replace("\x1b[201~", "") + "\x1b[201~"
        self.type(text)

    def send(self, data: bytes) -> None:
        """Send bytes, and take in output until they are taken.

        :raises NotSeen: if the program does not take them, or has ended.
        """
        __tracebackhide__ = True
        if self._over:
            raise NotSeen(self._failure(f"the program to read {data[:60]!r}", None))
        self._unsent += data
        end = time.monotonic() + self.deadline
        while self._unsent:
            left = end - time.monotonic()
            if left <= 0 or self._over:
                what = f"the program to read its input: {len(self._unsent)} bytes are left"
                self._unsent.clear()
                raise NotSeen(self._failure(what, None if self._over else self.deadline))
            self._write()
            if self._unsent:
                self.read(min(left, _AGAIN))

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the screen; what has the terminal gets SIGWINCH.

        :raises ValueError: if the terminal is closed.
        """
        self._take_in(0)
        self._screen.resize(rows, columns)
        self._program.set_size(rows, columns)

    # -- the screen ----------------------------------------------------------------

    @property
    def rows(self) -> int:
        """The height of the screen."""
        return self._screen.rows

    @property
    def columns(self) -> int:
        """The width of the screen."""
        return self._screen.columns

    @property
    def screen(self) -> list[str]:
        """Every row of the screen, without blanks at the end."""
        return [self._screen.text(row).rstrip() for row in range(self.rows)]

    @property
    def lines(self) -> list[str]:
        """The rows of the screen up to the last one that is not empty; at least one."""
        lines = self.screen
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        return lines

    @property
    def text(self) -> str:
        """The text of the screen; a line that was too long for one row is one line here."""
        return self._screen.joined()

    @property
    def history(self) -> list[str]:
        """The lines that have scrolled off the top, the oldest first."""
        return [text_of(line).rstrip() for line in self._screen.history]

    @property
    def cursor(self) -> Cursor:
        """The row and the column of the cursor, counted from 0."""
        return self._screen.cursor

    @property
    def title(self) -> str:
        """The title that the program gave the window."""
        return self._interpreter.title

    @property
    def bells(self) -> int:
        """How often the bell has rung."""
        return self._interpreter.bells

    @property
    def modes(self) -> Modes:
        """What the program has switched on or off."""
        known = self._screen.private_modes
        return Modes(
            bracketed_paste=2004 in known,
            alternate_screen=self._screen.alternate,
            cursor_visible=25 in known,
            application_cursor_keys=1 in known,
            automatic_wrap=7 in known,
            focus_events=1004 in known,
            mouse=bool(known & {9, 1000, 1002, 1003}),
            synchronized_output=2026 in known,
            keyboard=self._interpreter.keyboard,
        )

    def style_at(self, row: int, column: int) -> Style:
        """Give the style of a cell, counted from 0."""
        return self._screen.lines[row][column].style

    def spans(self, row: int) -> list[Span]:
        """Give the text of a row in pieces of one style."""
        return self._screen.spans(row)

    def style_of(self, text: str) -> Style:
        """Give the style of the first place on the screen where a text stands.

        :raises AssertionError: if it is not there, or not in one style.
        """
        __tracebackhide__ = True
        for row in range(self.rows):
            cells = self._screen.lines[row]
            start = text_of(cells).find(text)
            if start < 0:
                continue
            at, styles = 0, []
            for cell in cells:
                if at < start + len(text) and at + len(cell.text) > start:
                    styles.append(cell.style)
                at += len(cell.text)
            assert len(set(styles)) == 1, f"{text!r} is not of one style: {self.spans(row)}"
            return styles[0]
        raise AssertionError(f"{text!r} does not stand on the screen\n{self.frame()}")

    @property
    def raw(self) -> bytes:
        """What the program has written, as it came: the last mebibyte of it."""
        return bytes(self._raw)

    def forget_raw(self) -> None:
        """Let :attr:`raw` begin here."""
        self._raw.clear()

    def tty_mode(self) -> TtyMode:
        """Give how the kernel's driver treats the terminal now.

        It still can be asked when the program has ended: what it has not put back is seen then.

        :raises ValueError: if the terminal is closed.
        """
        return self._program.tty_mode()

    # -- queries ---------------------------------------------------------------------

    @property
    def answers(self) -> Answers:
        """How queries are answered; may be changed while the program runs, for those that come then."""
        return self._answers

    @answers.setter
    def answers(self, manner: Answers) -> None:
        if manner not in get_args(Answers):
            raise ValueError(f"queries are answered {', '.join(get_args(Answers))}; not {manner!r}")
        self._answers = manner

    @property
    def pending_queries(self) -> list[Query]:
        """Queries that are not answered: late ones until their time, and those that never will be."""
        return list(self._queries)

    @property
    def responses(self) -> list[Response]:
        """The answers that were sent, the last thousand of them."""
        return list(self._responses)

    def answer_pending(self) -> None:
        """Answer what is pending now: a late answer, at the moment that the test chooses."""
        queries = list(self._queries)
        self._queries.clear()
        for query in queries:
            self._answer(query)

    def set_colours(self, foreground: str, background: str) -> None:
        """Say what the terminal answers when it is asked for its colours, ``"#rrggbb"`` each."""
        for colour in (foreground, background):
            if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
                raise ValueError(f"a colour is written #rrggbb, not {colour!r}")
        self._interpreter.foreground, self._interpreter.background = foreground, background

    def _asked(self, name: str, sequence: str, answer: str) -> None:
        manner = "never" if name in self.unanswered else self.answers
        due = time.monotonic() + self.answers_after if manner == "late" else float("inf")
        query = Query(name, sequence, answer, due)
        if manner in ("late", "never"):
            self._queries.append(query)
        else:
            for _ in range(2 if manner == "twice" else 1):
                self._answer(query)

    def _answer(self, query: Query) -> None:
        if not self._over:
            self._unsent += query.answer.encode()
            self._responses.append(Response(query.name, query.answer))
            self._write()

    # -- waiting -----------------------------------------------------------------------

    def wait_for(self, condition: Condition, what: str = "", *, deadline: float | None = None) -> list[str]:
        """Take in output until the screen is as wanted.

        :param condition: a text or a pattern that is found in :attr:`text`, or a function that is given
            :attr:`lines` and says whether it is so; it is asked after each piece of output, and ten
            times a second where there is none.
        :param what: what is waited for, in words, for the message if it does not come.
        :param deadline: seconds.
        :returns: :attr:`lines`.
        :raises NotSeen: if it takes longer, or the program ends before.
        """
        __tracebackhide__ = True
        seconds = self.deadline if deadline is None else deadline
        end = time.monotonic() + seconds
        while True:
            lines = self.lines
            if self._holds(condition, lines):
                return lines
            left = end - time.monotonic()
            if left <= 0 or self._over:
                waited = None if self._over else seconds
                raise NotSeen(self._failure(what or _described(condition), waited))
            self.read(min(left, _AGAIN))

    def wait_for_prompt(self, number: int, *, deadline: float | None = None) -> list[str]:
        """Wait until the cursor stands behind a prompt, where nothing has been typed yet.

        :param number: the cell's; that of an earlier one would be found before the program has moved.
        :returns: :attr:`lines`.
        :raises NotSeen: if it does not come.
        """
        __tracebackhide__ = True
        prompt = f"In [{number}]:"

        def there(lines: list[str]) -> bool:
            row, column = self.cursor
            return text_of(self._screen.lines[row][:column]).removesuffix(" ").endswith(prompt)

        return self.wait_for(there, f"the prompt {prompt}", deadline=deadline)

    def press_until(
        self,
        key: str,
        condition: Condition,
        what: str = "",
        *,
        every: float = 3.0,
        deadline: float | None = None,
    ) -> list[str]:
        """Press a key, and again from time to time, until the screen is as wanted.

        For Ctrl-C: Python notices one that comes in the moment before it waits for input, or for
        anything else, only when that wait is over.

        :param key: as for :meth:`press`.
        :param condition: as for :meth:`wait_for`.
        :param what: what is waited for, in words.
        :param every: seconds between two presses.
        :param deadline: seconds.
        :returns: :attr:`lines`.
        :raises NotSeen: if it takes longer, or the program ends before.
        """
        __tracebackhide__ = True
        due = time.monotonic()

        def met(lines: list[str]) -> bool:
            nonlocal due
            if self._holds(condition, lines):
                return True
            if time.monotonic() >= due and not self._over:
                self.press(key)
                due = time.monotonic() + every
            return False

        return self.wait_for(met, what or _described(condition), deadline=deadline)

    def read(self, seconds: float = _AGAIN) -> bool:
        """Take in what the program writes, waiting for it at most so long; send answers that are due.

        :returns: false if nothing will come any more.
        """
        self._take_in(seconds)
        return not self._over

    def _take_in(self, seconds: float) -> bool:
        """Do what :meth:`read` does; tell whether anything came."""
        if self._over:
            return False
        now = time.monotonic()
        for query in [each for each in self._queries if each.due <= now]:
            self._queries.remove(query)
            self._answer(query)
        seconds = min([seconds, *(max(0.0, each.due - now) for each in self._queries)])
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        with selectors.DefaultSelector() as selector:  # select() bears no descriptor above 1023
            selector.register(self._program.descriptor, wanted)
            ready = sum(events for _, events in selector.select(seconds))
        if ready & selectors.EVENT_WRITE:
            self._write()
        if not ready & selectors.EVENT_READ:
            return False
        try:
            data = os.read(self._program.descriptor, 65536)
        except BlockingIOError:
            return False
        except OSError:  # Linux: nobody has the other end any more
            data = b""
        self._over = not data
        self._raw += data
        del self._raw[:-_RAW]
        self._interpreter.feed(self._decode(data, not data))
        return bool(data)

    def _write(self) -> None:
        """Send what is waiting to be sent, as far as it is taken now."""
        try:
            sent = os.write(self._program.descriptor, self._unsent)
        except BlockingIOError:
            return
        except OSError:
            self._over = True
            return
        del self._unsent[:sent]

    def _holds(self, condition: Condition, lines: list[str]) -> bool:
        if isinstance(condition, str):
            return condition in self.text
        if isinstance(condition, re.Pattern):
            return condition.search(self.text) is not None
        return bool(condition(lines))

    # -- messages ------------------------------------------------------------------------

    def frame(self) -> str:
        """Give the screen as it stands, in a frame, with the cursor marked below its row."""
        edge = f"+{'-' * self.columns}+"
        rows = [edge]
        last = max(len(self.lines) - 1, self.cursor.row)
        for row in range(last + 1):
            cells = self._screen.lines[row]
            rows.append(f"|{text_of(cells)}|")
            if row == self.cursor.row:
                hidden = "" if self.modes.cursor_visible else " (hidden)"
                rows.append(f" {' ' * self.cursor.column}^ cursor{hidden}")
        if last + 1 < self.rows:
            rows.append(f" ({self.rows - last - 1} empty rows)")
        return "\n".join([*rows, edge])

    def _failure(self, what: str, seconds: float | None) -> str:
        if seconds is None:
            self._program.wait(1)  # the end of its output and its own come close together
            head = f"not seen: {what}: the output is over"
        else:
            head = f"not seen within {seconds:g} seconds: {what}"
        lines = [head, f"the program {self._program.fate()}; its screen:", self.frame()]
        if self._queries:
            names = ", ".join(each.name for each in self._queries)
            lines.append(f"it asked its terminal, which has not answered: {names}")
        return "\n".join(lines)


def environment(env: Mapping[str, str] | None) -> dict[str, str]:
    """Give the environment for a program in the emulated terminal.

    :param env: what it is asked to be; this process's own if None, but for what tells of another terminal.
    """
    if env is not None:
        return {"TERM": "xterm-256color", **env}
    kept = {name: value for name, value in os.environ.items() if name not in _OF_TERMINALS}
    return {**kept, "TERM": "xterm-256color"}


def _described(condition: Any) -> str:
    if isinstance(condition, str):
        return f"the text {condition!r}"
    if isinstance(condition, re.Pattern):
        return f"the pattern {condition.pattern!r}"
    return f"what {getattr(condition, '__qualname__', condition)} wants"


class Terminals:
    """Starts the shell, or another program, in terminals of a test, and ends what is left of them.

    :param folder: where programs are started if nothing else is said; made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Terminal] = []

    def __call__(
        self,
        *arguments: str,
        command: Sequence[str] | str | None = None,
        cwd: str | Path | None = None,
        rows: int = 24,
        columns: int = 80,
        answers: Answers = "at once",
        answers_after: float = 0.5,
        deadline: float = 30.0,
        **variables: str,
    ) -> Terminal:
        """Start the shell of this Python.

        :param arguments: its arguments.
        :param command: another program, with its arguments, in the place of the shell.
        :param variables: environment variables that are set besides those of this process.
        :returns: the terminal; the other parameters are those of :class:`Terminal`.
        """
        if cwd is None:
            self._folder.mkdir(exist_ok=True)
            cwd = self._folder
        if command is None:
            command = shell_command(*arguments)
        elif arguments:
            raise TypeError("arguments of another program belong into its command")
        made = Terminal(
            command,
            cwd=cwd,
            env={**environment(None), "PYTHONSAFEPATH": "", **variables},
            rows=rows,
            columns=columns,
            answers=answers,
            answers_after=answers_after,
            deadline=deadline,
        )
        self._started.append(made)
        return made

    def close(self) -> None:
        """End all that was started."""
        from contextlib import ExitStack

        with ExitStack() as stack:
            for each in self._started:
                stack.callback(each.close)
