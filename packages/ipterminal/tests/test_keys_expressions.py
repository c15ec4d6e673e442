"""The language of conditions: what it means, and what is said about mistakes in it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipterminal.keys.expressions import ConditionError, canonical, compiled, names, parse

HOLDS = {"a": True, "b": False, "c": True, "d": False}

EXPRESSIONS = st.recursive(
    st.sampled_from([*HOLDS]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&", "|"]), inner).map(" ".join),
        inner.map(lambda text: f"~({text})"),
        inner.map(lambda text: f"( {text} )"),
        inner.filter(str.isidentifier).map(lambda text: f"~{text}"),
    ),
    max_leaves=12,
)


def value(text: str) -> bool:
    return compiled(parse(text), lambda name: lambda: HOLDS[name])()


@given(EXPRESSIONS)
def test_it_means_what_it_means_in_python(text: str) -> None:
    in_python = text.replace("~", " not ").replace("&", " and ").replace("|", " or ")
    assert value(text) is bool(eval(in_python, dict(HOLDS)))


@given(EXPRESSIONS)
def test_it_is_written_so_that_it_is_read_the_same(text: str) -> None:
    expression = parse(text)
    assert canonical(parse(str(expression))) == canonical(expression)
    assert value(str(expression)) is value(text)
    assert {*names(expression)} <= {*HOLDS}


SAME = [
    ("a & b", "b & a"),
    ("a & b & c", "(c & a) & b"),
    ("a | a", "a"),
    ("a & always", "a"),
    ("~(a & b)", "~(b & a)"),
    ("(((a)))", "a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_order_nesting_and_repetition_make_no_difference(one: str, other: str) -> None:
    assert canonical(parse(one)) == canonical(parse(other))


def test_what_means_something_else_is_something_else() -> None:
    assert canonical(parse("a & b | c")) != canonical(parse("a & (b | c)"))
    assert canonical(parse("~a & b")) != canonical(parse("~(a & b)"))


MISTAKES = [
    ("", "the condition is empty"),
    ("a &", "at its end: expected a name, ~ or ("),
    ("a b", "at 'b', column 3: expected & or |"),
    ("(a | b", "at its end: expected & or | or )"),
    ("a)", "at ')', column 2: nothing is open that it closes"),
    ("a and b", "at 'and', column 3: expected & or |"),
    ("not a", "at 'not', column 1: not is written ~"),
    ("a ^ b", "at '^', column 3: expected & or |"),
    ("a & 3", "at '3', column 5: expected a name, ~ or ("),
    ("~", "at its end: expected a name, ~ or ("),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_mistakes_are_told_with_their_place(text: str, said: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert said in str(caught.value)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ConditionError):
        assert {*names(parse(text))}
