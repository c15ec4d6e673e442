"""A part that several threads ask for first at the same moment is made once, and nobody waits for ever."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ipcore import parts
from ipcore.component import Component
from ipcore.hookspecs import hookimpl
from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell

#: Seconds that a thread gets.
DEADLINE = 20.0

Making = Callable[[InteractiveShell], Component]


@pytest.fixture
def shell_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Making], InteractiveShell]]:
    """Give a function that makes a shell whose history a function makes."""
    made: list[InteractiveShell] = []

    def make(making: Making) -> InteractiveShell:
        class Plugin:
            @hookimpl
            def ipshell_history(self, shell: InteractiveShell) -> Component:
                return making(shell)

        module = types.ModuleType("made_once")
        vars(module)["thing"] = Plugin()
        monkeypatch.setitem(sys.modules, "made_once", module)
        found = Found((Declared("history", "mine", "made_once:thing", "mine", "1.0"),), ())
        made.append(InteractiveShell(registry=Registry(lambda: found)))
        return made[-1]

    yield make
    for shell in made:
        shell.close()


def asked_at_once(*asking: Callable[[], Any]) -> list[Any]:
    """Call functions, each in a thread of its own; give what they returned."""
    given: list[Any] = [None] * len(asking)

    def run(number: int) -> None:
        given[number] = asking[number]()

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(asking))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    return given


def meet(barrier: threading.Barrier, seconds: float) -> None:
    """Wait for the other thread, if it comes."""
    try:
        barrier.wait(seconds)
    except threading.BrokenBarrierError:
        return


def test_a_plugin_is_asked_once_by_threads_at_the_same_moment(
    shell_of: Callable[[Making], InteractiveShell],
) -> None:
    made: list[Component] = []
    inside = threading.Barrier(2)

    def making(shell: InteractiveShell) -> Component:
        meet(inside, 0.5)  # where both are let in they meet here
        made.append(Component(parent=shell, name="history"))
        return made[-1]

    shell = shell_of(making)
    one, two = asked_at_once(lambda: shell.history, lambda: shell.history)
    assert one is two is shell.history
    assert made == [one]


def test_the_cores_own_part_is_made_once(
    shell_of: Callable[[Making], InteractiveShell], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = threading.Barrier(2)
    real = parts.make_plain

    def slow(name: str, parent: Any) -> Component:
        meet(inside, 0.5)
        return real(name, parent)

    monkeypatch.setattr(parts, "make_plain", slow)
    shell = shell_of(lambda shell: Component(parent=shell))
    one, two = asked_at_once(lambda: shell.part("variables"), lambda: shell.part("variables"))
    assert one is two
    assert [child for child in shell.children if child.component_name == "variables"] == [one]


def test_two_parts_that_ask_for_each_other_in_two_threads_do_not_wait_for_ever(
    shell_of: Callable[[Making], InteractiveShell], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = threading.Barrier(2)
    real = parts.make_plain

    def crossing(name: str, parent: Any) -> Component:
        meet(inside, 5.0)
        if name == "variables":
            assert parent.history is not None
        return real(name, parent)

    def making(shell: InteractiveShell) -> Component:
        meet(inside, 5.0)
        assert shell.part("variables") is not None
        return Component(parent=shell, name="history")

    monkeypatch.setattr(parts, "make_plain", crossing)
    shell = shell_of(making)
    history, variables = asked_at_once(lambda: shell.history, lambda: shell.part("variables"))
    assert (shell.history, shell.part("variables")) == (history, variables)
    assert sorted(c.component_name for c in shell.children) == ["history", "variables"]


def test_a_plugin_that_asks_for_the_part_it_makes_sees_the_plain_one(
    shell_of: Callable[[Making], InteractiveShell], capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []

    def making(shell: InteractiveShell) -> Component:
        seen.extend((shell.history, shell.history))
        return Component(parent=shell, name="history")

    shell = shell_of(making)
    assert type(shell.history) is Component
    assert isinstance(seen[0], parts.Absent)
    assert seen[0] is seen[1]
    assert capsys.readouterr().err == ""


def test_a_part_of_the_core_that_asks_for_itself_says_so(
    shell_of: Callable[[Making], InteractiveShell], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "make_plain", lambda name, parent: parent.part(name))
    shell = shell_of(lambda shell: Component(parent=shell))
    with pytest.raises(RuntimeError, match="the part variables asks for itself while it is made"):
        shell.part("variables")
