"""Bare names of magics and aliases."""

from __future__ import annotations

import sys

import pytest

from ipcore.shell import InteractiveShell


@pytest.fixture
def ran(shell: InteractiveShell) -> list[str]:
    """Give the list of what a magic called ``greet`` was called with."""
    lines: list[str] = []
    shell.magics.register("line", "greet", lines.append)
    return lines


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("greet", ""),
        ("greet you there", "you there"),
        ("greet  ", ""),
        ("greet /tmp", "/tmp"),
        ("greet *.py", "*.py"),
        ("greet -l | wc", "-l | wc"),
        ("greet inside", "inside"),
        ("  greet you", "you"),
    ],
)
def test_a_bare_magic_runs(shell: InteractiveShell, ran: list[str], cell: str, line: str) -> None:
    assert shell.run_cell(cell).success
    assert ran == [line]


@pytest.mark.parametrize(
    "cell",
    [
        "greet = 5",
        "greet: int = 5",
        "greet, b = 1, 2",
        "greet = greet = 1",
        "greet += 1",
        "greet in []",
        "greet()",
    ],
)
def test_what_can_be_python_is_python(shell: InteractiveShell, ran: list[str], cell: str) -> None:
    shell.run_cell(cell, silent=True)
    assert ran == []


def test_a_variable_hides_the_magic_until_it_is_deleted(shell: InteractiveShell, ran: list[str]) -> None:
    for cell in ("greet = 1", "greet", "del greet"):
        shell.run_cell(cell, silent=True)
    assert ran == []
    shell.run_cell("greet")
    assert ran == [""]


def test_cells_of_several_lines_are_python(shell: InteractiveShell, ran: list[str]) -> None:
    assert isinstance(shell.run_cell("x = 1\ngreet", silent=True).error_in_exec, NameError)
    assert ran == []


def test_automagic_can_be_switched_off(shell: InteractiveShell, ran: list[str]) -> None:
    shell.automagic = False
    assert not shell.run_cell("greet", silent=True).success
    assert shell.run_cell("%greet you").success
    assert ran == ["you"]


def test_an_alias_runs_its_command(shell: InteractiveShell, capfd: pytest.CaptureFixture[str]) -> None:
    shell.aliases.define("say", "echo said")
    shell.run_cell("say it")
    assert capfd.readouterr().out.split() == ["said", "it"]


def test_names_in_a_line_are_expanded_once(
    shell: InteractiveShell,
    ran: list[str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("x", "set")
    shell.push({"x": "$y", "y": "deep"})
    shell.run_cell("%greet $x {{x}} $$x")
    assert ran == ["$y {x} $x"]
    shell.aliases.define("say", "echo said")
    shell.run_cell("%say {{x}} $$x")
    assert capfd.readouterr().out.split() == ["said", "{x}", "%x%" if sys.platform == "win32" else "set"]
