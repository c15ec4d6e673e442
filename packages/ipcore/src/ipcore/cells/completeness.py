"""Whether a text can be run as it stands, or more lines are to come.

Asked on every Enter, so the answer costs one compilation at most and is remembered.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from .logical_lines import ASSIGNMENT, BLANK, ESCAPE, LogicalLine, scan
from .transform import clean

Status = Literal["complete", "incomplete", "invalid"]

#: What :func:`check_complete` answers: the status, and for ``incomplete`` the number of
#: blanks to begin the next line with.
Verdict = tuple[Status, int | None]

#: A tab counts as this many blanks, and a block is indented by as many.
STEP = 4

# The flag by which the standard library's codeop has the parser say "incomplete input" where
# it stopped only because the text ended.
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | 0x4000

# Compilations under the first name turn syntax warnings into errors, under both all others are
# silent, by filters that no other code can meet. A warnings.catch_warnings() would change the
# filters of all threads for a moment and forget what was shown once, on every Enter.
_STRICT = "<ipshell completeness check>"
_LENIENT = "<ipshell completeness check, lenient>"
_front_filter: object = None

_CELL_MAGIC_CALL = "get_ipython().run_cell_magic("
_TOP_LEVEL = re.compile(r"\n(?=[^\s#'\")\]}])")
_LEAVES_BLOCK = re.compile(r"(?:return|pass|raise|break|continue)\b")


def check_complete(source: str, transform: Callable[[str], str]) -> Verdict:
    """Tell whether a text is complete, needs more lines, or is wrong.

    Runs nothing but ``transform``; safe in any thread, if that is. Answers for the last
    texts are remembered.

    :param source: the text as typed, escapes included.
    :param transform: turns it into Python, without side effects. It may raise ``SyntaxError``,
        which makes the text invalid.
    :returns: the status and, if incomplete, the indentation advised for the next line, in
        blanks. ``invalid`` means that more lines cannot help: run it to see the error. Syntax
        warnings count as errors.
    """
    if not source.strip():
        return "complete", None
    try:
        return _verdict(source, transform(source))
    except SyntaxError:
        return "invalid", None


def syntax_error(python: str) -> SyntaxError | None:
    """Give what is wrong with a text that :func:`check_complete` calls ``invalid``, or what it lacks.

    :param python: the text, transformed.
    :returns: ``None`` if it can be compiled; warnings are none.
    """
    _own_filters()
    try:
        compile(python, _LENIENT, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, OverflowError, MemoryError, RecursionError):  # of no place in the text
        return None
    return None


@lru_cache(maxsize=16)
def _verdict(source: str, python: str) -> Verdict:
    if python.startswith(_CELL_MAGIC_CALL) and "%%" in source:
        return _cell_magic_verdict(source)
    if source.removesuffix("\n").endswith("\\") and _is_escape(source):
        return "incomplete", 0
    status = _try_compile(python, _STRICT)
    warned = False
    if status == "invalid":  # if by a warning alone, the text may still be half-typed
        status = _try_compile(python, _LENIENT)
        warned = status != "invalid"
    if status == "incomplete":
        return status, _indentation(python, scan(python))
    if status == "complete" and not _ends_with_blank_line(source, python):
        text, lines = _last_statement(python)
        if _is_indented(lines):
            return "incomplete", _indentation(text, lines)
    return ("invalid" if warned else status), None


def _cell_magic_verdict(source: str) -> Verdict:
    """Judge a cell magic: its body is ended by a blank line."""
    lines = source.lstrip().split("\n")
    if len(lines) > 2 and not lines[-1].strip():
        return "complete", None
    return "incomplete", _width(lines[-1]) if len(lines) > 1 else 0


def _is_escape(source: str) -> bool:
    """Tell whether the last line belongs to an escape, whose backslash Python does not see."""
    return scan(clean(source.removesuffix("\n") + "\n"))[-1].kind in (ESCAPE, ASSIGNMENT)


def _try_compile(python: str, filename: str) -> Status:
    _own_filters()
    try:
        compile(python, filename, "exec", _FLAGS, dont_inherit=True)
    except SyntaxError as error:
        # Python 3.12 has words of its own for an open f-string in three quotes.
        if error.msg == "incomplete input" or error.msg.startswith("unterminated triple-quoted"):
            return "incomplete"
        return "invalid"
    except (ValueError, OverflowError, MemoryError, RecursionError):
        return "invalid"
    return "complete"


def _own_filters() -> None:
    global _front_filter
    if not warnings.filters or warnings.filters[0] is not _front_filter:
        warnings.filterwarnings("ignore", module=re.escape(_STRICT[:-1]))
        warnings.filterwarnings("error", category=SyntaxWarning, module=re.escape(_STRICT))
        _front_filter = warnings.filters[0]


def _ends_with_blank_line(source: str, python: str) -> bool:
    """Tell whether the last line is blank, which ends all blocks."""
    text = python if source.endswith("\n") else python.removesuffix("\n")  # added by the transformation
    return not text[text.rfind("\n") + 1 :].strip()


def _last_statement(python: str) -> tuple[str, list[LogicalLine]]:
    """Give the last statement that is not indented, of a text that can be compiled, and its lines.

    Reads the text from the last line that may begin one, and all of it if that one turns out to
    be in the middle of something.
    """
    start = 0
    for match in _TOP_LEVEL.finditer(python):
        start = match.end()
    text = python[start:]
    lines = scan(text)
    if start and any(line.open for line in lines):
        return python, scan(python)
    return text, lines


def _is_indented(lines: list[LogicalLine]) -> bool:
    statements = [line for line in lines if line.kind != BLANK]
    return bool(statements) and statements[-1].code > statements[-1].start


def _indentation(python: str, lines: list[LogicalLine]) -> int:
    """Advise where the line after an incomplete text begins."""
    lines = [line for line in lines if python[line.start : line.end].strip()]
    last = lines[-1]
    if last.open:
        return _width(python.rstrip().rsplit("\n", 1)[-1])
    here = _column(last, python)
    if last.kind != BLANK and python[last.code : last.mark].rstrip().endswith(":"):
        return here + STEP
    if _LEAVES_BLOCK.match(python, last.code):
        outer = (_column(line, python) for line in reversed(lines) if line.kind != BLANK)
        return next((column for column in outer if column < here), 0)
    return here


def _column(line: LogicalLine, text: str) -> int:
    return _width(text[line.start : line.code] + "x")


def _width(line: str) -> int:
    return sum(STEP if blank == "\t" else 1 for blank in line[: len(line) - len(line.lstrip(" \t"))])
