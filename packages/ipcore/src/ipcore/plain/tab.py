"""Tab at the plain prompt: completion through the module ``readline``, where Python has it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ..notices import notice, shown_by

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: What readline takes for the end of a word. It shows words, so dotted names and magics are whole ones. A
#: backslash is part of one: what stands for ``\alpha`` stands in its place too.
_DELIMITERS: Final = " \t\n`!@#$^&*()=+[{]}|;:'\",<>?"

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
    readline.set_completer_delims(_DELIMITERS)
    readline.parse_and_bind("bind ^I rl_complete" if tab.libedit else "tab: complete")
    try:
        yield tab
    finally:
        readline.set_completer(former[0])
        readline.set_completer_delims(former[1])


class Tab:
    """What readline calls for each possible completion.

    :param readline: the module.
    """

    def __init__(self, shell: InteractiveShell, readline: Any) -> None:
        self._shell = shell
        self._readline = readline
        self._words: list[str] = []
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
        words = [each for each in whole_words(found, text, at, len(before) + start) if each.isprintable()]
        typed = line[start:cursor]
        # Readline puts what all have in common in the place of what is typed, were it less than that.
        return [each for each in words if each.startswith(typed)] or words[: 1 if len(words) == 1 else 0]

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

            ctypes.PyDLL(str(self._readline.__file__)).rl_on_new_line()
        except (ImportError, AttributeError, OSError):  # not GNU readline, or built into Python
            return
        self._readline.redisplay()
