from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from traitlets import Enum, Int, Unicode

from ipcore.component import Component
from ipcore.configuration.directories import Directories, find_directories
from ipcore.configuration.files import load_file
from ipcore.configuration.profiles import check_name, create_profile, find_profile, list_profiles
from ipcore.errors import UsageError, UserError


class Clock(Component):
    """Shows the time.

    :param zone: not for the file.
    """

    zone = Unicode("UTC", help="Whose time it is.").tag(config=True)
    format = Enum(["12", "24"], "24").tag(config=True)
    secret = Int(3)


@pytest.fixture
def directories(home: Path) -> Directories:
    return find_directories()


def everything_below(path: Path) -> list[Path]:
    return sorted(path.rglob("*"))


def test_a_profile_knows_its_places(directories: Directories, home: Path) -> None:
    profile = find_profile(directories, "work")
    assert profile.config_dir == home / "profile_work"
    assert profile.python_config == home / "profile_work" / "ipshell_config.py"
    assert profile.json_config == home / "profile_work" / "ipshell_config.json"
    assert profile.startup_dir == home / "profile_work" / "startup"
    assert profile.extensions_dir == home / "profile_work" / "extensions"
    assert profile.history_file == home / "state" / "profile_work" / "history.sqlite"
    assert profile.db_dir == home / "state" / "profile_work" / "db"
    assert profile.log_dir == home / "state" / "profile_work" / "log"


def test_looking_at_profiles_creates_nothing(directories: Directories, home: Path) -> None:
    profile = find_profile(directories, "work")
    assert not profile.exists
    assert list_profiles(directories) == []
    assert everything_below(home) == []


def test_a_directory_of_its_own_holds_all_of_a_profile(directories: Directories, tmp_path: Path) -> None:
    profile = find_profile(directories, "ignored", tmp_path / "profile_x")
    assert (profile.name, profile.config_dir, profile.state_dir) == (
        "x",
        tmp_path / "profile_x",
        tmp_path / "profile_x",
    )


def test_a_relative_profile_directory_is_made_absolute(
    directories: Directories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_profile(directories, profile_dir="mine").config_dir == tmp_path / "mine"


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "a\\b", "..", ".", "a:b", "x\n", "x\0", " a", 'a"b', "../default"]
)
def test_names_that_leave_the_directory_or_no_platform_can_have_are_refused(
    directories: Directories, name: str
) -> None:
    with pytest.raises(UsageError, match="name of a profile") as caught:
        find_profile(directories, name)
    assert caught.value.status == 2


@pytest.mark.parametrize("name", ["default", "work-2", "größe", "two words", "a.b"])
def test_ordinary_names_are_taken(name: str) -> None:
    assert check_name(name) == name


def test_creating_a_profile_writes_directories_configuration_and_readme(directories: Directories) -> None:
    profile = find_profile(directories, "work")
    written = create_profile(profile, classes=[Clock])
    assert written == [profile.python_config, profile.startup_dir / "README"]
    for folder in (profile.startup_dir, profile.extensions_dir, profile.db_dir, profile.log_dir):
        assert folder.is_dir()
    assert "order" in (profile.startup_dir / "README").read_text()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_directories_of_a_profile_are_private(directories: Directories, home: Path) -> None:
    create_profile(find_profile(directories, "work"), classes=[])
    for folder in filter(Path.is_dir, everything_below(home)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_the_generated_file_lists_every_option_and_sets_none(directories: Directories) -> None:
    profile = find_profile(directories, "work")
    create_profile(profile, classes=[Clock])
    text = profile.python_config.read_text(encoding="utf-8")
    assert "# c.Clock.zone = 'UTC'" in text
    assert "# Whose time it is." in text
    assert "# Takes one of '12', '24'." in text
    assert "Clock: Shows the time." in text
    assert ":param" not in text
    assert "secret" not in text
    loaded = load_file(profile.python_config)
    assert (loaded.settings, loaded.errors) == ([], [])
    live = text.replace("# c.Clock", "c.Clock")
    profile.python_config.write_text(live, encoding="utf-8")
    assert load_file(profile.python_config).config.Clock == {"zone": "UTC", "format": "24"}


def test_by_default_the_file_lists_the_options_of_the_core(directories: Directories) -> None:
    profile = find_profile(directories)
    create_profile(profile)
    text = profile.python_config.read_text(encoding="utf-8")
    assert "# c.InteractiveShell." in text
    assert "# c.Plugins.disable = []" in text


def test_existing_files_are_kept_unless_reset(directories: Directories) -> None:
    profile = find_profile(directories, "work")
    create_profile(profile, classes=[Clock])
    profile.python_config.write_text("c.Clock.zone = 'CET'\n")
    assert create_profile(profile, classes=[Clock]) == []
    assert profile.python_config.read_text() == "c.Clock.zone = 'CET'\n"
    assert profile.python_config in create_profile(profile, classes=[Clock], reset=True)
    assert "# c.Clock.zone = 'UTC'" in profile.python_config.read_text()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written_is_named(directories: Directories, home: Path) -> None:
    home.chmod(0o500)
    try:
        with pytest.raises(UserError, match="cannot be created: Permission denied"):
            create_profile(find_profile(directories, "work"), classes=[])
    finally:
        home.chmod(0o700)


def test_a_root_that_is_a_file_is_named(directories: Directories, home: Path) -> None:
    home.rmdir()
    home.write_text("")
    with pytest.raises(UserError, match="cannot be created"):
        create_profile(find_profile(directories, "work"), classes=[])
    assert list_profiles(directories) == []


def test_profiles_are_listed_by_name_with_those_that_have_only_a_state(
    directories: Directories, home: Path
) -> None:
    create_profile(find_profile(directories, "work"), classes=[])
    (home / "state" / "profile_art").mkdir(parents=True)
    (home / "profile_").mkdir()
    (home / "profile_file").write_text("")
    (home / "other").mkdir()
    assert [profile.name for profile in list_profiles(directories)] == ["art", "work"]
    assert all(profile.exists for profile in list_profiles(directories))
