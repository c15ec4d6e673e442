"""Exceptions that do their worst, for what shows exceptions."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, Final, NoReturn

#: The message of each error that has one; nothing else holds this word.
MESSAGE: Final = "the-message-of-the-error"


def caught(code: Callable[[], object]) -> BaseException:
    """Give what a function raises, or the exception that it gives."""
    try:
        given = code()
    except BaseException as error:
        return error
    if isinstance(given, BaseException):
        return given
    raise AssertionError("nothing was raised")


def run_source(source: str, filename: str = "<no such source>", **names: Any) -> BaseException:
    """Give what a piece of Python raises."""
    return caught(lambda: exec(compile(source, filename, "exec"), {"__name__": "__main__", **names}))


# -- classes ------------------------------------------------------------------------


class StrRaises(Exception):
    """Its message cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no str")


class ReprRaises(Exception):
    """Neither can its repr, nor that of its arguments."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__


class StrGivesNoText(Exception):
    """Its message is a number."""

    def __str__(self) -> str:
        return 3  # type: ignore[return-value]


class StrLeaves(Exception):
    """Asking for its message would end the program."""

    def __str__(self) -> str:
        raise SystemExit(3)


class StrRecurses(Exception):
    """Asking for its message never ends but by the limit."""

    def __str__(self) -> str:
        return str(self)


class AttributesRaise(Exception):
    """Every attribute raises."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


class ClassRaises(Exception):
    """Asking for its class by attribute raises, and so ``isinstance`` with another class."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    @__class__.setter
    def __class__(self, value: Any) -> None: ...


class Hostile:
    """A value whose every representation raises."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")

    def __bool__(self) -> bool:
        raise RuntimeError("neither true nor false")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]


def _raise(error: BaseException) -> NoReturn:
    raise error


def _with_notes(notes: object) -> BaseException:
    error = ValueError(MESSAGE)
    error.__notes__ = notes  # type: ignore[assignment]
    return error


def _syntax_error_with(**fields: object) -> BaseException:
    error = SyntaxError(MESSAGE, ("no such file", 1, 1, "a = = 1\n"))
    for name, value in fields.items():
        setattr(error, name, value)
    return error


#: By what is wrong with it, what makes an error whose class alone can be shown.
WITHOUT_MESSAGE: Final[dict[str, Callable[[], object]]] = {
    "__str__ raises": lambda: _raise(StrRaises(MESSAGE)),
    "__str__ and __repr__ raise": lambda: _raise(ReprRaises(Hostile())),
    "__str__ gives a number": lambda: _raise(StrGivesNoText()),
    "__str__ raises SystemExit": lambda: _raise(StrLeaves()),
    "__str__ calls itself": lambda: _raise(StrRecurses()),
    "every attribute raises": lambda: _raise(AttributesRaise()),
    "its arguments have no repr": lambda: _raise(ValueError(Hostile(), Hostile())),
    "KeyError of a value without repr": lambda: _raise(KeyError(Hostile())),
}

#: The same of errors whose message can be shown as well.
WITH_MESSAGE: Final[dict[str, Callable[[], object]]] = {
    "__class__ raises": lambda: _raise(ClassRaises(MESSAGE)),
    "never raised": lambda: ValueError(MESSAGE),
    "locals have no repr": lambda: run_source(f"x = y = made()\nraise ValueError({MESSAGE!r})", made=Hostile),
    "__notes__ is no list": lambda: _with_notes(3),
    "__notes__ holds no text": lambda: _with_notes([3, Hostile()]),
    "lines in the message": lambda: _raise(ValueError(f"one\ntwo\r\n{MESSAGE}\n\n")),
    "lone surrogates and control characters": lambda: _raise(ValueError(f"\udc80\0\x1b[31m{MESSAGE}")),
    "no source": lambda: run_source(f"\n\n\nraise ValueError({MESSAGE!r})"),
    "a file that is not there": lambda: run_source(f"raise ValueError({MESSAGE!r})", "/no/such/folder/x.py"),
    "a file of another text": lambda: run_source("\n" * 100_000 + f"raise ValueError({MESSAGE!r})", __file__),
    "a strange file name": lambda: run_source(f"raise ValueError({MESSAGE!r})", "\udcff\n<?>"),
    "no module name": lambda: run_source(f"del __name__\nraise ValueError({MESSAGE!r})"),
    "a syntax error without text": lambda: SyntaxError(MESSAGE),
    "a syntax error with numbers for names": lambda: _syntax_error_with(filename=3, text=4, lineno="x"),
    "a syntax error outside its text": lambda: _syntax_error_with(lineno=10**9, offset=-5, end_offset=10**9),
    "a line of 100,000 characters": lambda: run_source(f"raise ValueError({MESSAGE!r}, '{'x' * 100_000}')"),
    "lambdas and comprehensions": lambda: run_source(
        "class A: f = lambda s: [1 / 0 for _ in 'a']\ntry: A().f()\n"
        f"except Exception: raise OSError(2, {MESSAGE!r})"
    ),
}


def recursing() -> BaseException:
    """Give the error of a function that calls itself without end."""
    return run_source("def again(): again()\nagain()")


def deep(frames: int = 10_000) -> BaseException:
    """Give an error raised at a depth of many frames, by functions that take turns.

    In a thread of its own, with a stack that is large enough for it.
    """
    source = (
        "def even(n):\n    if not n: raise ValueError(message)\n    odd(n - 1)\n"
        "def odd(n):\n    if not n: raise ValueError(message)\n    even(n - 1)\n"
        f"even({frames})"
    )
    given: list[BaseException] = []

    def work() -> None:
        given.append(run_source(source, message=MESSAGE))

    limit, size = sys.getrecursionlimit(), threading.stack_size(64 * 1024 * 1024)
    try:
        sys.setrecursionlimit(frames + 1_000)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(60)
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if given and isinstance(given[0], ValueError):
        return given[0]
    raise AssertionError(f"the deep error could not be made: {given}")


def chained(links: int) -> BaseException:
    """Give an error with a chain of causes and contexts."""
    error: BaseException = ValueError("the first of the chain")
    for number in range(links):
        former, error = error, KeyError(number)
        if number % 2:
            error.__cause__ = former
        else:
            error.__context__ = former
    last = ValueError(MESSAGE)
    last.__context__ = error
    return last


def circular() -> BaseException:
    """Give an error that is among its own causes."""
    one, two = ValueError(MESSAGE), ValueError("the other one")
    one.__cause__, two.__context__ = two, one
    return one


def grouped(depth: int, breadth: int) -> BaseException:
    """Give groups inside groups."""
    error: Exception = ValueError("innermost")
    for _ in range(depth):
        error = ExceptionGroup("a group", [error, *(KeyError(n) for n in range(breadth))])
    return ExceptionGroup(MESSAGE, [error])


#: Errors that are large in some way; message and class are to be shown all the same.
LARGE: Final[dict[str, Callable[[], object]]] = {
    "10,000 frames": deep,
    "1,000 causes": lambda: chained(1_000),
    "among its own causes": circular,
    "groups 200 deep": lambda: grouped(200, 1),
    "a group of 2,000": lambda: grouped(1, 2_000),
    "a message of a million characters": lambda: _raise(ValueError(MESSAGE + "x" * 1_000_000)),
}
