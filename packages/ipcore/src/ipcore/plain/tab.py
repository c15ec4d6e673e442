"""Tab at the plain prompt: completion through the module ``readline``, where Python has it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ..notices import notice, shown_by

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: What readline takes for the end of a word: nothing. The word is the whole line, and each completion a line
#: as it would be, so that one may change the line anywhere before the cursor.
_DELIMITERS: Final = "\n"

#: The same for libedit, which lists words as they are, so that dotted names and magics are whole ones.
_WORDS: Final = " \t\n`!@#$^&*()=+[{]}|;:'\",<>?"

#: Lines of a list of completions at most, by default; the rest is counted.
_MOST_LINES: Final = 30

#: What Tab gives where nothing is typed in the line.
_INDENT: Final = 4


@contextmanager
def completing(shell: InteractiveShell) -> Iterator[Tab | None]:
    """Have Tab complete at the prompts in the body; gives ``None`` where lines are not edited by readline."""
    try:
        import readline
    except ImportError:  # Windows: the console edits lines by itself
        yield None
        return
    former = readline.get_completer(), readline.get_completer_delims()
    tab = Tab(shell, readline)
    readline.set_completer(tab.complete)
    readline.set_completer_delims(_WORDS if tab.libedit else _DELIMITERS)
    if not tab.libedit:
        readline.set_completion_display_matches_hook(tab.show)
    readline.parse_and_bind("bind ^I rl_complete" if tab.libedit else "tab: complete")
    try:
        yield tab
    finally:
        readline.set_completer(former[0])
        readline.set_completer_delims(former[1])
        if not tab.libedit:
            readline.set_completion_display_matches_hook(None)


class Tab:
    """What readline calls for each possible completion.

    :param readline: the module.
    """

    def __init__(self, shell: InteractiveShell, readline: Any) -> None:
        self._shell = shell
        self._readline = readline
        self._words: list[str] = []
        self._labels: list[str] = []
        self._told = False
        self.libedit = "libedit" in (readline.__doc__ or "")
        #: The lines of the cell before the one that is edited.
        self.lines: list[str] = []

    def complete(self, word: str, state: int) -> str | None:
        """Give one completion after the other, and ``None`` after the last."""
        if state == 0:
            self._words = self._find()
        return self._words[state] if state < len(self._words) else None

    def _find(self) -> list[str]:
        readline = self._readline
        line, cursor = readline.get_line_buffer(), readline.get_endidx()
        at_prompt = self._shell.keyboard.at_prompt  # a program's question is none of ours
        if not at_prompt or not line[:cursor].strip():
            readline.insert_text(" " * (_INDENT - cursor % _INDENT) if at_prompt else "\t")
            return [""]  # with none at all, the bell would ring
        self._told = False
        try:
            with shown_by(self._tell):
                try:
                    return self._words_for(line, cursor, readline.get_begidx())
                except Exception as error:  # of a completer that somebody has put in place
                    from ..plugins.failures import reason_of

                    notice(f"completion failed: {reason_of(error)}. There is none.")
        except KeyboardInterrupt:
            pass
        finally:  # below is C code, which would drop whatever is raised here
            if self._told:
                self._paint()
        return []

    def _words_for(self, line: str, cursor: int, start: int) -> list[str]:
        from ..completion.completer import whole_words

        before = "".join(f"{each}\n" for each in self.lines)
        text, at = before + line, len(before) + cursor
        found = self._shell.completer.completions(text, at, trigger="tab")
        # What the terminal would take for something else than text is not offered.
        found = [each for each in found if each.text.isprintable() and each.label.isprintable()]
        self._labels = [each.label or each.text for each in found]
        words = whole_words(found, text, at, len(before) + start)
        typed = line[start:cursor]
        going_on = [each for each in words if each.startswith(typed)]
        if len(words) == 1 or len(going_on) == len(words) or self._shell.completer.matching == "prefix":
            # Readline puts what all have in common in the place of what is typed, were it less than that.
            return going_on or words[: 1 if len(words) == 1 else 0]
        self.show()
        return [typed]

    def show(self, *given: object) -> None:
        """List what there is, below the line. Readline calls this at the second Tab.

        :param given: what readline would show: whole lines.
        """
        size = os.get_terminal_size(1) if os.isatty(1) else os.terminal_size((80, 24))
        assert sys.stdout is not None
        lines = columns(self._labels, size.columns, min(_MOST_LINES, max(1, size.lines - 3)))
        sys.stdout.write("".join(f"\n{line}" for line in lines) + "\n")
        sys.stdout.flush()
        self._paint()

    def _tell(self, text: str) -> None:
        """Show a notice below the line."""
        assert sys.stderr is not None
        sys.stderr.write(text if self._told else f"\n{text}")
        sys.stderr.flush()
        self._told = True

    def _paint(self) -> None:
        """Show the line once more, below what was told."""
        try:
            import ctypes

            # Without a file of its own it is built into Python.
            ctypes.PyDLL(getattr(self._readline, "__file__", None)).rl_on_new_line()
        except (ImportError, AttributeError, OSError):  # not GNU readline
            return
        self._readline.redisplay()


def columns(texts: list[str], width: int, most: int) -> list[str]:
    """Put texts into columns, from top to bottom.

    :param width: of a line, in characters.
    :param most: lines there may be; the last one counts what is left out.
    """
    if not texts:
        return []
    wide = max(map(len, texts)) + 2
    across = max(1, (width + 1) // wide)
    down = -(-len(texts) // across)
    left_out = 0
    if down > most:
        down = max(1, most - 1)
        left_out = len(texts) - across * down
        texts = texts[: across * down]
    rows = ["".join(each.ljust(wide) for each in texts[row::down]).rstrip() for row in range(down)]
    return [*rows, f"... and {left_out} more"] if left_out > 0 else rows
