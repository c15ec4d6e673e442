"""Keywords, where they may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .context import Context

_VALUES: Final = ("False", "None", "True", "await", "lambda", "not")
#: What a statement may begin with anywhere.
_STATEMENTS: Final = tuple(
    "assert async class def del for from global if import match pass raise try type while with".split()
)
#: What a statement begins with in a block, and behind one.
_IN_BLOCKS: Final = tuple("break case continue elif else except finally nonlocal return yield".split())
_OPERATORS: Final = ("and", "if", "in", "is", "not", "or")

#: A word, or else one character, and behind it what is typed.
_BEFORE: Final = re.compile(r"(\w+|\S)(?:\s+\w*|(?<!\w)\w*)\Z")


def keywords_at(context: Context, *, indented: bool) -> Iterator[str]:
    """Give the keywords that may stand at the cursor, in code.

    :param indented: whether the line is.
    """
    words = context.statement.split()
    first = words[0] if words else ""
    if context.expected == "start":
        yield from _VALUES
        yield from _STATEMENTS
        if indented or context.before:
            yield from _IN_BLOCKS
    elif context.expected == "value":
        found = _BEFORE.search(context.statement)
        before = found.group(1) if found else ""
        if before == "async":
            yield from ("def", "for", "with")
        elif before not in ("del", "global", "nonlocal"):
            yield from _VALUES
            if before in ("=", "("):
                yield "yield"
            elif before == "yield":
                yield "from"
    elif first == "for" and not context.bracket and "in" not in words[:-1]:
        yield "in"
    else:
        yield from _OPERATORS
        if "if" in words:
            yield "else"
        if context.bracket:
            yield from ("async", "for")
        elif first in ("with", "except", "case", "async"):
            yield "as"
        elif first in ("raise", "yield"):
            yield "from"
