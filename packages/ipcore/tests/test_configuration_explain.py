from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets import Enum, Int, List, Set, Unicode
from traitlets.config.loader import Config, DeferredConfigString

from ipcore.component import Component
from ipcore.configuration import sections
from ipcore.configuration.directories import find_directories
from ipcore.configuration.explain import describe_all, explain_text, paths_text, show
from ipcore.configuration.layers import Configuration
from ipcore.configuration.profiles import find_profile
from ipcore.errors import UserError


class Clock(Component):
    """Shows the time."""

    zone = Unicode("UTC", help="Whose time\nit is.").tag(config=True)
    size = Int(1).tag(config=True)
    face = Enum(["round", "square"], "round").tag(config=True)
    hands = List(Unicode(), ["long"]).tag(config=True)
    marks = Set({"twelve"}).tag(config=True)


class BigClock(Clock):
    """Shows the time, large."""

    weight = Int(5).tag(config=True)


@pytest.fixture(autouse=True)
def _clocks_belong_to_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Clock", "BigClock"):
        monkeypatch.setitem(sections.CORE, name, f"{__name__}:{name}")


@pytest.fixture
def load(home: Path) -> Any:
    directories = find_directories()
    profile = find_profile(directories)
    profile.config_dir.mkdir(parents=True)

    def load(text: str = "", in_json: str = "", **line: Any) -> Configuration:
        if text:
            profile.python_config.write_text(text)
        if in_json:
            profile.json_config.write_text(in_json)
        config = Config()
        for name, value in line.items():
            config.Clock[name] = value
        typed = {f"Clock.{name}": f"--Clock.{name}={value}" for name, value in line.items()}
        return Configuration.load(profile, directories, (), config, typed, system_dirs=[])

    return load


@pytest.fixture
def file(home: Path) -> Path:
    return home / "profile_default" / "ipshell_config.py"


# ---------------------------------------------------------------- explain


def test_an_option_that_nothing_sets_has_its_default(load: Any) -> None:
    assert explain_text(load(), "Clock.zone").splitlines() == [
        "Clock.zone = 'UTC'",
        "  type     a string",
        "  default  'UTC'",
        "  help     Whose time it is.",
        "  set      nowhere",
    ]


def test_every_place_is_shown_and_what_wins_is_marked(load: Any, file: Path) -> None:
    configuration = load(
        "c.Clock.face = 'round'\n\nc.Clock.face = 'square'\n",
        '{"Clock": {"face": "round"}}',
        face=DeferredConfigString("square"),
    )
    assert explain_text(configuration, "Clock.face").splitlines() == [
        "Clock.face = 'square'",
        "  type     one of 'round', 'square'",
        "  default  'round'",
        "  set at, the lowest precedence first; > marks what makes the value:",
        f"    {file}:1  = 'round'",
        f"    {file}:3  = 'square'",
        f"    {file.with_suffix('.json')}:1  = 'round'",
        "  > command line: --Clock.face=square  = 'square'",
    ]


def test_additions_are_shown_with_their_sum(load: Any, file: Path) -> None:
    configuration = load("c.Clock.hands.append('a')\nc.Clock.hands = ['b']\n", hands=Config())
    del configuration
    configuration = load("c.Clock.hands.insert(0, 'a')\nc.Clock.hands.extend(['b'])\n")
    assert explain_text(configuration, "Clock.hands").splitlines()[0] == "Clock.hands = ['a', 'long', 'b']"
    assert explain_text(configuration, "Clock.hands").splitlines()[-2:] == [
        f"  > {file}:1  .insert(0, 'a')",
        f"  > {file}:2  .extend(['b'])",
    ]


@pytest.mark.parametrize("name", ["Clock.zone", "c.Clock.zone", "--Clock.zone", "zone"])
def test_an_option_can_be_named_as_it_is_written_or_alone(
    load: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sections.CORE, "BigClock")
    assert explain_text(load(), name).startswith("Clock.zone = 'UTC'\n")


def test_a_name_that_several_sections_have_is_not_guessed(load: Any) -> None:
    with pytest.raises(UserError, match=r"several sections have an option zone: Clock\.zone, BigClock\.zone"):
        explain_text(load(), "zone")


def test_settings_for_a_base_class_and_a_nested_section_are_shown(load: Any, file: Path) -> None:
    configuration = load("c.BigClock.zone = 'big'\nc.Clock.zone = 'all'\nc.Shop.BigClock.zone = 'shop'\n")
    assert explain_text(configuration, "BigClock.zone").splitlines()[-2:] == [
        f"    {file}:2 (Clock)  = 'all'",
        f"  > {file}:1 (BigClock)  = 'big'",
    ]
    nested = explain_text(configuration, "Shop.BigClock.zone")
    assert nested.startswith("Shop.BigClock.zone = 'shop'")
    assert f"  > {file}:3 (Shop.BigClock)  = 'shop'" in nested
    for name, expected in (("BigClock.zone", "big"), ("Clock.zone", "all")):
        kind = {"BigClock": BigClock, "Clock": Clock}[name.partition(".")[0]]
        assert kind(config=configuration.config).zone == expected


def test_a_value_that_is_not_accepted_is_told_as_such(load: Any) -> None:
    first = explain_text(load("c.Clock.size = 'big'\n"), "Clock.size").splitlines()[0]
    assert first == "Clock.size = 1, the default, because 'big' is not accepted"
    first = explain_text(load("c.Clock.size.append(1)\n"), "Clock.size").splitlines()[0]
    assert first == "Clock.size = 1, the default, because append or extend does not suit it"


def test_another_name_of_a_section_is_told_to_be_one(load: Any) -> None:
    lines = explain_text(
        load("c.InteractiveShellApp.exec_lines = ['1']\n"), "TerminalIPythonApp.exec_lines"
    ).splitlines()
    assert lines[:2] == [
        "TerminalIPythonApp.exec_lines is another name of IPShellApp.exec_lines.",
        "IPShellApp.exec_lines = ['1']",
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Clock.zones", "did you mean Clock.zone?"),
        ("clock.zone", "did you mean Clock.zone?"),
        ("wieght", "did you mean BigClock.weight?"),
        ("Pendulm.speed", "did you mean Pendulum.speed?"),
        ("qqqqqq", "see ipshell --help-all"),
    ],
)
def test_an_unknown_name_ends_with_status_one_and_the_nearest_name(load: Any, name: str, hint: str) -> None:
    declared = [SimpleNamespace(key="Pendulum", value="no_such_module:X", dist="d")]
    with pytest.raises(UserError) as caught:
        explain_text(load(), name, declared)
    assert caught.value.status == 1
    assert str(caught.value).startswith("there is no option ")
    assert str(caught.value).endswith(hint)


def test_an_option_of_an_unknown_part_shows_where_it_is_set(load: Any, file: Path) -> None:
    text = explain_text(load("c.Zebra.stripes = 5\nc.Zebra.legs.append(4)\n"), "Zebra.stripes")
    assert text.startswith("Zebra.stripes = 5\n")
    assert "nothing more is known" in text
    assert f"> {file}:1  = 5" in text
    assert explain_text(load(), "legs").startswith("Zebra.legs = the default and {'extend': [4]}")


def test_an_option_of_a_plugin_is_explained_from_its_class(
    load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "pendulum_for_ipshell.py").write_text(
        "from traitlets import Int\nfrom ipcore.component import Component\n"
        "class Pendulum(Component):\n    speed = Int(3, help='How fast.').tag(config=True)\n"
    )
    declared = [
        SimpleNamespace(key="Pendulum", value="pendulum_for_ipshell:Pendulum", dist="ipshell-clock"),
        SimpleNamespace(key="Broken", value="ipcore.notices:notice.nothing", dist="ipshell-broken"),
    ]
    for name in ("Pendulum.speed", "speed"):
        assert "How fast." in explain_text(load(), name, declared)
    assert "--Pendulum.speed=VALUE" in describe_all(declared)
    del sys.modules["pendulum_for_ipshell"]
    (tmp_path / "pendulum_for_ipshell.py").write_text("1 / 0\n")
    with pytest.raises(UserError, match="Pendulum of ipshell-clock cannot be imported: ZeroDivisionError"):
        explain_text(load(), "Pendulum.speed", declared)
    assert "cannot be imported" in describe_all(declared)


# ---------------------------------------------------------------- show


def test_show_gives_lines_that_can_stand_in_a_configuration_file(load: Any, file: Path) -> None:
    configuration = load(
        "c.Clock.zone = 'CET'\nc.Clock.hands.append('short')\nc.Zebra.legs.append(4)\n",
        size=DeferredConfigString("7"),
    )
    rows = [[part.strip() for part in line.split("  #")] for line in show(configuration).splitlines()]
    assert rows == [
        ["c.Clock.hands = ['long', 'short']", f"{file}:2"],
        ["c.Clock.size = 7", "command line: --Clock.size=7"],
        ["c.Clock.zone = 'CET'", f"{file}:1"],
        ["c.Zebra.legs .extend [4]", f"{file}:3"],
    ]


def test_show_says_when_nothing_is_set(load: Any) -> None:
    assert show(load()) == "# Nothing is set: all options have their defaults."
    assert json.loads(show(load(), as_json=True)) == {}


def test_show_as_json_is_json_whatever_the_values(load: Any) -> None:
    configuration = load(
        "from pathlib import Path\n"
        "c.Clock.marks = {'b', 'a'}\nc.Clock.hands.append('short')\nc.Clock.face = Path('x')\n"
        "c.Shop.Clock.zone = object\nc.Zebra.legs.update({'k': {1}})\n",
        size=DeferredConfigString("7"),
        zone=DeferredConfigString("CET"),
    )
    assert json.loads(show(configuration, as_json=True)) == {
        "Clock": {"marks": ["a", "b"], "hands": ["long", "short"], "face": "x", "size": 7, "zone": "CET"},
        "Shop": {"Clock": {"zone": "<class 'object'>"}},
        "Zebra": {"legs": {"update": {"k": [1]}}},
    }


def test_all_options_are_described_with_type_default_and_choices() -> None:
    text = describe_all()
    assert "--Clock.face=VALUE\n    one of 'round', 'square'; default 'round'\n" in text
    assert "--Clock.zone=VALUE\n    a string; default 'UTC'\n    Whose time it is.\n" in text
    assert "--InteractiveShell.cache_size=VALUE" in text


# ---------------------------------------------------------------- paths


def test_paths_tell_what_was_read_ignored_wrong_and_missing(
    load: Any, home: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "ipython" / "profile_default"
    here = tmp_path / "here"
    for folder, name in (
        (theirs, "ipython_config.py"),
        (here, "ipshell_config.py"),
        (file.parent, "ipython_config.py"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("c.Clock.zone = 'no'\n")
    monkeypatch.setenv("IPYTHONDIR", str(theirs.parent))
    monkeypatch.chdir(here)
    directories = find_directories()
    profile = find_profile(directories)
    file.with_suffix(".json").mkdir()
    text = paths_text(load("c.Clock.size = 2\n1/0\n"), profile, directories)
    read, wrong, ignored, missing = (part.splitlines() for part in text.split("\n\n")[1:])
    assert read == ["Read, the last wins:", f"  {file}"]
    assert wrong[1].startswith(f"  {file}:2: ZeroDivisionError")
    assert [line.strip().partition(": ")[0] for line in ignored[1:]] == [
        str(file.with_suffix(".json")),
        str(here / "ipshell_config.py"),
        str(theirs / "ipython_config.py"),
        str(file.parent / "ipython_config.py"),
    ]
    assert missing == ["Would be read, if it were there:", "  none"]
    assert f"state          {home / 'state' / 'profile_default'}" in text


def test_paths_work_where_nothing_is_there(home: Path, tmp_path: Path) -> None:
    directories = find_directories()
    profile = find_profile(directories, "new")
    configuration = Configuration.load(profile, directories, system_dirs=[tmp_path / "etc"])
    text = paths_text(configuration, profile, directories)
    assert "Profile new (has no directory yet)" in text
    assert "Read, the last wins:\n  none" in text
    assert f"  {tmp_path / 'etc' / 'ipshell_config.py'}\n" in text


def test_a_file_in_the_working_directory_that_was_asked_for_is_not_called_ignored(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ipshell_config.py").write_text("c.Clock.size = 2\n")
    directories = find_directories()
    profile = find_profile(directories)
    configuration = Configuration.load(profile, directories, ["ipshell_config.py"], system_dirs=[])
    assert "Ignored:\n  none" in paths_text(configuration, profile, directories)
