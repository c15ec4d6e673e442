"""Python values in command lines."""

from __future__ import annotations

import types
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.system.expansion import expand

NAMES: dict[str, Any] = {
    "x": 5,
    "name": "a b",
    "lines": [1, 2],
    "obj": types.SimpleNamespace(attr=7, inner=types.SimpleNamespace(deep="d")),
    "table": {"key": "v", "a:b": 1},
    "été": "summer",
}


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("echo $x", "echo 5"),
        ("$x$x-$x", "55-5"),
        ("$name.", "a b."),
        ('"$x"', '"5"'),
        ("$obj.attr/$obj.inner.deep", "7/d"),
        ("$été", "summer"),
        ("$lines[0]", "[1, 2][0]"),
        ("{x}", "5"),
        ("{ x + 1 }", "6"),
        ("{x!r}", "5"),
        ("{name!r:>7}", "  'a b'"),
        ("{x:>4}", "   5"),
        ("{x:03d}", "005"),
        ("{table['key']}", "v"),
        ("{table['a:b']}", "1"),
        ("{table['a:b']:>3}", "  1"),
        ("{ {'a': 1}['a'] }", "1"),
        ("{'}'}", "}"),
        ("{[1, 2][0:1]}", "[1]"),
        ("{[i for i in lines if i < x]}", "[1, 2]"),
        ("{len(lines)}", "2"),
        ("'{x}'", "'5'"),
        ("{{x}}", "{x}"),
        ("{{{x}}}", "{5}"),
        ("a{{}}b", "a{}b"),
        ("$$HOME", "$HOME"),
        ("$$HOME is $x", "$HOME is 5"),
        ("$$$x", "$$x"),
        ("it's $x", "it's 5"),
        ("$x isn't", "5 isn't"),
        ("${HOME} {x} $1 $? $$ $", "${HOME} 5 $1 $? $$ $"),
        ("awk '$x' $x", "awk '$x' 5"),
        ("awk '$$x'", "awk '$$x'"),
    ],
)
def test_values_are_put_in(typed: str, line: str) -> None:
    assert expand(typed, NAMES) == line


@pytest.mark.parametrize(
    "text",
    [
        "$HOME",
        "$HOME $x {x}",
        "{nope} $x",
        "$obj.nope $x",
        "$name.txt $x",
        "$dir $x",  # a builtin is no name of the user's
        "awk '{print $1}' $x",
        "{1/0} $x",
        "{} $x",
        "{x y} $x",
        "{x!z} $x",
        "{x:zz} $x",
        "{x:{x}} $x",
        "{x=} $x",
        "{x $x",
        "x} $x",
        "{",
        "}",
        "{x\0}",
        "{import os} $x",
        "{" * 5001,
        "{x " * 500 + "}" * 500,
        "{(" * 5000 + "x" + ")}" * 5000,
    ],
)
def test_if_anything_fails_the_text_stays_as_it_is(text: str) -> None:
    assert expand(text, NAMES) == text


def test_locals_go_before_the_users_names() -> None:
    assert expand("$x {x} {[x for _ in 'a']} $name", NAMES, {"x": "local"}) == "local local ['local'] a b"
    assert "__builtins__" not in NAMES


def test_object_that_cannot_be_shown_leaves_the_text() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no")

        def __getattr__(self, name: str) -> object:
            raise RuntimeError("no")

    assert expand("$b", {"b": Broken()}) == "$b"
    assert expand("$b.c", {"b": Broken()}) == "$b.c"
    assert expand("{b}", {"b": Broken()}) == "{b}"


def test_ctrl_c_in_an_expression_is_not_swallowed() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        expand("{f()}", {"f": interrupt})


def test_text_for_the_shell_causes_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert expand(r"awk {gsub('\.', 1 is 1)}", NAMES) == r"awk {gsub('\.', 1 is 1)}"
        assert expand(r"{'\.'}", NAMES) == r"\."


@given(st.lists(st.sampled_from("$ { } {{ }} ' \" x .y ! : r [0] ( ) \\ \n $$ 1 =".split(" "))).map("".join))
def test_no_text_makes_it_fail(text: str) -> None:
    assert isinstance(expand(text, NAMES), str)


@given(st.text(alphabet=st.characters(exclude_characters="${}")))
def test_text_without_signs_stays_as_it_is(text: str) -> None:
    assert expand(text, NAMES) == text


@given(st.text())
def test_doubled_braces_come_out_single(text: str) -> None:
    text = text.replace("$", "")
    assert expand(text.replace("{", "{{").replace("}", "}}"), NAMES) == text
