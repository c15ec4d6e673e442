"""The cache of what was found: when it is used, when it is not, and that it never stands in the way."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ipcore.plugins import cache
from ipcore.plugins.cache import Source, find
from ipcore.plugins.discovery import Found, scan
from ipcore.testing.distributions import FakeSite


class Search:
    """A search that counts how often it is made."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, paths: Sequence[str]) -> Found:
        self.count += 1
        return scan(paths)


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    made = FakeSite(tmp_path / "site")
    made.plugin("yak", "commands", "hello", "")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def look(site: FakeSite, folder: Path | None, search: Search) -> tuple[list[str], Source]:
    found, source = find([str(site)], folder, searching=search)
    return [f"{each.dist} {each.version}" for each in found.declared], source


def the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_the_second_look_does_not_search(site: FakeSite, folder: Path) -> None:
    search = Search()
    assert look(site, folder, search) == (["yak 1.0"], Source(str(the_file(folder)), "no cache yet"))
    assert look(site, folder, search) == (["yak 1.0"], Source(str(the_file(folder))))
    assert search.count == 1


def test_problems_are_remembered_too(site: FakeSite, folder: Path) -> None:
    (site.folder / "yak-1.0.dist-info" / "METADATA").unlink()
    first, _ = find([str(site)], folder)
    second, source = find([str(site)], folder)
    assert not source.doubt
    assert len(second.problems) == 1
    assert second == first


def test_without_a_folder_nothing_is_kept(site: FakeSite, tmp_path: Path) -> None:
    search = Search()
    for _ in range(2):
        assert look(site, None, search)[0] == ["yak 1.0"]
    assert search.count == 2
    assert os.listdir(tmp_path) == ["site"]


@pytest.mark.parametrize("value", ["0", "false", "No", " off "])
def test_the_environment_switches_it_off(value: str) -> None:
    assert not cache.enabled({"IPSHELL_PLUGIN_CACHE": value})
    assert cache.enabled({})
    assert cache.enabled({"IPSHELL_PLUGIN_CACHE": "1"})


def test_an_upgrade_and_an_uninstall_are_noticed(site: FakeSite, folder: Path) -> None:
    search = Search()
    look(site, folder, search)
    site.plugin("yak", "commands", "hello", "", version="2.0")
    assert look(site, folder, search)[0] == ["yak 2.0"]
    site.uninstall("yak")
    names, source = look(site, folder, search)
    assert (names, source.doubt) == ([], "installed distributions changed")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b"[" * 100_000,
        b'{"key": 1, "mark": 2}',
    ],
)
def test_a_damaged_file_is_replaced(site: FakeSite, folder: Path, data: bytes) -> None:
    search = Search()
    look(site, folder, search)
    the_file(folder).write_bytes(data)
    names, source = look(site, folder, search)
    assert names == ["yak 1.0"]
    assert source.doubt in ("the cache is damaged", "installed distributions changed")
    assert look(site, folder, search)[1].doubt == ""


@pytest.mark.parametrize(
    ("field", "rows"),
    [
        ("declared", [["commands", "hello"]]),
        ("declared", [["commands", "hello", "m", "yak", 1, ""]]),
        ("declared", [["a"] * 7]),
        ("declared", 7),
        ("problems", [["a", 1]]),
        ("problems", [["a"]]),
    ],
)
def test_rows_of_another_shape_are_not_believed(
    site: FakeSite, folder: Path, field: str, rows: object
) -> None:
    search = Search()
    look(site, folder, search)
    data: dict[str, Any] = json.loads(the_file(folder).read_text(encoding="utf-8"))
    data[field] = rows
    the_file(folder).write_text(json.dumps(data), encoding="utf-8")
    assert look(site, folder, search) == (["yak 1.0"], Source(str(the_file(folder)), "the cache is damaged"))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no numeric owner")
def test_a_file_of_another_user_is_not_believed(
    site: FakeSite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search()
    look(site, folder, search)
    if os.geteuid() == 0:
        os.chown(the_file(folder), 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    names, source = look(site, folder, search)
    assert (names, source.doubt, search.count) == (["yak 1.0"], "the cache belongs to another user", 2)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_a_file_that_others_may_write_to_is_not_believed(site: FakeSite, folder: Path) -> None:
    search = Search()
    look(site, folder, search)
    the_file(folder).chmod(0o660)
    assert look(site, folder, search)[1].doubt == "others may write to the cache"
    assert look(site, folder, search)[1].doubt == ""
    assert the_file(folder).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_nothing_is_written_to_a_folder_that_others_may_write_to(site: FakeSite, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    names, source = look(site, folder, Search())
    assert (names, source.trouble) == (["yak 1.0"], f"others may write to its folder: {folder}")
    assert str(source).endswith(f"it cannot be written: {source.trouble}")
    assert not list(folder.iterdir())


def test_a_file_in_the_folders_place_is_no_error(site: FakeSite, folder: Path) -> None:
    folder.write_text("in the way", encoding="utf-8")
    names, source = look(site, folder, Search())
    assert names == ["yak 1.0"]
    assert str(folder) in source.trouble


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_no_error(site: FakeSite, folder: Path) -> None:
    folder.mkdir(mode=0o500)
    names, source = look(site, folder, Search())
    assert names == ["yak 1.0"]
    assert "Permission denied" in source.trouble


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_read_only_or_full_disk_is_no_error(
    site: FakeSite, folder: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code), str(folder))

    monkeypatch.setattr(os, "open", refuse)
    names, source = look(site, folder, Search())
    assert (names, source.trouble) == (["yak 1.0"], f"{os.strerror(code)}: {folder}")


def test_a_disk_that_fills_up_leaves_no_partial_file(
    site: FakeSite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(json, "dump", refuse)
    assert look(site, folder, Search())[1].trouble.startswith(os.strerror(errno.ENOSPC))
    assert not list(folder.iterdir())


def test_each_search_path_has_a_file_and_there_are_not_ever_more(
    site: FakeSite, folder: Path, tmp_path: Path
) -> None:
    for number in range(30):
        find([str(site), str(tmp_path / str(number))], folder)
    assert len(list(folder.iterdir())) == 24
    _, source = find([str(site), str(tmp_path / "29")], folder)
    assert source.doubt == ""


def test_other_files_in_the_folder_are_left_alone(site: FakeSite, folder: Path, tmp_path: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "another.json").write_text("mine", encoding="utf-8")
    for number in range(30):
        find([str(site), str(tmp_path / str(number))], folder)
    assert (folder / "another.json").read_text(encoding="utf-8") == "mine"
