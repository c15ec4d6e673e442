"""What the terminal says of its background, whenever it says it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcore.testing import Terminal
from ipcore.testing.terminal import environment, shell_command
from ipterminal import remembered
from ipterminal.background import background_in, worth_asking

DARK, LIGHT, NEUTRAL = "#87d787", "#005f00", "#00875f"


@pytest.fixture
def started(shell_home: Path, tmp_path: Path) -> Iterator[Any]:
    """Give a function that starts a shell in a terminal with a background."""
    open_ones: list[Terminal] = []
    folder = tmp_path / "work"
    folder.mkdir()

    def start(
        *words: str, background: str = "#000000", unanswered: str = "", typed: str = "", **options: Any
    ) -> Terminal:
        variables = {
            **environment(None),
            "TERM": "xterm-256color",
            "IPSHELL_HOME": os.environ["IPSHELL_HOME"],
        }
        for name in ("COLORFGBG", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TMUX", "TERM_PROGRAM"):
            variables.pop(name, None)
        variables.update(options.pop("env", {}))
        made = Terminal(shell_command("--no-banner", *words), cwd=folder, env=variables, **options)
        open_ones.append(made)
        made.set_colours("#808080", background)
        if unanswered:
            made.unanswered.add(unanswered)
        if typed:
            made.type(typed)
        made.wait_for("In [1]:")
        return made

    yield start
    for each in open_ones:
        each.close()


def kept() -> dict[str, Any]:
    file = Path(os.environ["IPSHELL_HOME"]) / "cache" / "terminals.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def wait_for_colour(shell: Terminal, colour: str) -> None:
    shell.wait_for(lambda lines: prompt_colour(shell) == colour, f"a prompt in {colour}")


def prompt_colour(shell: Terminal) -> str:
    row = max(row for row, line in enumerate(shell.screen) if line.startswith("In ["))
    return shell.spans(row)[0].style.foreground


@pytest.mark.parametrize(
    ("background", "colour"), [("#1e1e1e", DARK), ("#fdf6e3", LIGHT), ("#ffffff", LIGHT), ("#2e3440", DARK)]
)
def test_the_colours_are_those_for_the_terminals_background(
    started: Any, background: str, colour: str
) -> None:
    shell = started(background=background)
    wait_for_colour(shell, colour)
    assert shell.lines[-1] == "In [1]:"


def test_the_next_shell_knows_it_from_its_first_prompt_on(started: Any) -> None:
    shell = started(background="#fdf6e3")
    wait_for_colour(shell, LIGHT)
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert [each["background"] for each in kept().values()] == ["light"]
    again = started(background="#fdf6e3", answers="never")
    assert prompt_colour(again) == LIGHT


def test_an_answer_that_comes_late_changes_colours_and_not_the_text(started: Any) -> None:
    shell = started(background="#fdf6e3", answers="late", answers_after=3600)
    assert prompt_colour(shell) == NEUTRAL
    shell.wait_for(lambda lines: len(shell.pending_queries) == 2, "the question")
    shell.type("6 * 7")
    shell.wait_for("In [1]: 6 * 7")
    shell.answer_pending()
    wait_for_colour(shell, LIGHT)
    shell.type("\r")
    shell.wait_for_prompt(2)
    assert "Out[1]: 42" in shell.lines
    assert not [line for line in shell.lines if "rgb" in line or "62;22" in line]


def test_an_answer_that_comes_after_a_cell_does_no_harm(started: Any) -> None:
    shell = started(background="#fdf6e3", answers="late", answers_after=3600)
    shell.wait_for(lambda lines: len(shell.pending_queries) == 2, "the question")
    shell.type("import time; print('go' + 'ing'); time.sleep(0.3)\r")
    shell.wait_for("going")
    shell.answer_pending()
    shell.wait_for_prompt(2)
    wait_for_colour(shell, LIGHT)
    shell.type("6 * 7\r")
    shell.wait_for_prompt(3)
    assert "Out[2]: 42" in shell.lines


def test_a_terminal_that_answers_twice_is_heard_once(started: Any) -> None:
    shell = started(background="#fdf6e3", answers="twice")
    wait_for_colour(shell, LIGHT)
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    assert "Out[1]: 42" in shell.lines


def test_a_terminal_that_never_answers_is_not_waited_for(started: Any) -> None:
    shell = started(answers="never")
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    assert prompt_colour(shell) == NEUTRAL
    assert "Out[1]: 42" in shell.lines
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert kept() == {}


def test_a_terminal_without_that_answer_is_known_by_the_next_and_left_alone(started: Any) -> None:
    shell = started(unanswered="background colour")
    shell.wait_for(lambda lines: kept(), "what is remembered")
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert [each["background"] for each in kept().values()] == [""]
    again = started()
    again.type("6 * 7\r")
    again.wait_for_prompt(2)
    assert again.responses == []


@pytest.mark.parametrize("words", [["--colors=light"], ["--Terminal.ask_background=False"]])
def test_a_terminal_is_not_asked_where_the_answer_would_change_nothing(
    started: Any, words: list[str]
) -> None:
    shell = started(*words)
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    assert shell.responses == []


def test_the_environment_hints_at_a_background(started: Any) -> None:
    shell = started(env={"COLORFGBG": "0;15"}, answers="never")
    assert prompt_colour(shell) == LIGHT


def test_an_answer_does_not_land_in_what_a_cell_reads_that_was_typed_at_once(started: Any) -> None:
    shell = started(background="#fdf6e3", typed="'<' + input('name? ') + '>'\r")
    shell.wait_for(lambda lines: lines[-1] == "name?", "the question")
    shell.type("Ann\r")
    shell.wait_for_prompt(2)
    assert "Out[1]: '<Ann>'" in shell.lines
    wait_for_colour(shell, LIGHT)


def test_a_cell_that_was_typed_at_once_runs_though_nothing_is_answered(started: Any) -> None:
    shell = started(answers="never", typed="6 * 7\r")
    shell.wait_for_prompt(2)
    assert "Out[1]: 42" in shell.lines


# -- units -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "background"),
    [
        ("\x1b]11;rgb:0000/0000/0000\x1b\\", "dark"),
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", "light"),
        ("\x1b]11;rgb:28/2c/34\x07", "dark"),
        ("\x1b]11;rgba:fdfd/f6f6/e3e3/ffff\x07", "light"),
        ("\x1b]10;rgb:ffff/ffff/ffff\x07", None),
        ("\x1b]11;?\x07", None),
        ("\x1b[?62;22c", None),
        ("\x1b]11;rgb:zz/00/00\x07", None),
    ],
)
def test_an_answer_is_read(answer: str, background: str | None) -> None:
    assert background_in(answer) == background


@pytest.mark.parametrize(
    ("environ", "known", "asked"),
    [
        ({"TERM": "xterm"}, {}, True),
        ({"TERM": "linux"}, {}, False),
        ({"TERM": "xterm"}, {"background": "dark", "time": time.time()}, True),
        ({"TERM": "xterm"}, {"background": "", "time": time.time()}, False),
        ({"TERM": "xterm"}, {"background": "", "time": time.time() - 40 * 24 * 3600}, True),
        ({"TERM": "xterm"}, {"background": "", "time": "x"}, True),
    ],
)
def test_who_is_asked(environ: dict[str, str], known: dict[str, object], asked: bool) -> None:
    assert worth_asking(environ, known, "linux") is asked
    assert not worth_asking(environ, known, "win32")


def test_what_is_remembered_is_bounded_and_the_users_own(shell_home: Path) -> None:
    for number in range(remembered.MOST + 10):
        remembered.remember("dark", {"TERM": f"kind-{number}"})
    assert len(kept()) == remembered.MOST
    assert remembered.recall({"TERM": "kind-3"}) == {}
    assert remembered.recall({"TERM": f"kind-{remembered.MOST + 9}"})["background"] == "dark"
    if os.name == "posix":
        assert remembered.path().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", '{"a": 3}', "\x00", "[" * 50_000])
def test_a_file_that_somebody_has_broken_counts_as_none(shell_home: Path, text: str) -> None:
    remembered.path().parent.mkdir(parents=True)
    remembered.path().write_text(text)
    assert remembered.recall({"TERM": "a"}) == {}
    remembered.remember("light", {"TERM": "a"})
    assert remembered.hinted({"TERM": "a"}) == "light"


@pytest.mark.parametrize(
    ("environ", "background"),
    [
        ({}, ""),
        ({"COLORFGBG": "15;0"}, "dark"),
        ({"COLORFGBG": "0;15"}, "light"),
        ({"COLORFGBG": "0;default;15"}, "light"),
        ({"COLORFGBG": "12;8"}, "dark"),
        ({"COLORFGBG": "x"}, ""),
        ({"TERM": "linux"}, "dark"),
    ],
)
def test_hints_of_the_environment(shell_home: Path, environ: dict[str, str], background: str) -> None:
    assert remembered.hinted(environ, "linux") == background
