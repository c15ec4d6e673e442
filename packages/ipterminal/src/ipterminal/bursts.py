"""Pasted text from terminals that do not mark it: told from typing by how it comes.

The rule: a newline is Enter, unless text is there behind it already, or comes within 0.04 s behind a line
that was as quick. So a line that a program writes runs, at any speed, and lines do not run that come one
behind the other. What the terminal held may turn out to be an answer of it: if no text follows, the line was
typed.

What was typed ahead, while a cell ran, comes in one piece too. It is pasted text only if its lines could not
have been meant to be run one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

#: Seconds without a further character after which pasted text is over. Keys that repeat come faster than
#: that, but only one of them.
QUIET: Final = 0.04
#: Characters of a line, each within QUIET of the one before: nobody types more, and the next line as fast.
MANY: Final = 3
#: Newlines in a row that are kept for whether text follows.
BLANK: Final = 20
#: Characters in one piece that may have been typed, newline and all, while the editor was held up.
FEW: Final = 4
#: Seconds within which a further piece still belongs to pasted text, if nothing else was pressed.
GOES_ON: Final = 0.3
#: Seconds after which pasted text is shown, although more is coming.
SHOWN: Final = 0.25

_TEXT: Final = {Keys.ControlM: "\n", Keys.ControlJ: "\n", Keys.ControlI: "\t"}
#: What may come in the midst of anything: answers of the terminal, the mouse.
_NOT_TYPED: Final = frozenset((Keys.CPRResponse, Keys.Vt100MouseEvent, Keys.Ignore))


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """Have it not come."""


def text_of(keys: list[KeyPress]) -> str:
    """Give the text that keys stand for, of those that stand for some."""
    return "".join(_TEXT.get(press.key, "") if isinstance(press.key, Keys) else press.key for press in keys)


def behind_other_keys(keys: list[KeyPress]) -> int:
    """Tell behind how many keys there are none any more that stand for no text."""
    for place in range(len(keys), 0, -1):
        key = keys[place - 1].key
        if isinstance(key, Keys) and key not in _TEXT:
            return place
    return 0


class Bursts:
    """Finds pasted text among the keys that are read. Used on one thread.

    :param paste: is called with pasted text, with what came before it without a pause and was taken for
        typed, and with whether it goes on with what it was called with last.
    :param feed: is called with keys that turn out to be typed, as nothing more has come.
    :param holds: whether the terminal has more to read.
    :param later: calls a function after some seconds; after none, before anything more is read.
    :param clock: gives the time in seconds.
    :param one_by_one: whether a text that was typed ahead is one of lines to be run one by one.
    """

    def __init__(
        self,
        paste: Callable[[str, str, bool], object],
        feed: Callable[[list[KeyPress]], object],
        *,
        holds: Callable[[], bool],
        later: Callable[[float, Callable[[], object]], Timer],
        clock: Callable[[], float],
        one_by_one: Callable[[str], bool],
    ) -> None:
        self._paste = paste
        self._feed = feed
        self._holds = holds
        self._later = later
        self._clock = clock
        self._one_by_one = one_by_one
        self._timer: Timer | None = None
        self._last = self._opened = self._ended = float("-inf")
        self._fresh = False  # whether nothing has been read since the prompt is there
        #: What came without a pause and was taken for typed.
        self._run = ""
        #: The newline that waits for whether more comes.
        self._kept: list[KeyPress] = []
        self._pasting = self._goes_on = False
        self._text = self._before = ""
        #: Keys that may have been typed, if it turns out that nothing follows their newline.
        self._doubtful: list[KeyPress] = []
        self._since = 0.0

    def prompted(self) -> None:
        """Take note of a new prompt: what is read at once, when it stands there, was typed ahead."""
        self._stands()
        self._later(0.0, self._stands)  # to paint it may take long
        self._fresh = True
        self._forget_run()
        self._ended = float("-inf")

    def _stands(self) -> None:
        self._opened = self._clock()

    def close(self) -> None:
        """Expect nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def give_up(self) -> None:
        """Wait for nothing more: what is kept is handed on now, as what it is by now."""
        if self._timer is not None:
            self.close()
            self._nothing_came()

    def take(self, keys: list[KeyPress]) -> list[KeyPress]:
        """Take keys that were read.

        :returns: those to be handled as typed, now.
        """
        passing = [press for press in keys if press.key in _NOT_TYPED]
        keys = [press for press in keys if press.key not in _NOT_TYPED] if passing else keys
        if not keys:  # asked for what may have been the beginning of a longer one
            return passing
        return passing + self._take(keys)

    def _take(self, keys: list[KeyPress]) -> list[KeyPress]:
        self.close()
        now = self._clock()
        typed_ahead = self._fresh and now - self._opened < QUIET
        self._fresh = False
        kept, self._kept = self._kept, []
        others = behind_other_keys(keys)
        if others:  # a key that stands for no text ends whatever came before it
            self._finish()
            self._forget_run()
            self._ended = float("-inf")
            kept, keys, typed = [], keys[others:], kept + keys[:others]
            return typed + (self._read(keys, now, typed_ahead=typed_ahead, alone=False) if keys else [])
        return self._read(keys, now, kept=kept, typed_ahead=typed_ahead)

    def _read(
        self,
        keys: list[KeyPress],
        now: float,
        *,
        kept: Sequence[KeyPress] = (),
        typed_ahead: bool,
        alone: bool = True,
    ) -> list[KeyPress]:
        """Take keys that stand for text."""
        text = text_of(keys)
        paused = now - self._last >= QUIET
        self._last = now
        if self._pasting:
            return self._pasted(text, now)
        if kept:
            if not text.strip("\n"):
                return self._keep([*kept, *self._with_enter(keys)])
            self._begin(now)
            return self._pasted("\n" * len(kept) + text, now)
        if now - self._ended < GOES_ON and not self._run and len(text) > 1:
            self._pasting, self._since = True, now
            return self._pasted(text, now)
        if paused:
            self._forget_run()
        if self._goes_on_by_itself(text) or (
            self._begins_paste(text) and not (typed_ahead and self._one_by_one(text))
        ):
            self._begin(now)
            self._pasted(text, now)
            if text.find("\n") == len(text) - 1 and text[0] not in " \t":
                self._doubtful = keys
            return []
        return self._typed(keys, text, typed_ahead and alone)

    def _goes_on_by_itself(self, text: str) -> bool:
        """Tell whether a line brings its own blanks, just behind one that was taken for typed."""
        return self._run.endswith("\n") and text[0] in " \t"

    def _begins_paste(self, text: str) -> bool:
        """Tell whether there is something behind a newline; not if it may have been typed during a delay."""
        if len(text) < FEW and not self._is_quick(text):
            return False
        line_feed = text.find("\n")
        return line_feed >= 0 and (bool(text[line_feed:].strip("\n")) or self._holds())

    def _typed(self, keys: list[KeyPress], text: str, cooked: bool) -> list[KeyPress]:
        # A program's end of a line, just behind it, or the terminal's own while a cell ran.
        if cooked or len(keys) > 1 or self._line:
            keys = self._with_enter(keys)
        if text.endswith("\n") and self._is_quick(text):
            self._run += text[:-1]
            return keys[:-1] + self._keep(keys[-1:])
        self._run += text
        return keys

    def _keep(self, newlines: list[KeyPress]) -> list[KeyPress]:
        """Keep newlines for whether text follows.

        :returns: those to be handled now: all, where somebody leans on Enter.
        """
        if len(newlines) > BLANK:
            self._run += "\n"
            return newlines
        self._kept = newlines
        self._timer = self._later(QUIET, self._nothing_came)
        return []

    @property
    def _line(self) -> str:
        """What came without a pause of the line that is being typed."""
        return self._run.rpartition("\n")[2]

    @staticmethod
    def _with_enter(keys: list[KeyPress]) -> list[KeyPress]:
        return [KeyPress(Keys.ControlM, "\r") if press.data == "\n" else press for press in keys]

    def _is_quick(self, text: str) -> bool:
        """Tell whether what comes piece by piece comes faster than anybody types."""
        return bool(self._line) and len(self._line) + len(text) > MANY

    def _begin(self, now: float) -> None:
        self._pasting, self._goes_on, self._before, self._since = True, False, self._run, now

    def _pasted(self, text: str, now: float) -> list[KeyPress]:
        self._doubtful = []
        self._text += text
        if now - self._since >= SHOWN:
            self._give()
            self._since = now
        self._timer = self._later(QUIET, self._nothing_came)
        return []

    def _nothing_came(self) -> None:
        self._timer = None
        kept, self._kept = self._kept, []
        if kept:
            self._run += "\n" * len(kept)
            self._feed(kept)
        else:
            self._finish()

    def _finish(self) -> None:
        doubtful, self._doubtful = self._doubtful, []
        if doubtful:  # what the terminal seemed to hold was no text
            self._pasting, self._text, self._before = False, "", ""
            self._feed(self._with_enter(doubtful))
        elif self._pasting:
            self._give()
            self._pasting = False
            self._forget_run()
            self._ended = self._last

    def _give(self) -> None:
        text, self._text = self._text, ""
        before, self._before = self._before, ""
        goes_on, self._goes_on = self._goes_on, True
        if text:
            self._paste(text, before, goes_on)

    def _forget_run(self) -> None:
        self._run = ""
