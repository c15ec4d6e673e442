"""Completing import statements imports nothing and runs nothing."""

from __future__ import annotations

import os
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import pytest

from ipcompleters import source_names


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def texts(make_completing: Any) -> Any:
    """Give what the provider of imports proposes."""
    shell = make_completing()

    def ask(text: str) -> list[str]:
        found = shell.completer.completions(text, timeout=60)
        assert not shell.registry.failures
        return [each.text for each in found if each.source == "imports"]

    ask.shell = shell  # type: ignore[attr-defined]
    return ask


def test_nothing_is_imported(here: Path, texts: Any) -> None:
    (here / "zz_package").mkdir()
    (here / "zz_package" / "__init__.py").write_text("raise SystemExit\nname = 1\n")
    (here / "zz_package" / "module.py").write_text("raise SystemExit\ninner = 1\n")
    assert texts("import zz_pack") == ["zz_package"]
    assert texts("from zz_package import ") == ["module", "name"]
    before = set(sys.modules)
    assert texts("from zz_package.module import ") == ["inner"]
    assert texts("from zz_package import na") == ["name"]
    assert texts("from wsgiref.simple_server import WSGIS")
    assert set(sys.modules) == before


def test_no_warning_is_shown(here: Path, texts: Any, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "zz_module.py").write_text("pattern = '\\d'\n")
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        assert texts("from zz_module import ") == ["pattern"]
    assert not given
    assert "".join(capfd.readouterr()) == ""


def test_a_module_that_computes_its_attributes_is_not_asked(
    texts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Lazy(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            raise AttributeError(name)

        def __dir__(self) -> list[str]:
            asked.append("__dir__")
            return ["wrong"]

        computed = property(lambda self: asked.append("computed"))

    module = Lazy("zz_lazy")
    vars(module).update(there=1, __all__=["there", "later"], __path__=types.SimpleNamespace())
    monkeypatch.setitem(sys.modules, "zz_lazy", module)
    assert texts("from zz_lazy import ")[:2] == ["later", "there"]
    texts("import zz_lazy.")
    assert asked == []


def test_a_list_of_names_that_lies_is_not_asked(texts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Names(list[str]):
        def __iter__(self) -> Any:
            pytest.fail("it is asked")

    class Name(str):
        def __hash__(self) -> int:
            pytest.fail("it is asked")

    module = types.ModuleType("zz_lies")
    vars(module).update(there=1, __all__=Names(["there"]))
    monkeypatch.setitem(sys.modules, "zz_lies", module)
    assert texts("from zz_lies import ") == ["there"]
    vars(module)["__all__"] = [Name.__new__(Name, "name"), "there"]
    assert texts("from zz_lies import ") == ["there"]


def test_the_users_package_is_a_text_or_none(texts: Any, here: Path) -> None:
    (here / "zz_module.py").touch()
    texts.shell.user_ns["__package__"] = 3
    assert texts("from .zz") == ["zz_module"]
    texts.shell.user_ns["__package__"] = "zz_none"
    assert texts("from .zz") == []


def test_a_source_that_changes_is_read_again(here: Path, texts: Any) -> None:
    path = here / "zz_module.py"
    path.write_text("one = 1\n")
    assert texts("from zz_module import ") == ["one"]
    path.write_text("one = two = 1\n")
    assert texts("from zz_module import ") == ["one", "two"]


def test_a_large_source_is_left_alone(here: Path, texts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_names, "LARGEST", 10)
    (here / "zz_module.py").write_text("one = 1\n" * 10)
    assert texts("from zz_module import ") == []


def test_the_working_folder_may_be_gone(texts: Any, here: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows keeps the working folder")
    here.rmdir()
    assert texts("from .") == []
    assert "os" in texts("import o")
