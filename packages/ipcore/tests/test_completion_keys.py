"""What may stand in a subscript is found out without running code of the user's."""

from __future__ import annotations

import abc
import collections
import itertools
import os
import re
import sys
import threading
import time
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ipcore.completion.keys import PATIENCE, indexed_by, keys_of
from ipcore.types.completion import LIMIT, EvaluationPolicy, InstanceOf

RAN: list[str] = []


def note(name: str) -> Callable[..., Any]:
    def run(*arguments: object, **named: object) -> Any:
        RAN.append(name)
        raise RuntimeError(name)

    return run


class Meta(abc.ABCMeta):
    """Of subclasses of abstract classes, too; its attributes are read while it makes a class."""

    __eq__ = note("metaclass's __eq__")
    __hash__ = note("metaclass's __hash__")
    __instancecheck__ = note("__instancecheck__")


class Plain(type):
    __getattribute__ = note("metaclass's __getattribute__")
    __eq__ = note("metaclass's __eq__")
    __hash__ = note("metaclass's __hash__")


METHODS: dict[str, Any] = {
    name: note(name)
    for name in (
        *(
            "__getattribute__",
            "__getattr__",
            "__getitem__",
            "__iter__",
            "__len__",
            "__contains__",
            "__repr__",
        ),
        *("__eq__", "__hash__", "__bool__", "keys", "items", "values", "get", "__missing__", "__dir__"),
    )
} | {"__class__": property(note("__class__")), "_ipython_key_completions_": property(note("hook"))}


def hostile(*bases: type) -> Any:
    abstract = any(isinstance(base, abc.ABCMeta) for base in bases)
    return (Meta if abstract else Plain)("Hostile", bases, dict(METHODS))


def never(value: object) -> bool:
    return False


def keys(value: object, policy: EvaluationPolicy = "safe") -> list[Any]:
    return keys_of(value, policy, never)


def of_hostile() -> dict[str, tuple[Any, list[Any]]]:
    table = dict.__new__(hostile(dict))
    dict.__setitem__(table, "key", 1)
    ordered = collections.OrderedDict.__new__(hostile(collections.OrderedDict))
    dict.__setitem__(ordered, "key", 1)
    chain: Any = object.__new__(hostile(collections.ChainMap))
    object.__setattr__(chain, "maps", [{"one": 1}, table])
    user: Any = object.__new__(hostile(collections.UserDict))
    object.__setattr__(user, "data", {"key": 1})
    text = hostile(str)
    strange = str.__new__(text, "strange")
    made: dict[Any, int] = {"key": 1}
    plain: Any = object.__new__(hostile())
    inside: dict[Any, Any] = {}
    for key in ((1, plain), plain, strange, (strange,)):
        # Only keys that can be hashed get into a table, so these are let be hashed while it is made.
        type.__setattr__(type(plain), "__hash__", lambda self: 1)
        type.__setattr__(text, "__hash__", str.__hash__)
        inside[key] = 1
    type.__setattr__(type(plain), "__hash__", note("__hash__"))
    type.__setattr__(text, "__hash__", note("__hash__"))
    RAN.clear()
    return {
        "an object": (plain, []),
        "a dict": (table, ["key"]),
        "an ordered dict": (ordered, ["key"]),
        "a chain": (chain, ["one", "key"]),
        "a user dict": (user, ["key"]),
        "a proxy": (types.MappingProxyType(table), ["key"]),
        "a proxy of no dict": (types.MappingProxyType(chain), ["one", "key"]),
        "keys": (inside, []),
        "a class": (type(plain), []),
        "known by its class": (InstanceOf(type(plain)), []),
        "a plain dict": (made, ["key"]),
    }


@pytest.mark.parametrize("policy", ["static", "safe"])
def test_no_code_of_the_users_runs(policy: EvaluationPolicy) -> None:
    for name, (value, wanted) in of_hostile().items():
        RAN.clear()
        found = keys(value, policy)
        ran = list(RAN)
        assert ran == [], name
        assert found == wanted, name


def test_only_keys_that_can_be_written_are_given_each_once() -> None:
    nan = float("nan")
    table: dict[Any, Any] = dict.fromkeys(
        ["a", b"b", 1, 1.5, None, (1, ("x",)), nan, float("inf"), object(), frozenset(), 1j, (1, print), ...]
    )
    assert keys(table) == ["a", b"b", 1, 1.5, None, (1, ("x",))]
    assert keys(collections.ChainMap({"a": 1}, {"a": 2, "b": 3})) == ["a", "b"]


def test_tables_of_the_standard_library() -> None:
    match = re.match("(?P<year>.)(?P<month>.)", "ab")
    assert keys(collections.Counter("ab"), "static") == ["a", "b"]
    assert keys(match, "static") == ["year", "month"]
    assert set(os.environ) == set(keys(os.environ, "static"))
    assert keys(sys.modules, "static") == list(sys.modules)
    assert keys([1, 2]) == keys("text") == keys(None) == []


def test_circles_of_tables_have_an_end() -> None:
    chain: Any = collections.ChainMap({"a": 1})
    chain.maps.append(chain)
    assert keys(chain) == ["a"]


def test_a_typed_dict_of_which_only_the_class_is_known() -> None:
    class Base(typing.TypedDict):
        name: str

    class Movie(Base, total=False):
        year: int

    assert sorted(keys(InstanceOf(Movie), "static")) == ["name", "year"]
    assert keys(InstanceOf(dict)) == []


def opted(answer: Callable[[Any], Any]) -> Any:
    return type("Opted", (), {"_ipython_key_completions_": lambda self: answer(self)})()


def endless() -> Iterator[int]:
    yield from itertools.count()


def slow() -> Iterator[int]:
    for number in itertools.count():
        yield number
        time.sleep(PATIENCE / 4)


def broken() -> Iterator[str]:
    yield "first"
    raise SystemExit


def leave(*ignored: object) -> Any:
    raise SystemExit


def interrupt(*ignored: object) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (lambda self: ["one", 2, object()], ["one", 2]),
        (lambda self: {"one": 1}, ["one"]),
        (lambda self: broken(), ["first"]),
        (lambda self: None, []),
        (lambda self: 3, []),
        (lambda self: "text", []),
        (leave, []),
        (lambda self: self.nothing, []),
    ],
)
def test_an_object_that_tells_its_keys_may_do_what_it_likes(
    answer: Callable[[Any], Any], wanted: list[Any]
) -> None:
    assert keys(opted(answer), "safe") == wanted
    assert keys(opted(answer), "live") == wanted
    assert keys(opted(answer), "static") == []


def test_an_object_that_tells_keys_without_end_is_cut_short() -> None:
    assert keys(opted(lambda self: endless())) == list(range(LIMIT))
    assert keys(opted(lambda self: range(10**15))) == list(range(LIMIT))
    assert 1 <= len(keys(opted(lambda self: slow()))) <= 5
    assert len(keys(dict.fromkeys(range(LIMIT + 5)))) == LIMIT


def test_an_interrupt_on_another_thread_is_not_the_users() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(keys(opted(interrupt))))
    thread.start()
    thread.join(10)
    assert found == [[]]
    with pytest.raises(KeyboardInterrupt):
        keys(opted(interrupt))


def test_a_hook_in_an_object_itself_is_not_asked() -> None:
    value = types.SimpleNamespace(_ipython_key_completions_=note("hook"))
    RAN.clear()
    assert keys(value, "safe") == []
    assert RAN == []


class Table(collections.abc.Mapping[str, int]):
    asked = 0

    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        Table.asked += 1
        return iter(("one", "two"))

    def __len__(self) -> int:
        return 2


def test_other_mappings_are_asked_only_if_anything_may_be() -> None:
    Table.asked = 0
    assert keys(Table(), "static") == keys(Table(), "safe") == []
    assert Table.asked == 0
    assert keys(Table(), "live") == ["one", "two"]


def test_a_table_that_another_thread_changes_is_read() -> None:
    table = dict.fromkeys(map(str, range(1000)))
    done = threading.Event()

    def change() -> None:
        for number in itertools.count(1000):
            if done.is_set():
                break
            table[str(number)] = None
            table.pop(str(number - 500), None)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        assert all(len(keys(table)) > 400 for _ in range(50))
    finally:
        done.set()
        thread.join(10)


def test_what_is_no_pandas_object_selects_from_none() -> None:
    class _LocIndexer:
        obj = property(note("obj"))

    assert indexed_by(_LocIndexer()) is None
