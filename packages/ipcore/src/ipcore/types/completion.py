"""What is to be completed, what is proposed, and who proposes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from inspect import Signature

#: What asked: a key pressed for it, a front end after each key, or a program.
Trigger = Literal["tab", "typing", "program"]

#: How much may happen to the user's objects while they are looked at; see :class:`Objects`.
EvaluationPolicy = Literal["static", "safe", "live"]

#: How a name has to go with what is typed of it. Each lets through what the one before it does: a name
#: that begins with it, in other case too, that has it anywhere, or its letters in this order.
Matching = Literal["prefix", "case-insensitive", "substring", "fuzzy"]

#: Types that front ends know; another one is shown as it is.
TYPES: Final = (
    "attribute",
    "class",
    "dict key",
    "function",
    "instance",
    "keyword",
    "latex",
    "magic",
    "module",
    "param",
    "path",
    "property",
    "statement",
    "unicode",
    "variable",
)

#: Completions that are taken from one provider at most, unless the request says otherwise.
LIMIT: Final = 10_000


class Completion(NamedTuple):
    """One proposal: a text that may stand in place of a piece of the request's.

    Fields may be added at the end: build it with keywords behind ``type``, and do not unpack it.
    """

    start: int
    """Where the piece begins, an offset into :attr:`CompletionRequest.text`; at or before the cursor."""
    end: int
    """Where the piece ends, exclusive; at or behind the cursor."""
    text: str
    """What is to stand there; not empty."""
    type: str = ""
    """What it is, one of :data:`TYPES` where one of them fits."""
    signature: str = ""
    """How it is called, for example ``(a, b=2)``."""
    label: str = ""
    """Shown in place of the text, where that is long."""
    rank: int = 0
    """Those of a higher rank stand before all of a lower one. Among equals the shell sorts."""
    source: str = ""
    """Which provider proposes it. The shell writes it."""


@dataclass(frozen=True, slots=True, eq=False)
class InstanceOf:
    """An object of which only the class is known, because nothing has been run that makes it.

    Of ``x = Foo()`` in an earlier line of the cell, for example, ``x`` is an ``InstanceOf(Foo)``.
    """

    kind: Any
    """The class, or what stands for one that the cell itself defines: to be given to
    :class:`Objects`, and not to be called."""
    arguments: tuple[Any, ...] = ()
    """What is known of its elements: of ``list[int]`` that is ``(InstanceOf(int),)``."""


class Objects(Protocol):
    """The user's objects, as far as completion may look at them.

    The shell implements it, and hands it to providers with the request; methods may be added. Safe from
    any thread. A provider that looks at a value by other means, with ``getattr``, ``dir``, ``isinstance``,
    ``len``, ``==`` or ``repr``, may run the user's code, which completion never does.

    A value may be an :class:`InstanceOf`, or stand for a function or class that the cell only defines.
    """

    @property
    def policy(self) -> EvaluationPolicy:
        """How much may happen: ``static`` runs no code of the objects at all.

        ``safe`` will call methods of types that are known to be harmless, ``live`` any.
        """
        ...

    def names(self, before: str = "") -> list[str]:
        """Give the names that stand for something: the user's, and the builtin ones, in no order.

        :param before: earlier lines of the same cell; the names that they assign count too.
        """
        ...

    def find(self, expression: str, before: str = "") -> tuple[bool, Any]:
        """Tell whether an expression stands for an object, and for which.

        :param expression: any, such as ``os.path`` or ``rows[0]["name"].upper()``; one that the policy does
            not let evaluate stands for none.
        :param before: earlier lines of the same cell, complete ones. They are read, not run: what they assign
            counts as far as it can be told.
        """
        ...

    def attributes(self, value: object) -> list[str]:
        """Give the names of an object's attributes, those with underscores too, in no order."""
        ...

    def attribute(self, value: object, name: str) -> tuple[bool, Any]:
        """Tell whether one attribute can be read, and what it is. Not found is what code would compute."""
        ...

    def keys(self, value: object) -> list[Any]:
        """Give what may stand in ``value[...]``: the keys of a dict, the columns of a table.

        Of exact builtin types, tuples of such included; others are left out.
        """
        ...

    def signature(self, value: object) -> Signature | None:
        """Tell how an object is called; ``None`` if it is not known without running code.

        It can be shown by ``str``. Annotations and most defaults stand in it as a
        ``ipcore.completion.shown.Stored``, which shows as a text and keeps the user's object.
        """
        ...

    def type_of(self, value: object) -> str:
        """Tell what an object is, as one of :data:`TYPES`."""
        ...

    def type_of_attribute(self, value: object, name: str) -> str:
        """Tell what an attribute is, as one of :data:`TYPES`; empty if there is none of that name.

        ``property`` is one that would be computed, and into which nothing has looked.
        """
        ...


class _NoObjects:
    policy: EvaluationPolicy = "static"

    def names(self, before: str = "") -> list[str]:
        return []

    def find(self, expression: str, before: str = "") -> tuple[bool, Any]:
        return False, None

    def attributes(self, value: object) -> list[str]:
        return []

    def attribute(self, value: object, name: str) -> tuple[bool, Any]:
        return False, None

    def keys(self, value: object) -> list[Any]:
        return []

    def signature(self, value: object) -> Signature | None:
        return None

    def type_of(self, value: object) -> str:
        return ""

    def type_of_attribute(self, value: object, name: str) -> str:
        return ""


#: What a request made without a shell has.
NO_OBJECTS: Final[Objects] = _NoObjects()


@dataclass(frozen=True, slots=True, eq=False)
class CompletionRequest:
    """What is to be completed. One made by hand, for a test, needs no more than text and cursor.

    :raises ValueError: if the cursor is outside of the text.
    """

    text: str
    """The whole cell as typed so far, what stands behind the cursor included."""
    cursor: int
    """Where the cursor is: how many characters stand before it."""
    _: KW_ONLY
    trigger: Trigger = "tab"
    """What asked. At ``typing`` propose what is quick to find and likely meant."""
    limit: int = LIMIT
    """Completions that are taken of one provider; what it gives beyond is not read."""
    deadline: float = inf
    """Until when an answer is of use, by ``time.monotonic()``."""
    objects: Objects = NO_OBJECTS
    """The user's objects."""
    matching: Matching = "prefix"
    """How a name has to go with what is typed; ask :meth:`matches` or :meth:`matching_names`."""
    cancelled_by: Callable[[], bool] | None = field(default=None, repr=False)
    """Tells whether nobody wants the answer any more; ask :meth:`cancelled` instead."""

    def __post_init__(self) -> None:
        if not 0 <= self.cursor <= len(self.text):
            raise ValueError(f"the cursor is at {self.cursor}, outside of {len(self.text)} characters")

    def cancelled(self) -> bool:
        """Tell whether the answer is of no use any more: the deadline has passed, or the user typed on.

        Cheap. A provider that takes long asks now and then, and returns.
        """
        return time.monotonic() > self.deadline or (self.cancelled_by is not None and self.cancelled_by())

    def matches(self, name: str, typed: str | None = None) -> bool:
        """Tell whether a name goes with what is typed of it, in the way that the user has chosen.

        A provider need not sort: the shell puts what goes best with it first.

        :param name: without quotes and marks around it.
        :param typed: what is typed of the name; :attr:`word` by default.
        """
        typed = self.word if typed is None else typed
        return name.startswith(typed) or (
            self.matching != "prefix" and distance(name, typed) <= _FARTHEST[self.matching]
        )

    def matching_names(self, names: Iterable[str], typed: str | None = None) -> list[str]:
        """Give those of many names that go with what is typed, in their order. Faster than one by one.

        :param typed: what is typed of the name; :attr:`word` by default.
        """
        typed = self.word if typed is None else typed
        if self.matching == "prefix":
            return [name for name in names if name.startswith(typed)]
        farthest = _FARTHEST[self.matching]
        return [name for name in names if distance(name, typed) <= farthest]

    @property
    def before(self) -> str:
        """What stands before the cursor."""
        return self.text[: self.cursor]

    @property
    def line_start(self) -> int:
        """Where the cursor's line begins."""
        return self.text.rfind("\n", 0, self.cursor) + 1

    @property
    def line(self) -> str:
        """The cursor's line, without its ending."""
        return self.text[self.line_start :].partition("\n")[0]

    @property
    def line_before(self) -> str:
        """The cursor's line up to the cursor."""
        return self.text[self.line_start : self.cursor]

    @property
    def word(self) -> str:
        """The piece of an identifier that ends at the cursor: of ``os.pa`` that is ``pa``; may be empty."""
        return self.text[self.word_start : self.cursor]

    @property
    def word_start(self) -> int:
        """Where :attr:`word` begins."""
        return _start(self, lambda character: f"x{character}".isidentifier())

    @property
    def token(self) -> str:
        """What stands between the last white space and the cursor: of ``%load os.pa`` that is ``os.pa``."""
        return self.text[self.token_start : self.cursor]

    @property
    def token_start(self) -> int:
        """Where :attr:`token` begins."""
        return _start(self, lambda character: not character.isspace())


def _start(request: CompletionRequest, belongs: Callable[[str], bool]) -> int:
    """Go back from the cursor while characters belong together, at most to the line's beginning."""
    at = request.cursor
    while at and request.text[at - 1] != "\n" and belongs(request.text[at - 1]):
        at -= 1
    return at


_FARTHEST: Final[dict[Matching, int]] = {"prefix": 0, "case-insensitive": 1, "substring": 2, "fuzzy": 3}

#: The distance of a name that does not go with what is typed in any way.
NO_MATCH: Final = 4


def distance(name: str, typed: str) -> int:
    """Tell how far a name is from what is typed of it.

    :returns: 0 where it begins with it, 1 where it does so in other case, 2 where it has it anywhere,
        3 where it has its letters in this order, :data:`NO_MATCH` else.
    """
    if name.startswith(typed):
        return 0
    name, typed = name.casefold(), typed.casefold()
    at = name.find(typed)
    if at >= 0:
        return 2 if at else 1
    for letter in typed:
        at = name.find(letter, at + 1)
        if at < 0:
            return NO_MATCH
    return 3


class CompletionProvider(Protocol):
    """Proposes completions.

    If it has a method ``close()`` too, that is called once, when the shell closes: for one that has a
    process or a file open. If it has a method ``prepare()``, a front end may have it called on some thread
    before the first completion: for imports that this one would wait for. If it has an attribute
    ``only_with``, a tuple of texts such as ``("[", "(")``, it is asked only where one of them stands before
    the cursor, anywhere in the cell: elsewhere its thread sleeps on, and what the others find is there
    sooner. It is read once.
    """

    name: str
    """Shown beside what it proposes, and what switches it off: one or a few words."""

    def complete(self, request: CompletionRequest) -> Iterable[Completion]:
        """Propose what may stand at the cursor; nothing where it has nothing to say.

        Called on a thread of the provider's own, one request at a time. May be a generator: what it
        has given when the time is up is used. Whatever it raises switches its plugin off.
        """
        ...
