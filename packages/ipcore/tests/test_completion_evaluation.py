"""What expressions stand for when Tab is pressed, and what earlier lines of the cell make of names."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ipcore.completion.objects import ShellObjects
from ipcore.shell import InteractiveShell
from ipcore.types.completion import TYPES, InstanceOf

#: The user's names; whatever is called fails.
NAMES = """
import os, typing
def fail(): raise SystemExit("called")
class Foo:
    shared = [1]
    later: "list[Foo]"
    def method(self, number: int) -> "Foo": fail()
    @property
    def told(self) -> "Foo": fail()
    @property
    def untold(self): fail()
    def __getitem__(self, key) -> int: fail()
    def __iter__(self) -> typing.Iterator[str]: fail()
    def __enter__(self) -> "Foo": fail()
    def __add__(self, other) -> "Foo": fail()
    def __call__(self) -> str: fail()
    @classmethod
    def made(cls) -> typing.Self: fail()
class Row(typing.TypedDict):
    alpha: int
    beta: list[str]
def make(number=3) -> Foo: fail()
def maybe() -> typing.Optional[Foo]: fail()
def several() -> int | str: fail()
def rows() -> list[Row]: fail()
async def later() -> Foo: fail()
foo = Foo()
nested = {"a": {"b": [1, "two"]}}
texts = ["abc"]
pair = (1, "two")
"""


@pytest.fixture
def objects(shell: InteractiveShell) -> ShellObjects:
    assert shell.run_cell(NAMES).success
    return ShellObjects(shell)


def told(objects: ShellObjects, expression: str, before: str = "") -> Any:
    """Give what is found: the value itself, or the name of its class behind ``a``."""
    found, value = objects.find(expression, before)
    if not found:
        return "nothing"
    if isinstance(value, InstanceOf):
        return f"a {getattr(value.kind, '__name__', None) or value.kind.name}"
    return value


VALUES = {
    "pair[1].upper()": "TWO",
    "nested['a']['b'][1].upper()": "TWO",
    "texts[0][1:]": "bc",
    "'abc'.upper().title()": "Abc",
    "1 + 2 * 3": 7,
    "[*texts, 1][1]": 1,
    "{'one': 1, **nested}['one']": 1,
    "nested.get('nowhere', 3)": 3,
    "dict(one=1)['one']": 1,
    "[each for each in texts][0]": "abc",
    "(lambda: 1)()": 1,
    "2 if foo is foo else 3": 2,
    "'two' if several else fail": "nothing",
    "(name := 'text').upper()": "TEXT",
    "foo.method(1)": "a Foo",
    "foo.told": "a Foo",
    "foo.told.method(2).told": "a Foo",
    "foo.untold": "nothing",
    "foo[0]": "a int",
    "foo()": "a str",
    "foo + 1": "a Foo",
    "Foo()": "a Foo",
    "Foo.made()": "a Foo",
    "Foo().later[0]": "a Foo",
    "make()": "a Foo",
    "maybe()": "a Foo",
    "rows()[0]": "a Row",
    "rows()[0]['beta'][0]": "a str",
    "await later()": "a Foo",
    "later()": "a coroutine",
    "len(texts)": "a int",
    "open('file')": "a TextIOWrapper",
    "open('file', 'rb')": "a BufferedReader",
    "sorted(texts)[0]": "abc",
    "f'{foo}'": "a str",
    "foo == foo": "a bool",
    "type(foo)()": "a Foo",
    "1.5 + len(texts)": "a float",
    "": "nothing",
    "foo.": "nothing",
    "nowhere": "nothing",
    "foo)(": "nothing",
    "for": "nothing",
    "\0": "nothing",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_expressions_are_evaluated_without_running_them(
    objects: ShellObjects, expression: str, value: Any
) -> None:
    found = told(objects, expression)
    assert (type(found), found) == (type(value), value) or "if several" in expression


def test_of_a_choice_all_attributes_are_given(objects: ShellObjects) -> None:
    found, value = objects.find("several()")
    assert found
    assert {"bit_length", "upper"} <= set(objects.attributes(value))


LARGE = {
    "'a' * 10**9": "a str",
    "10**9 * 'a'": "a str",
    "[0] * 10**9": "a list",
    "10**10**10": "a int",
    "1 << 10**9": "a int",
    "9**999999": "a int",
    "'%1000000000d' % 1": "a str",
    "'{:1000000000}'.format(1)": "a str",
    "'a'.ljust(10**9)": "a str",
    "'a'.replace('a', 'b' * 10**9)": "a str",
    "(" * 90 + "1" + ")" * 90: 1,
    "+".join(["1"] * 5_000): "nothing",
    "(" * 5_000: "nothing",
    "1" + "[0]" * 3_000: "nothing",
    "-" * 3_000 + "1": "nothing",
    "1 / 0": "a float",
    "2.0 ** 100000": "a float",
    "'a' + 1": "a str",
}


@pytest.mark.parametrize(("expression", "value"), LARGE.items(), ids=range(len(LARGE)))
def test_nothing_large_is_computed(objects: ShellObjects, expression: str, value: Any) -> None:
    assert told(objects, expression) == value


def test_a_dictionary_that_changes_meanwhile_is_borne(shell: InteractiveShell) -> None:
    table = shell.user_ns["table"] = dict.fromkeys(range(1000))
    objects = ShellObjects(shell)
    end = threading.Event()

    def change() -> None:
        while not end.is_set():
            for number in range(1000, 1100):
                table[number] = shell.user_ns[f"name{number}"] = number
            for number in range(1000, 1100):
                del table[number], shell.user_ns[f"name{number}"]

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            assert objects.find("table[5]") == (True, None)
            assert len(objects.keys(table)) >= 1000
            assert "table" in objects.names()
            objects.find("name1050")
            objects.find("[x for x in table][0]")
    finally:
        end.set()
        thread.join(30)
    assert not thread.is_alive()


#: Earlier lines of the cell, an expression, and what it stands for.
LINES: list[tuple[str, str, Any]] = [
    ("x = Foo()\n", "x", "a Foo"),
    ("x = y = Foo()\n", "y.told", "a Foo"),
    ("x = 'a'\nx = x.upper()\n", "x", "A"),
    ("x = 3\nx += 1\n", "x", 4),
    ("(a, b), *c = (1, 'two'), 3\n", "b", "two"),
    ("a, *c = texts\n", "c", "a list"),
    ("*a, b = 1, 2, 'last'\n", "b", "last"),
    ("if (x := Foo()):\n    ", "x", "a Foo"),
    ("for x in texts:\n    ", "x", "abc"),
    ("for i, x in enumerate(texts):\n    ", "i", "a int"),
    ("for i, x in enumerate(texts):\n    ", "x", "abc"),
    ("for x, y in zip(texts, pair):\n    ", "y", 1),
    ("for key, value in nested.items():\n    ", "value['b'][0]", 1),
    ("for x in foo:\n    ", "x", "a str"),
    ("for x in rows():\n    ", "x['alpha']", "a int"),
    ("for x in texts\n", "x", "abc"),
    ("with open('f') as f:\n    ", "f", "a TextIOWrapper"),
    ("with open('f') as f:\n    for line in f:\n        ", "line", "a str"),
    ("with foo as f:\n", "f", "a Foo"),
    ("import json as j\n", "j.dumps.__name__", "dumps"),
    ("import os.path\n", "os.path.sep", __import__("os").path.sep),
    ("import not_imported_by_anybody as x\n", "x", "nothing"),
    ("from os import path as x\n", "x.sep", __import__("os").path.sep),
    ("from os import *\n", "sep", __import__("os").sep),
    ("def f(a: Foo, b=3):\n    c = a.told\n    ", "c", "a Foo"),
    ("def f(a: Foo, b=3):\n    ", "b", "a int"),
    ("def f(a: Foo):\n    pass\n", "f", "drafted f"),
    ("def f() -> list[Foo]: ...\n", "f()[0]", "a Foo"),
    ("def f():\n    return Foo()\n", "f()", "a Foo"),
    ("async def f() -> Foo: ...\n", "await f()", "a Foo"),
    ("def f(n): return f(n)\n", "f(1)", "nothing"),
    ("class A: pass\nx = A()\n", "x", "a A"),
    ("class A:\n    def m(self):\n        self.z = 'text'\nx = A()\n", "x.z", "text"),
    ("class A:\n    def m(self):\n        self.z = 'text'\n    def n(self):\n        ", "self.z", "text"),
    ("class A:\n    @property\n    def p(self): return 'text'\nx = A().p\n", "x", "text"),
    ("class A:\n    @classmethod\n    def m(cls) -> 'A': ...\n", "A.m()", "a A"),
    ("class A(Foo): pass\n", "A().told", "a Foo"),
    ("class A(Foo):\n    def m(self):\n        ", "super()", "a Foo"),
    ("class A(A): pass\nx = A()\n", "x.nothing", "nothing"),
    ("x: Foo\n", "x", "a Foo"),
    ("x: 'Foo | None' = None\n", "x", "a Foo"),
    ("x: dict[str, Foo] = {}\n", "x['a']", "a Foo"),
    ("import typing\nx: typing.Union[Foo, None]\n", "x", "a Foo"),
    ("x: list[tuple[int, Foo]]\n", "x[0][1]", "a Foo"),
    ("x = [Foo() for _ in range(3)]\n", "x[0]", "a Foo"),
    ("x = {name: Foo() for name in texts}\n", "x['a']", "a Foo"),
    ("x = {'a': Foo(), 'b': nowhere()}\n", "x['a']", "a Foo"),
    ("x = {'a': Foo(), 'b': nowhere()}\n", "x['b']", "nothing"),
    ("try:\n    x = Foo()\nexcept ValueError as e:\n    ", "e", "a ValueError"),
    ("try:\n    x = Foo()\n", "x", "a Foo"),
    ("if foo:\n    x = Foo()\nelse:\n    x = None\n", "x", "a Foo"),
    ("x = Foo()\ndel x\n", "x", "nothing"),
    ("texts = nowhere()\n", "texts", "nothing"),
    ("%matplotlib inline\nx = Foo()\n", "x", "a Foo"),
    ("%%time\nx = Foo()\n", "x", "a Foo"),
    ("files = !ls\nx = Foo()\n", "x", "a Foo"),
    ("foo?\nx = Foo()\n", "x", "a Foo"),
    ("y = 'text'\nx = Foo(\n", "y", "text"),
    ("y = 'text'\n)\nx = Foo()\n", "x", "a Foo"),
    ("x = x\n", "x", "nothing"),
    ("a = b\nb = a\n", "a", "nothing"),
    ("@decorated\n", "foo[0]", "a int"),
]


@pytest.mark.parametrize(("before", "expression", "value"), LINES)
def test_earlier_lines_of_the_cell_count(
    objects: ShellObjects, before: str, expression: str, value: Any
) -> None:
    found = told(objects, expression, before)
    if isinstance(value, str) and value.startswith("drafted "):
        assert objects.type_of(found) == "function"
        assert found.name == value.removeprefix("drafted ")
    else:
        assert found == value


def test_where_the_next_line_stands_tells_whose_names_count(objects: ShellObjects) -> None:
    body = "def f(argument):\n    local = Foo()\n"
    assert {"argument", "local", "f"} <= set(objects.names(body + "    "))
    assert {"argument", "local", "f"} <= set(objects.names(body))
    inside = set(objects.names(body + "x = 1\n"))
    assert "f" in inside
    assert not {"argument", "local"} & inside


def test_a_function_of_the_cell_tells_how_it_is_called(objects: ShellObjects) -> None:
    before = "def f(a: int, *, b='x') -> Foo: ...\n"
    before += "class A:\n    def __init__(self, c, d=1): ...\n    def m(self, e): ...\n"
    shown = {
        "f": "(a: int, *, b='x') -> Foo",
        "A": "(c, d=1)",
        "A().m": "(e)",
        "lambda g: 1": "(g)",
    }
    for expression, signature in shown.items():
        found, value = objects.find(expression, before)
        assert found
        assert str(objects.signature(value)) == signature
    fields = "@dataclass\nclass A:\n    one: int\n    two: str = 'x'\n"
    assert list(objects.signature(objects.find("A", fields)[1]).parameters) == ["one", "two"]  # type: ignore[union-attr]


def test_a_class_of_the_cell_has_attributes(objects: ShellObjects) -> None:
    before = "class A(Foo):\n    x: int\n    y = 1\n"
    before += "    def __init__(self):\n        self.z = 1\n    def m(self): ...\n"
    found, value = objects.find("A()", before)
    assert {"x", "y", "z", "m", "told", "__init__", "__class__"} <= set(objects.attributes(value))
    assert {name: objects.type_of_attribute(value, name) for name in ("y", "z", "m", "told")} == {
        "y": "instance",
        "z": "instance",
        "m": "function",
        "told": "instance",
    }
    found, value = objects.find("A", before)
    assert found
    assert "z" not in objects.attributes(value)


def test_a_typed_dictionary_has_keys(objects: ShellObjects) -> None:
    assert objects.keys(objects.find("rows()[0]")[1]) == ["alpha", "beta"]
    before = "import typing\nclass New(typing.TypedDict):\n    one: int\n    two: str\nx: New = {}\n"
    assert objects.keys(objects.find("x", before)[1]) == ["one", "two"]


def test_attributes_have_types(objects: ShellObjects) -> None:
    _, foo = objects.find("foo")
    kinds = {"method": "function", "told": "property", "shared": "instance", "nowhere": ""}
    assert {name: objects.type_of_attribute(foo, name) for name in kinds} == kinds
    for expression in ("os", "Foo", "make", "foo", "1", "several()", "make()", "len", "foo.method"):
        assert objects.type_of(objects.find(expression)[1]) in TYPES


def test_no_warning_is_shown_and_no_filter_changed(objects: ShellObjects) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        objects.find("'\\d'.upper() if 1 is 1 else 0x1for x in y")
        objects.find("x", "x = '\\d'\ny = 1 is 1\n")
        objects.find("~True")
    assert caught == []


# -- whatever is typed ------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        *("foo", "Foo", "nested", "texts", "pair", "make", "maybe", "several", "x", "y", "A", "f", "self"),
        *(
            "1",
            "'a'",
            "b'b'",
            "None",
            "10",
            "1.5",
            "...",
            "-",
            "+",
            "*",
            "**",
            "/",
            "%",
            "<<",
            "//",
            "@",
            "~",
        ),
        *(".", ".", "(", ")", "[", "]", "{", "}", ":", ",", "=", ":=", "==", "<", "in", "not", "is", "and"),
        *("or", "if", "else", "for", "while", "with", "as", "def f(x):", "class A:", "class A(Foo):", "try:"),
        *(
            "except E as e:",
            "return",
            "yield",
            "await",
            "async",
            "lambda x:",
            "import os",
            "from os import *",
        ),
        *(
            "~",
            "from os import *",
            "del",
            "global x",
            "match x:",
            "case [a, *b]:",
            "f'{x}'",
            "\\",
            "\n",
            "\n    ",
            "\n        ",
            "\n",
        ),
        *("%magic", "!ls", "?", "#", '"""', "told", "method(1)", "upper()", "get('a')", "x = ", "x: int = "),
        *("for x in ", "with open('f') as x:", "@property", "->", ";", "\t", "\0", "é", "type(", "super()"),
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PIECES, max_size=25), st.lists(_PIECES, max_size=12), st.sampled_from(["", " ", "\n"]))
@example(["class A(A):", "\n    ", "x = ", "A", "(", ")"], ["A", "(", ")", ".", "x"], "")
@example(["x = ", "[", "x", "for x in ", "x", "]"], ["x", "[", "1", "]"], "")
def test_whatever_is_typed_is_borne_and_nothing_runs(
    objects: ShellObjects, before: list[str], expression: list[str], glue: str
) -> None:
    lines = glue.join(before)
    for text in (glue.join(expression), " ".join(expression)):
        found, value = objects.find(text, lines)  # what is called raises SystemExit
        if found:
            names = objects.attributes(value)
            objects.keys(value)
            objects.signature(value)
            assert objects.type_of(value) in TYPES
            for name in names[:40]:
                objects.attribute(value, name)
                objects.type_of_attribute(value, name)
    assert all(type(name) is str for name in objects.names(lines))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_borne(objects: ShellObjects, before: str, expression: str) -> None:
    objects.find(expression, before)
    objects.names(before)
