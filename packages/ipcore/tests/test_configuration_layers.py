from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from traitlets import Dict, Int, List, Unicode
from traitlets.config.loader import Config, DeferredConfigString

from ipcore.component import Component
from ipcore.configuration.directories import Directories, find_directories
from ipcore.configuration.layers import Configuration, error_policy
from ipcore.configuration.origins import Origin, TracedConfig, origin_of
from ipcore.configuration.profiles import create_profile, find_profile
from ipcore.errors import UsageError, UserError


class Clock(Component):
    """Shows the time."""

    zone = Unicode("default").tag(config=True)
    size = Int(1).tag(config=True)
    names = List(Unicode(), ["d"]).tag(config=True)
    table = Dict().tag(config=True)


class BigClock(Clock):
    """Shows the time, large."""


class World:
    """Layers on disk, and what comes of them."""

    def __init__(self, root: Path, directories: Directories) -> None:
        self.directories = directories
        self.profile = find_profile(directories)
        self.system = [root / "etc", root / "prefix"]

    def write(self, where: str, text: str, name: str = "ipshell_config.py") -> Path:
        folder = {"etc": self.system[0], "prefix": self.system[1], "profile": self.profile.config_dir}[where]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    def load(self, *extra: str | Path, line: Config | None = None, **options: Any) -> Configuration:
        return Configuration.load(
            self.profile, self.directories, extra, line, system_dirs=self.system, **options
        )


@pytest.fixture
def world(home: Path, tmp_path: Path) -> World:
    return World(tmp_path, find_directories())


def options(**values: Any) -> Config:
    config = Config()
    config.Clock.update(values)
    return config


def test_each_layer_overrides_those_below(world: World, tmp_path: Path) -> None:
    extra = tmp_path / "extra.py"
    extra.write_text("c.Clock.zone = 'extra'\n")
    later = tmp_path / "later.json"
    later.write_text('{"Clock": {"zone": "later"}}')
    steps: list[tuple[str, Any]] = [
        ("default", lambda: world.load()),
        ("etc", lambda: world.write("etc", "c.Clock.zone = 'etc'") and world.load()),
        ("prefix", lambda: world.write("prefix", "c.Clock.zone = 'prefix'") and world.load()),
        ("python", lambda: world.write("profile", "c.Clock.zone = 'python'") and world.load()),
        (
            "json",
            lambda: (
                world.write("profile", '{"Clock": {"zone": "json"}}', "ipshell_config.json") and world.load()
            ),
        ),
        ("extra", lambda: world.load(extra)),
        ("later", lambda: world.load(extra, later)),
        ("line", lambda: world.load(extra, later, line=options(zone="line"))),
    ]
    for expected, load in steps:
        assert Clock(config=load().config).zone == expected


def test_every_place_that_sets_an_option_is_known_in_order(world: World, tmp_path: Path) -> None:
    etc = world.write("etc", "\nc.Clock.zone = 'etc'\n")
    own = world.write("profile", "c.Clock.zone = 'own'\n")
    configuration = world.load(
        line=options(zone=DeferredConfigString("line")), command_line_origins={"Clock.zone": "--zone=line"}
    )
    assert [str(s.origin) for s in configuration.history("Clock", "zone")] == [
        f"{etc}:2",
        f"{own}:1",
        "command line: --zone=line",
    ]
    assert configuration.origin("Clock", "zone") == Origin("", 0, "--zone=line")
    assert origin_of(configuration.config, "Clock", "zone") == Origin("", 0, "--zone=line")
    assert configuration.origin("Clock", "size") is None
    assert configuration.read == [etc, own]
    assert not configuration.empty


def test_additions_of_several_layers_are_joined(world: World) -> None:
    world.write("etc", "c.Clock.names.append('etc')\nc.Clock.table['a'] = 1\n")
    world.write("prefix", "c.Clock.names.prepend(['prefix'])\n")
    world.write("profile", "c.Clock.names.append('own')\nc.Clock.table['b'] = 2\n")
    config = world.load().config
    for _ in range(2):  # a second component gets the same, not the additions twice
        clock = Clock(config=config)
        assert clock.names == ["prefix", "d", "etc", "own"]
        assert clock.table == {"a": 1, "b": 2}


def test_an_addition_goes_on_top_of_a_list_set_below(world: World) -> None:
    world.write("etc", "c.Clock.names.append('lost')\n")
    world.write("prefix", "c.Clock.names = ['set']\n")
    world.write("profile", "c.Clock.names.append('own')\n")
    assert Clock(config=world.load().config).names == ["set", "own"]


def test_additions_for_a_class_and_its_base_do_not_multiply(world: World) -> None:
    world.write("profile", "c.Clock.names.append('base')\nc.BigClock.names.append('big')\n")
    config = world.load().config
    for _ in range(3):
        assert BigClock(config=config).names == ["d", "base", "big"]
        assert Clock(config=config).names == ["d", "base"]


def test_a_component_may_change_its_list_without_changing_the_configuration(world: World) -> None:
    world.write("profile", "c.Clock.names = ['a']\n")
    configuration = world.load()
    Clock(config=configuration.config).names.append("mine")
    assert Clock(config=configuration.config).names == ["a"]
    world.write("profile", "c.Clock.table = {'k': [1]}\n")
    configuration = world.load()
    Clock(config=configuration.config).table["k"].append(2)
    assert Clock(config=configuration.config).table == {"k": [1]}


def test_without_files_and_options_nothing_is_set(world: World) -> None:
    configuration = world.load()
    assert configuration.empty
    assert configuration.config == {}
    assert configuration.read == []
    assert len(configuration.missing) == 6
    assert configuration.history("Clock", "zone") == []
    assert configuration.origin("Clock", "zone") is None


def test_a_new_profile_is_read_and_sets_nothing(world: World) -> None:
    create_profile(world.profile)
    configuration = world.load()
    assert configuration.read == [world.profile.python_config]
    assert configuration.empty
    assert configuration.errors == []


@pytest.mark.parametrize("first", ["", "c.Clock.zone = 'x'"], ids=["new profile", "option"])
def test_what_reads_files_is_imported_only_for_files_that_say_something(world: World, first: str) -> None:
    create_profile(world.profile)
    with world.profile.python_config.open("a", encoding="utf-8") as file:
        file.write(first)
    code = """if 1:
        import sys
        before = set(sys.modules)
        from ipcore.configuration.directories import find_directories
        from ipcore.configuration.layers import Configuration
        from ipcore.configuration.profiles import find_profile
        directories = find_directories()
        Configuration.load(find_profile(directories), directories)
        heavy = {"asyncio", "sqlite3", "subprocess", "tempfile", "difflib", "hashlib", "shlex", "email"}
        print("ipcore.configuration.files" in sys.modules, sorted(heavy & set(sys.modules) - before))
        """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == f"{bool(first)} []"


def test_files_can_be_left_out_and_are_named_then(world: World, tmp_path: Path) -> None:
    own = world.write("profile", "c.Clock.zone = 'own'\n")
    extra = tmp_path / "extra.py"
    extra.write_text("c.Clock.size = 5\n")
    configuration = world.load(extra, use_files=False)
    clock = Clock(config=configuration.config)
    assert (clock.zone, clock.size) == ("default", 5)
    assert configuration.read == [extra]
    assert [path for path, reason in configuration.ignored if "--quick" in reason] == [own]


def test_nothing_is_read_from_the_working_directory(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    for folder in (place, place / "profile_default"):
        folder.mkdir()
        (folder / "ipshell_config.py").write_text("c.Clock.zone = 'trap'\n")
    monkeypatch.chdir(place)
    assert world.load().empty


def test_an_extra_file_that_is_missing_stops_the_program(world: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--config: there is no file"):
        world.load(tmp_path / "none.py")


def test_an_extra_file_may_be_relative(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "extra.py").write_text("c.Clock.zone = 'extra'\n")
    monkeypatch.chdir(tmp_path)
    configuration = world.load("extra.py")
    assert configuration.read == [tmp_path / "extra.py"]
    assert configuration.origin("Clock", "zone") == Origin(str(tmp_path / "extra.py"), 1)


def test_another_profile_can_be_included_by_name(world: World, home: Path) -> None:
    other = find_profile(world.directories, "base")
    other.config_dir.mkdir(parents=True)
    other.python_config.write_text("c.Clock.zone = 'base'\n")
    world.write("profile", "load_subconfig('ipshell_config.py', profile='base')\n")
    configuration = world.load()
    assert Clock(config=configuration.config).zone == "base"
    assert configuration.read == [world.profile.python_config, other.python_config]


def test_an_error_costs_its_file_alone_and_is_told_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write("etc", "c.Clock.zone = 'etc'\n")
    broken = world.write("prefix", "c.Clock.zone = = 1\n")
    world.write("profile", '{"Clock": {"size": 7}}', "ipshell_config.json")
    for _ in range(2):
        configuration = world.load()
        clock = Clock(config=configuration.config)
        assert (clock.zone, clock.size) == ("etc", 7)
        assert len(configuration.errors) == 1
    told = capsys.readouterr().err
    assert told == f"ipshell: {broken}:1: SyntaxError: invalid syntax; nothing of this file was used\n"


def test_a_file_that_cannot_be_read_counts_as_ignored(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.profile.python_config.mkdir(parents=True)
    configuration = world.load()
    assert configuration.read == []
    assert [path for path, _ in configuration.ignored] == [world.profile.python_config]
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights on Windows")
def test_a_link_to_nowhere_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.profile.config_dir.mkdir(parents=True)
    world.profile.python_config.symlink_to("nowhere.py")
    world.load()
    assert "ipshell_config.py: cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "shows", "details"), [("", True, True), ("1", True, False)], ids=["unset", "1"]
)
def test_by_default_an_error_is_a_notice_with_details_on_request(
    world: World, capsys: pytest.CaptureFixture[str], value: str, shows: bool, details: bool
) -> None:
    from ipcore.notices import show_details

    world.write("profile", "1 / 0\n")
    show_details(True)
    try:
        world.load(environ={"IPSHELL_SUPPRESS_CONFIG_ERRORS": value})
    finally:
        show_details(False)
    told = capsys.readouterr().err
    assert ("ipshell_config.py:1: ZeroDivisionError" in told) is shows
    assert ("Traceback" in told) is details


def test_errors_can_be_made_to_stop_the_program(world: World) -> None:
    world.write("profile", "1 / 0\n")
    with pytest.raises(
        UserError, match=r"ipshell_config.py:1: ZeroDivisionError.*IPSHELL_SUPPRESS_CONFIG_ERRORS"
    ) as caught:
        world.load(environ={"IPSHELL_SUPPRESS_CONFIG_ERRORS": "0"})
    assert caught.value.status == 1


def test_another_value_of_the_variable_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="IPSHELL_SUPPRESS_CONFIG_ERRORS=maybe"):
        error_policy({"IPSHELL_SUPPRESS_CONFIG_ERRORS": "maybe"})
    with pytest.raises(UsageError):
        world.load(environ={"IPSHELL_SUPPRESS_CONFIG_ERRORS": "maybe"})


def test_origins_stay_with_copies_of_the_configuration(world: World) -> None:
    own = world.write("profile", "c.Clock.zone = 'own'\nc.Clock.names.append('x')\n")
    config = world.load().config
    for copied in (copy.deepcopy(config), config.copy(), copy.copy(config)):
        assert isinstance(copied, TracedConfig)
        assert origin_of(copied, "Clock", "zone") == Origin(str(own), 1)
        assert Clock(config=copied).names == ["d", "x"]
    clock = Clock(config=config)
    clock.update_config(Config(Clock=Config(size=9)))
    assert (clock.size, clock.zone) == (9, "own")
    assert origin_of(clock.config, "Clock", "zone") == Origin(str(own), 1)
    assert origin_of(Config(), "Clock", "zone") is None


def test_options_of_the_command_line_have_the_text_that_was_typed(world: World) -> None:
    line = Config()
    line.TerminalIPythonApp.exec_lines = ["1"]
    line.Clock.size = 3
    configuration = world.load(
        line=line, command_line_origins={"TerminalIPythonApp.exec_lines": "--TerminalIPythonApp.exec_lines=1"}
    )
    assert (
        str(configuration.origin("IPShellApp", "exec_lines"))
        == "command line: --TerminalIPythonApp.exec_lines=1"
    )
    assert configuration.history("TerminalIPythonApp", "exec_lines") == configuration.history(
        "IPShellApp", "exec_lines"
    )
    assert str(configuration.origin("Clock", "size")) == "command line"
