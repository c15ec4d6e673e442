"""Cells of one line whose first word says what they mean: ``ls -l`` for ``%ls -l``, macros, autocall.

Here is the cheap test that nearly every line is done with. What it cannot answer goes through the
chain of :mod:`ipcore.cells.checkers`, which is imported for it.
"""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..shell import InteractiveShell

# Used when needed, and compiled then: most lines are found to be Python without them.
_COMMAND = r"([A-Za-z_]\w*)(?:[ \t]+(.*)|;)?\n?\Z"

#: After a bare name and a blank these mean Python: assignment, unpacking, annotation, words. What else
#: could follow an undefined name (``ls /tmp``, ``ls *.py``, ``ls | wc``) would be a NameError as Python.
PYTHON = r"[=,:]|!=|(?:\*\*|//|<<|>>|[-+*/%&|^@])=|(?:is|not|in|and|or|if|else)\b"

#: Of what follows a first word, the beginnings that need no further look.
_SURELY_PYTHON = frozenset("=,:")

_absent: Any = object()


def rewrite_line(source: str, shell: InteractiveShell, *, side_effects: bool, echo: bool) -> str:
    """Rewrite a one-line cell by its first word.

    :param source: the line, escapes already rewritten.
    :param side_effects: false leaves out what declares ``has_side_effects``.
    :param echo: whether an added call is shown, as by ``show_rewritten_input``.
    :returns: Python, of one line but for a macro; or the line as it was.
    :raises SyntaxError: if what somebody registered refuses the line.
    """
    manager = shell.made_part("prefilter_manager")
    if manager is None or not manager.changed:
        word = source.split(None, 1)[0].rstrip(";") if source.strip() else ""
        if keyword.iskeyword(word):
            return source
        if not shell.autocall:
            if not word.isidentifier() or source[len(word) :].lstrip()[:1] in _SURELY_PYTHON:
                return source
            value = shell.user_ns.get(word, _absent)
            if value is _absent:
                command = None if hasattr(builtins, word) else command_in(source, shell)
                return source if command is None else magic_call(*command, shell) or source
            if prefilter_mark(value) is None:
                return source
    manager = shell.part("prefilter_manager")
    rewritten: str = manager.rewrite(source, side_effects=side_effects, echo=echo)
    return rewritten


def magic_call(name: str, rest: str, shell: InteractiveShell) -> str:
    """Give the call of the magic or alias that a line without ``%`` means; empty if it means none.

    :param name: its first word, a variable of nobody's.
    :param rest: what follows after a blank.
    """
    if not shell.automagic or hasattr(builtins, name):
        return ""
    if re.match(PYTHON, rest) or not shell.is_command(name):
        return ""
    return f"get_ipython().run_line_magic({name!r}, {rest!r})\n"


def command_in(source: str, shell: InteractiveShell) -> tuple[str, str] | None:
    """Give the first word of a line, if it may be a command, and the rest."""
    match = re.match(_COMMAND, source)
    if match is None or keyword.iskeyword(match[1]) or match[1] in shell.user_ns:
        return None
    return match[1], match[2] or ""


def prefilter_mark(value: object) -> str | None:
    """Give what the class of a value says about lines that begin with its name.

    ``macro`` or ``auto``, the name of a handler; ``None`` for nearly every class.
    """
    try:
        # As getattr() does, but past what a metaclass of the user's may do to it.
        mark = type.__getattribute__(type(value), "_ipshell_prefilter_")
    except AttributeError:
        return None
    return mark if isinstance(mark, str) else None
