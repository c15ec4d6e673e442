"""What stands to the left of a cell: the prompt, continuation prompts with line numbers, wrap marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from prompt_toolkit.utils import get_cwidth

from ipcore.notices import notice

from .painted_lines import Prefix, cut

#: Marks a row that goes on with the line of the row above; and where that character cannot be shown.
WRAPPED: Final = "\N{VERTICAL ELLIPSIS}"
_PLAIN_WRAPPED: Final = ":"

_CONTINUATION: Final = "class:prompt.continuation"
#: Prefixes that are kept.
_KEPT: Final = 2000


class PromptColumn:
    """The prompts of one cell's lines.

    :param first: gives the pieces of the prompt, style and text; it may have several lines.
    :param continuation: gives the text before further lines.
    :param numbers: gives the format of line numbers, with ``{line}`` and ``{rel_line}``; empty for none.
    :param unicode: whether all characters can be shown.
    """

    def __init__(
        self,
        first: Callable[[], Iterable[tuple[str, str]]],
        continuation: Callable[[], Iterable[tuple[str, str]]],
        *,
        numbers: Callable[[], str] = str,
        unicode: Callable[[], bool] = lambda: True,
    ) -> None:
        #: For others to set: what the prompts are made of.
        self.first = first
        self.continuation = continuation
        self.numbers = numbers
        self._unicode = unicode
        self._format = ""
        self._prompt: Prefix = ()
        self._further: Prefix = ()
        self._wrapped: Prefix = ()
        self._basis: object = None
        self._numbered: dict[tuple[int, int], Prefix] = {}
        self._width = 0
        self._cursor = 0

    def begin(self, width: int, cursor_row: int) -> None:
        """Look at what the prompts are, once for a frame.

        :param width: columns of a row.
        :param cursor_row: the line that the cursor is in, for relative numbers.
        """
        prompt = tuple((each[0], each[1]) for each in self.first())
        further = tuple((each[0], each[1]) for each in self.continuation())
        basis = (prompt, further, self.numbers(), width)
        self._cursor = cursor_row
        if basis == self._basis:
            return
        self._basis = basis
        self._numbered.clear()
        self._prompt, self._width, self._format = prompt, width, basis[2]
        self._further = cut(further, width)
        mark = WRAPPED if self._unicode() else _PLAIN_WRAPPED
        size = sum(get_cwidth(text) for _, text in further)
        self._wrapped = cut(((_CONTINUATION, f"{mark} ".rjust(size)),), width) if size else ()

    def before(self, line: int) -> Prefix:
        """Give what stands before a line."""
        if line == 0:
            return self._prompt
        if not self._format:
            return self._further
        key = (line, line - self._cursor)
        found = self._numbered.get(key)
        if found is None:
            if len(self._numbered) > _KEPT:
                self._numbered.clear()
            found = self._numbered[key] = cut(self._with_number(*key), self._width)
        return found

    @property
    def wrapped(self) -> Prefix:
        """What stands before the further rows of a line."""
        return self._wrapped

    def _with_number(self, line: int, from_cursor: int) -> Prefix:
        """Put the number of a line in front of its prompt, in the place of blanks as far as there are any."""
        try:
            number = self._format.format(line=line + 1, rel_line=from_cursor)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            notice(
                f"prompt_line_number_format: {self._format!r} cannot be filled in ({error}); "
                "{line} and {rel_line} are numbers.",
                once=f"prompt_line_number_format {self._format}",
            )
            return self._further
        blanks = 0
        pieces: list[tuple[str, str]] = []
        for style, text in self._further:
            stripped = text.lstrip(" ") if not pieces else text
            blanks += len(text) - len(stripped)
            if stripped:
                pieces.append((style, stripped))
        return ((_CONTINUATION, number + " " * (blanks - get_cwidth(number))), *pieces)
