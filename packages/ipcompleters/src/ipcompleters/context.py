"""What the cursor stands in: the one reading of a cell that all providers share.

A cell that is being typed is rarely complete, so it is read by a scanner of tokens that forgives
(:mod:`ipcompleters.scanning`), and not by Python's parser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from .magic_lines import SHELL_MAGICS, cell_magic, code_start, skip_blanks, word_start
from .scanning import ESCAPE, IN_COMMENT, IN_STRING, Reading, read, read_code

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

#: ``code``: Python, also in the braces of an f-string, and behind magics that take code such as ``%timeit``.
#: ``import``: an import statement. ``string``: inside of a string literal. ``magic name``: in ``%name`` or
#: ``%%name`` itself. ``magic``: behind the name of a magic that takes no code. ``shell``: behind ``!``,
#: ``!!``, ``x = !`` and ``%sx``, in the body of ``%%bash`` and the like, behind an alias. ``nothing``: in a
#: comment, behind a number, where a new name is made up.
Place = Literal["code", "import", "string", "magic name", "magic", "shell", "nothing"]


#: What may stand at the cursor, in code. ``start``: a statement. ``value``: an expression. ``operator``:
#: what goes on behind an expression, as ``if`` and ``in`` do.
Expected = Literal["start", "value", "operator"]


class StringPiece(NamedTuple):
    """A string literal that the cursor stands in. All offsets are into the request's text."""

    prefix: str
    """What stands before the quote, such as ``rb``; as typed."""
    quote: str
    """One or three quotes."""
    start: int
    """Where the literal begins, its prefix included."""
    content_start: int
    """Where its content begins, behind the quote."""
    end: int
    """Where its content ends: at the closing quote on the same line, else at the cursor."""
    closed: bool
    """Whether there is a closing quote."""


class Call(NamedTuple):
    """The call whose arguments the cursor stands in; the innermost one."""

    function: str
    """The expression that is called, as written, for example ``df.groupby``; may be any expression."""
    start: int
    """Where the arguments begin, behind the parenthesis."""
    position: int
    """How many positional arguments stand before the cursor's."""
    keywords: tuple[str, ...]
    """Names that have been given already, before or behind the cursor."""
    argument: str | None
    """The name whose value is typed, for ``f(a=|``; ``None`` for a positional one."""
    at_start: bool
    """Whether nothing but a piece of a name is typed of this argument, so that ``name=`` may stand here."""


class Subscript(NamedTuple):
    """The subscript that the cursor stands in; the innermost bracket is its bracket."""

    value: str
    """The expression that is subscripted, as written: of ``d["a"]["`` that is ``d["a"]``."""
    start: int
    """Where the subscript begins, behind the bracket."""
    before: tuple[str, ...]
    """The parts of a tuple that stand before the cursor's, as written: of ``d[1, "x`` that is ``("1",)``."""
    part_start: int
    """Where the cursor's part begins, behind white space."""
    closed: bool
    """Whether a closing bracket follows on the same line, with at most a quote and white space between."""
    listed: bool = False
    """Whether the cursor stands in a list in the subscript, as in ``df[["a", "|``; that is a part then."""


class MagicLine(NamedTuple):
    """The magic whose line the cursor stands in."""

    name: str
    """Without ``%``."""
    cell: bool
    """Whether it is one for a whole cell."""
    start: int
    """Where its arguments begin, behind white space."""
    line: str
    """Its arguments up to the cursor."""


class Context(NamedTuple):
    """What the cursor stands in. All offsets are into the request's text."""

    place: Place
    start: int
    """Where the piece begins that is completed: the identifier in code, the content of a string, a word
    behind a magic or in a command."""
    dotted: str | None = None
    """In code, where an attribute is typed: the expression before the dot, as written, for example
    ``a.b[0].c()``; ``None`` elsewhere."""
    string: StringPiece | None = None
    """The string literal, where ``place`` is ``string``; also in the arguments of a magic."""
    call: Call | None = None
    """Set in code and in a string, if the innermost bracket is that of a call."""
    subscript: Subscript | None = None
    """Set in code and in a string, if the innermost bracket is that of a subscript."""
    assigned: str | None = None
    """In code and in a string: the name or dotted name to which ``name = |`` assigns, or with which
    ``name == |``, ``name != |``, ``name in (|`` compares."""
    magic: MagicLine | None = None
    """Set where ``place`` is ``magic``, also if a string is typed there, and in code behind a magic."""
    command: str = ""
    """Where ``place`` is ``shell``: the command up to the cursor, from behind the ``!``."""
    statement: str = ""
    """The logical line up to the cursor, without its indentation; of compound ones only the last."""
    before: str = ""
    """What of the cell is run before the cursor's statement, or holds for it: what is assigned there counts.
    Complete lines, and behind them the indentation of the statement. With ``x = 1;`` and ``for x in y:`` on
    the same line, and of comprehensions around the cursor their ``for x in y``."""
    expected: Expected = "value"
    """In code: what may stand here."""
    bracket: str = ""
    """In code and in a string: the innermost open bracket, ``(``, ``[`` or ``{``; those around an f-string
    do not count in its braces."""


_BARE_PATH: Final = re.compile(r"(?<![\w)\]}.])(?:~|\.\.?)/\S*\Z")

#: How many contexts are kept: about as many as there are providers that ask at the same time.
_KEPT: Final = 16

_Key = tuple[str, int]
_kept: dict[_Key, Context] = {}


def context_of(request: CompletionRequest) -> Context:
    """Tell what the cursor stands in. Cheap when asked again for the same request; safe from any thread.

    What stands behind the cursor's line does not count.
    """
    key = (request.text, request.cursor)
    context = _kept.get(key)
    if context is None:
        context = _read(request.text, request.cursor)
        _keep(key, context)
    return context


def bare_path(request: CompletionRequest) -> int:
    """Tell where a path begins that stands in code without quotes, such as ``~/notes``; -1 if none does.

    So begins no expression. What begins with ``/`` is not meant: there it is an operator.
    """
    if "/" not in request.line_before:
        return -1
    found = _BARE_PATH.search(request.line_before)
    return -1 if found is None else request.line_start + found.start()


def _keep(key: _Key, context: Context) -> None:
    _kept[key] = context
    while len(_kept) > _KEPT:
        try:
            _kept.pop(next(iter(_kept)), None)
        except (RuntimeError, StopIteration):  # another thread changed it: that one sees to its size
            break


def _read(text: str, cursor: int) -> Context:
    start = 0
    while (magic := cell_magic(text, start, cursor)) is not None:
        if cursor < magic.body:
            return _magic(text, magic.mark, cursor, cell=True)
        if magic.kind == "nothing":
            return Context("nothing", cursor)
        if magic.kind == "shell":
            return _shell(text, magic.body, cursor)
        start = magic.body  # Python, or a magic again
    reading = read(text, start, cursor)
    if reading.state == ESCAPE:
        return _escape(text, reading, cursor, text[start : reading.start])
    return of_code(text, reading, cursor, text[start : reading.start])


def _escape(text: str, reading: Reading, cursor: int, before: str) -> Context:
    """Read a line that begins with one of the escape characters, or assigns an escape."""
    at = reading.opened
    mark = text[at]
    if mark == "!":
        at += 1
        if at == reading.code + 1 and text.startswith("!", at, cursor):  # an assignment keeps the second one
            at += 1
        return _shell(text, at, cursor)
    if mark == "%":
        return _magic(text, at, cursor, before=before)
    while at < cursor and text[at] == mark and (mark == "?" or at == reading.opened):
        at += 1
    at = skip_blanks(text, at, cursor)
    if mark == "?" and text.startswith("%", at, cursor):
        return Context("magic name", at)
    if mark != "?":  # a function and its arguments, with white space between them
        at = word_start(text, at, cursor)[0]
    return of_code(text, read_code(text, at, cursor), cursor, before)


def _shell(text: str, start: int, cursor: int, magic: MagicLine | None = None) -> Context:
    begin, quote = word_start(text, start, cursor, separators="|&;<>()`")
    string = None if quote < 0 else _quoted(text, quote, cursor)
    return Context("shell", begin, string=string, magic=magic, command=text[start:cursor])


def _magic(text: str, mark: int, cursor: int, *, cell: bool = False, before: str = "") -> Context:
    """Read ``%name arguments`` or ``%%name arguments``."""
    at = mark
    while at < cursor and text[at] == "%":
        at += 1
    if not cell and at - mark == 1:
        at = skip_blanks(text, at, cursor)
    name_end = at
    while name_end < cursor and not text[name_end].isspace():
        name_end += 1
    if name_end == cursor:
        return Context("magic name", mark, statement=text[mark:cursor])
    name = text[at:name_end]
    start = skip_blanks(text, name_end, cursor)
    line = MagicLine(name, cell, start, text[start:cursor])
    if name in SHELL_MAGICS and not cell:
        return _shell(text, start, cursor, line)
    code = code_start(name, text, start, cursor, header=cell)
    if code >= 0:
        return of_code(text, read_code(text, code, cursor), cursor, before, line)
    begin, quote = word_start(text, start, cursor)
    string = None if quote < 0 else _quoted(text, quote, cursor)
    return Context("magic", begin, string=string, magic=line, statement=text[mark:cursor], before=before)


def _quoted(text: str, quote: int, cursor: int) -> StringPiece:
    return string_piece(text, quote, quote + 1, cursor)


def string_piece(text: str, start: int, content: int, cursor: int) -> StringPiece:
    """Read the string literal that the cursor stands in.

    :param start: where it begins, with its prefix.
    :param content: where its content begins.
    """
    opening = text[start:content]
    prefix = opening.rstrip("'\"")
    quote = opening[len(prefix) :]
    end = closing_quote(text, cursor, quote)
    return StringPiece(prefix, quote, start, content, cursor if end < 0 else end, end >= 0)


def closing_quote(text: str, cursor: int, quote: str) -> int:
    """Tell where the quote stands on the cursor's line that closes a string; -1 if none does.

    In ``f("a|, "b")`` the next quote opens another string: with it the line would end within one.
    """
    stop = text.find("\n", cursor)
    stop = len(text) if stop < 0 else stop
    first = _find_unescaped(text, quote, cursor, stop)
    if first < 0:
        return -1
    behind = read_code(text, first + len(quote), stop)
    if behind.state == IN_STRING and len(quote) == 1 and read_code(text, cursor, stop).state != IN_STRING:
        return -1
    return first


def _find_unescaped(text: str, quote: str, at: int, stop: int) -> int:
    while at < stop:
        if text.startswith(quote, at, stop):
            return at
        at += 2 if text[at] == "\\" else 1
    return -1


def of_code(text: str, reading: Reading, cursor: int, before: str, magic: MagicLine | None = None) -> Context:
    """Read Python code, up to the cursor."""
    from .statements import Statement

    if reading.state == IN_COMMENT:
        return Context("nothing", cursor, magic=magic, statement=text[reading.code : cursor], before=before)
    return Statement(text, reading, cursor, before, magic).context()
