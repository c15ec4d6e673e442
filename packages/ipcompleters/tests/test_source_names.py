"""The names that a module defines are read from its source."""

from __future__ import annotations

import ast
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcompleters import source_names
from ipcompleters.source_names import names_in_source, parse_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = 1", {"a": "variable"}),
        ("a, (b, *c) = d", {"a": "variable", "b": "variable", "c": "variable"}),
        ("a: int", {"a": "variable"}),
        ("a.b = c[d] = 1", {}),
        ("def a(): b = 1", {"a": "function"}),
        ("async def a(): pass", {"a": "function"}),
        ("class A:\n    b = 1", {"A": "class"}),
        ("import a, b.c, d.e as f", {"a": "module", "b": "module", "f": "module"}),
        ("from a import b, c as d", {"b": "", "d": ""}),
        ("from . import b", {"b": "module"}),
        ("if x:\n    a = 1\nelif y:\n    b = 1\nelse:\n    c = 1", dict.fromkeys("abc", "variable")),
        (
            "try:\n    a = 1\nexcept E:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1",
            dict.fromkeys("abcd", "variable"),
        ),
        ("with x as a, y as (b, c): d = 1", dict.fromkeys("abcd", "variable")),
        ("for a in b: c = 1", dict.fromkeys("ac", "variable")),
        ("while a: b = 1", {"b": "variable"}),
        ("match a:\n    case 1:\n        b = 1", {"b": "variable"}),
        ("a = [b for b in c]", {"a": "variable"}),
    ],
)
def test_names(source: str, names: dict[str, str]) -> None:
    assert parse_names(source).names == names


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is new in Python 3.12")
def test_names_of_types() -> None:
    assert parse_names("type A[T] = list[T]").names == {"A": "variable"}


@pytest.mark.parametrize(
    ("source", "listed"),
    [
        ("a = 1", None),
        ("__all__ = ['a', 'b']", ("a", "b")),
        ("__all__: list[str] = ['a']", ("a",)),
        ("__all__ = ('a',) + other.__all__", ("a",)),
        ("__all__ = ['a']\n__all__ += ['b']", ("a", "b")),
        ("__all__ = ['a']\n__all__.extend(['b'])\n__all__.append('c')", ("a", "b", "c")),
        ("__all__ = ['a']\n__all__ = ['b']", ("b",)),
        ("__all__ = []", ()),
    ],
)
def test_what_is_exported(source: str, listed: tuple[str, ...] | None) -> None:
    assert parse_names(source).exported == listed


def test_stars_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from .b import *\nfrom .gone import *\nmine = 1\n")
    (tmp_path / "b.py").write_text("theirs = _hidden = 1\ndef mine(): pass\n")
    found = names_in_source(str(tmp_path / "a.py"), lambda _, name: str(tmp_path / f"{name}.py"))
    assert found.names == {"theirs": "variable", "mine": "variable"}


def test_stars_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from b import *\na = 1\n")
    (tmp_path / "b.py").write_text("from a import *\nb = 1\n")
    found = names_in_source(str(tmp_path / "a.py"), lambda _, name: str(tmp_path / f"{name}.py"))
    assert found.names.keys() == {"a", "b"}


@pytest.mark.parametrize(
    "source",
    ["a = '\\d'", "a = b'\\d'", "a = f'{b}\\d'", "a = 1or 2", "a = '''\n\\w'''"],
)
def test_no_warning_is_given(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "a" in parse_names(source).names


@given(
    st.lists(
        st.sampled_from(["\\", "'", '"', "'''", "N{DASH}", "n", "\n", "x", "{", "}", "r'", "f'", "#", " "])
    )
)
def test_what_is_done_to_escapes_leaves_the_names_as_they_are(pieces: list[str]) -> None:
    """What Python can parse is parsed, with the same names."""
    source = "before = 1\nx = " + "".join(pieces) + "\nafter = 1\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
    wanted = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert parse_names(source).names.keys() == wanted


def test_a_changed_source_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one = 1\n")
    assert names_in_source(str(path)).names.keys() == {"one"}
    path.write_text("one = two = 1\n")
    assert names_in_source(str(path)).names.keys() == {"one", "two"}


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"a = (", b"# coding: nothing\na = 1", b"\0", b"x = " + b"(" * 5000, b"a = 1\n\x0c def"],
)
def test_what_cannot_be_read_has_no_names(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(content)
    assert names_in_source(str(path)).names == {}
    assert names_in_source(str(tmp_path / "gone.py")).names == {}


def test_a_large_source_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_names, "LARGEST", 20)
    path = tmp_path / "a.py"
    path.write_text("a = 1\n" * 4)
    assert names_in_source(str(path)).names == {}


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_names, "MOST_SOURCES", 2)
    for number in range(5):
        path = tmp_path / f"a{number}.py"
        path.write_text("a = 1\n")
        names_in_source(str(path))
    assert len(source_names._known) <= 2


def test_the_standard_library_reads_as_it_is() -> None:
    """Every public name of these modules that is written in their source is found."""
    import argparse
    import json.decoder
    import textwrap

    for module in (argparse, json.decoder, textwrap):
        found = names_in_source(module.__file__ or "")
        assert set(module.__all__) <= found.names.keys()
        assert {name for name in vars(module) if not name.startswith("__")} == {
            name for name in found.names if not name.startswith("__")
        }
