"""What the page on completion says of imports, paths and commands is what the code does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docs.tests.pages import DOCS, rows
from ipcompleters import modules_on_path
from ipcompleters.paths import PathProvider
from ipcore import InteractiveShell
from ipcore.types.completion import CompletionRequest

PAGE = DOCS / "reference" / "completion.md"


@pytest.fixture
def proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], list[str]]]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "folder").mkdir()
    shell = InteractiveShell()

    def ask(text: str) -> list[str]:
        request = CompletionRequest(text, len(text))
        return sorted(each.text for each in PathProvider(shell).complete(request))

    yield ask
    shell.close()


def where() -> list[list[str]]:
    return rows(PAGE, "Where")


@pytest.mark.parametrize("opening", re.findall(r"`([\w.=(]+\")`", where()[0][0]))
def test_functions_that_take_paths(opening: str, proposed: Callable[[str], list[str]]) -> None:
    assert proposed(opening) == ["folder/", "notes.txt"]
    assert proposed(f"{opening}n") == ["notes.txt"]


@pytest.mark.parametrize("opening", re.findall(r"`([\w.=(]+\")`", where()[0][1]))
def test_functions_that_take_folders(opening: str, proposed: Callable[[str], list[str]]) -> None:
    assert proposed(opening) == ["folder/"]


@pytest.mark.parametrize("magic", re.findall(r"`(%+\w+)`", where()[4][0]))
def test_magics_that_take_files(magic: str, proposed: Callable[[str], list[str]]) -> None:
    assert proposed(f"{magic} ") == ["folder/", "notes.txt"]


@pytest.mark.parametrize("magic", re.findall(r"`(%\w+)`", where()[4][1]))
def test_magics_of_which_others_speak(magic: str, proposed: Callable[[str], list[str]]) -> None:
    assert proposed(f"{magic} ./") == []


def test_what_begins_like_a_path(proposed: Callable[[str], list[str]]) -> None:
    for beginning in re.findall(r"`([./~]+)`", where()[1][0]):
        assert proposed(f"x = '{beginning}")


def test_how_long_a_slow_folder_is_kept() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "longer than a tenth of a second" in text
    assert "for a week" in text
    assert modules_on_path.SLOW == 0.1
    assert modules_on_path._KEPT_DAYS == 7
