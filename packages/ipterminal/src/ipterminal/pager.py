"""The pager: a long text on a screen of its own, with keys as ``less`` has them."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ipcore.errors import TryNext
from ipcore.hosts.wakeup import wait_readable

from .first_paint import write

if TYPE_CHECKING:
    from ipcore import InteractiveShell

    from .pages import Pages, Place

#: Seconds after which the size of the window is looked at again, though no key was pressed.
_AGAIN: Final = 0.5
#: Seconds in which the rest of a key's sequence comes.
_REST: Final = 0.05

#: Kinds of terminals that cannot move their cursor.
_DUMB: Final = ("", "dumb", "emacs", "unknown")

#: The alternate screen with the cursor hidden, and back.
_ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
_LEAVE: Final = "\x1b[0m\x1b[?25h\x1b[?1049l"

HELP: Final = """Keys of the pager

  q  Escape               leave
  Space  PageDown  f      a screen down
  PageUp  b               a screen up
  d  u                    half a screen down, up
  Enter  Down  j          a line down
  Up  k                   a line up
  g  Home                 the beginning
  G  End                  the end
  /                       search down; n the next one, N the one before
  ?                       search up
  h                       this help
"""

_SEQUENCES: Final = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x1b[5~": "page-up",
    "\x1b[6~": "page-down",
    "\x1b[H": "home",
    "\x1bOH": "home",
    "\x1b[1~": "home",
    "\x1b[F": "end",
    "\x1bOF": "end",
    "\x1b[4~": "end",
}


class ScreenPager:
    """Shows texts in the terminal that standard input and output are.

    :param shell: whose theme says how the last line looks.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def show(self, text: str, start: int) -> None:
        """Show a text until the user leaves it; by Ctrl-C too.

        :param start: the line to begin at, counted from 0.
        :raises TryNext: where there is no terminal of a kind that can.
        """
        if os.environ.get("TERM", "").lower() in _DUMB:
            raise TryNext("the pager needs a terminal whose cursor it can move")
        with _raw_terminal() as (read, write):
            View(text, start, read, write, self._paint_status).run()

    def _paint_status(self, text: str) -> str:
        return self._shell.theme.paint(text, "pager.status") if self._shell.theme.depth else text


@contextmanager
def _raw_terminal() -> Iterator[tuple[int, int]]:
    """Give the descriptors of a terminal that gives each key at once; it is put back after it."""
    if sys.platform == "win32":
        raise TryNext("the pager knows the terminals of POSIX alone")
    import termios

    try:
        keys, screen = sys.stdin.fileno(), sys.stdout.fileno()
        if not os.isatty(keys) or not os.isatty(screen):
            raise TryNext("standard input or output is no terminal")
        before = termios.tcgetattr(keys)
    except (OSError, ValueError, AttributeError, termios.error) as error:
        raise TryNext(f"there is no terminal: {error}") from None
    sys.stdout.flush()
    mode = termios.tcgetattr(keys)
    mode[0] &= ~(termios.IXON | termios.ICRNL)
    # Ctrl-C is a key here, and leaves the pager.
    mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    mode[6] = [*mode[6]]
    mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
    try:
        termios.tcsetattr(keys, termios.TCSADRAIN, mode)
        write(screen, _ENTER)
        yield keys, screen
    finally:
        write(screen, _LEAVE)
        termios.tcsetattr(keys, termios.TCSADRAIN, before)


class View:
    """What is seen of a text, and what keys do.

    :param text: the text.
    :param start: the line at the top.
    :param read: the descriptor that keys come from.
    :param write: the descriptor of the screen.
    :param paint: gives a text in the style of the last line.
    """

    def __init__(self, text: str, start: int, read: int, write: int, paint: Callable[[str], str]) -> None:
        from .pages import Pages, Place

        self._read, self._write, self._paint = read, write, paint
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._size = os.get_terminal_size(write)
        self._pages = Pages(text, self._size.columns)
        self._top: Place = Place(min(max(start, 0), self._pages.last), 0)
        self._place = Place
        self._direction = 1
        self._said = ""
        self._typed: str | None = None
        self._outer: tuple[Pages, Place] | None = None
        self._pending = ""

    @property
    def _height(self) -> int:
        return max(self._size.lines - 1, 1)

    def run(self) -> None:
        """Show and take keys until the user leaves."""
        self._keep_in_view()
        shown: object = None
        while True:
            state = (self._top, self._size, self._said, self._typed, self._outer is None)
            if state != shown:
                self._show()
                shown = state
            key = self._key()
            if key == "":  # the terminal is gone
                return
            if key is None:
                self._resize()
            elif self._typed is not None:
                self._type(key)
            elif not self._do(key):
                return

    # -- painting ------------------------------------------------------------------

    def _show(self) -> None:
        rows = self._pages.screen(self._top, self._height)
        rows += ["~"] * (self._height - len(rows))
        text = "".join(f"{row}\x1b[K\r\n" for row in rows)
        write(self._write, f"\x1b[?2026h\x1b[H{text}{self._paint(self._status())}\x1b[K\x1b[?2026l")

    def _status(self) -> str:
        if self._typed is not None:
            text = ("/" if self._direction > 0 else "?") + self._typed
        elif self._said:
            text = self._said
        else:
            last = self._pages.moved(self._top, self._height - 1).line
            share = round(100 * (last + 1) / (self._pages.last + 1))
            text = f"lines {self._top.line + 1}-{last + 1} of {self._pages.last + 1} ({share}%)  "
            text += "q leaves the help" if self._outer is not None else "q leaves, / searches, h helps"
        return (
            text[-(self._size.columns - 1) :] if self._typed is not None else text[: self._size.columns - 1]
        )

    def _resize(self) -> None:
        try:
            size = os.get_terminal_size(self._write)
        except OSError:
            return
        if size != self._size:
            self._size = size
            for pages in [self._pages, *([self._outer[0]] if self._outer is not None else [])]:
                pages.resize(size.columns)
            self._top = self._place(
                self._top.line, min(self._top.row, len(self._pages.rows(self._top.line)) - 1)
            )
            self._keep_in_view()

    def _keep_in_view(self) -> None:
        self._top = min(self._top, self._pages.bottom(self._height))

    # -- keys ------------------------------------------------------------------------

    def _key(self) -> str | None:
        """Give the next key: a character or a name; ``None`` if none came, empty at the end."""
        if not self._pending:
            if not wait_readable(self._read, _AGAIN):
                return None
            if not self._take():
                return ""
        if self._pending[0] != "\x1b":
            key, self._pending = self._pending[0], self._pending[1:]
            return key
        while not (match := _sequence(self._pending)):
            if not wait_readable(self._read, _REST) or not self._take():
                self._pending = self._pending[1:]
                return "escape"
        self._pending = self._pending[len(match) :]
        return _SEQUENCES.get(match, "unknown")

    def _take(self) -> bool:
        try:
            data = os.read(self._read, 1024)
        except OSError:
            data = b""
        self._pending += self._decode(data)
        return bool(data)

    def _do(self, key: str) -> bool:
        """Do what a key is for; tell whether the pager stays."""
        self._said = ""
        page, half = self._height, max(self._height // 2, 1)
        steps = {
            " ": page,
            "f": page,
            "\x06": page,
            "page-down": page,
            "b": -page,
            "\x02": -page,
            "page-up": -page,
        }
        steps |= {"d": half, "\x04": half, "u": -half, "\x15": -half}
        steps |= {"\r": 1, "\n": 1, "j": 1, "down": 1, "k": -1, "up": -1, "y": -1}
        if key in ("q", "Q", "\x03", "escape"):
            if self._outer is None:
                return False
            (self._pages, self._top), self._outer = self._outer, None
        elif key in steps:
            self._move(steps[key])
        elif key in ("g", "<", "home"):
            self._top = self._place(0, 0)
        elif key in ("G", ">", "end"):
            self._top = self._pages.bottom(self._height)
        elif key in ("/", "?"):
            self._direction, self._typed = (1 if key == "/" else -1), ""
        elif key in ("n", "N"):
            self._find_next(self._direction if key == "n" else -self._direction)
        elif key in ("h", "H") and self._outer is None:
            from .pages import Pages

            self._outer = self._pages, self._top
            self._pages, self._top = Pages(HELP, self._size.columns), self._place(0, 0)
        elif key not in ("unknown", "\x0c"):
            self._said = "q leaves, / searches, h helps"
        return True

    def _move(self, rows: int) -> None:
        """Go down, or up; down not past the last screen, unless a search has led there."""
        place = self._pages.moved(self._top, rows)
        self._top = place if rows < 0 else min(place, max(self._top, self._pages.bottom(self._height)))

    def _type(self, key: str) -> None:
        """Take a key of what is looked for."""
        typed = self._typed or ""
        if key == "\r":
            self._typed = None
            if typed:
                self._pages.search(typed)
            self._find_next(self._direction, here=True)
        elif key in ("escape", "\x03", "\x07") or (key in ("\x7f", "\x08") and not typed):
            self._typed = None
        elif key in ("\x7f", "\x08"):
            self._typed = typed[:-1]
        elif key == "\x15":
            self._typed = ""
        elif len(key) == 1 and key.isprintable():
            self._typed = typed + key

    def _find_next(self, step: int, *, here: bool = False) -> None:
        """Go to where what is looked for stands next."""
        start = self._top.line if here and step > 0 else self._top.line + step
        found = self._pages.find(start, step)
        if found is None:
            self._said = "it is not found below" if step > 0 else "it is not found above"
            return
        self._top = self._place(found, 0)


def _sequence(text: str) -> str:
    """Give the escape sequence that a text begins with; empty while it is not complete."""
    import re

    match = re.match(r"\x1b(?:\[[0-9;?]*[@-~]|O[@-~]|[^\[O])", text)
    return match[0] if match else ""
