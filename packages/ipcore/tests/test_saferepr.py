"""A representation of any object: always there, always short, never an error."""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore import asking
from ipcore.saferepr import safe_repr

keys = st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none())
plain = st.recursive(
    st.one_of(keys, st.floats(), st.binary(max_size=5), st.complex_numbers(), st.just(...)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.dictionaries(keys, inner, max_size=4).map(OrderedDict),
        st.lists(inner, max_size=4).map(deque),
        st.sets(keys, max_size=1),
        st.frozensets(keys, max_size=1),
    ),
    max_leaves=12,
)


@given(plain)
def test_what_fits_is_shown_as_repr_shows_it(value: object) -> None:
    assert safe_repr(value, 100_000, deadline=60) == repr(value)


@given(plain, st.integers(-2, 120))
def test_no_more_characters_than_asked_for(value: object, most: int) -> None:
    assert len(safe_repr([value, value, "x" * 200], most, deadline=60)) <= max(0, most)


def make(**methods: Any) -> Any:
    """Give an instance of a class called ``Thing`` with these methods."""
    return type("Thing", (), methods)()


def raising(error: BaseException) -> Callable[[object], NoReturn]:
    def method(self: object) -> NoReturn:
        raise error

    return method


class Lying(str):
    """Text that says it is something else."""

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __getitem__(self, key: object) -> str:
        raise RuntimeError("no part")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (make(__repr__=raising(ZeroDivisionError("so"))), "ZeroDivisionError: so"),
        (make(__repr__=raising(SystemExit(3))), "SystemExit: 3"),
        (make(__repr__=raising(BaseException("bare"))), "BaseException: bare"),
        (make(__repr__=raising(KeyboardInterrupt())), "interrupted"),
        (make(__repr__=raising(GeneratorExit())), "GeneratorExit"),
        (make(__repr__=lambda self: 5), "non-string"),
        (make(__repr__=lambda self: repr(self)), "RecursionError"),
        (make(__repr__=lambda self: safe_repr(self, deadline=60)), "Thing"),
        (make(__repr__=lambda self: repr([self])), "RecursionError"),
        (make(__repr__=None), "Thing object at 0x"),
        (make(__repr__=raising(type("E", (Exception,), {"__str__": raising(SystemExit(1))})())), "E: (its"),
        (make(__class__=property(raising(BaseException("x"))), __repr__=lambda self: "it is"), "it is"),
        (make(__class__=property(lambda self: dict)), "Thing object at 0x"),
        (make(__getattribute__=raising(SystemExit())), "Thing object at 0x"),
        (make(__repr__=lambda self: Lying("its text")), "its text"),
        ([make(__repr__=raising(SystemExit(3))), 7], ", 7]"),
    ],
    ids=range(16),
)
def test_a_hostile_object_is_named_all_the_same(value: object, shown: str) -> None:
    assert shown in safe_repr(value, deadline=30)


def test_a_class_whose_own_class_is_hostile_is_named_all_the_same() -> None:
    class Meta(type):
        def __getattribute__(cls, name: str) -> NoReturn:
            raise BaseException("no attribute")

        def __repr__(cls) -> NoReturn:
            raise BaseException("no class")

    class Untold(metaclass=Meta):
        def __repr__(self) -> NoReturn:
            raise BaseException("no object")

    assert "Untold object at 0x" in safe_repr(Untold(), deadline=30)
    assert "no repr: it raised BaseException: no class" in safe_repr(Untold, deadline=30)


def test_subclasses_are_read_without_their_own_methods() -> None:
    def refuse(*arguments: object) -> NoReturn:
        raise RuntimeError

    lies = dict.fromkeys(("__len__", "__iter__", "__getitem__", "items", "__str__"), refuse)
    assert safe_repr(type("L", (list,), lies)([1, 2])) == "[1, 2]"
    assert safe_repr(type("D", (dict,), lies)(a=1)) == "{'a': 1}"
    assert safe_repr(type("S", (str,), lies)("so")) == "'so'"
    assert safe_repr(type("Z", (set,), lies)([1])) == "Z({1})"
    assert safe_repr(type("I", (int,), lies)(5)) == "5"
    assert safe_repr(defaultdict(list, a=[1])) == "defaultdict(<class 'list'>, {'a': [1]})"


def test_what_contains_itself_ends() -> None:
    items: list[object] = [1]
    table: dict[str, object] = {"items": items}
    items += [items, table]
    assert safe_repr(items) == repr(items)


def test_what_is_left_out_is_counted() -> None:
    assert safe_repr(list(range(1_000_000)), 60).endswith(", 8, <...999991 more...>]")
    assert safe_repr("a" * 1_000_000, 60).startswith("'aaaa")
    assert "> 'aaa" in safe_repr("a" * 1_000_000, 60)
    assert safe_repr(10**100_000) == "<int of 332193 bits>"
    assert safe_repr(-(10**100_000)) == "<negative int of 332193 bits>"
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert "<...1 more...>" in safe_repr(deep)


class Counted:
    """Counts how often it is asked."""

    asked = 0

    def __repr__(self) -> str:
        Counted.asked += 1
        return "counted"


def test_elements_that_are_not_shown_are_not_asked() -> None:
    Counted.asked = 0
    safe_repr({number: {0: Counted()} for number in range(100_000)}, 200)
    assert 0 < Counted.asked < 20


def test_builtin_values_start_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> NoReturn:
        raise AssertionError("a thread was started")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    values = [1, "a", b"b", 1.5, (), [{}], {1: {2}}, deque([1]), OrderedDict(a=1), len, list, sys, time.sleep]
    for value in (*values, values, object(), [].append, test_what_contains_itself_ends):
        assert safe_repr(value)


def asking_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ipshell asks"]


def test_the_thread_of_a_repr_that_answers_is_gone_afterwards() -> None:
    here = threading.get_ident()
    seen: list[int] = []
    before = asking_threads()

    def where(self: object) -> str:
        seen.append(threading.get_ident())
        return "there"

    for _ in range(3):
        assert safe_repr(make(__repr__=where), deadline=30) == "there"
    assert here not in seen
    assert asking_threads() == before


def test_a_repr_that_blocks_is_left_behind_and_too_many_are_not_asked() -> None:
    free = threading.Event()
    try:
        slow = make(__repr__=lambda self: str(free.wait(60)))
        text = safe_repr([slow, 1], deadline=0.05)
        assert text.startswith("[<Thing object at 0x")
        assert "takes more than 0.05 s>" in text
        for _ in range(asking.MOST_STUCK + 3):
            text = safe_repr(slow, deadline=0.01)
        assert "calls like it are still blocked" in text
        assert len(asking_threads()) <= asking.MOST_STUCK
    finally:
        free.set()
    for thread in asking_threads():
        thread.join(30)
    assert safe_repr(make(__repr__=lambda self: "again"), deadline=30) == "again"


def test_an_interpreter_without_threads_shows_the_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert "no thread can be started" in safe_repr(make(__repr__=lambda self: "never"))


def test_a_dictionary_that_is_changed_meanwhile_is_told() -> None:
    table: dict[int, Any] = {}

    def emptying(self: object) -> str:
        table.clear()
        return "there"

    table |= {1: "a", 2: make(__repr__=emptying), 3: "c"}
    assert "RuntimeError while it was read" in safe_repr(table, deadline=30)
