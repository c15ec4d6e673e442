"""Callbacks around cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ipcore.events import EVENTS
from ipcore.shell import InteractiveShell
from ipcore.types.cells import Cell, CellResult


@pytest.fixture
def trail(shell: InteractiveShell) -> list[str]:
    """Give a list that fills with the names of events as they happen."""
    seen: list[str] = []
    for event in EVENTS:
        shell.events.register(event, _noting(seen, event))
    return seen


def _noting(seen: list[str], event: str) -> Callable[..., None]:
    def note(*args: Any) -> None:
        seen.append(event)

    return note


BEFORE = ["pre_execute", "pre_run_cell"]
AFTER = ["post_execute", "post_run_cell"]


@pytest.mark.parametrize(
    ("cell", "silent", "wanted"),
    [
        ("1", False, BEFORE + AFTER),
        ("1/0", False, BEFORE + AFTER),
        ("not python", False, BEFORE + AFTER),
        ("1", True, ["pre_execute", "post_execute"]),
        ("  \n", False, AFTER),
        ("  \n", True, ["post_execute"]),
    ],
)
def test_which_events_a_cell_brings(
    shell: InteractiveShell, trail: list[str], cell: str, silent: bool, wanted: list[str]
) -> None:
    shell.run_cell(cell, silent=silent)
    assert trail == wanted


def test_callbacks_get_the_cell_and_its_result() -> None:
    shell = InteractiveShell()  # what the fixture gives is a copy of the result
    got: list[Any] = []
    shell.events.register("pre_run_cell", got.append)
    shell.events.register("post_run_cell", got.append)
    result = shell.run_cell("6 * 7")
    info, told = got
    assert isinstance(info, Cell)
    assert info.raw_cell == "6 * 7"
    assert isinstance(told, CellResult)
    assert told is result
    assert told.info is info


def test_events_come_around_the_hooks_work(shell: InteractiveShell) -> None:
    shell.events.register("pre_execute", lambda: shell.user_ns.update(ready=True))
    assert shell.run_cell("ready").result is True


def test_the_shell_tells_that_it_is_there() -> None:
    shell = InteractiveShell()
    got: list[object] = []
    shell.events.register("shell_initialized", got.append)
    shell.start()
    assert got == [shell]
    shell.close()


def test_registering_twice_counts_once_and_unregistering_ends_it(shell: InteractiveShell) -> None:
    got: list[object] = []
    shell.events.register("pre_run_cell", got.append)
    shell.events.register("pre_run_cell", got.append)
    shell.run_cell("1")
    assert len(got) == 1
    shell.events.unregister("pre_run_cell", got.append)
    shell.run_cell("1")
    assert len(got) == 1


def test_mistakes_in_registering_are_told_by_their_kind(shell: InteractiveShell) -> None:
    with pytest.raises(TypeError, match="must be a function"):
        shell.events.register("pre_execute", 3)  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="there is no event 'pre_dawn'"):
        shell.events.register("pre_dawn", print)
    with pytest.raises(KeyError, match="there is no event"):
        shell.events.unregister("pre_dawn", print)
    with pytest.raises(ValueError, match="not registered as a callback of pre_execute"):
        shell.events.unregister("pre_execute", print)
    with pytest.raises(KeyError, match="there is no event"):
        shell.events.trigger("pre_dawn")


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), SystemExit(3)])
def test_a_callback_that_raises_is_told_and_everything_goes_on(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    def failing(info: object) -> None:
        raise error

    called: list[object] = []
    shell.events.register("pre_run_cell", failing)
    shell.events.register("pre_run_cell", called.append)
    assert shell.run_cell("6 * 7").result == 42
    assert called
    told = capsys.readouterr().err
    assert "ipshell: error in callback " in told
    assert ".failing (" in told
    assert "test_events.py, line " in told
    label = shell.run_cell("1").cell.label
    assert f"of the event pre_run_cell, called with (<Cell of {label}>)" in told
    if not isinstance(error, SystemExit):
        assert "raise error" in told  # its traceback
    assert type(error).__name__ in told


def test_a_hostile_argument_does_not_hide_which_callback_failed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError

    shell.events.register("pre_execute", lambda *args: [].pop())
    shell.events.trigger("pre_execute", Hostile(), "x" * 10_000)
    told = capsys.readouterr().err
    assert "(<Hostile; its repr fails with RuntimeError>, 'xxx" in told
    assert "IndexError: pop from empty list" in told
    assert len(told) < 2000


def test_a_callback_may_unregister_itself(shell: InteractiveShell) -> None:
    called: list[str] = []

    def once() -> None:
        called.append("once")
        shell.events.unregister("pre_execute", once)

    shell.events.register("pre_execute", once)
    shell.events.register("pre_execute", lambda: called.append("always"))
    shell.run_cell("1")
    shell.run_cell("1")
    assert called == ["once", "always", "always"]


def test_without_callbacks_nothing_is_even_imported(ipcore: Callable[..., Any]) -> None:
    done = ipcore(
        "-c", "import sys; print('ipcore.events' in sys.modules, 'ipcore.extensions' in sys.modules)"
    )
    assert done.stdout == "False False\n"
