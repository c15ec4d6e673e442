"""Finding plugins in metadata: what is found, what is left out, and that nothing is imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.plugins.declared import Declared, normalized
from ipcore.plugins.discovery import Problem, fingerprint, scan, search_path
from ipcore.testing.distributions import FakeSite


def found(*folders: object) -> list[str]:
    return [
        f"{each.dist} {each.version} {each.key}"
        for each in scan([str(folder) for folder in folders]).declared
    ]


def problems(*folders: object) -> list[Problem]:
    return list(scan([str(folder) for folder in folders]).problems)


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    return FakeSite(tmp_path / "site")


# -- scan --------------------------------------------------------------------------


def test_entries_of_our_groups_are_found_with_all_that_is_known_of_them(site: FakeSite) -> None:
    site.install(
        "My-Plugins",
        "1.2",
        summary="plugins of mine",
        entry_points={
            "commands": {"hello": "mine.plugin", "bye": "mine.plugin:thing.part [extra]"},
            "parallel.launchers": {"slurm": "mine.sub : thing"},
        },
    )
    site.install("other", entry_points={"ipshell.config": {"Mine": "mine:Mine"}})
    assert set(scan([str(site)]).declared) == {
        Declared("commands", "hello", "mine.plugin", "My-Plugins", "1.2", "plugins of mine"),
        Declared("commands", "bye", "mine.plugin:thing.part", "My-Plugins", "1.2", "plugins of mine"),
        Declared("parallel.launchers", "slurm", "mine.sub : thing", "My-Plugins", "1.2", "plugins of mine"),
        Declared("config", "Mine", "mine:Mine", "other", "1.0", ""),
    }


def test_groups_of_others_are_left_out(site: FakeSite) -> None:
    info = site.install("mixed", entry_points={"commands": {"hello": "mixed"}})
    text = (info / "entry_points.txt").read_text(encoding="utf-8")
    (info / "entry_points.txt").write_text(
        f"[console_scripts]\nx = y:z\n{text}[ipshellish.x]\na = b\n", encoding="utf-8"
    )
    assert found(site) == ["mixed 1.0 hello"]


def test_a_distribution_earlier_on_the_path_hides_one_of_the_same_name(tmp_path: Path) -> None:
    first, second = FakeSite(tmp_path / "first"), FakeSite(tmp_path / "second")
    first.plugin("yak", "commands", "new", "", version="2.0")
    second.plugin("Yak", "commands", "old", "", version="1.0")
    assert found(first, second) == ["yak 2.0 new"]
    assert found(second, first) == ["Yak 1.0 old"]
    first.install("yak", "3.0")  # without plugins: it hides the other one all the same
    assert found(first, second) == []


def test_an_archive_hides_and_is_hidden_like_a_folder(tmp_path: Path) -> None:
    packed, folder = FakeSite(tmp_path / "packed"), FakeSite(tmp_path / "folder")
    packed.plugin("yak", "commands", "zipped", "")
    folder.plugin("yak", "commands", "plain", "", version="2.0")
    archive = packed.archive(tmp_path / "packed.zip")
    assert found(archive) == ["yak 1.0 zipped"]
    assert found(archive, folder) == ["yak 1.0 zipped"]
    assert found(folder, archive) == ["yak 2.0 plain"]
    packed.install("yak", "3.0")  # without plugins: it hides the other one all the same
    archive = packed.archive(tmp_path / "without.zip")
    assert found(archive, folder) == []
    assert found(folder, archive) == ["yak 2.0 plain"]


def test_an_egg_info_folder_is_read(site: FakeSite) -> None:
    egg = site.folder / "yak.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: yak\nVersion: 0.1\n", encoding="utf-8")
    (egg / "entry_points.txt").write_text("[ipshell.commands]\nhello = yak\n", encoding="utf-8")
    assert found(site) == ["yak 0.1 hello"]


def test_what_an_interrupted_pip_left_behind_is_left_out_and_named(site: FakeSite) -> None:
    info = site.plugin("yak", "commands", "hello", "")
    left = info.rename(info.with_name("~ak-1.0.dist-info"))
    assert found(site) == []
    assert problems(site) == [Problem(str(left), "left behind by an interrupted pip uninstall; remove it")]


def test_of_two_versions_in_one_folder_the_later_counts_and_it_is_told(site: FakeSite) -> None:
    old = site.plugin("yak", "commands", "old", "")
    kept = old.rename(site.folder / "kept")
    site.plugin("yak", "commands", "new", "", version="2.0")
    kept.rename(old)
    assert found(site) == ["yak 2.0 new"]
    assert problems(site) == [Problem(str(old), "yak is installed twice in one folder")]


def test_a_key_that_stands_there_twice_counts_once(site: FakeSite) -> None:
    info = site.plugin("yak", "commands", "hello", "")
    (info / "entry_points.txt").write_text("[ipshell.commands]\nhello = one\nhello = two\n", encoding="utf-8")
    (declared,) = scan([str(site)]).declared
    assert declared.value == "one"
    assert problems(site) == [
        Problem("yak 1.0", "[ipshell.commands] hello = two: the name stands there twice; the first counts")
    ]


@pytest.mark.parametrize("damage", ["no METADATA", "no Name", "binary", "a folder in its place", "bad value"])
def test_damaged_metadata_is_named_and_costs_the_others_nothing(site: FakeSite, damage: str) -> None:
    site.plugin("good", "commands", "good", "")
    info = site.plugin("bad", "commands", "bad", "")
    if damage == "no METADATA":
        (info / "METADATA").unlink()
    elif damage == "no Name":
        (info / "METADATA").write_text("Metadata-Version: 2.1\nVersion: 1\n", encoding="utf-8")
    elif damage == "binary":
        (info / "entry_points.txt").write_bytes(bytes(range(256)))
    elif damage == "a folder in its place":
        (info / "entry_points.txt").unlink()
        (info / "entry_points.txt").mkdir()
    else:
        (info / "entry_points.txt").write_text("[ipshell.commands]\nbad = os; rm\n", encoding="utf-8")
    assert found(site) == ["good 1.0 good"]
    # A folder is taken for a missing file by importlib_metadata, and a plugin without one has no entries.
    assert len(problems(site)) == (0 if damage == "a folder in its place" else 1)


@given(st.binary(max_size=200))
def test_whatever_stands_in_entry_points_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    site = FakeSite(tmp_path_factory.mktemp("site"))
    info = site.plugin("yak", "commands", "hello", "")
    (info / "entry_points.txt").write_bytes(b"[ipshell.commands]\n" + data)
    site.plugin("good", "commands", "good", "")
    assert "good 1.0 good" in found(site)


def test_a_finder_of_somebody_elses_that_fails_is_named(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @staticmethod
        def find_spec(*_: object) -> None:
            return None

        @staticmethod
        def find_distributions(*_: object) -> list[object]:
            raise RuntimeError("broken finder")

    site.plugin("yak", "commands", "hello", "")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Broken])
    assert found(site) == ["yak 1.0 hello"]
    assert problems(site) == [Problem(str(site), "RuntimeError: broken finder")]


def test_missing_folders_and_strange_files_on_the_path_do_no_harm(site: FakeSite, tmp_path: Path) -> None:
    site.plugin("yak", "commands", "hello", "")
    strange = tmp_path / "strange.zip"
    strange.write_bytes(b"no archive")
    assert found(tmp_path / "missing", strange, site) == ["yak 1.0 hello"]


# -- where -------------------------------------------------------------------------


def test_relative_entries_and_doubles_are_not_searched(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert search_path(["", ".", "lib", folder, folder]) == [folder]


def test_the_working_directory_that_python_put_first_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here, other = os.getcwd(), str(tmp_path / "other")
    monkeypatch.setattr(sys, "path", [here, other])
    assert search_path() == [other]
    monkeypatch.setattr(sys, "path", [here, other, here])  # it is there for another reason too
    assert search_path() == [other, here]


def test_a_working_directory_that_is_gone_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", gone)
    assert search_path([str(tmp_path)]) == [str(tmp_path)]


# -- fingerprint -------------------------------------------------------------------


def test_the_fingerprint_shows_every_change_of_what_is_installed(site: FakeSite, tmp_path: Path) -> None:
    marks = [fingerprint([str(site)])]

    def changed() -> bool:
        marks.append(fingerprint([str(site)]))
        return marks[-1] not in marks[:-1]

    site.plugin("yak", "commands", "hello", "")
    assert changed()
    site.plugin("yak", "commands", "hello", "", version="2.0")
    assert changed()
    site.plugin("zebra", "commands", "hello", "")
    assert changed()
    site.uninstall("yak")
    assert changed()
    assert fingerprint([str(site)]) == marks[-1]


def test_the_fingerprint_shows_metadata_that_is_rewritten_in_place(site: FakeSite) -> None:
    egg = site.folder / "yak.egg-info"
    egg.mkdir()
    entries = egg / "entry_points.txt"
    entries.write_text("[ipshell.commands]\nhello = yak\n", encoding="utf-8")
    before, folder_time = fingerprint([str(site)]), egg.stat().st_mtime_ns
    entries.write_text("[ipshell.commands]\nhello = yak\nbye = yak\n", encoding="utf-8")
    assert egg.stat().st_mtime_ns == folder_time
    assert fingerprint([str(site)]) != before


def test_the_fingerprint_shows_a_changed_archive(site: FakeSite, tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    before = fingerprint([str(file)])
    site.plugin("yak", "commands", "hello", "")
    site.archive(file)
    first = fingerprint([str(file)])
    site.plugin("zebra", "commands", "hello", "")
    site.archive(file)
    assert len({before, first, fingerprint([str(file)])}) == 3


def test_the_fingerprint_does_not_change_with_files_that_are_no_metadata(site: FakeSite) -> None:
    site.plugin("yak", "commands", "hello", "")
    before = fingerprint([str(site)])
    (site.folder / "notes.txt").write_text("x", encoding="utf-8")
    assert fingerprint([str(site)]) == before


# -- names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("hello", True),
        ("commands/hello", True),
        ("prompts/hello", False),
        ("my-dist", True),
        ("My_Dist", True),
        ("my.dist[hello]", True),
        ("my-dist[bye]", False),
        ("my-dist[hello", False),
        ("", False),
        ("hell", False),
    ],
)
def test_which_names_mean_a_plugin(name: str, means: bool) -> None:
    assert Declared("commands", "hello", "m", "My-Dist", "1").matches(name) is means


def test_names_of_distributions_are_compared_as_indexes_do() -> None:
    assert {normalized(name) for name in ("A.B", "a-b", "a__b", "A-_.b")} == {"a-b"}
