from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from ipcore.configuration.directories import find_directories, private_directory, system_config_dirs
from ipcore.errors import UserError

MAC = "/Users/ann"
MAC_APP = f"{MAC}/Library/Application Support/ipshell"
WIN = "C:\\Users\\ann"
ROAMING = {"APPDATA": f"{WIN}\\AppData\\Roaming", "LOCALAPPDATA": f"{WIN}\\AppData\\Local"}

#: platform, environment, home → configuration, state, cache
PLACES = [
    (
        "linux",
        {},
        "/home/ann",
        "/home/ann/.config/ipshell",
        "/home/ann/.local/state/ipshell",
        "/home/ann/.cache/ipshell",
    ),
    (
        "freebsd14",
        {},
        "/home/ann",
        "/home/ann/.config/ipshell",
        "/home/ann/.local/state/ipshell",
        "/home/ann/.cache/ipshell",
    ),
    (
        "linux",
        {"XDG_CONFIG_HOME": "/x/c", "XDG_STATE_HOME": "/x/s", "XDG_CACHE_HOME": "/x/k"},
        "/home/ann",
        "/x/c/ipshell",
        "/x/s/ipshell",
        "/x/k/ipshell",
    ),
    (
        "linux",
        {"XDG_CONFIG_HOME": ""},
        "/h",
        "/h/.config/ipshell",
        "/h/.local/state/ipshell",
        "/h/.cache/ipshell",
    ),
    ("linux", {"IPSHELL_HOME": "/r", "XDG_CONFIG_HOME": "/x"}, "/h", "/r", "/r/state", "/r/cache"),
    ("linux", {"IPSHELL_HOME": "~/shell"}, "/h", "/h/shell", "/h/shell/state", "/h/shell/cache"),
    ("darwin", {}, MAC, MAC_APP, f"{MAC_APP}/state", f"{MAC}/Library/Caches/ipshell"),
    ("darwin", {"XDG_CONFIG_HOME": "/x"}, MAC, MAC_APP, f"{MAC_APP}/state", f"{MAC}/Library/Caches/ipshell"),
    ("darwin", {"IPSHELL_HOME": "/r"}, MAC, "/r", "/r/state", "/r/cache"),
    (
        "win32",
        ROAMING,
        WIN,
        f"{WIN}\\AppData\\Roaming\\ipshell",
        f"{WIN}\\AppData\\Local\\ipshell\\state",
        f"{WIN}\\AppData\\Local\\ipshell\\cache",
    ),
    (
        "win32",
        {},
        WIN,
        f"{WIN}\\AppData\\Roaming\\ipshell",
        f"{WIN}\\AppData\\Local\\ipshell\\state",
        f"{WIN}\\AppData\\Local\\ipshell\\cache",
    ),
    ("win32", {"IPSHELL_HOME": "D:\\sh"}, WIN, "D:\\sh", "D:\\sh\\state", "D:\\sh\\cache"),
    (
        "win32",
        {"IPSHELL_HOME": "\\\\box\\share\\sh"},
        WIN,
        "\\\\box\\share\\sh",
        "\\\\box\\share\\sh\\state",
        "\\\\box\\share\\sh\\cache",
    ),
]


@pytest.mark.parametrize(("platform", "environ", "user", "config", "state", "cache"), PLACES)
def test_each_platform_and_environment_has_its_places(
    platform: str, environ: dict[str, str], user: str, config: str, state: str, cache: str
) -> None:
    found = find_directories(environ, platform, user)
    assert [str(path) for path in found] == [config, state, cache]


@pytest.mark.parametrize(
    ("platform", "environ", "user", "config"),
    [
        ("linux", {"XDG_CONFIG_HOME": "conf"}, "/h", "/h/.config/ipshell"),
        ("linux", {"IPSHELL_HOME": "./here"}, "/h", "/h/.config/ipshell"),
        ("linux", {"IPSHELL_HOME": "."}, "/h", "/h/.config/ipshell"),
        ("win32", {"APPDATA": "here"}, WIN, f"{WIN}\\AppData\\Roaming\\ipshell"),
        ("win32", {"APPDATA": "\\no\\drive"}, WIN, f"{WIN}\\AppData\\Roaming\\ipshell"),
        ("win32", {"IPSHELL_HOME": "C:here"}, WIN, f"{WIN}\\AppData\\Roaming\\ipshell"),
    ],
)
def test_a_relative_path_is_refused_with_a_notice(
    platform: str, environ: dict[str, str], user: str, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert str(find_directories(environ, platform, user).config) == config
    [(variable, value)] = environ.items()
    assert f"{variable}={value} is a relative path and was ignored" in capsys.readouterr().err


@pytest.mark.parametrize(("platform", "user"), [("linux", ""), ("linux", "~"), ("win32", ""), ("darwin", "")])
def test_without_a_home_nothing_can_be_read_or_written(
    platform: str, user: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = find_directories({}, platform, user)
    assert "set IPSHELL_HOME" in capsys.readouterr().err
    for path in found:
        assert str(path).startswith(("/dev/null", "\\\\.\\NUL"))
    if platform == sys.platform:
        assert not found.config.exists()
        with pytest.raises(UserError, match="IPSHELL_HOME"):
            private_directory(found.state)


def test_a_root_is_enough_where_there_is_no_home(capsys: pytest.CaptureFixture[str]) -> None:
    assert str(find_directories({"IPSHELL_HOME": "/r"}, "linux", "").config) == "/r"
    assert capsys.readouterr().err == ""


def test_nothing_is_created_by_looking(tmp_path: Path) -> None:
    find_directories({"IPSHELL_HOME": str(tmp_path / "root")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("platform", "environ", "prefix", "expected"),
    [
        ("linux", {}, "/opt/env", ["/etc/ipshell", "/usr/local/etc/ipshell", "/opt/env/etc/ipshell"]),
        ("linux", {}, "/usr/local", ["/etc/ipshell", "/usr/local/etc/ipshell"]),
        ("darwin", {}, "/opt/env", ["/etc/ipshell", "/usr/local/etc/ipshell", "/opt/env/etc/ipshell"]),
        ("win32", {"PROGRAMDATA": "C:\\ProgramData"}, "C:\\Py", ["C:\\Py\\etc\\ipshell"]),
        (
            "win32",
            {"PROGRAMDATA": "C:\\ProgramData", "IPSHELL_USE_PROGRAMDATA": "1"},
            "C:\\Py",
            ["C:\\ProgramData\\ipshell", "C:\\Py\\etc\\ipshell"],
        ),
        ("win32", {"IPSHELL_USE_PROGRAMDATA": "1"}, "C:\\Py", ["C:\\Py\\etc\\ipshell"]),
    ],
)
def test_configuration_of_the_system_comes_from_fixed_places(
    platform: str, environ: dict[str, str], prefix: str, expected: list[str]
) -> None:
    assert [str(path) for path in system_config_dirs(environ, platform, prefix)] == expected


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_new_directories_are_for_their_owner_alone_and_old_ones_stay_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made = private_directory(tmp_path / "a" / "b")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, made.parent, made)] == [
        0o755,
        0o700,
        0o700,
    ]
    assert private_directory(made) == made


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(UserError, match="cannot be created"):
            private_directory(path)
