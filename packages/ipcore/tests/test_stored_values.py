"""shell.db: values kept in the profile between sessions."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.shell import InteractiveShell
from ipcore.stored_values import LONGEST_NAME, MOST_CACHED, StoredOnDisk, _file_name, _key

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def db(tmp_path: Path) -> StoredOnDisk:
    return StoredOnDisk(tmp_path / "db")


def only_file(db: StoredOnDisk) -> Path:
    files = list(db.root.glob("v-*.pickle"))
    assert len(files) == 1
    return files[0]


def test_a_value_lives_on_into_the_next_session(ipcore: Run, home: Path) -> None:
    first = ipcore("-c", "ip = get_ipython(); ip.db['my/key'] = {'a': [1, 2]}; ip.db['other'] = 3")
    assert first.stderr == ""
    again = ipcore("-c", "ip = get_ipython(); print(ip.db['my/key'], list(ip.db), ip.db.get('none', 5))")
    assert again.stdout == "{'a': [1, 2]} ['my/key', 'other'] 5\n"
    assert list((home / "state" / "profile_default" / "db").glob("*"))
    profile = ipcore("--profile=else", "-c", "print(len(get_ipython().db))")
    assert profile.stdout == "0\n"


def test_an_embedded_shell_has_the_values_too(home: Path, ipcore: Run) -> None:
    ipcore("-c", "get_ipython().db['key'] = 'value'")
    program = "from ipcore import embed\nembed()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="get_ipython().db['key']\nexit\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "'value'" in done.stdout


def test_a_shell_without_a_profile_keeps_values_for_its_life(shell: InteractiveShell) -> None:
    shell.db["key"] = [1]
    shell.db["key"].append(2)
    assert shell.db["key"] == [1], "what is got is a copy"
    with pytest.raises(ValueError, match="empty or too long"):
        shell.db[""] = 1


def test_it_is_a_mapping(db: StoredOnDisk) -> None:
    db.update(a=1, b=2)
    db["autorestore/x"] = 3
    assert dict(db) == {"a": 1, "b": 2, "autorestore/x": 3}
    assert db.keys() == ["a", "autorestore/x", "b"]
    assert db.keys("autorestore/*") == ["autorestore/x"]
    assert (db.pop("a"), db.setdefault("c", 4), len(db)) == (1, 4, 3)
    assert "b" in db
    assert "nowhere" not in db
    del db["b"]
    for access in (db.__getitem__, db.__delitem__):
        with pytest.raises(KeyError):
            access("b")
    db.clear()
    assert not db
    assert list(db.root.glob("*")) == []


def test_nothing_is_made_on_disk_until_a_value_is_set(db: StoredOnDisk) -> None:
    assert list(db) == []
    assert db.get("key") is None
    assert not db.root.exists()


@given(st.text(min_size=1, max_size=40))
def test_every_key_has_a_file_name_that_every_platform_takes(key: str) -> None:
    try:
        name = _file_name(key)
    except (ValueError, UnicodeEncodeError):  # too long, or half a surrogate pair
        return
    assert _key(name) == key
    assert name == name.lower()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-%.")


@pytest.mark.parametrize("key", ["", "x" * (LONGEST_NAME + 1), "Ä" * 100])
def test_a_key_that_has_none_is_refused(db: StoredOnDisk, key: str) -> None:
    with pytest.raises(ValueError, match="empty or too long"):
        db[key] = 1
    assert key not in db
    with pytest.raises(KeyError):
        db[key]


def test_keys_that_look_alike_are_two(db: StoredOnDisk) -> None:
    db["../key"], db["key"], db["KEY"] = 1, 2, 3
    assert (db["../key"], db["key"], db["KEY"]) == (1, 2, 3)
    assert {file.parent for file in db.root.rglob("*")} == {db.root}


def test_what_cannot_be_pickled_leaves_the_former_value(db: StoredOnDisk) -> None:
    db["key"] = 1
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        db["key"] = threading.Lock()
    assert db["key"] == 1
    assert len(list(db.root.iterdir())) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04", b"not a pickle", bytes(range(200)), pickle.dumps(5)[:-1]]
)
def test_a_damaged_value_is_told_in_one_line_and_put_aside(
    db: StoredOnDisk, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    db["key"] = 1
    only_file(db).write_bytes(content)
    assert db.get("key", "default") == "default"
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "'key'" in told
    aside = list(db.root.glob("*.corrupt"))
    assert [file.read_bytes() for file in aside] == [content]
    assert "key" not in db
    assert db.get("key") is None
    assert capsys.readouterr().err == ""
    db["key"] = 2
    assert db["key"] == 2


def test_a_value_of_a_class_that_is_gone_stays(
    db: StoredOnDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passing.py").write_text("class Value: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    import passing  # type: ignore[import-not-found]

    db["key"] = passing.Value()
    monkeypatch.delitem(sys.modules, "passing")
    (tmp_path / "passing.py").unlink()
    with pytest.raises(KeyError):
        db["key"]
    told = capsys.readouterr().err
    assert "passing" in told
    assert told.count("\n") == 1
    assert "key" in db


@pytest.mark.skipif(sys.platform == "win32", reason="there the folder of the user is what protects the file")
def test_a_file_that_others_could_have_written_is_not_unpickled(
    db: StoredOnDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Hostile:
        def __reduce__(self) -> Any:
            return open, (str(tmp_path / "was run"), "w")

    db["key"] = 1
    file = only_file(db)
    file.write_bytes(pickle.dumps(Hostile()))
    file.chmod(0o666)
    assert db.get("key") is None
    assert not (tmp_path / "was run").exists()
    assert "another user" in capsys.readouterr().err
    assert file.exists()


def test_files_are_for_their_owner_alone(db: StoredOnDisk) -> None:
    db["key"] = 1
    if sys.platform != "win32":
        assert only_file(db).stat().st_mode & 0o777 == 0o600
        assert db.root.stat().st_mode & 0o777 == 0o700


def test_what_another_process_stores_is_seen(db: StoredOnDisk) -> None:
    db["key"] = "first"
    assert db["key"] == "first"
    other = StoredOnDisk(db.root)
    other["key"] = "other"
    assert db["key"] == "other"
    del other["key"]
    assert "key" not in db
    with pytest.raises(KeyError):
        db["key"]


def test_readers_never_see_half_a_value_while_processes_write(db: StoredOnDisk) -> None:
    db["key"] = (0, b"")
    writer = (
        "import sys\nfrom pathlib import Path\nfrom ipcore.stored_values import StoredOnDisk\n"
        "db = StoredOnDisk(Path(sys.argv[1]))\n"
        "for n in range(200): db['key'] = (n, bytes([n % 256]) * 100_000)\nprint('written')"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", writer, str(db.root)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        reads = 0
        deadline = time.monotonic() + 60
        while any(each.poll() is None for each in writers):
            assert time.monotonic() < deadline
            number, data = db["key"]
            assert data == bytes([number % 256]) * len(data)
            reads += 1
        assert reads
        assert [each.wait() for each in writers] == [0, 0]
    finally:
        for each in writers:
            each.kill()
            each.wait()
            assert each.stdout is not None
            each.stdout.close()
    assert db["key"][0] == 199
    assert list(db.root.glob("*.new")) == []
    assert list(db.root.glob("*.corrupt")) == []


def test_what_a_killed_process_has_left_is_cleared_up(db: StoredOnDisk) -> None:
    db["key"] = 1
    old, fresh = db.root / "v-old.new", db.root / "v-fresh.new"
    for file in (old, fresh):
        file.write_bytes(b"half")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    again = StoredOnDisk(db.root)
    assert not old.exists()
    assert fresh.exists()
    assert list(again) == ["key"]


def test_memory_is_bounded_however_many_values_are_read(db: StoredOnDisk) -> None:
    for number in range(MOST_CACHED + 20):
        db[f"key{number}"] = number
    db["large"] = bytes(1_000_000)
    assert [db[f"key{number}"] for number in range(MOST_CACHED + 20)] == list(range(MOST_CACHED + 20))
    assert len(db["large"]) == 1_000_000
    assert len(db._cache) <= MOST_CACHED
    assert sum(len(data) for _, data in db._cache.values()) < 500_000


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    db = StoredOnDisk(tmp_path / "file" / "db")
    assert list(db) == []
    from ipcore.errors import UserError

    with pytest.raises(UserError, match="cannot be created"):
        db["key"] = 1
