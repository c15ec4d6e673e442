"""What folders hold is remembered until they change."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ipcompleters import folders
from ipcompleters.folders import LINK, Folders


def names(known: Folders, folder: Path, prefix: str = "") -> list[str]:
    return sorted(name for some in known.names(str(folder), lambda: False, prefix) for name in some)


def make_old(folder: Path, ago: float = 3600) -> None:
    state = folder.stat()
    os.utime(folder, (state.st_atime, state.st_mtime - ago))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "sub").mkdir(parents=True)
    for name in ("one.txt", "two.txt", ".hidden"):
        (made / name).touch()
    make_old(made)
    return made


def test_folders_are_marked(folder: Path) -> None:
    assert names(Folders(), folder) == [".hidden", "one.txt", "sub/", "two.txt"]


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights there")
def test_of_a_link_the_target_is_not_looked_at(folder: Path) -> None:
    (folder / "link").symlink_to("nowhere")
    assert f"link{LINK}" in names(Folders(), folder)


def test_a_folder_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Folders()
    first = names(known, folder)
    monkeypatch.setattr(os, "scandir", lambda *_: pytest.fail("it is read again"))
    assert names(known, folder) == first
    assert names(known, folder, "o") == ["one.txt"]
    assert names(known, folder, "two.txt") == ["two.txt"]
    assert names(known, folder, "x") == []


def test_a_folder_that_changed_is_read_again(folder: Path) -> None:
    known = Folders()
    names(known, folder)
    (folder / "three.txt").touch()
    assert "three.txt" in names(known, folder)
    (folder / "one.txt").unlink()
    assert "one.txt" not in names(known, folder)


def test_a_change_right_after_another_is_seen(folder: Path) -> None:
    """Both may bear the same time."""
    known = Folders()
    os.utime(folder)
    names(known, folder)
    now = folder.stat()
    (folder / "three.txt").touch()
    os.utime(folder, ns=(now.st_atime_ns, now.st_mtime_ns))
    assert "three.txt" in names(known, folder)


@pytest.mark.parametrize("name", ["nothing", "one.txt", "nul\0l"])
def test_what_is_no_folder_is_empty(folder: Path, name: str) -> None:
    assert list(Folders().names(f"{folder}/{name}", lambda: False)) == []


def test_reading_stops_when_nobody_wants_it_any_more(tmp_path: Path) -> None:
    for number in range(folders._CHUNK + 1):
        (tmp_path / f"{number}").touch()
    make_old(tmp_path)
    known = Folders()
    assert sum(map(len, known.names(str(tmp_path), lambda: True))) == folders._CHUNK
    assert len(names(known, tmp_path)) == folders._CHUNK + 1


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_FOLDERS", 3)
    monkeypatch.setattr(folders, "MOST_NAMES", 10)
    known = Folders()
    for number in range(6):
        made = tmp_path / str(number)
        made.mkdir()
        for name in "abcd":
            (made / name).touch()
        make_old(made)
        assert names(known, made) == list("abcd")
    assert len(known._known) == 2
    assert known._count == 8
    large = tmp_path / "large"
    large.mkdir()
    for number in range(6):
        (large / str(number)).touch()
    make_old(large)
    assert len(names(known, large)) == 6
    assert str(large) not in known._known


def test_threads_read_the_same_folder(folder: Path) -> None:
    known, found = Folders(), []
    threads = [threading.Thread(target=lambda: found.append(names(known, folder, "t"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [["two.txt"]] * 8
