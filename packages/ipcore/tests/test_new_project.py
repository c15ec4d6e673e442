"""``ipshell plugins new``: a project with the author's names, all of it or nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ipcore import __version__
from ipcore.errors import UsageError, UserError
from ipcore.plugins.new_project import (
    PIECES,
    Names,
    names_for,
    project_files,
    with_needed,
    write_project,
)
from ipcore.testing import FakeSite

Run = Callable[..., subprocess.CompletedProcess[str]]

#: What belongs to one piece alone.
FILES = {
    "line_magics": ["tests/test_line_magic.py"],
    "cell_magics": ["tests/test_cell_magic.py"],
    "completers": ["src/kettle/completion.py", "tests/test_completion.py"],
    "input": ["src/kettle/notation.py", "tests/test_notation.py"],
    "inputhooks": ["src/kettle/waiting.py", "tests/test_waiting.py"],
    "commands": ["src/kettle/command.py", "tests/test_command.py"],
}


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# -- names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "dist", "package"),
    [
        ("kettle", "kettle", "kettle"),
        ("My_Tea.Pot", "my-tea-pot", "my_tea_pot"),
        ("ipshell--kettle2", "ipshell-kettle2", "ipshell_kettle2"),
        ("match", "match", "match"),
    ],
)
def test_a_name_is_written_as_indexes_and_imports_want_it(given: str, dist: str, package: str) -> None:
    assert names_for(given) == Names(dist, package)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("", "is no name for a distribution"),
        ("-kettle", "is no name for a distribution"),
        ("kettle-", "is no name for a distribution"),
        ("ket tle", "is no name for a distribution"),
        ("kettle\n", "is no name for a distribution"),
        ("../kettle", "is no name for a distribution"),
        ("théière", "is no name for a distribution"),
        ("3d-plots", "cannot be imported as 3d_plots: let it begin with a letter"),
        ("class", '"class" is a word of Python'),
        ("Lambda", '"lambda" is a word of Python'),
    ],
)
def test_what_cannot_be_a_name_is_refused(given: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        names_for(given)


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("yak-shaver", [], "the distribution yak-shaver 2.1 is installed"),
        ("YAK.shaver", [], "the distribution yak-shaver 2.1 is installed"),
        ("wool", [], 'there is a module "wool" already: {site}'),
        ("json", [], 'the standard library has a module "json"'),
        ("winreg", [], 'the standard library has a module "winreg"'),
        ("ipcore", [], 'the name "ipcore" belongs to a part of ipshell'),
        ("ipshell-core", [], 'the name "ipshell-core" belongs to a part of ipshell'),
        ("ipkernel-parallel", [], 'the name "ipkernel-parallel" belongs to a part of ipshell'),
        ("baa", [], '"baa" is a key of yak-shaver 2.1 in the family line_magics'),
        ("locate", [], f'"locate" is a key of ipshell-core {__version__} in the family commands'),
        ("asyncio", ["--only=inputhooks"], 'the standard library has a module "asyncio"'),
        ("logstart", [], '"logstart" is a key that iplogging has in the family line_magics'),
        ("cluster", [], '"cluster" is a key that ipkernel-parallel has in the family commands'),
        ("wx", ["--only=inputhooks"], '"wx" is a key that ipgui has in the family inputhooks'),
    ],
)
def test_a_name_that_something_else_has_is_refused(
    ipcore: Run, tmp_path: Path, name: str, options: list[str], told: str
) -> None:
    site = FakeSite(tmp_path / "site")
    site.install(
        "yak-shaver",
        "2.1",
        entry_points={"line_magics": {"baa": "yak"}},
        files={"yak.py": "", "wool.py": "raise SystemExit('imported')"},
    )
    run = ipcore("plugins", "new", name, "made", *options, PYTHONPATH=str(site))
    assert run.stderr.startswith(f"ipshell: {told.format(site=site)}")
    assert run.stderr.endswith("choose another name.\n")
    assert (run.stdout, run.returncode, written(tmp_path / "work")) == ("", 1, [])


def test_a_key_that_is_taken_in_a_family_left_out_is_in_nobodys_way(ipcore: Run) -> None:
    assert ipcore("plugins", "new", "recall", "--only=commands,inputhooks").returncode == 0


def test_a_folder_without_code_does_not_take_a_name(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "kettle").mkdir(parents=True, exist_ok=True)
    run = ipcore("plugins", "new", "kettle", "project")
    assert (run.stderr, run.returncode) == ("", 0)


# -- what is written ---------------------------------------------------------------


def test_a_project_is_written_and_what_comes_next_is_said(ipcore: Run, tmp_path: Path) -> None:
    run = ipcore("plugins", "new", "My_Kettle")
    assert (run.stderr, run.returncode) == ("", 0)
    folder = tmp_path / "work" / "my-kettle"
    files = written(folder)
    assert run.stdout.splitlines() == [
        f"my-kettle: {len(files)} files of the distribution my-kettle, imported as my_kettle",
        f"plugins: {', '.join(PIECES)}",
        "",
        "Next:",
        "    cd my-kettle",
        '    python -m pip install -e ".[test]"',
        "    python -m pytest",
    ]
    assert {
        "pyproject.toml",
        "README.md",
        "src/my_kettle/__init__.py",
        "src/my_kettle/py.typed",
        "src/my_kettle/plugin.py",
    } <= set(files)
    assert (folder / "src" / "my_kettle" / "py.typed").read_text() == ""
    assert written(tmp_path / "work") == [f"my-kettle/{path}" for path in files]


def test_the_folder_is_the_one_that_was_named(ipcore: Run, tmp_path: Path) -> None:
    target = tmp_path / "a place"
    run = ipcore("plugins", "new", "kettle", str(target))
    assert (target / "src" / "kettle" / "plugin.py").is_file()
    quoted = f'"{target}"' if os.name == "nt" else f"'{target}'"
    assert f"    cd {quoted}\n" in run.stdout


ALONE = [[name] for name in PIECES]
ALL_BUT_ONE = [[each for each in PIECES if each != name] for name in PIECES]


@pytest.mark.parametrize("chosen", [list(PIECES), *ALONE, *ALL_BUT_ONE], ids=",".join)
def test_a_project_has_the_pieces_that_were_chosen(chosen: list[str]) -> None:
    pieces = with_needed(chosen)
    files = project_files(Names("tea-kettle", "kettle"), pieces)
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["name"] == "tea-kettle"
    assert project["dependencies"] == [f"ipshell-core>={__version__}"]
    assert project["entry-points"] == {f"ipshell.{name}": {"kettle": "kettle.plugin"} for name in pieces}
    own = [path for name in PIECES for path in FILES[name]]
    assert [path for path in own if path in files] == [path for name in pieces for path in FILES[name]]
    assert ("src/kettle/magics.py" in files) is bool({"line_magics", "cell_magics"} & set(pieces))
    for path, text in files.items():
        assert not re.search(r"@(dist|package|core|api)@|#\[|\bpackage/", text), path
        assert text == "" or text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_what_a_piece_needs_comes_with_it_and_is_said(ipcore: Run, tmp_path: Path) -> None:
    run = ipcore("plugins", "new", "kettle", "--only", "input, completers")
    assert "plugins: line_magics, completers, input\n" in run.stdout
    assert "line_magics is there because input and completers need it\n" in run.stdout


@pytest.mark.parametrize(
    ("only", "told"),
    [
        ("inputhook", 'there is no piece for "inputhook"; did you mean "inputhooks"?'),
        ("history", 'there is no piece for "history"; there are: line_magics, cell_magics, completers,'),
        (",", "--only needs the name of a family"),
    ],
)
def test_a_piece_that_there_is_not_is_refused(ipcore: Run, tmp_path: Path, only: str, told: str) -> None:
    run = ipcore("plugins", "new", "kettle", f"--only={only}")
    assert run.stderr.startswith(f"ipshell: {told}")
    assert (run.stdout, run.returncode, written(tmp_path / "work")) == ("", 2, [])


def test_the_same_names_give_the_same_text() -> None:
    names = Names("kettle", "kettle")
    assert project_files(names, PIECES) == project_files(names, list(PIECES))


# -- where nothing is written ------------------------------------------------------


def test_a_folder_that_is_there_is_left_as_it_is(ipcore: Run, tmp_path: Path) -> None:
    folder = tmp_path / "work" / "kettle"
    folder.mkdir(parents=True)
    (folder / "mine").write_text("mine")
    run = ipcore("plugins", "new", "kettle")
    assert run.stderr == (
        "ipshell: kettle exists, and nothing in it is overwritten; name a folder that does not.\n"
    )
    assert (run.stdout, run.returncode) == ("", 1)
    assert written(tmp_path / "work") == ["kettle/mine"]
    assert ipcore("plugins", "new", "kettle", ".").stderr.startswith("ipshell: . exists")
    # Also where the name is taken, as by the project that was written before.
    assert ipcore("plugins", "new", "json", "kettle").stderr.startswith("ipshell: kettle exists")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few users make links")
def test_a_link_to_nowhere_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kettle").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match="exists"):
        write_project(tmp_path / "kettle", {"a": ""})
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_of_which_the_parent_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no folder .*nowhere to put kettle in"):
        write_project(tmp_path / "nowhere" / "kettle", {"a": ""})
    assert list(tmp_path.iterdir()) == []


def test_if_a_file_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="kettle cannot be written: "):
        write_project(tmp_path / "kettle", {"a": "a file", "a/b": "no folder"})
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_of_an_attempt_that_was_killed_is_named(tmp_path: Path) -> None:
    (tmp_path / ".kettle.new").mkdir()
    with pytest.raises(UserError, match=r"\.kettle\.new is left of an attempt that was ended; remove it"):
        write_project(tmp_path / "kettle", {"a": ""})
    assert [path.name for path in tmp_path.iterdir()] == [".kettle.new"]


@pytest.mark.parametrize("parent", ["file", "."])
def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path, parent: str) -> None:
    (tmp_path / "file").write_text("no folder")
    name = "kettle" if parent == "file" else "k" * 300
    with pytest.raises(UserError, match=f"{name} cannot be made: .+"):
        write_project(tmp_path / parent / name, {"a": ""})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
