"""Options and sub-commands come from manual pages."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcompleters import manual_pages
from ipcompleters.manual_pages import options_of, subcommands_of

PAGE = ".TP\n\\fB\\-a\\fR, \\fB\\-\\-all\\fR\nall\n"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of section 1."""
    folder = tmp_path / "man" / "man1"
    folder.mkdir(parents=True)
    monkeypatch.setenv("MANPATH", str(tmp_path / "man"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return folder


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("\\fB\\-a\\fR, \\fB\\-\\-all\\fR", ["-a", "--all"]),
        ("\\fB\\-\\-color\\fR[=\\fI\\,WHEN\\/\\fR]", ["--color"]),
        ('.BR \\-a ", " \\-\\-all', ["-a", "--all"]),
        (".B \\-\\-all", ["--all"]),
        (".B --all", ["--all"]),
        ('.IP "-4, --ipv4"', ["-4", "--ipv4"]),
        ('.IP "\\fB\\-Wall\\fR" 4', ["-Wall"]),
        (".It Fl a Ar file", ["-a"]),
        (".It Fl -all", ["--all"]),
        (".It Fl a , Fl -all", ["-a", "--all"]),
        ("\\-e <pattern>, \\-\\-regexp=<pattern>", ["-e", "--regexp"]),
        ("\\-\\-[no\\-]track", ["--track", "--no-track"]),
        ("\\-a | \\-\\-all", ["-a", "--all"]),
        ("\\-a or \\-b", ["-a", "-b"]),
        ("\\f[B]\\-\\-pandoc\\f[R]", ["--pandoc"]),
        ("\\f(CW\\-\\-pod\\fR", ["--pod"]),
        ("text with \\-a in it", []),
        (".SH NAME", []),
        ("\\- a dash", []),
        ("\\-\\-", []),
        ('.\\" \\-\\-comment', []),
    ],
)
def test_options_of_a_line(line: str, options: list[str]) -> None:
    assert list(manual_pages._options_in(line)) == options


@pytest.mark.parametrize(
    ("ending", "pack"), [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)]
)
def test_pages_may_be_compressed(pages: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    (pages / f"frob.1{ending}").write_bytes(pack(PAGE.encode()))
    assert options_of("frob") == ("-a", "--all")


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b", b"no archive", gzip.compress(PAGE.encode(), mtime=0)[:-9]]
)
@pytest.mark.parametrize("ending", [".gz", ".xz", ".bz2"])
def test_a_damaged_page_has_no_options(pages: Path, ending: str, content: bytes) -> None:
    (pages / f"frob.1{ending}").write_bytes(content)
    assert options_of("frob") == ()


def test_a_page_that_changed_is_read_again(pages: Path) -> None:
    import os

    page = pages / "frob.1"
    page.write_text(PAGE)
    os.utime(page, (1, 1))
    assert options_of("frob") == ("-a", "--all")
    page.write_text(PAGE.replace("all", "any"))
    assert options_of("frob") == ("-a", "--any")


@pytest.mark.parametrize("name", ["", "../frob", "a/b", "frob\0", "*", "no-such-program"])
def test_what_is_no_name_of_a_page(pages: Path, name: str) -> None:
    (pages / "frob.1").write_text(PAGE)
    assert options_of(name) == ()


def test_a_page_that_refers_to_itself(pages: Path) -> None:
    (pages / "frob.1").write_text(".so man1/frob.1\n")
    assert options_of("frob") == ()


def test_a_subcommand_without_a_page_has_the_options_of_the_program(pages: Path) -> None:
    (pages / "git.1").write_text(PAGE)
    assert options_of("git", "frob") == ("-a", "--all")
    (pages / "git-frob.1").write_text(PAGE.replace("all", "any"))
    assert options_of("git", "frob") == ("-a", "--any")


def test_subcommands(pages: Path) -> None:
    for name in ("git-add.1", "git-frob.1.gz", "git.1", "gitk.1", "other-add.1"):
        (pages / name).touch()
    assert sorted(subcommands_of("git", lambda: False)) == ["add", "frob"]
    assert subcommands_of("other", lambda: False) == []


def test_memory_is_bounded(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manual_pages, "MOST_PAGES", 3)
    for number in range(6):
        (pages / f"frob{number}.1").write_text(PAGE)
        options_of(f"frob{number}")
    assert len(manual_pages._known) == 3


def test_a_large_page_is_read_in_part(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manual_pages, "LARGEST", len(PAGE))
    (pages / "frob.1").write_text(PAGE + PAGE.replace("all", "any"))
    assert options_of("frob") == ("-a", "--all")


@given(st.text(st.sampled_from('\\-.fBIPTRlt[]()|, ab\n"1'), max_size=60))
def test_any_page_is_read(text: str) -> None:
    for option in manual_pages._options_in(text):
        assert option.startswith("-")
        assert not option.isspace()
