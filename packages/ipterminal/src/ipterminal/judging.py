"""Whether the cell is complete: the core's answer, remembered, and asked of no more text than changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from keyword import iskeyword
from typing import TYPE_CHECKING, Final, NamedTuple

from ipcore.cells.completeness import Status, check_complete, syntax_error
from ipcore.cells.logical_lines import BLANK, PYTHON, scan
from ipcore.cells.plain_lines import transform

if TYPE_CHECKING:
    from .editor import Editor

#: Seconds that the thread of the cells has for what only it can tell: what a first word stands for, what
#: transformers of plugins make of a cell. Then the shell's own rules have to do.
PATIENCE: Final = 0.04

# Lines that go on with a statement although they are not indented, and what is no beginning of a cell.
_GOES_ON = re.compile(r"(?:else|elif|except|finally|case)\b|[\s)\]}%]")
# One more line of a block, but for words that mean something else elsewhere.
_ONE_LINE = re.compile(r"\n([ \t]+)(?![%!?/,;@#])(\S[^\n]*)")
_TIED = re.compile(r"\b(?:return|yield|await|async|global|nonlocal|__future__)\b|\?")
_FIRST_WORD = re.compile(r"\s*(\w+)[\w.]*[ \t]+\S")
_READ_AS_A_WHOLE = ("%%", ">>>", "In [", "...")


class _Seen(NamedTuple):
    """What was found out about a text."""

    text: str
    status: Status
    python: str | None
    """The text as Python, if somebody else than the shell's own rules made it."""
    refused: SyntaxError | None = None
    """Why a transformer refused it."""


class _Block(NamedTuple):
    """A text that ends inside a block, behind a whole line of it."""

    text: str
    blanks: str
    """The indentation of that line."""
    opens: bool
    """Whether the line opens a further block."""


class Judge:
    """Tells whether texts are complete.

    :param others: transforms a text by all rules, without side effects, on the thread of the cells;
        ``None`` if that gives no answer in time.
    :param own_alone: whether nobody but the shell rewrites cells of several lines.
    """

    def __init__(
        self, others: Callable[[str], str | None] | None = None, own_alone: Callable[[], bool] = lambda: True
    ) -> None:
        self._others = others
        self._own_alone = own_alone
        self._last: _Seen | None = None
        #: What complete statements the text began with when it was last looked at.
        self._known = ""
        self._block: _Block | None = None

    def forget(self) -> None:
        """Forget what was asked: names may stand for something else by now."""
        self._last = None

    def status(self, text: str) -> Status:
        """Tell whether a text is complete, needs more lines, or is wrong in a way that they cannot mend."""
        return self._seen(text).status

    def error(self, text: str) -> tuple[str, SyntaxError] | None:
        """Give the text as Python, and what is wrong with it; ``None`` if it can be compiled."""
        seen = self._seen(text)
        if seen.refused is not None:
            return text, seen.refused
        python = transform(text) if seen.python is None else seen.python
        error = syntax_error(python)
        return None if error is None else (python, error)

    def _seen(self, text: str) -> _Seen:
        if self._last is None or self._last.text != text:
            self._last = self._look(text)
        return self._last

    def _look(self, text: str) -> _Seen:
        if not text.strip():
            return _Seen(text, "complete", None)
        if self._own_alone():
            status = self._status_by_own_rules(text)
            if status == "complete" or not _may_be_a_command(text):
                return _Seen(text, status, None)
        try:
            python = self._others(text) if self._others is not None else None
        except SyntaxError as refused:
            return _Seen(text, "invalid", None, refused)
        if python is None:
            return _Seen(text, self._status_by_own_rules(text), None)
        return _Seen(text, check_complete(text, lambda _: python)[0], python)

    def _status_by_own_rules(self, text: str) -> Status:
        if self._goes_on(text):
            return "incomplete"
        tail = self._unknown_part(text)
        status = check_complete(tail, transform)[0]
        self._block = _block(text, tail) if status == "incomplete" else None
        if status != "invalid":
            start = _last_statement(tail)
            if start and (status == "complete" or check_complete(tail[:start], transform)[0] == "complete"):
                self._known = text[: len(text) - len(tail) + start]
        return status

    def _goes_on(self, text: str) -> bool:
        """Tell whether a text is the one that was seen last with one more line of the same block.

        That is how a long function is typed, and reading all of it at each Enter would take the longer the
        longer it is.
        """
        block = self._block
        if block is None or not text.startswith(block.text):
            return False
        line = _ONE_LINE.fullmatch(text, len(block.text))
        if line is None:
            return False
        blanks, code = line.groups()
        deeper = blanks.startswith(block.blanks) and blanks != block.blanks
        fits = deeper if block.opens else blanks == block.blanks
        if not fits or _TIED.search(code) or syntax_error(f"def _():\n {code}\n") is not None:
            return False
        self._block = _Block(text, blanks, opens=False)
        return True

    def _unknown_part(self, text: str) -> str:
        """Leave out the statements that were complete before and have not changed since."""
        known = self._known
        if known and text.startswith(known):
            tail = text[len(known) :]
            if tail and not _GOES_ON.match(tail) and "__future__" not in tail:
                return tail
        self._known = ""
        return text


def _block(text: str, tail: str) -> _Block | None:
    """Find the block that a text ends in; ``None`` if it ends in the midst of a line of it."""
    if text.endswith(("\n", "\\")) or text.lstrip().startswith(_READ_AS_A_WHOLE):
        return None
    last = scan(tail)[-1]
    if last.kind != PYTHON or last.open or last.start == last.code or tail.startswith("@", last.code):
        return None
    opens = tail[last.code : last.mark].rstrip().endswith(":")
    return _Block(text, tail[last.start : last.code], opens)


def _last_statement(text: str) -> int:
    """Tell where the last statement begins, of those that are not indented; 0 if none can be told apart."""
    if text.lstrip().startswith(_READ_AS_A_WHOLE):
        return 0
    start = 0
    for line in reversed(scan(text)):
        if line.kind == BLANK:
            continue
        decorator = text.startswith("@", line.start)
        if start and not decorator:
            return start
        if line.start == line.code and not _GOES_ON.match(text, line.start):
            start = line.start
        elif start:
            return start
    return 0


def _may_be_a_command(text: str) -> bool:
    """Tell whether the first word may be a magic or something to be called: the thread of the cells knows."""
    first = _FIRST_WORD.match(text)
    return "\n" not in text.strip() and first is not None and not iskeyword(first.group(1))


def judge_of(editor: Editor) -> Judge:
    """Make the judge of an editor's cells."""
    shell, main = editor.shell, editor.main

    def others(text: str) -> str | None:
        try:
            future = main.call(shell.transform, text, side_effects=False)
        except RuntimeError:  # the shell closes
            return None
        try:
            return future.result(PATIENCE)
        except SyntaxError:
            raise
        except Exception:  # it is late, or was stopped
            future.cancel()
            return None

    judge = Judge(others, lambda: shell.transformers.own_alone)
    editor.before_prompt.append(judge.forget)
    return judge
