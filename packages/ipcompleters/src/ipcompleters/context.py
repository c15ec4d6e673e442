"""What the cursor stands in: the one reading of a cell that all providers share.

A cell that is being typed is rarely complete, so it is read by a scanner of tokens that forgives, and
not by Python's parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

#: ``code``: Python, also in the braces of an f-string, and behind magics that take code such as ``%timeit``.
#: ``import``: an import statement. ``string``: inside of a string literal. ``magic name``: in ``%name`` or
#: ``%%name`` itself. ``magic``: behind the name of a magic that takes no code. ``shell``: behind ``!``,
#: ``!!``, ``x = !`` and ``%sx``, in the body of ``%%bash`` and the like, behind an alias. ``nothing``: in a
#: comment, behind a number, where a new name is made up.
Place = Literal["code", "import", "string", "magic name", "magic", "shell", "nothing"]


@dataclass(frozen=True, slots=True)
class StringPiece:
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


@dataclass(frozen=True, slots=True)
class Call:
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


@dataclass(frozen=True, slots=True)
class Subscript:
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


@dataclass(frozen=True, slots=True)
class MagicLine:
    """The magic whose line the cursor stands in."""

    name: str
    """Without ``%``."""
    cell: bool
    """Whether it is one for a whole cell."""
    start: int
    """Where its arguments begin, behind white space."""
    line: str
    """Its arguments up to the cursor."""


@dataclass(frozen=True, slots=True)
class Context:
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
    before: str = field(default="", repr=False)
    """The complete lines of the cell that stand before the logical line: what they assign counts."""


def context_of(request: CompletionRequest) -> Context:
    """Tell what the cursor stands in. Cheap when asked again for the same request; safe from any thread."""
    raise NotImplementedError
