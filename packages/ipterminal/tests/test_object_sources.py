"""The source of objects, found without running code of theirs."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from ipterminal.object_sources import MOST, source_of


def function() -> int:
    """Be a function."""
    return 1


@functools.lru_cache
def cached() -> int:
    return 2


def wrapping(inner: Any) -> Any:
    @functools.wraps(inner)
    def outer() -> Any:
        return inner()

    return outer


@wrapping
def wrapped() -> int:
    return 3


class Outer:
    @property
    def size(self) -> int:
        return 4

    @classmethod
    def make(cls) -> None:
        pass

    class Inner:
        inner = True


def local() -> Any:
    class Inner:
        of_function = True

    return Inner


class Hostile:
    """Answers nothing."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


class Meta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise AssertionError("a metaclass ran")

    @property
    def __module__(cls) -> str:  # type: ignore[override]
        raise AssertionError("a metaclass ran")


class OfMeta(metaclass=Meta):
    of_meta = True


@pytest.mark.parametrize(
    ("value", "begins", "has"),
    [
        (function, "def function", "return 1"),
        (cached, "@functools.lru_cache", "return 2"),
        (wrapped, "@wrapping", "return 3"),
        (functools.partial(function), "def function", "return 1"),
        (Outer, "class Outer", "inner = True"),
        (Outer.Inner, "    class Inner", "inner = True"),
        (local(), "    class Inner", "of_function = True"),
        (Outer(), "class Outer", "return 4"),
        (Outer.__dict__["size"], "    @property", "return 4"),
        (Outer.make, "    @classmethod", "def make"),
        (Outer().make, "    @classmethod", "def make"),
        (Hostile, "class Hostile", "was asked for"),
        (os.path.join, "def join", "return path"),  # its module may be frozen
        (functools, '"""functools.py', "def lru_cache"),
    ],
)
def test_the_source_is_found_and_nothing_is_asked(value: Any, begins: str, has: str) -> None:
    found = source_of(value)
    assert found is not None
    assert found.text.startswith(begins)
    assert has in found.text
    assert Path(found.place).read_text().splitlines()[found.line - 1] == found.text.splitlines()[0]


def test_objects_and_classes_that_answer_themselves_are_not_asked() -> None:
    hostile, of_meta = source_of(Hostile()), source_of(OfMeta)
    assert hostile is not None
    assert of_meta is not None
    assert (hostile.text.split()[1], of_meta.text.split()[1]) == ("Hostile:", "OfMeta(metaclass=Meta):")


@pytest.mark.parametrize("value", [len, int, 3, "x", sys, "".join, None, object()])
def test_what_is_not_written_in_python_has_none(value: Any) -> None:
    assert source_of(value) is None


def test_a_file_that_is_gone_or_another_one_gives_none(tmp_path: Path) -> None:
    file = tmp_path / "gone.py"
    file.write_text("\n\n\ndef late(): pass\nclass Late: pass\n")
    names: dict[str, Any] = {"__name__": "gone"}
    exec(compile(file.read_text(), str(file), "exec"), names)
    assert source_of(names["late"]) is not None
    file.write_text("'shorter'\n")
    assert source_of(names["late"]) is None
    file.unlink()
    assert source_of(names["late"]) is None
    assert source_of(names["Late"]) is None


def test_what_cells_define_is_found_in_them(shell: Any) -> None:
    shell.run_cell(
        "def f():\n    return 'first'\nclass A:\n    a = 1\nclass B:\n    def g(self): pass"
    ).assert_ok()
    shell.run_cell("def f():\n    return 'second'\nclass A:\n    a = 2").assert_ok()
    for name, has in (("f", "second"), ("A", "a = 2"), ("B", "def g")):
        found = source_of(shell.user_ns[name])
        assert found is not None
        assert has in found.text
        assert found.place.startswith("Cell In[")


def test_of_a_huge_module_a_part_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "huge.py"
    file.write_text("x = 1\n" * (MOST // 5))
    module = type(sys)("huge")
    module.__file__ = str(file)
    found = source_of(module)
    assert found is not None
    assert len(found.text) < MOST + 100
    assert found.text.endswith("and more")
