"""Bare names of magics and aliases: ``ls -l`` for ``%ls -l``, in cells of one line."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..shell import InteractiveShell

# Compiled when first needed: most lines are found to be Python without them.
_COMMAND = r"[A-Za-z_]\w*(?:[ \t]+(.*))?\n?\Z"

#: After a bare name and a blank these mean Python: assignment, unpacking, annotation, words. What else
#: could follow an undefined name (``ls /tmp``, ``ls *.py``, ``ls | wc``) would be a NameError as Python.
_PYTHON = r"[=,:]|!=|(?:\*\*|//|<<|>>|[-+*/%&|^@])=|(?:is|not|in|and|or|if|else)\b"


def rewrite_bare_name(source: str, shell: InteractiveShell) -> str:
    """Rewrite a one-line cell whose first word names a magic or an alias and nothing else.

    :param source: the line, escapes already rewritten.
    :returns: the call of the magic, or the line as it was.
    """
    name = source.split(None, 1)[0] if source.strip() else ""
    if not name.isidentifier() or keyword.iskeyword(name) or name in shell.user_ns or hasattr(builtins, name):
        return source
    match = re.match(_COMMAND, source)
    if match is None:
        return source
    rest = match[1] or ""
    if re.match(_PYTHON, rest) or not shell.is_command(name):
        return source
    return f"get_ipython().run_line_magic({name!r}, {rest!r})\n"
