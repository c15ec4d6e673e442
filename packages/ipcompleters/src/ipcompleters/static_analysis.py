"""What static analysis by jedi finds, in a process of its own.

jedi reads the text of the session and of the cell, and never an object. It is asked where the objects
tell nothing: of a name that is not there yet, of what a call would give. So where it is late, hangs or fails,
the shell's own completions are there all the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ipcore.types.completion import Completion

from .analysis_process import AnalysisProcess, import_path
from .context import context_of

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

    from .context import Context

#: Characters of the session's earlier cells, and of the cell, that are read.
_MOST_EARLIER: Final = 20_000
_MOST_TEXT: Final = 20_000

#: Characters of a statement that is read: jedi takes long for a long chain of attributes or calls.
_MOST_STATEMENT: Final = 1_000

#: Seconds that are waited where all others wait too; an answer that comes later is there at the next Tab.
_PATIENCE: Final = 0.1

#: Below that a deadline means that all others wait.
_SHORT: Final = 1.0

#: Behind what is known of objects.
_RANK: Final = -50

_TYPES: Final = {"param": "param", "statement": "variable"}

#: Lines that begin with one of these are no Python.
_ESCAPES: Final = ("%", "!", "?")


class JediProvider:
    """What static analysis by jedi finds, in a process of its own."""

    name = "jedi"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._process = AnalysisProcess()

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose what the text tells, where objects tell nothing."""
        context = context_of(request)
        if not _is_asked(request, context):
            return
        now = time.monotonic()
        left = request.deadline - now
        until = now + (left if left > _SHORT else min(left, _PATIENCE))
        question = self._question(request, context)
        if len(question["text"]) > _MOST_EARLIER + _MOST_TEXT:
            return
        for name, kind, signature in self._process.ask(question, until, request.cancelled):
            if request.cancelled():
                return
            if name.startswith("_") and not request.word.startswith("_"):
                continue
            if request.matches(name) and name != request.word:
                yield Completion(
                    request.word_start,
                    request.cursor,
                    name,
                    _TYPES.get(kind, kind),
                    signature=signature,
                    rank=_RANK,
                )

    def _question(self, request: CompletionRequest, context: Context) -> dict[str, Any]:
        earlier = earlier_cells(self._shell.outputs.inputs, _MOST_EARLIER)
        if context.magic is not None:  # only what stands behind the magic is Python
            text = f"{context.before}{context.statement}"
        else:
            text = without_escapes(request.before)
        line_start = text.rfind("\n") + 1
        if line_start and text[line_start:] == request.word:
            # At the very beginning of a line, jedi takes the block before for the one that goes on.
            text = f"{text[:line_start]}pass;{request.word}"
        if len(text) > _MOST_TEXT:
            text = text[text.find("\n", len(text) - _MOST_TEXT) + 1 :]
        whole = earlier + text
        return {
            "text": whole,
            "line": whole.count("\n") + 1,
            "column": len(whole) - whole.rfind("\n") - 1,
            "fuzzy": request.matching in ("substring", "fuzzy"),
            "path": import_path(),
            "folder": os.getcwd(),
        }


def _is_asked(request: CompletionRequest, context: Context) -> bool:
    """Tell whether the text may tell more than the objects do."""
    if context.place != "code" or len(context.statement) > _MOST_STATEMENT or request.cancelled():
        return False
    if context.dotted is not None:
        return not request.objects.find(context.dotted, context.before)[0]
    if not request.word or request.trigger == "typing":
        return False
    if context.call is not None and not request.objects.find(context.call.function, context.before)[0]:
        return True
    return bool(context.before)


def earlier_cells(inputs: list[str], most: int) -> str:
    """Give the text of the last cells, each beginning on a line of its own; at most so many characters."""
    found: list[str] = []
    for each in reversed(inputs):  # a list that the user may have changed
        if type(each) is not str or not each:
            continue
        most -= len(each) + 1
        if most < 0:
            break
        found.append(f"{each}\n")
    return "".join(reversed(found))


def without_escapes(text: str) -> str:
    """Make lines of magics and commands harmless; the number of lines and their indentation stay."""
    lines = text.split("\n")
    for number, line in enumerate(lines[:-1]):
        bare = line.lstrip()
        if bare.startswith(_ESCAPES):
            lines[number] = f"{line[: len(line) - len(bare)]}pass"
    return "\n".join(lines)
