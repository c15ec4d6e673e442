"""What is known of modules that have not been imported: read from their sources, of which nothing runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ipcore.completion.reading import MISSING
from ipcore.completion.sources import find_in_sources
from ipcore.testing import TestedShell

SOURCE = '''"""Never to be run."""
from .inner import helper as given
from . import inner
import other_unloaded as other
raise AssertionError("the module ran")
def first(a, *, b=2): ...
class Kind:
    def __init__(self, size): ...
    def method(self, x): ...
'''


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "unloaded"
    package.mkdir()
    (package / "__init__.py").write_text(SOURCE, "utf-8")
    (package / "inner.py").write_text("def helper(c): ...\n", "utf-8")
    (package / "below.py").write_text(
        "from unloaded.inner import helper\nfrom . import below as self\n", "utf-8"
    )
    (tmp_path / "other_unloaded.py").write_text("def far(d): ...\n", "utf-8")
    (tmp_path / "wrong_unloaded.py").write_text("def far(:\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("before", "expression", "signature"),
    [
        ("import unloaded\n", "unloaded.first", "(a, *, b=2)"),
        ("import unloaded; ", "unloaded.first", "(a, *, b=2)"),
        ("import unloaded as u\n", "u.Kind", "(size)"),
        ("def f():\n    import unloaded\n    ", "unloaded.Kind.method", "(self, x)"),
        ("from unloaded import first as f\n", "f", "(a, *, b=2)"),
        ("import unloaded\n", "unloaded.given", "(c)"),
        ("import unloaded\n", "unloaded.inner.helper", "(c)"),
        ("import unloaded\n", "unloaded.other.far", "(d)"),
        ("import unloaded.below\n", "unloaded.below.helper", "(c)"),
        ("", "unloaded.first", "(a, *, b=2)"),
        ("import unloaded\nunloaded = 1\n", "unloaded.first", None),
        ("", "taken.far", None),
        ("", "unloaded", None),
        ("import unloaded\n", "unloaded.nothing", None),
        ("import unloaded.below\n", "unloaded.below.self.self.self.self.self", None),
        ("import wrong_unloaded\n", "wrong_unloaded.far", None),
        ("import no_such_module\n", "no_such_module.far", None),
        ("import unloaded\n", "unloaded.first()", None),
    ],
)
def test_names_of_modules_that_are_not_imported_are_known(
    shell: TestedShell, before: str, expression: str, signature: str | None
) -> None:
    shell.user_ns["taken"] = 1
    objects = shell.completer.objects
    found, value = find_in_sources(objects, expression, before)
    assert "unloaded" not in sys.modules
    assert found is (signature is not None)
    assert value is not MISSING
    if found:
        assert str(objects.signature(value)) == signature


def test_a_source_that_has_changed_is_read_again(shell: TestedShell, modules: Path) -> None:
    import os

    objects = shell.completer.objects
    file = modules / "other_unloaded.py"
    assert find_in_sources(objects, "other_unloaded.far")[0]
    file.write_text("def near(e): ...\n", "utf-8")
    os.utime(file, ns=(1, 1))
    assert not find_in_sources(objects, "other_unloaded.far")[0]
    assert find_in_sources(objects, "other_unloaded.near")[0]
