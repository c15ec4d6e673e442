"""The plain prompts, and those of Python itself; and what keeps a plugin's from breaking the shell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from ..plugins.failures import reason_of

if TYPE_CHECKING:
    from ..plugins.registry import Given
    from ..shell import InteractiveShell
    from ..types.prompts import Fragments, PromptKind

#: The style of a prompt that comes in one piece.
STYLES: Final[dict[PromptKind, str]] = {
    "input": "prompt",
    "continuation": "prompt.continuation",
    "output": "prompt.output",
    "rewrite": "prompt.rewrite",
}


class PlainPrompts:
    """``In [3]: ``, ``   ...: `` and ``Out[3]: ``."""

    @property
    def whose(self) -> str:
        """Who gives them, for messages; empty where that is the core alone, which is never late."""
        return ""

    def input(self, number: int) -> str:
        """Text before the first line of cell ``number``."""
        return f"In [{number}]: "

    def continuation(self, number: int) -> str:
        """Text before each further line; as wide as the first."""
        return "...: ".rjust(columns(self.input(number)))

    def output(self, number: int) -> str:
        """Text before the value of cell ``number``."""
        return f"Out[{number}]: "

    def rewrite(self, number: int) -> str:
        """Text before a line that was rewritten."""
        return "------> "

    def styled(self, kind: PromptKind, number: int) -> Fragments:
        """Give a prompt in pieces, its number apart."""
        text: str = getattr(self, kind)(number)
        style = STYLES[kind]
        before, found, after = text.partition(str(number))
        if not found or kind not in ("input", "output"):
            return [(style, text)]
        return [(style, before), (f"{style}.number", found), (style, after)]

    def right(self, number: int) -> Fragments:
        """Nothing."""
        return []

    def toolbar(self) -> Fragments:
        """Nothing."""
        return []


class ClassicPrompts:
    """``>>> `` and ``... ``, nothing before values."""

    def input(self, number: int) -> str:
        """Text before the first line of a cell."""
        return ">>> "

    def continuation(self, number: int) -> str:
        """Text before each further line."""
        return "... "

    def output(self, number: int) -> str:
        """Nothing."""
        return ""


class GuardedPrompts:
    """A plugin's prompts, with the plain ones under them for when they fail or lack something."""

    def __init__(self, shell: InteractiveShell, given: Given, plain: PlainPrompts) -> None:
        self._shell = shell
        self._given = given
        self._plain = plain
        self._failed = False

    @property
    def whose(self) -> str:
        """Who gives them, for messages; empty where that is the core alone, which is never late."""
        own = self._failed or type(self._given.value) in (PlainPrompts, ClassicPrompts)
        return "" if own else f"the plugin {self._given.plugin.id}"

    def input(self, number: int) -> str:
        """Text before the first line of cell ``number``."""
        return self._text("input", number)

    def continuation(self, number: int) -> str:
        """Text before each further line."""
        return self._text("continuation", number)

    def output(self, number: int) -> str:
        """Text before the value of cell ``number``."""
        return self._text("output", number)

    def rewrite(self, number: int) -> str:
        """Text before a line that was rewritten."""
        return self._text("rewrite", number)

    def styled(self, kind: PromptKind, number: int) -> Fragments:
        """Give a prompt in pieces, each with its style name; one that has pieces is asked for them alone."""
        if not self._has("styled") or (kind == "rewrite" and not self._has(kind)):
            text = self._text(kind, number)
            return self._plain.styled(kind, number) if self._failed else [(STYLES[kind], text)]
        pieces = self._fragments("styled", kind, number)
        return self._plain.styled(kind, number) if self._failed else pieces

    def right(self, number: int) -> Fragments:
        """What stands at the right end of the first line."""
        return self._fragments("right", number) if self._has("right") else []

    def toolbar(self) -> Fragments:
        """What stands in the line below all."""
        return self._fragments("toolbar") if self._has("toolbar") else []

    def _has(self, name: str) -> bool:
        return not self._failed and callable(getattr(self._given.value, name, None))

    def _text(self, which: PromptKind, number: int) -> str:
        if self._failed or (which == "rewrite" and not self._has(which)):
            return str(getattr(self._plain, which)(number))
        try:
            text = getattr(self._given.value, which)(number)
            wrong = "" if isinstance(text, str) else f"it gave {type(text).__name__}, not text"
        except (Exception, KeyboardInterrupt) as error:  # a plugin's: the prompt must come all the same
            text, wrong = "", reason_of(error)
        if not wrong:
            return str(text)
        self._fail(which, wrong)
        return str(getattr(self._plain, which)(number))

    def _fragments(self, which: str, *arguments: Any) -> Fragments:
        try:
            pieces = [(style, text) for style, text in getattr(self._given.value, which)(*arguments)]
            good = all(isinstance(style, str) and isinstance(text, str) for style, text in pieces)
            wrong = "" if good else "it gave pieces that are not texts"
        except (Exception, KeyboardInterrupt) as error:  # a plugin's: the prompt must come all the same
            pieces, wrong = [], reason_of(error)
        if wrong:
            self._fail(which, wrong)
            return []
        return pieces

    def _fail(self, which: str, wrong: str) -> None:
        self._failed = True
        self._shell.registry.disable(self._given.plugin, f"prompts, {which}", wrong)


def columns(prompt: str) -> int:
    """Give how many columns the last line of a prompt takes on a terminal."""
    line = prompt.rpartition("\n")[2]
    if line.isascii():
        return len(line)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(each) in ("Mn", "Me", "Cf") else 2 if east_asian_width(each) in "WF" else 1
        for each in line
    )


def painted(shell: InteractiveShell, kind: PromptKind, number: int) -> str:
    """Give a prompt for standard output, in colours where a front end has some."""
    theme = shell.made_part("theme")
    if theme is None or not theme.colors_on(sys.stdout):
        return str(getattr(shell.prompts, kind)(number))
    return "".join(theme.paint(text, style) for style, text in shell.prompts.styled(kind, number))
