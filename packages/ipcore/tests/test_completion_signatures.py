"""How objects are called is found out without running any of their code."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import inspect
import json
import os
import subprocess
import typing
from collections import namedtuple
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest

from ipcore.completion.shown import Stored
from ipcore.completion.signatures import signature_of, signature_of_arguments
from ipcore.types.completion import InstanceOf

RAN: list[str] = []


def note(name: str) -> Callable[..., Any]:
    def run(*arguments: object, **named: object) -> Any:
        RAN.append(name)
        raise RuntimeError(name)

    return run


class Meta(type):
    __getattribute__ = note("metaclass's __getattribute__")
    __eq__ = note("metaclass's __eq__")
    __hash__ = note("metaclass's __hash__")
    __repr__ = note("metaclass's __repr__")
    __instancecheck__ = note("__instancecheck__")
    __subclasscheck__ = note("__subclasscheck__")
    __signature__ = property(note("metaclass's __signature__"))
    __text_signature__ = property(note("metaclass's __text_signature__"))


class Hostile(metaclass=Meta):
    __getattribute__ = note("__getattribute__")
    __getattr__ = note("__getattr__")
    __repr__ = note("__repr__")
    __str__ = note("__str__")
    __eq__ = note("__eq__")
    __hash__ = note("__hash__")
    __bool__ = note("__bool__")
    __len__ = note("__len__")
    __iter__ = note("__iter__")
    __class__ = property(note("__class__"))
    __signature__ = property(note("__signature__"))
    __wrapped__ = property(note("__wrapped__"))
    __code__ = property(note("__code__"))
    __doc__ = property(note("__doc__"))
    __module__ = property(note("__module__"))

    def __call__(self, apple: int, *, bee: str = "") -> None: ...


class Text(str):
    __repr__ = note("text's __repr__")
    __eq__ = note("text's __eq__")
    __len__ = note("text's __len__")
    __hash__ = str.__hash__


TEXT = Text("x")


class HostileInit(Hostile):
    def __init__(self, apple: Any, bee: Any = TEXT) -> None: ...


hostile = object.__new__(Hostile)
RAN.clear()


def given(default: Any = hostile, *, other: Any = TEXT) -> None: ...


given.__annotations__ = {"default": hostile, "other": Text("x"), Text("return"): 1}
signed = functools.wraps(given)(lambda *a, **k: None)
RAN.clear()


#: Looked up by name, for pytest itself asks values what they are called.
OF_HOSTILE: dict[str, tuple[Any, str | None]] = {
    "an object": (hostile, "(apple: int, *, bee: str = '') -> None"),
    "of a class": (InstanceOf(Hostile), "(apple: int, *, bee: str = '') -> None"),
    "a class": (HostileInit, "(apple: Any, bee: Any = ...) -> None"),
    "a function": (given, "(default: ... = ..., *, other: ... = ...)"),
    "a wrapper": (signed, "(default: ... = ..., *, other: ... = ...)"),
    "a partial": (functools.partial(given, other=hostile), "(default: ... = ..., *, other: ... = ...)"),
    "a partial of an object": (
        functools.partial(type.__dict__["__dict__"].__get__(Hostile)["__call__"], 1, 2),
        "(*, bee: str = '') -> None",
    ),
    "a text": (Text("x"), None),
}


@pytest.mark.parametrize("case", list(OF_HOSTILE))
def test_no_code_of_the_users_runs(case: str) -> None:
    value, shown = OF_HOSTILE[case]
    RAN.clear()
    found = signature_of(value)
    text = None if found is None else str(found)
    assert RAN == []
    assert text == shown


def f(first: Any, /, second: int = 2, *rest: Any, third: Any, fourth: Any = None, **more: Any) -> None: ...


class Plain: ...


class WithNew:
    def __new__(cls, apple: Any) -> WithNew:
        return object.__new__(cls)


class Counted(type):
    def __call__(cls, *arguments: Any, **named: Any) -> Any: ...


class ByMeta(metaclass=Counted):
    def __init__(self, apple: Any) -> None: ...


class Methods:
    def method(self, apple: Any) -> None: ...

    @classmethod
    def of_class(cls, apple: Any) -> None: ...

    @staticmethod
    def static(apple: Any) -> None: ...


@dataclasses.dataclass
class Point:
    x: int
    y: list[int] = dataclasses.field(default_factory=list)


class Movie(typing.TypedDict, total=False):
    name: str
    year: int


class Colour(Enum):
    RED = 1


@contextlib.contextmanager
def managed(apple: Any) -> Any:
    yield


@functools.lru_cache
def cached(apple: Any) -> Any: ...


def wrapping(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **named: Any) -> Any: ...

    return wrapper


Pair = namedtuple("Pair", "left right", defaults=[1])

STANDARD = [
    *(f, Plain, WithNew, Methods().method, Methods.of_class, Methods.static, Point, Pair, managed, cached),
    *(
        wrapping(f),
        functools.partial(f, 1, 2),
        functools.partial(f, 1, fourth=3),
        functools.partial(print, sep=""),
    ),
    *(len, print, sorted, open, enumerate, "".split, str.split, [].append, {}.get, json.dumps, os.stat),
    *(
        os.path.join,
        subprocess.run,
        subprocess.Popen,
        subprocess.Popen.wait,
        json.JSONEncoder,
        Methods.method,
    ),
]


def names(signature: inspect.Signature | None) -> list[tuple[str, str]]:
    assert signature is not None
    return [(each.name, each.kind.name) for each in signature.parameters.values()]


@pytest.mark.parametrize(
    "value", STANDARD, ids=[getattr(each, "__name__", type(each).__name__) for each in STANDARD]
)
def test_names_and_kinds_are_those_that_inspect_gives(value: Any) -> None:
    found, wanted = signature_of(value), inspect.signature(value)
    assert names(found) == names(wanted)
    assert found is not None
    for mine, theirs in zip(found.parameters.values(), wanted.parameters.values(), strict=True):
        assert (mine.default is mine.empty) == (theirs.default is theirs.empty)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Methods.__dict__["of_class"], "(apple: Any) -> None"),
        (Methods.__dict__["static"], "(apple: Any) -> None"),
        (ByMeta, "(apple: Any) -> None"),
        (Movie, "(*, name, year)"),
        (getattr, "(object, name, default=..., /)"),
        (max, "(iterable, /, *, default=obj, key=func)"),
        (Point, "(x: int, y: list[int] = ...) -> None"),
        (3, None),
        (Plain(), None),
        (None, None),
    ],
)
def test_what_is_shown(value: Any, shown: str | None) -> None:
    found = signature_of(value)
    assert (None if found is None else str(found)) == shown


def test_annotations_that_are_objects_are_shown_and_kept() -> None:
    def g(a: Any, b: Any, c: Any, d: Any, e: Any, h: Any) -> Any: ...

    kinds = {
        "a": typing.Optional[list[int]],  # noqa: UP045
        "b": typing.Literal["x", 1],
        "c": int | None,
        "d": dict[str, Colour],
        "e": Callable[[int], str],
        "h": typing.Literal[Colour.RED],
        "return": None,
    }
    g.__annotations__ = kinds
    found = signature_of(g)
    assert found is not None
    assert (
        str(found) == "(a: list[int] | None, b: Literal['x', 1], c: int | None, d: dict[str, Colour], "
        "e: Callable[[int], str], h: Literal[...]) -> None"
    )
    kept = found.parameters["a"].annotation
    assert type(kept) is Stored
    assert kept.value is kinds["a"]
    assert kept.names is g.__globals__


def test_defaults_of_builtin_types_are_shown_where_they_are_short() -> None:
    default = {
        "a": 1,
        "b": "x" * 100,
        "c": [1, "two"],
        "d": Colour.RED,
        "e": int,
        "h": (),
        "i": 10**1000,
        "j": [hostile],
    }
    g: Any = eval(f"lambda {', '.join(f'{name}=0' for name in default)}: 0")
    g.__defaults__ = tuple(default.values())
    RAN.clear()
    shown = str(signature_of(g))
    assert shown == "(a=1, b=..., c=[1, 'two'], d=..., e=int, h=(), i=..., j=...)"
    assert RAN == []


def test_a_circle_of_wrappers_has_an_end() -> None:
    def g(*a: Any) -> None: ...

    g.__wrapped__ = g  # type: ignore[attr-defined]
    found = signature_of(g)
    assert found is None or names(found) == [("a", "VAR_POSITIONAL")]


def test_what_is_only_written() -> None:
    text = "(a, /, b: int, c='x', *d, e, g=[1], h=now(), **i) -> 'str'"
    made = ast.parse(f"def f{text}: ...").body[0]
    assert isinstance(made, ast.FunctionDef)
    shown = "(a, /, b: int, c='x', *d, e, g=[1], h=now(), **i) -> str"
    assert str(signature_of_arguments(made.args, made.returns)) == shown


@pytest.mark.parametrize(
    ("doc", "shown"),
    [
        ("f(object, name[, default]) -> value\n\nMore.", "(object, name, default=..., /)"),
        (
            "f([start,] stop[, step,], dtype=None, *, device=None)",
            "(start=..., stop=..., step=..., /, dtype=None, *, device=None)",
        ),
        (
            "f(x1, x2, /, out=None, *, where=True, subok=True[, signature])",
            "(x1, x2, /, out=None, *, where=True, subok=True, signature=...)",
        ),
        ("f(iterable, *[, default=obj, key=func]) -> value", "(iterable, /, *, default=obj, key=func)"),
        ("module.f(a=[1, 2], b=',')", "(a=[1, 2], b=',')"),
        ("f(*args, **kwargs)", "(*args, **kwargs)"),
        ("f(class, lambda, a)", "(a, /)"),
        ("f()", "()"),
        ("f(a", None),
        ("A text (with brackets).", None),
        ("", None),
    ],
)
def test_docstrings_of_functions_in_c(doc: str, shown: str | None) -> None:
    from ipcore.completion.signatures import _of_doc

    found = _of_doc(doc)
    assert (None if found is None else str(found)) == shown


def test_functions_that_were_tampered_with_are_borne() -> None:
    def g(a: Any, b: Any = 1) -> None: ...

    g.__kwdefaults__ = type("D", (dict,), {"get": note("get"), "items": note("items")})()
    g.__code__ = g.__code__.replace(co_varnames=("class", "b"))
    RAN.clear()
    assert signature_of(g) is None
    assert RAN == []


def test_a_signature_that_somebody_has_stored_counts_and_is_shown_safely() -> None:
    def g(*a: Any) -> None: ...

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameter = inspect.Parameter("apple", kind, default=hostile, annotation=hostile)
    g.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    RAN.clear()
    shown = str(signature_of(g))
    assert RAN == []
    assert shown == "(apple: ... = ...)"
