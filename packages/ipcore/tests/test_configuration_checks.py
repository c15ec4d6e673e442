from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets import Bool, Dict, Enum, Int, List, TraitError, Unicode, default, observe, validate
from traitlets.config.loader import Config, DeferredConfigList, DeferredConfigString

from ipcore.component import Component
from ipcore.configuration import sections
from ipcore.configuration.checks import check_sections, expected, tell
from ipcore.configuration.directories import find_directories
from ipcore.configuration.layers import Configuration
from ipcore.configuration.profiles import find_profile


class Clock(Component):
    """Shows the time."""

    zone = Unicode("UTC").tag(config=True)
    size = Int(1).tag(config=True)
    loud = Bool(False).tag(config=True)
    face = Enum(["round", "square"], "round").tag(config=True)
    hands = List(Int(), [1, 2]).tag(config=True)
    table = Dict(value_trait=Int()).tag(config=True)
    low = Int(0).tag(config=True)
    high = Int(10).tag(config=True)
    odd = Int(1).tag(config=True)
    inner = Int(0)

    @validate("low", "high")
    def _ordered(self, proposal: Any) -> int:
        value: int = proposal["value"]
        if self.low > self.high:
            raise TraitError("low is above high")
        return value

    @validate("odd")
    def _is_odd(self, proposal: Any) -> int:
        value: int = proposal["value"]
        if value % 2 == 0:
            raise RuntimeError("even numbers break it")
        return value


class Shop(Component):
    """Holds clocks."""

    name = Unicode("").tag(config=True)


class Load:
    """Reads a configuration file, and tells what was said on standard error since."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        directories = find_directories()
        self._profile = find_profile(directories)
        self._directories = directories
        self._profile.config_dir.mkdir(parents=True, exist_ok=True)
        self.file = self._profile.python_config

    def __call__(self, text: str, line: Config | None = None) -> Configuration:
        self.file.write_text(text)
        return Configuration.load(self._profile, self._directories, (), line, system_dirs=[])

    def told(self) -> list[str]:
        """Give the lines on standard error, without what all begin with."""
        lines = self._capsys.readouterr().err.splitlines()
        return [line.removeprefix("ipshell: ").removeprefix(f"{self.file}:") for line in lines]


@pytest.fixture
def load(home: Path, capsys: pytest.CaptureFixture[str]) -> Load:
    return Load(capsys)


def declared(name: str, value: str = "not_importable_at_all:Class") -> Any:
    return SimpleNamespace(key=name, value=value, dist="ipshell-clock")


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("assigned", "told"),
    [
        ("size = 'big'", "1: Clock.size must be an int, not 'big' (str); the value 1 is kept"),
        ("size = '5'", "1: Clock.size must be an int, not '5' (str); the value 1 is kept; did you mean 5?"),
        ("zone = 5", "1: Clock.zone must be a string, not 5 (int); the value 'UTC' is kept"),
        (
            "loud = 'True'",
            "1: Clock.loud must be a boolean, not 'True' (str); the value False is kept; did you mean True?",
        ),
        (
            "face = 'Round'",
            "1: Clock.face must be one of 'round', 'square', not 'Round' (str); the value 'round' is kept; "
            "did you mean 'round'?",
        ),
        (
            "face = 3",
            "1: Clock.face must be one of 'round', 'square', not 3 (int); the value 'round' is kept",
        ),
        ("hands = 3", "1: Clock.hands must be a list, not 3 (int); the value [1, 2] is kept"),
        (
            "hands.update({1: 2})",
            "1: Clock.hands takes a list, and update needs a dict; the value [1, 2] is kept",
        ),
        (
            "size.append(1)",
            "1: Clock.size takes an int, and append or extend needs a list; the value 1 is kept",
        ),
        ("zone = None", "1: Clock.zone must be a string, not None (NoneType); the value 'UTC' is kept"),
    ],
)
def test_a_wrong_value_is_told_with_line_expectation_and_what_is_kept(
    load: Load, assigned: str, told: str
) -> None:
    clock = Clock(config=load(f"c.Clock.{assigned}\nc.Clock.high = 12\n").config)
    assert load.told() == [told]
    assert clock.high == 12
    name = assigned.partition(" ")[0].partition(".")[0]
    assert getattr(clock, name) == getattr(Clock(), name)


def test_a_wrong_item_of_a_list_or_dict_is_told(load: Load) -> None:
    clock = Clock(config=load("c.Clock.hands = [1, 'x']\nc.Clock.table = {'k': 'v'}\n").config)
    first, second = load.told()
    assert first == (
        "1: Clock.hands cannot be [1, 'x']: each item must be an int, not the str 'x'; "
        "the value [1, 2] is kept"
    )
    assert second.startswith("2: Clock.table cannot be {'k': 'v'}: Values of the 'table' trait")
    assert (clock.hands, clock.table) == ([1, 2], {})


def test_long_values_are_cut_short(load: Load) -> None:
    Clock(config=load("c.Clock.size = 'x' * 10_000\n").config)
    [told] = load.told()
    assert len(told) < 200


def test_options_that_depend_on_each_other_are_judged_together(load: Load) -> None:
    clock = Clock(config=load("c.Clock.low = 50\nc.Clock.high = 60\n").config)
    assert (clock.low, clock.high) == (50, 60)
    assert load.told() == []


def test_a_validators_own_words_are_told_and_the_rest_is_set(load: Load) -> None:
    clock = Clock(config=load("c.Clock.zone = 'CET'\nc.Clock.low = 50\nc.Clock.size = 2\n").config)
    assert (clock.zone, clock.low, clock.high, clock.size) == ("CET", 0, 10, 2)
    assert load.told() == ["2: Clock.low cannot be 50: low is above high; the value 0 is kept"]


def test_a_validator_that_fails_costs_its_option_alone(load: Load) -> None:
    clock = Clock(config=load("c.Clock.zone = 'CET'\nc.Clock.odd = 4\n").config)
    assert (clock.zone, clock.odd) == ("CET", 1)
    assert load.told() == ["2: Clock.odd cannot be 4: even numbers break it; the value 1 is kept"]


def test_a_default_that_is_computed_comes_back_after_a_failing_validator(load: Load) -> None:
    class Computed(Clock):
        @default("odd")
        def _odd_default(self) -> int:
            return 7

    assert Computed(config=load("c.Computed.odd = 4\n").config).odd == 7
    assert load.told() == ["1: Computed.odd cannot be 4: even numbers break it; the value 7 is kept"]


def test_of_a_class_and_its_base_the_section_that_wins_is_named(load: Load) -> None:
    class Tall(Clock):
        pass

    Tall(config=load("c.Tall.size = 'x'\nc.Clock.size = 2\n").config)
    assert load.told() == ["1: Tall.size must be an int, not 'x' (str); the value 1 is kept"]


def test_of_many_choices_the_first_are_shown() -> None:
    assert expected(Enum(range(30))) == f"one of {', '.join(map(str, range(20)))}, …"


def test_an_observer_that_fails_is_no_mistake_of_the_users(load: Load) -> None:
    class Fragile(Clock):
        @observe("zone")
        def _zone_changed(self, change: Any) -> None:
            raise RuntimeError("a fault of the component")

    with pytest.raises(RuntimeError, match="a fault of the component"):
        Fragile(config=load("c.Fragile.zone = 'CET'\n").config)


def test_observers_see_the_configured_values_once(load: Load) -> None:
    class Watching(Clock):
        @observe("zone", "size")
        def _changed(self, change: Any) -> None:
            seen.append((change.name, change.new, self.size))

    seen: list[Any] = []
    Watching(config=load("c.Watching.zone = 'CET'\nc.Watching.size = 2\n").config)
    assert seen == [("zone", "CET", 2), ("size", 2, 2)]


def test_texts_of_the_command_line_become_values(load: Load) -> None:
    line = Config()
    line.Clock.size = DeferredConfigString("7")
    line.Clock.loud = DeferredConfigString("true")
    line.Clock.hands = DeferredConfigList(["3", "4"])
    line.Clock.table = DeferredConfigList(["a=1", "b=2"])
    clock = Clock(config=load("", line).config)
    assert (clock.size, clock.loud, clock.hands, clock.table) == (7, True, [3, 4], {"a": 1, "b": 2})
    assert load.told() == []


def test_wrong_texts_of_the_command_line_are_told(load: Load) -> None:
    line = Config()
    line.Clock.size = DeferredConfigString("big")
    line.Clock.zone = DeferredConfigList(["a", "b"])
    clock = Clock(config=load("", line).config)
    assert (clock.size, clock.zone) == (1, "UTC")
    assert load.told() == [
        "command line: Clock.size must be an int, not 'big' (str); the value 1 is kept",
        "command line: Clock.zone cannot be ['a', 'b']: zone only accepts one value, got 2: ['a', 'b']; "
        "the value 'UTC' is kept",
    ]


def test_an_unknown_option_is_told_by_the_component_with_the_nearest_name(load: Load) -> None:
    Clock(config=load("c.Clock.zones = 'CET'\nc.Clock.inner = 1\nc.Clock.Zone = 2\n").config)
    assert load.told() == [
        "1: Clock has no option 'zones'; it was ignored; did you mean Clock.zone?",
        "2: Clock has no option 'inner'; it was ignored",
    ]


def test_the_section_of_a_parent_narrows_and_is_named(load: Load) -> None:
    configuration = load("c.Clock.zone = 'all'\nc.Shop.Clock.zone = 'shop'\nc.Shop.Clock.size = 'x'\n")
    shop = Shop(config=configuration.config)
    assert Clock(parent=shop).zone == "shop"
    assert Clock(config=configuration.config).zone == "all"
    assert load.told() == ["3: Shop.Clock.size must be an int, not 'x' (str); the value 1 is kept"]


def test_a_plain_config_without_origins_works_too(load: Load) -> None:
    config = Config()
    config.Clock.size = "x"
    config.Clock.zones = 1
    config.Clock.hands.append(3)
    clock = Clock(config=config)
    assert Clock(config=config).hands == [1, 2, 3] == clock.hands
    assert load.told() == [
        "Clock.zones: Clock has no option 'zones'; it was ignored; did you mean Clock.zone?".partition(": ")[
            2
        ],
        "Clock.size must be an int, not 'x' (str); the value 1 is kept",
    ]


def test_values_that_cannot_be_copied_are_shared(load: Load) -> None:
    from traitlets import Any as AnyTrait

    class Holder(Component):
        value = AnyTrait().tag(config=True)

    assert Holder(config=load("import sys\nc.Holder.value = sys\n").config).value is sys


def test_each_mistake_is_told_once_whoever_finds_it(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sections.CORE, "Clock", f"{__name__}:Clock")
    configuration = load("c.Clock.zones = 1\nc.Clock.size = 'x'\n")
    for _ in range(2):
        tell(check_sections(configuration))
        Clock(config=configuration.config)
        Clock(config=configuration.config)
    assert [line[:2] for line in load.told()] == ["1:", "2:"]


# ---------------------------------------------------------------- sections


def test_a_section_that_a_plugin_declares_is_accepted_without_importing_it(load: Load) -> None:
    configuration = load("c.Pendulum.speed = 1\nc.Pendulm.speed = 2\n")
    asked = []

    def find() -> list[Any]:
        asked.append(1)
        return [declared("Pendulum")]

    [mistake] = check_sections(configuration, find)
    assert (mistake.line, mistake.suggestion) == (2, "Pendulum.speed")
    assert asked == [1]


def test_plugins_are_not_asked_about_sections_of_the_core(load: Load) -> None:
    def never() -> list[Any]:
        raise AssertionError

    assert check_sections(load("c.InteractiveShell.cache_size = 1\n"), never) == []


def test_a_section_of_a_part_that_is_installed_is_left_to_it(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = load("c.LaTeXTool.backends = []\n")
    monkeypatch.setitem(sections.FAMILY, "LaTeXTool", "no-such-part-here")
    [warning] = check_sections(configuration)
    assert warning.severity == "warning"
    assert "belongs to no-such-part-here, which is not installed" in warning.text
    monkeypatch.setitem(sections.FAMILY, "LaTeXTool", "json")
    assert check_sections(configuration) == []


def test_the_check_imports_nothing_but_what_the_core_needs(load: Load) -> None:
    load("c.InteractiveShell.cache_size = 1\nc.Pendulum.speed = 1\n")
    code = """if 1:
        import sys
        from types import SimpleNamespace
        import ipcore.shell
        from ipcore.configuration.checks import check_sections
        from ipcore.configuration.directories import find_directories
        from ipcore.configuration.layers import Configuration
        from ipcore.configuration.profiles import find_profile
        directories = find_directories()
        configuration = Configuration.load(find_profile(directories), directories)
        before = set(sys.modules)
        declared = [SimpleNamespace(key="Pendulum", value="antigravity:X", dist="d")]
        found = check_sections(configuration, declared)
        print(found, sorted(set(sys.modules) - before - {"ipcore.configuration.checks"}))
        """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[] []\n"


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("interactiveshell", ["InteractiveShell", "Plugins"], "InteractiveShell"),
        ("Plugin", ["InteractiveShell", "Plugins"], "Plugins"),
        ("zzz", ["InteractiveShell", "Plugins"], ""),
        ("x", [], ""),
    ],
)
def test_the_nearest_name_ignores_capitals(name: str, candidates: list[str], expected: str) -> None:
    assert sections.nearest(name, candidates) == expected


def test_the_first_owner_of_a_section_counts() -> None:
    first, second = declared("Pendulum", "a:A"), declared("Pendulum", "b:B")
    assert sections.declared_sections([first, second]) == {"Pendulum": first}


def test_every_section_of_the_core_has_its_class() -> None:
    assert [kind.__name__ for kind in sections.core_classes()] == list(sections.CORE)
    assert set(sections.ALIASES.values()) <= sections.CORE.keys() | sections.FAMILY.keys()
    assert not sections.CORE.keys() & (
        sections.FAMILY.keys() | sections.ABSENT.keys() | sections.ALIASES.keys()
    )


def test_a_class_that_is_not_there_is_none_and_a_broken_module_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sections.load_class("no_module_of_that_name.at_all:Class") is None
    assert sections.load_class("ipcore.errors:NoSuchClass") is None
    (tmp_path / "broken_module_for_ipshell.py").write_text("import no_module_of_that_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_module_of_that_name"):
        sections.load_class("broken_module_for_ipshell:Class")
