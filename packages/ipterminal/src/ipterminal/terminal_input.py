"""The editor's way from the keyboard.

An input of prompt_toolkit that leaves the settings of the terminal alone, rests while a cell has the
terminal, and keeps what the terminal itself answers out of the text.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

from prompt_toolkit.input import Input
from prompt_toolkit.input.vt100_parser import Vt100Parser

from ipcore.hosts.wakeup import wait_readable

from .answers import Answers
from .split_keys import SplitKeys

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPress

    from .console_input import ConsoleInput
    from .terminal_modes import TerminalModes

#: Bytes read at once.
_CHUNK: Final = 1 << 16


class TerminalInput(Input):
    """Keys from a terminal that is in raw mode already.

    :param modes: the terminal, and who sets its mode.
    :param on_answer: is called with each answer of the terminal, as it came.
    """

    def __init__(self, modes: TerminalModes, on_answer: Callable[[str], object]) -> None:
        self._modes = modes
        self._on_answer = on_answer
        self._descriptor = modes.descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._keys: list[KeyPress] = []
        self._parser = Vt100Parser(self._keys.append)
        self._answers = Answers()
        #: Puts keys together that come in pieces.
        self.split = SplitKeys()
        self._callback: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._rests = 0
        #: Takes the keys that are read, and gives those to be handled now.
        self.sift: Callable[[list[KeyPress]], list[KeyPress]] | None = None

    # -- reading -----------------------------------------------------------------

    def read_keys(self) -> list[KeyPress]:
        """Give the keys that have come; does not wait, if there are any."""
        self._read()
        return self.take_keys()

    def read_at_once(self) -> str:
        """Read what has come, if anything; the keys are kept for :meth:`take_keys`.

        :returns: what was typed, as text.
        """
        return self._read() if wait_readable(self._descriptor, 0) else ""

    def drain(self, seconds: float, until: Callable[[], bool]) -> None:
        """Read for a moment what the terminal still has to answer; what is typed meanwhile is kept.

        For whoever hands the terminal to somebody else, while this rests.

        :param seconds: how long at most.
        :param until: whether nothing more is to come.
        """
        deadline = time.monotonic() + seconds
        while not until() and not self._closed and (left := deadline - time.monotonic()) > 0:
            if wait_readable(self._descriptor, left):
                self._read()

    def _read(self) -> str:
        try:
            data = os.read(self._descriptor, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return ""
        except OSError:  # the terminal is gone
            data = b""
        if not data:
            self._closed = True
            self._unwatch()
            return ""
        text = self._decoder.decode(data)
        typed, answers = self._answers.feed(self.split.joined(text))
        for answer in answers:
            self._on_answer(answer)
        if self._answers.escape_alone:
            self.split.came()
        before = len(self._keys)
        self._parser.feed(typed)
        self.split.made(self._keys[before:])
        return text

    def flush_keys(self) -> list[KeyPress]:
        """Give the keys that may have been the beginning of a longer one."""
        alone = self._answers.escape_alone
        if self._answers.waiting:
            self._parser.feed(self._answers.flush())
        self._parser.flush()
        self.split.made(self._keys)
        if alone:
            self.split.acted()
        return self.take_keys()

    def take_keys(self) -> list[KeyPress]:
        """Give the keys that were read."""
        keys = self._keys[:]
        self._keys.clear()
        return keys if self.sift is None else self.sift(keys)

    @property
    def escape_alone(self) -> bool:
        """Whether Escape has come, and nothing behind it yet."""
        return self._answers.escape_alone

    def give_up_keys(self) -> list[KeyPress]:
        """Give the keys that were read, as they came, to be handled by somebody else."""
        keys = self._keys[:]
        self._keys.clear()
        return keys

    def holds_more(self) -> bool:
        """Tell whether the terminal holds more to read."""
        return wait_readable(self._descriptor, 0)

    # -- when to read ------------------------------------------------------------

    def rest(self) -> None:
        """Leave the keyboard to somebody else; nests."""
        self._rests += 1
        self._unwatch()

    def resume(self) -> None:
        """Read again."""
        self._rests -= 1
        self._watch()

    def _watch(self) -> None:
        if self._loop is not None and self._callback is not None and not self._rests and not self._closed:
            self._loop.add_reader(self._descriptor, self._callback)

    def _unwatch(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._descriptor)

    def attach(self, input_ready_callback: Callable[[], None]) -> AbstractContextManager[None]:
        """Call a function on the running loop when there are keys."""
        return self._attached(input_ready_callback)

    @contextmanager
    def _attached(self, callback: Callable[[], None]) -> Iterator[None]:
        former = self._loop, self._callback
        self._unwatch()
        self._loop, self._callback = asyncio.get_running_loop(), callback
        self._watch()
        try:
            yield
        finally:
            self._unwatch()
            self._loop, self._callback = former
            self._watch()

    def detach(self) -> AbstractContextManager[None]:
        """Leave the keyboard alone in the body."""
        return self._detached()

    @contextmanager
    def _detached(self) -> Iterator[None]:
        self.rest()
        try:
            yield
        finally:
            self.resume()

    # -- what prompt_toolkit wants to know ---------------------------------------

    def raw_mode(self) -> AbstractContextManager[None]:
        """Do nothing: it is raw."""
        return nullcontext()

    def cooked_mode(self) -> AbstractContextManager[None]:
        """Have the terminal as the user has it, in the body."""
        return self._modes.held("users")

    @property
    def closed(self) -> bool:
        """Whether the terminal is gone."""
        return self._closed

    def fileno(self) -> int:
        """Give the terminal's descriptor."""
        return self._descriptor

    def typeahead_hash(self) -> str:
        """Give a name for what was typed ahead."""
        return f"ipterminal-{self._descriptor}"


def open_input(modes: TerminalModes, on_answer: Callable[[str], object]) -> TerminalInput | ConsoleInput:
    """Give the input from a terminal; on Windows prompt_toolkit's own."""
    if sys.platform == "win32":
        from .console_input import ConsoleInput

        return ConsoleInput(modes)
    return TerminalInput(modes, on_answer)
