"""Which plugins may load: the precedence of the switches."""

from __future__ import annotations

from typing import Any

import pytest

from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.registry import Registry
from ipcore.plugins.switches import Switches

YAK = Declared("commands", "grunt", "yak", "yak", "1.0")
CORE = Declared("commands", "locate", "ipcore.commands.plugin", "ipshell-core", "0.1")

NONE = "--no-plugins"
CONFIGURED = "configuration: Plugins.disable"


@pytest.mark.parametrize(
    ("switches", "blocked_by"),
    [
        (Switches(), ""),
        # --no-plugins is above all.
        (Switches(none=True), NONE),
        (Switches(none=True, options=("yak",)), NONE),
        (Switches(none=True, environment="yak"), NONE),
        (Switches(none=True, enable=("yak",)), NONE),
        # -p is above the environment and the configuration; the last one counts.
        (Switches(options=("no:yak",)), "-p no:yak"),
        (Switches(options=("no:yak", "yak")), ""),
        (Switches(options=("yak", "no:grunt")), "-p no:grunt"),
        (Switches(options=("no:other",)), ""),
        (Switches(options=("yak",), environment=""), ""),
        (Switches(options=("yak",), disable=("yak",)), ""),
        (Switches(options=("no:yak",), environment="yak"), "-p no:yak"),
        (Switches(options=("no:yak",), enable=("yak",)), "-p no:yak"),
        (Switches(options=("zebra",), environment=""), "IPSHELL_PLUGINS="),
        # The environment is above the configuration: exactly these.
        (Switches(environment=""), "IPSHELL_PLUGINS="),
        (Switches(environment="zebra"), "IPSHELL_PLUGINS=zebra"),
        (Switches(environment="zebra, yak"), ""),
        (Switches(environment="commands/grunt", disable=("yak",)), ""),
        (Switches(environment="zebra", enable=("yak",)), "IPSHELL_PLUGINS=zebra"),
        # The configuration.
        (Switches(disable=("yak",)), CONFIGURED),
        (Switches(disable=("yak[grunt]",)), CONFIGURED),
        (Switches(disable=("yak",), enable=("grunt",)), ""),
        (Switches(disable=("zebra",)), ""),
    ],
)
def test_what_blocks_a_plugin_of_a_third_party(switches: Switches, blocked_by: str) -> None:
    assert switches.blocked_by(YAK) == blocked_by
    registry = Registry(lambda: Found((YAK,), ()), switches=switches, builtin=(CORE,))
    if not switches.none:  # then nothing is even looked for
        assert registry.state(YAK) == ("blocked" if blocked_by else "declared")
        assert registry.keys("commands") == (["locate"] if blocked_by else ["grunt", "locate"])


@pytest.mark.parametrize(
    ("switches", "blocked_by"),
    [
        (Switches(none=True), ""),
        (Switches(environment=""), ""),
        (Switches(environment="yak"), ""),
        (Switches(options=("no:locate",)), "-p no:locate"),
        (Switches(none=True, options=("no:locate",)), "-p no:locate"),
        (Switches(disable=("ipshell-core[locate]",)), CONFIGURED),
    ],
)
def test_what_blocks_a_plugin_of_the_core(switches: Switches, blocked_by: str) -> None:
    assert switches.blocked_by(CORE) == blocked_by


def test_no_plugins_does_not_even_search() -> None:
    def search() -> Found:
        raise AssertionError("it searched")

    assert Registry(search, switches=Switches(none=True), builtin=(CORE,)).declared() == [CORE]


def test_the_search_is_made_once_and_only_when_needed() -> None:
    searches = []

    def search() -> Found:
        searches.append(1)
        return Found((YAK,), ())

    registry = Registry(search, builtin=())
    assert not searches
    for _ in range(3):
        registry.keys("commands")
        registry.declared()
    assert len(searches) == 1


def test_names_that_mean_nothing_are_given_with_their_source() -> None:
    switches = Switches(options=("no:x", "yak"), environment="y,yak", enable=("z",), disable=("w", "grunt"))
    assert switches.unmatched([YAK]) == [
        ("x", "-p no:x"),
        ("y", "IPSHELL_PLUGINS"),
        ("z", "Plugins.enable"),
        ("w", "Plugins.disable"),
    ]


@pytest.mark.parametrize(
    ("choose", "used"),
    [
        ({}, ["ant", "bee"]),
        ({"commands/grunt": "bee"}, ["bee"]),
        ({"commands/grunt": "ant[grunt]"}, ["ant"]),
        ({"commands/grunt": "cow"}, ["ant", "bee"]),
        ({"commands": "bee"}, ["ant", "bee"]),
    ],
)
def test_who_is_used_of_several_owners(choose: dict[str, str], used: list[str]) -> None:
    owners = tuple(Declared("commands", "grunt", name, name, "1") for name in ("bee", "ant"))
    registry = Registry(lambda: Found(owners, ()), choose=choose, builtin=())
    assert [each.dist for each in registry.contenders("commands", "grunt")] == used
    assert [each.dist for each in registry.owners("commands", "grunt")] == ["ant", "bee"]


def test_a_key_of_the_cores_own_is_its_own_unless_another_owner_is_chosen() -> None:
    core = Declared("commands", "grunt", "core", "ipshell-core", "0.1")

    def used(**options: Any) -> list[str]:
        registry = Registry(lambda: Found((YAK,), ()), builtin=(core,), **options)
        assert [each.dist for each in registry.owners("commands", "grunt")] == ["ipshell-core", "yak"]
        return [each.dist for each in registry.contenders("commands", "grunt")]

    assert used() == ["ipshell-core"]
    assert used(order=["yak"]) == ["ipshell-core"]
    assert used(choose={"commands/grunt": "yak"}) == ["yak"]


def test_of_a_family_that_one_bears_third_parties_are_asked_before_the_core_and_the_chosen_first() -> None:
    plugins = tuple(Declared("tracebacks", name, name, name, "1") for name in ("ant", "bee"))
    core = Declared("tracebacks", "plain", "plain", "ipshell-core", "0.1")

    def asked(**choose: str) -> list[str]:
        return [
            each.key
            for each in Registry(lambda: Found(plugins, ()), choose=choose, builtin=(core,)).asked(
                "tracebacks"
            )
        ]

    assert asked() == ["ant", "bee", "plain"]
    assert asked(tracebacks="bee") == ["bee", "ant", "plain"]
    assert asked(tracebacks="plain") == ["plain", "ant", "bee"]
