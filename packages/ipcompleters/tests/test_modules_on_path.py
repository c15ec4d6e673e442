"""Modules are found without importing any."""

from __future__ import annotations

import os
import sys
import threading
import time
import types
import zipfile
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from ipcompleters import modules_on_path
from ipcompleters.modules_on_path import (
    MODULES,
    Module,
    ModulesOnPath,
    find_module,
    folders_of,
    root_modules,
    submodules,
)


def never() -> bool:
    return False


def make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise SystemExit\n")
    return folder


def found(folder: Path | str, known: ModulesOnPath | None = None) -> dict[str, str]:
    modules = (known or ModulesOnPath()).named([str(folder)], never)
    return {name: module.kind for some in modules for name, module in some.items()}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the search path."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def loaded() -> Iterator[set[str]]:
    """What is imported meanwhile."""
    before = set(sys.modules)
    yield before
    new = {name for name in set(sys.modules) - before if not name.startswith(("zipfile", "encodings"))}
    assert not new, f"imported: {new}"


def test_what_the_interpreter_finds_is_found() -> None:
    import pkgutil

    mine = set(root_modules())
    theirs = {each.name for each in pkgutil.iter_modules() if each.name.isidentifier()}
    assert theirs <= mine
    assert set(sys.builtin_module_names) <= mine
    assert {"os", "json", "math", "pytest", "sys"} <= mine
    assert root_modules() == sorted(mine)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("zz_a.py", "source"),
        ("zz_a.pyc", "bytecode"),
        (f"zz_a{EXTENSION_SUFFIXES[0]}", "extension"),
        (f"zz_a{EXTENSION_SUFFIXES[-1]}", "extension"),
        ("zz_a/__init__.py", "package"),
        ("zz_a/__init__.pyc", "package"),
        ("zz_a/b.py", "namespace"),
        ("zz_a/b/c/d.py", "namespace"),
    ],
)
def test_kinds_of_modules(tmp_path: Path, name: str, kind: str) -> None:
    make(tmp_path, name)
    assert found(tmp_path) == {"zz_a": kind}


@pytest.mark.parametrize(
    "name", ["zz-a.py", "a.b.py", "__init__.py", "__pycache__/a.py", "zz_a.txt", "a.dist-info/b.py", "1a.py"]
)
def test_what_is_no_module(tmp_path: Path, name: str) -> None:
    make(tmp_path, name)
    assert found(tmp_path) == {}


def test_of_two_of_one_name_the_one_that_python_takes_counts(tmp_path: Path) -> None:
    make(
        tmp_path,
        "a.py",
        "a/__init__.py",
        f"b{EXTENSION_SUFFIXES[0]}",
        "b.py",
        "c.pyc",
        "c.py",
        "d/e.py",
        "d.py",
    )
    assert found(tmp_path) == {"a": "package", "b": "extension", "c": "source", "d": "source"}


def test_a_folder_that_gets_modules_later_becomes_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zz_a").mkdir()
    known = ModulesOnPath()
    assert found(tmp_path, known) == {}
    make(tmp_path, "zz_a/__init__.py")
    monkeypatch.setattr(modules_on_path, "_BARREN", 0.0)
    assert found(tmp_path, known) == {"zz_a": "package"}
    assert found(tmp_path, known) == {"zz_a": "package"}


def test_a_new_module_is_seen(tmp_path: Path) -> None:
    known = ModulesOnPath()
    make(tmp_path, "a.py")
    os.utime(tmp_path, (1, 1))
    assert found(tmp_path, known) == {"a": "source"}
    make(tmp_path, "b.py")
    assert found(tmp_path, known) == {"a": "source", "b": "source"}


def test_a_folder_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.py", "b/__init__.py")
    known = ModulesOnPath()
    first = found(tmp_path, known)
    monkeypatch.setattr(os, "scandir", lambda *_: pytest.fail("it is read again"))
    assert found(tmp_path, known) == first


@pytest.mark.parametrize("entry", ["nothing", "file.txt", "file.txt/lib", "nul\0l"])
def test_an_entry_that_holds_nothing(tmp_path: Path, entry: str) -> None:
    make(tmp_path, "file.txt")
    assert found(tmp_path / entry) == {}


@pytest.mark.parametrize("inside", ["", "lib"])
def test_an_archive(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.py", "b/__init__.py", "b/c.py", "d/e.py", "f/notes.txt", "g-h/i.py"):
            archive.writestr(f"{inside}/{name}" if inside else name, "")
    assert found(path / inside) == {"a": "source", "b": "package", "d": "namespace"}
    assert MODULES.find("c", [str(path / inside / "b")], never) == Module(
        "source", (str(path / inside / "b" / "c.py"),)
    )


def test_nothing_is_imported(here: Path, loaded: set[str]) -> None:
    make(here, "zz_a/__init__.py", "zz_a/b.py", "zz_c.py")
    assert {"zz_a", "zz_c"} <= set(root_modules())
    assert submodules("zz_a") == ["b"]
    assert find_module("zz_a.b") == Module("source", (str(here / "zz_a" / "b.py"),))
    assert find_module("zz_a.none") is None
    assert find_module("zz_c.none") is None


def test_a_namespace_package_has_several_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in "12":
        make(tmp_path / number, f"zz_a/b{number}.py")
        monkeypatch.syspath_prepend(str(tmp_path / number))
    assert sorted(submodules("zz_a")) == ["b1", "b2"]
    make(tmp_path / "3", "zz_a/__init__.py", "zz_a/b3.py")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "3")])
    assert submodules("zz_a") == ["b3"]


def test_the_folders_of_loaded_packages() -> None:
    import json
    import xml

    assert folders_of("json") == json.__path__
    assert folders_of("xml") == list(xml.__path__)
    assert folders_of("sys") == []


def test_a_loaded_namespace_package(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(here, "zz_space/b.py")
    import importlib

    module = importlib.import_module("zz_space")
    try:
        assert folders_of("zz_space") == list(module.__path__)
    finally:
        del sys.modules["zz_space"]


def test_an_object_in_the_place_of_a_module_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            pytest.fail(f"asked for {name}")

    monkeypatch.setitem(sys.modules, "zz_hostile", Hostile())
    assert folders_of("zz_hostile") == []
    assert "zz_hostile" in root_modules()


def make_finder(home: str, monkeypatch: pytest.MonkeyPatch, own: dict[str, Any], **values: Any) -> None:
    module = types.ModuleType(home)
    vars(module).update(values)
    monkeypatch.setitem(sys.modules, home, module)
    kind = type("Finder", (), {"__module__": home, "find_spec": lambda *_: pytest.fail("it is asked")})
    finder = kind()
    vars(finder).update(own)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])


@pytest.mark.parametrize(
    ("own", "values"),
    [
        ({}, {"MAPPING": {"zz_a": "{}/zz_a", "zz_b": "{}/zz_b.py"}, "NAMESPACES": {}}),
        ({"_redirections": {"zz_a": "{}/zz_a/__init__.py", "zz_b": "{}/zz_b.py"}}, {}),
        (
            {
                "known_source_files": {
                    "zz_a": "{}/zz_a/__init__.py",
                    "zz_a.c": "{}/zz_a/c.py",
                    "zz_b": "{}/zz_b.py",
                }
            },
            {},
        ),
    ],
    ids=["setuptools", "editables", "scikit-build-core"],
)
def test_projects_installed_to_be_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: dict[str, Any], values: dict[str, Any]
) -> None:
    make(tmp_path, "zz_a/__init__.py", "zz_a/c.py", "zz_b.py")

    def placed(tables: dict[str, Any]) -> dict[str, Any]:
        return {
            name: {key: path.format(tmp_path) for key, path in table.items()}
            for name, table in tables.items()
        }

    make_finder("zz_finder_home", monkeypatch, placed(own), **placed(values))
    assert {"zz_a", "zz_b"} <= set(root_modules())
    assert "zz_a.c" not in root_modules()
    assert submodules("zz_a") == ["c"]
    module = find_module("zz_b")
    assert module is not None
    assert module.kind == "source"


def test_a_finder_that_computes_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def __getattribute__(self, name: str) -> Any:
            pytest.fail(f"asked for {name}")

        def find_spec(self, *_: Any) -> None: ...

    finder = Finder()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    names = root_modules()
    monkeypatch.undo()
    assert "os" in names


def test_a_cancelled_search_gives_what_it_has(here: Path) -> None:
    make(here, "zz_a.py")
    names = root_modules(lambda: True)
    assert "sys" in names
    assert "zz_a" not in names
    assert "zz_a" in root_modules()


def test_what_was_read_in_part_is_not_remembered(tmp_path: Path) -> None:
    make(tmp_path, *(f"a{number}/__init__.py" for number in range(20)))
    answers = iter([False] * 8)
    known = ModulesOnPath()
    list(known.named([str(tmp_path)], lambda: next(answers, True)))
    assert len(found(tmp_path, known)) == 20


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules_on_path, "MOST_PLACES", 2)
    known = ModulesOnPath()
    for number in range(5):
        make(tmp_path / str(number), "a.py")
        found(tmp_path / str(number), known)
    assert len(known._known) == 2
    assert known._count == 2


# -- slow folders ----------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every folder count as slow."""
    monkeypatch.setattr(modules_on_path, "SLOW", -1.0)
    monkeypatch.setattr(modules_on_path, "FAR", -1.0)


def test_what_a_slow_folder_holds_is_kept_for_the_next_session(
    tmp_path: Path, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.py", "b/__init__.py")
    stored: dict[str, Any] = {}
    first = list(ModulesOnPath().named([str(tmp_path)], never, lambda: stored))
    monkeypatch.setattr(os, "scandir", lambda *_: pytest.fail("it is read again"))
    assert list(ModulesOnPath().named([str(tmp_path)], never, lambda: stored)) == first


def test_not_if_it_has_changed(tmp_path: Path, slow: None) -> None:
    make(tmp_path, "a.py")
    os.utime(tmp_path, (1, 1))
    stored: dict[str, Any] = {}
    list(ModulesOnPath().named([str(tmp_path)], never, lambda: stored))
    make(tmp_path, "b.py")
    assert [set(some) for some in ModulesOnPath().named([str(tmp_path)], never, lambda: stored)] == [
        {"a", "b"}
    ]


def test_nor_for_ever(tmp_path: Path, slow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.py")
    stored: dict[str, Any] = {}
    list(ModulesOnPath().named([str(tmp_path)], never, lambda: stored))
    later = time.time() + 8 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    (tmp_path / "a.py").unlink()
    os.utime(tmp_path, ns=(0, stored["completion/modules"][str(tmp_path)][0][0]))
    assert [set(some) for some in ModulesOnPath().named([str(tmp_path)], never, lambda: stored)] == [set()]


@pytest.mark.parametrize("kept", [None, 1, {"x": 1}, {"here": 5}, {"here": ((1, 2), "x", [])}])
def test_what_cannot_be_used_is_read_again(tmp_path: Path, slow: None, kept: Any) -> None:
    make(tmp_path, "a.py")
    if type(kept) is dict and "here" in kept:
        kept = {str(tmp_path): kept["here"]}
    stored = {"completion/modules": kept}
    assert [set(some) for some in ModulesOnPath().named([str(tmp_path)], never, lambda: stored)] == [{"a"}]


def test_a_store_that_fails_is_borne(tmp_path: Path, slow: None) -> None:
    class Full(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            raise OSError("no space left")

    make(tmp_path, "a.py")
    assert [set(some) for some in ModulesOnPath().named([str(tmp_path)], never, Full)] == [{"a"}]


def test_slow_folders_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far, near = make(tmp_path / "far", "a.py"), make(tmp_path / "near", "b.py")
    known = ModulesOnPath()
    monkeypatch.setattr(modules_on_path, "SLOW", -1.0)
    list(known.named([str(far)], never))
    monkeypatch.setattr(modules_on_path, "SLOW", 100.0)
    assert [set(some) for some in known.named([str(far), str(near)], never)] == [{"b"}, {"a"}]


def test_quick_folders_are_not_stored(tmp_path: Path) -> None:
    make(tmp_path, "a.py")
    stored: dict[str, Any] = {}
    list(ModulesOnPath().named([str(tmp_path)], never, lambda: stored))
    assert not stored


def test_threads_search_at_the_same_time(here: Path) -> None:
    make(here, *(f"zz_{number}/__init__.py" for number in range(50)))
    results: list[set[str]] = []
    threads = [threading.Thread(target=lambda: results.append(set(root_modules()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 8
    assert all({f"zz_{number}" for number in range(50)} <= names for names in results)
