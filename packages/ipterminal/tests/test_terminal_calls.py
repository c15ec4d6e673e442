"""Which call the cursor stands in, which argument of it, and which name: read from unfinished text."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipterminal.calls import Call, Scanner, name_around
from ipterminal.parameters import current_parameter, fitted, pieces


def call_in(marked: str) -> Call | None:
    cursor = marked.index("|")
    return Scanner().call_at(marked[:cursor] + marked[cursor + 1 :], cursor)


@pytest.mark.parametrize(
    ("marked", "function", "position"),
    [
        ("f(|", "f", 0),
        ("f(|)", "f", 0),
        ("f(a, |)", "f", 1),
        ("f(a, b|, c)", "f", 1),
        ("x = os.path.join(a, |", "os.path.join", 1),
        ("f(g(1, 2), |", "f", 1),
        ("f(g(1, |", "g", 1),
        ("f([1, 2, |", "f", 0),
        ("f({1: (2, 3)}, [4, 5], |", "f", 2),
        ("f('a, b', |", "f", 1),
        ("f('it\\'s, ', |", "f", 1),
        ('f("""a, (\n""", |', "f", 1),
        ("f('(', |", "f", 1),
        ("f(1,  # a, b (\n  |", "f", 1),
        ("f(lambda a, b: a, |", "f", 1),
        ("f(lambda a, |", "f", 0),
        ("f('abc|", "f", 0),
        ("d['a'](|", "d['a']", 0),
        ("a().b(1, |", "a().b", 1),
        ("a(')').b(|", "a(')').b", 0),
        ("f (|", "f", 0),
        ("[f(|", "f", 0),
        ("return f(|", "f", 0),
        ("if f(|", "f", 0),
        ("not f(|", "f", 0),
        ("'-'.join(|", "'-'.join", 0),
        ("f'{g(1, |", "g", 1),
        ("f'{{g({h(|", "h", 0),
        ("x = (1, 2\ndef f():\n    g(|", "g", 0),
        ("größe(1, |", "größe", 1),
        ("f(a)(b, |", "f(a)", 1),
    ],
)
def test_the_innermost_call_is_found(marked: str, function: str, position: int) -> None:
    call = call_in(marked)
    assert call is not None
    assert (call.function, call.position) == (function, position)


@pytest.mark.parametrize(
    ("marked", "before"),
    [
        ("import a; a.b(|", "import a; "),
        ("  x = 1;  a.b(|", "  x = 1;  "),
        ("a(';', |", ""),
        ("a = [1;\na.b(|", ""),
        ("import a; x\na.b(|", "import a; x\n"),
    ],
)
def test_a_statement_begins_behind_a_semicolon_outside_of_brackets(marked: str, before: str) -> None:
    call = call_in(marked)
    assert call is not None
    assert call.before == before


@pytest.mark.parametrize(
    "marked",
    [
        "|",
        "f|",
        "f()|",
        "f(a)|",
        "(1, |",
        "x = (|",
        "if (|",
        "return (|",
        "def f(|",
        "    def f(a, |",
        "class A(|",
        "[1, |",
        "# f(|",
        "'f(|",
        "f'g(|",
        "'''f(\n|",
        "x = (1, 2\ndef f|",
        "3(|",
        "print(1)\n|",
    ],
)
def test_outside_of_calls_there_is_none(marked: str) -> None:
    assert call_in(marked) is None


def test_names_of_arguments_are_told() -> None:
    call = call_in("f(1, a=2, b=3, c|")
    assert call is not None
    assert (call.position, call.keywords, call.argument) == (1, ("a", "b"), None)
    call = call_in("f(1, a=2, b=|")
    assert call is not None
    assert call.argument == "b"
    call = call_in("f(1, a == |")
    assert call is not None
    assert call.argument is None
    call = call_in("f(*args, |")
    assert call is not None
    assert call.unpacked
    call = call_in("f(**more|")
    assert call is not None
    assert call.doubly


def test_what_stands_before_the_statement_is_told() -> None:
    call = call_in("import os\nif x:\n    y = f(1,\n  |")
    assert call is not None
    assert call.before == "import os\nif x:\n    "


@settings(max_examples=300, deadline=None)
@given(
    texts=st.lists(
        st.text(alphabet="ab(),[]{}'\"\n# =\\fd", max_size=40) | st.just('f("""\n') | st.just("\ndef f(x"),
        min_size=1,
        max_size=6,
    ),
    cut=st.integers(0, 200),
)
def test_what_is_remembered_of_earlier_texts_changes_nothing(texts: list[str], cut: int) -> None:
    remembering = Scanner()
    text = ""
    for piece in texts:
        at = min(cut, len(text))
        text = text[:at] + piece + text[at:]
        for cursor in {0, at, at + len(piece), len(text)}:
            assert remembering.call_at(text, cursor) == Scanner().call_at(text, cursor)
            assert remembering.statement_at(text, cursor) == Scanner().statement_at(text, cursor)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="ab1(),[]{}'\"\n# .\\fé", max_size=40))
def test_names_are_looked_for_in_any_text(text: str) -> None:
    for cursor in range(len(text) + 1):
        start, end = name_around(text, cursor)
        assert start <= cursor <= end or (start, end) == (cursor, cursor)


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("os.pa|th", "os.path"),
        ("os.path.jo|in(1)", "os.path.join"),
        ("o|s.path", "os"),
        ("x = len|", "len"),
        ("a[0].b|", "a[0].b"),
        ("f(x).y|", "f(x).y"),
        ("(a + b).c|", "(a + b).c"),
        ("'.os.pa|", ""),
        ("print(a.b|)", "a.b"),
        ("1 + |", ""),
        ("12|", ""),
        ("", ""),
        ("'a'.jo|", "'a'.jo"),
        ("return x.y|", "x.y"),
        ("not (a).b|", "(a).b"),
    ],
)
def test_the_name_under_the_cursor_is_found(marked: str, name: str) -> None:
    cursor = marked.find("|") if "|" in marked else 0
    text = marked.replace("|", "")
    start, end = name_around(text, cursor)
    assert text[start:end] == name


def example(a: Any, b: Any = 1, /, c: Any = 2, *args: Any, key: Any, other: Any = None) -> None:
    """Give parameters of all kinds."""


def lax(a: Any, **more: Any) -> None:
    """Take any name."""


@pytest.mark.parametrize(
    ("arguments", "function", "current"),
    [
        ("", example, "a"),
        ("1, ", example, "b"),
        ("1, 2, ", example, "c"),
        ("1, 2, 3, ", example, "args"),
        ("1, 2, 3, 4, ", example, "args"),
        ("1, key=", example, "key"),
        ("1, c=", example, "c"),
        ("1, a=", example, None),
        ("1, 2, 3, key=1, ", example, "other"),
        ("1, key=1, ", example, None),
        ("*x, ", example, "args"),
        ("1, **x", example, None),
        ("1, **x", lax, "more"),
        ("1, z=", lax, "more"),
        ("1, ", lax, "more"),
    ],
)
def test_the_current_parameter_is_told(arguments: str, function: Any, current: str | None) -> None:
    call = call_in(f"f({arguments}|")
    assert call is not None
    assert current_parameter(inspect.signature(function), call) == current


def shown(function: Any, current: str | None, width: int) -> str:
    line = fitted(pieces("f", inspect.signature(function), current), width)
    return "".join(f"<{piece.text}>" if piece.current else piece.text for piece in line)


def plain(a, b=1, /, *, key="x") -> int:  # type: ignore[no-untyped-def]
    """Have no annotations but one."""
    return 1


def test_a_signature_is_one_line_with_the_current_parameter_marked() -> None:
    assert shown(plain, "key", 80).startswith("f(a, b=1, /, *, <key='x'>) -> ")


def many(first, second, third, fourth, fifth, sixth, seventh):  # type: ignore[no-untyped-def]
    """Have more than fits."""


@pytest.mark.parametrize("width", range(20, 80))
@pytest.mark.parametrize("current", ["first", "fourth", "seventh"])
def test_the_current_parameter_stays_in_view(width: int, current: str) -> None:
    line = shown(many, current, width)
    assert f"<{current}>" in line
    assert len(line) - 2 <= width


@pytest.mark.parametrize("width", range(12))
def test_no_width_is_too_small(width: int) -> None:
    assert len(shown(many, "fifth", width).replace("<", "").replace(">", "")) <= width


def test_wide_characters_count_as_two_columns() -> None:
    def wide(名前, 値):  # type: ignore[no-untyped-def]
        pass

    line = fitted(pieces("f", inspect.signature(wide), None), 8)
    assert "".join(piece.text for piece in line) == "f(名前,…"
