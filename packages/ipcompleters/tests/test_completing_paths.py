"""How paths are split, looked for and written."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcompleters import paths
from ipcompleters.paths import PathProvider, looks_like_path, paths_for
from ipcompleters.shell_words import read_command
from ipcore.types.completion import CompletionRequest


def texts(text: str, **options: Any) -> list[str]:
    provider = PathProvider(None)  # type: ignore[arg-type]
    return sorted(each.text for each in provider.complete(CompletionRequest(text, len(text), **options)))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


# -- for who knows that a path belongs there --------------------------------------------


def test_paths_for_a_magic(here: Path) -> None:
    make(here, "one.py", "two.txt", "three.ipy", "sub/", "my sub/")
    request = CompletionRequest("%run ", 5)
    run = [each.text for each in paths_for(request, 5, suffixes=(".py", ".ipy"))]
    assert sorted(run) == ["my sub/", "one.py", "sub/", "three.ipy"]
    cd = list(paths_for(CompletionRequest("%cd s", 5), 4, folders_only=True))
    assert [(each.text, each.start, each.end, each.type) for each in cd] == [("sub/", 4, 5, "path")]


@pytest.mark.skipif(os.name == "nt", reason="of shells of POSIX")
def test_paths_for_a_magic_that_takes_quotes(here: Path) -> None:
    make(here, "my sub/")

    def found(text: str) -> list[str]:
        return [each.text for each in paths_for(CompletionRequest(text, len(text)), 4, place="shell")]

    assert found("%cd my") == ["my\\ sub/"]
    assert found('%cd "my') == ["my sub/"]


# -- the rules --------------------------------------------------------------------------


def test_while_typing_nothing_unlikely_is_proposed(here: Path) -> None:
    make(here, "data.csv")
    assert texts("x = 'da", trigger="typing") == []
    assert texts("!cat ", trigger="typing") == []
    assert texts("x = './da", trigger="typing") == ["data.csv"]
    assert texts("open('da", trigger="typing") == ["data.csv"]


def test_in_any_string_they_rank_low(here: Path) -> None:
    make(here, "data.csv")
    (found,) = PathProvider(None).complete(CompletionRequest("x = 'da", 7))  # type: ignore[arg-type]
    assert found.rank < 0


def test_a_working_folder_that_is_gone(here: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows keeps the working folder")
    here.rmdir()
    assert texts("open('") == []
    assert texts("!cat ./") == []


def test_a_folder_that_may_not_be_read(here: Path) -> None:
    make(here, "sub/one.txt")
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("nothing is forbidden to this user")
    (here / "sub").chmod(0)
    try:
        assert texts("open('sub/") == []
    finally:
        (here / "sub").chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="names are any bytes there")
def test_names_that_cannot_be_written_are_left_out(here: Path) -> None:
    make(here, "da\nta", "da\x1b[31m", "data")
    (here / os.fsdecode(b"da\xff")).touch()
    assert texts("open('da") == ["data"]
    assert texts("!cat da") == ["data"]


@pytest.mark.skipif(os.name == "nt", reason="a backslash is no separator elsewhere")
def test_backslashes_in_names(here: Path) -> None:
    make(here, "da\\ta")
    assert texts("open('da") == ["da\\\\ta"]
    assert texts("open('da\\\\t") == ["da\\\\ta"]
    assert texts("open(r'da") == []
    assert texts("!cat da") == ["da\\\\ta"]
    assert texts("open('da\\t") == []


@pytest.mark.skipif(os.name == "nt", reason="quotes are no names there")
@pytest.mark.parametrize("opening", ["'", '"', "'''", '"""', "b'", 'f"', "u'"])
@pytest.mark.parametrize("name", ["it's", 'say "so"', "back\\slash", "bra{ce}s", "plain"])
def test_what_is_proposed_means_the_file(here: Path, opening: str, name: str) -> None:
    import ast

    make(here, name)
    (written,) = texts(f"open({opening}")
    quote = opening.lstrip("bfu")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = ast.parse(opening + written + quote, mode="eval")
    value = eval(compile(tree, "<test>", "eval"))
    assert (os.fsdecode(value) if isinstance(value, bytes) else value) == name


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights there")
def test_links(here: Path) -> None:
    make(here, "sub/", "file")
    (here / "to sub").symlink_to("sub")
    (here / "to file").symlink_to("file")
    (here / "to nothing").symlink_to("nothing")
    assert texts("open('to") == ["to file", "to nothing", "to sub/"]


def test_only_links_that_go_with_what_is_typed_are_followed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name == "nt":
        pytest.skip("making links takes rights there")
    make(here, "sub/", *(f"file{number}" for number in range(30)))
    (here / "far").symlink_to("elsewhere")
    monkeypatch.setattr(os.path, "isdir", lambda path: pytest.fail(f"{path} is looked at"))
    assert len(texts("open('file")) == 30
    assert texts("open('s") == ["sub/"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such users there")
def test_home_folders_of_users() -> None:
    import pwd

    user = pwd.getpwuid(os.getuid()).pw_name
    assert f"~{user}/" in texts(f"open('~{user[:1]}")
    assert texts(f"open('~{user}/") == texts(f"open('{pwd.getpwuid(os.getuid()).pw_dir}/")


def test_a_large_folder_is_given_in_part_when_nobody_wants_it(here: Path) -> None:
    make(here, *(str(number) for number in range(2500)))
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    assert 0 < len(texts("open('", cancelled_by=cancelled)) < 2500
    assert len(texts("open('")) == 2500


# -- Windows, whose forms are read anywhere ---------------------------------------------


@pytest.mark.parametrize(
    ("text", "windows", "posix"),
    [
        ("/a", True, True),
        ("./a", True, True),
        ("../a", True, True),
        ("~", True, True),
        ("~me", True, True),
        ("\\\\server", True, False),
        (".\\a", True, False),
        ("C:\\", True, False),
        ("c:/a", True, False),
        ("c:", True, False),
        ("a/b", False, False),
        (".a", False, False),
        ("...", False, False),
        ("abc:/", False, False),
        ("", False, False),
    ],
)
def test_what_looks_like_a_path(text: str, windows: bool, posix: bool) -> None:
    assert looks_like_path(text, windows=True) is windows
    assert looks_like_path(text, windows=False) is posix


@pytest.mark.parametrize(
    ("content", "prefix", "folder", "name", "separator"),
    [
        ("C:/Us", "", "C:/", "Us", "/"),
        ("C:\\\\Us", "", "C:\\", "Us", "\\\\"),
        ("C:\\Us", "r", "C:\\", "Us", "\\"),
        ("C:\\Us", "", "C:\\", "Us", "\\"),
        ("C:Us", "", "C:", "Us", "/"),
        ("a/b\\\\c", "", "a/b\\", "c", "\\\\"),
        ("a\\\\b/c", "", "a\\b/", "c", "/"),
        ("abc", "", "", "abc", "/"),
    ],
)
def test_paths_of_windows_in_strings(
    content: str, prefix: str, folder: str, name: str, separator: str
) -> None:
    typed = paths._of_string(content, 10, prefix, "'", windows=True)
    assert typed is not None
    assert (typed.folder, typed.name, typed.separator) == (folder, name, separator)
    assert content.endswith(content[typed.start - 10 :])
    assert content[typed.start - 10 :] == name


@pytest.mark.parametrize(
    ("command", "name", "written", "whole"),
    [
        ("type da", "data.csv", "data.csv", False),
        ("type my", "my data.csv", '"my data.csv', True),
        ('type "my', "my data.csv", "my data.csv", False),
        ("type sub\\my", "my data.csv", '"sub\\my data.csv', True),
        ("type sub\\da", "data.csv", "data.csv", False),
    ],
)
def test_names_in_commands_of_windows(command: str, name: str, written: str, whole: bool) -> None:
    word = read_command(command, windows=True).word
    typed = paths._of_word(word, 1, windows=True)
    assert paths._written(typed, name) == written
    assert typed.whole == 1 + 5
    request = CompletionRequest(f"!{command}", len(command) + 1)
    made = paths._made(request, typed, "nowhere", name, False, (), (), 0)
    assert made is not None
    assert made.start == (6 if whole else typed.start)


@given(
    st.text(st.sampled_from("a/\\'\"{}~.: \n"), max_size=20),
    st.sampled_from(["", "r", "f", "b"]),
    st.booleans(),
)
def test_any_content_is_split(content: str, prefix: str, windows: bool) -> None:
    typed = paths._of_string(content, 0, prefix, "'", windows)
    if typed is not None:
        assert 0 <= typed.start <= len(content)
