"""The tree of components: life, look-up, configuration, and parts that plugins replace."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import Int, Unicode
from traitlets.config.loader import Config

from ipcore.component import Component
from ipcore.hookspecs import hookimpl
from ipcore.parts import PARTS, Absent, missing
from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell

#: What happened, in order.
Log = list[str]


class Node(Component):
    """Notes its start and end; may fail at either."""

    size = Int(1, help="A number.").tag(config=True)

    def __init__(self, log: Log, fails: BaseException | None = None, **traits: Any) -> None:
        self.log = log
        self.fails = fails
        super().__init__(**traits)

    def on_start(self) -> None:
        self.log.append(f"start {self.component_name}")

    def on_close(self) -> None:
        self.log.append(f"close {self.component_name}")
        if self.fails is not None:
            raise self.fails


class Leaf(Node):
    """A component below another one."""

    word = Unicode("", help="A word.").tag(config=True)


def test_it_starts_once_and_closes_once() -> None:
    log: Log = []
    node = Node(log, name="root")
    assert not node.started
    node.start()
    node.start()
    assert node.started
    node.close()
    node.close()
    assert (node.started, node.closed) == (False, True)
    assert log == ["start root", "close root"]


def test_a_start_that_fails_can_be_tried_again() -> None:
    class Shy(Component):
        tries = 0

        def on_start(self) -> None:
            self.tries += 1
            if self.tries == 1:
                raise RuntimeError("not yet")

    shy = Shy()
    with pytest.raises(RuntimeError, match="not yet"):
        shy.start()
    assert not shy.started
    shy.start()
    assert shy.started


def test_a_closed_component_neither_starts_nor_takes_children() -> None:
    log: Log = []
    node = Node(log, name="root")
    node.close()
    with pytest.raises(RuntimeError, match="root is closed and cannot be started again"):
        node.start()
    with pytest.raises(RuntimeError, match="root is closed and takes no new leaf"):
        Leaf(log, parent=node)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, ""),
        (ValueError("stuck"), "ValueError: stuck"),
        (OSError(5, "gone"), "OSError: [Errno 5] gone"),
        (KeyboardInterrupt(), "it was interrupted"),
        (SystemExit(3), "it tried to end the program (SystemExit: 3)"),
    ],
)
def test_closing_closes_everything_newest_first_whatever_fails(
    capsys: pytest.CaptureFixture[str], error: BaseException | None, reason: str
) -> None:
    log: Log = []
    root = Node(log, name="root")
    first = Leaf(log, name="first", parent=root)
    Leaf(log, error, name="below", parent=first)
    second = Leaf(log, error, name="second", parent=root)
    root.close()
    assert log == ["close second", "close below", "close first", "close root"]
    assert all(node.closed for node in (root, first, second))
    assert root.children == ()
    assert capsys.readouterr().err.splitlines() == [
        f"ipshell: {name} did not close cleanly: {reason}. Everything else was closed."
        for name in ("second", "below")
        if error is not None
    ]


def test_a_closed_child_leaves_its_parent() -> None:
    log: Log = []
    root = Node(log, name="root")
    one, two = (Leaf(log, name=name, parent=root) for name in ("one", "two"))
    one.close()
    assert root.children == (two,)


def test_components_are_found_by_name_and_class() -> None:
    log: Log = []
    root = Node(log, name="root")
    one = Leaf(log, name="one", parent=root)
    two = Leaf(log, parent=one)
    three = Node(log, name="three", parent=root)
    assert list(root.walk()) == [root, one, two, three]
    assert root.find("leaf") is two
    assert root.find("root") is root
    assert root.find("nobody") is None
    assert one.find("three") is None
    assert root.find_all(Leaf) == [one, two]
    assert root.find_all(Node) == [root, one, two, three]
    assert [node.root for node in (root, one, two, three)] == [root] * 4
    assert two.parent is one


def test_configuration_flows_down_and_the_nearest_section_wins() -> None:
    config = Config()
    config.Node.size = 2
    config.Leaf.size = 3
    config.Leaf.word = "any"
    config.Node.Leaf.word = "below a node"
    log: Log = []
    root = Node(log, config=config)
    leaf = Leaf(log, parent=root)
    assert (root.size, leaf.size, leaf.word) == (2, 3, "below a node")
    alone = Leaf(log, config=config)
    assert (alone.size, alone.word) == (3, "any")


def test_a_nested_section_of_the_shell_reaches_its_part(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config()
    config.InteractiveShell.AliasManager.user_aliases = [("greet", "echo hello")]
    shell = InteractiveShell(config=config)
    try:
        assert shell.aliases.get("greet") is not None
    finally:
        shell.close()
    assert capsys.readouterr().err == ""


# -- parts of the shell ------------------------------------------------------------


def test_absent_parts_are_false_and_name_the_distribution_that_brings_them(shell: InteractiveShell) -> None:
    absent = {name for name in PARTS if isinstance(shell.part(name), Absent)}
    assert absent == {"history", "logger", "debugger"}
    for name in absent:
        part = getattr(shell, name)
        assert not part
        assert PARTS[name].brings in repr(part)
        assert repr(part) == f"<no {name}: {missing(name)}>"
    assert (
        repr(shell.history) == "<no history: Inputs are forgotten when the shell ends; iphistory gives more.>"
    )


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_a_started_component_made_once_and_closed_with_the_shell(
    shell: InteractiveShell, name: str
) -> None:
    part = getattr(shell, name)
    assert part is getattr(shell, name) is shell.part(name)
    assert isinstance(part, Component)
    assert part.started
    assert part.root is shell
    shell.close()
    assert part.closed


def test_a_part_there_is_not_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(KeyError):
        shell.part("kitchen")
    with pytest.raises(KeyError, match="a shell has no part called 'kitchen'; it has aliases, "):
        shell.replace_part("kitchen", None)


def test_replacing_a_part_closes_the_former_one_and_starts_the_new_one(shell: InteractiveShell) -> None:
    log: Log = []
    former = shell.history
    mine = Leaf(log, name="history", parent=shell)
    shell.replace_part("history", mine)
    assert shell.history is mine
    assert (former.closed, log) == (True, ["start history"])
    shell.replace_part("history", mine)
    assert not mine.closed
    shell.replace_part("history", None)
    assert (mine.closed, log) == (True, ["start history", "close history"])
    assert isinstance(shell.history, Absent)


class Shouting(Component):
    """Tracebacks in capitals."""

    def format(self, error: BaseException) -> list[str]:
        return [str(error).upper()]


def shell_with(plugin: object, monkeypatch: pytest.MonkeyPatch, **choose: str) -> InteractiveShell:
    """Give a shell with one more plugin of the family ``tracebacks``."""
    import sys
    import types

    module = types.ModuleType("shouting")
    vars(module)["thing"] = plugin
    monkeypatch.setitem(sys.modules, "shouting", module)
    found = Found((Declared("tracebacks", "loud", "shouting:thing", "shouting", "1.0"),), ())
    return InteractiveShell(registry=Registry(lambda: found, choose=choose))


class Making:
    """A plugin that makes one."""

    @hookimpl
    def ipshell_tracebacks(self, shell: InteractiveShell) -> Component:
        return Shouting(parent=shell)


def test_a_plugin_of_its_family_makes_the_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_with(Making(), monkeypatch)
    try:
        shell.run_cell("raise ValueError('oh no')")
        assert capsys.readouterr().err == "OH NO\n"
        part: Any = shell.tracebacks
        assert isinstance(part, Shouting)
        assert part.started
    finally:
        shell.close()
    assert part.closed


def test_a_plugin_that_is_late_as_the_shell_closes_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_with(Making(), monkeypatch)
    shell.close()
    shell.registry.call_first("tracebacks", "ipshell_tracebacks", shell=shell)
    assert capsys.readouterr().err == ""
    assert shell.registry.failures == []


def test_configuration_keeps_the_plain_part_though_a_plugin_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plugin:
        @hookimpl
        def ipshell_tracebacks(self, shell: InteractiveShell) -> Component:
            return Shouting(parent=shell)

    shell = shell_with(Plugin(), monkeypatch, tracebacks="plain")
    try:
        assert type(shell.tracebacks).__name__ == "PlainTracebacks"
    finally:
        shell.close()


def test_a_part_that_a_plugin_gives_and_that_is_no_component_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Plugin:
        @hookimpl
        def ipshell_tracebacks(self, shell: InteractiveShell) -> object:
            return "no component"

    shell = shell_with(Plugin(), monkeypatch)
    try:
        assert type(shell.tracebacks).__name__ == "PlainTracebacks"
    finally:
        shell.close()
    assert "ipshell_tracebacks: it gave str, not a Component. It is off" in capsys.readouterr().err


def test_a_part_that_cannot_start_is_switched_off_and_the_plain_one_takes_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[Component] = []

    class Plugin:
        @hookimpl
        def ipshell_tracebacks(self, shell: InteractiveShell) -> Component:
            class Lame(Shouting):
                def on_start(self) -> None:
                    raise RuntimeError("no legs")

            made.append(Lame(parent=shell))
            return made[0]

    shell = shell_with(Plugin(), monkeypatch)
    try:
        assert type(shell.tracebacks).__name__ == "PlainTracebacks"
        assert shell.tracebacks is shell.tracebacks
        assert made[0].closed
    finally:
        shell.close()
    assert capsys.readouterr().err == (
        "ipshell: plugin shouting[loud] 1.0 (tracebacks), start of tracebacks: RuntimeError: no legs. "
        'It is off for this session. Look for a newer shouting than 1.0. Switch it off with "-p '
        'no:shouting[loud]".\n'
    )
