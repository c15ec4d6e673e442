"""Command lines are read as the system's shell reads them."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ipcompleters.shell_words import escaped, needs_quotes_on_windows, read_command

NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="\0"), min_size=1
)
SHELL = shutil.which("sh")


@pytest.mark.parametrize(
    ("line", "arguments", "value", "start", "quote"),
    [
        ("", (), "", 0, ""),
        ("ca", (), "ca", 0, ""),
        ("cat ", ("cat",), "", 4, ""),
        ("cat a b", ("cat", "a"), "b", 6, ""),
        ("cat  a\\ b", ("cat",), "a b", 5, ""),
        ("cat 'a b", ("cat",), "a b", 4, "'"),
        ('cat "a \\"b', ("cat",), 'a "b', 4, '"'),
        ("cat 'a\\", ("cat",), "a\\", 4, "'"),
        ("cat 'a b'c", ("cat",), "a bc", 4, ""),
        ("cat a | grep b", ("grep",), "b", 13, ""),
        ("cd /; ls", (), "ls", 6, ""),
        ("a && b c", ("b",), "c", 7, ""),
        ("echo $(ca", (), "ca", 7, ""),
        ("A=1 B=2 cat x", ("cat",), "x", 12, ""),
        ("sudo env cat x", ("cat",), "x", 13, ""),
        ("cat {d['a b']} x", ("cat", "{d['a b']}"), "x", 15, ""),
        ("cat\nls x", ("ls",), "x", 7, ""),
    ],
)
def test_words(line: str, arguments: tuple[str, ...], value: str, start: int, quote: str) -> None:
    read = read_command(line, windows=False)
    assert (read.arguments, read.word.value, read.word.start, read.word.quote) == (
        arguments,
        value,
        start,
        quote,
    )


@pytest.mark.parametrize(
    ("line", "arguments", "redirected"),
    [
        ("ls > a", ("ls",), True),
        ("ls >a", ("ls",), True),
        ("ls 2> a", ("ls",), True),
        ("ls > a b", ("ls",), False),
        ("ls 2>&1 b", ("ls",), False),
        ("ls < a | b", (), False),
    ],
)
def test_redirections(line: str, arguments: tuple[str, ...], redirected: bool) -> None:
    read = read_command(line, windows=False)
    assert (read.arguments, read.redirected) == (arguments, redirected)


def test_a_backslash_is_a_character_on_windows() -> None:
    word = read_command('type "a b\\c', windows=True).word
    assert (word.value, word.quote, word.start) == ("a b\\c", '"', 5)
    word = read_command("type it's\\c", windows=True).word
    assert (word.value, word.quote) == ("it's\\c", "")


@pytest.mark.parametrize("name", ["a b", "a&b", "a(1)", "50%", "a;b"])
def test_names_that_need_quotes_on_windows(name: str) -> None:
    assert needs_quotes_on_windows(name)


@pytest.mark.parametrize("name", ["a", "a.txt", "a-b_c", "é.txt", "C:\\a"])
def test_names_that_do_not(name: str) -> None:
    assert not needs_quotes_on_windows(name)


@given(NAMES, st.sampled_from(["", "'", '"']))
def test_what_is_written_is_read_again(name: str, quote: str) -> None:
    read = read_command(f"cat {quote}{escaped(name, quote)}", windows=False)
    if "{" not in name or quote:  # a name with braces may be an expression of Python's
        assert read.word.value == name
        assert read.arguments == ("cat",)


@given(NAMES, st.sampled_from(["", "'", '"']))
def test_python_reads_it_the_same(name: str, quote: str) -> None:
    assume(quote != '"' or not set("$`") & set(name))  # which shlex does not know between double quotes
    assert shlex.split(f"cat {quote}{escaped(name, quote)}{quote}") == ["cat", name]


@pytest.mark.skipif(SHELL is None, reason="there is no sh")
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_shell_reads_it_the_same(quote: str) -> None:
    names = [
        "a b",
        "~",
        "it's",
        'a"b',
        "a$HOME",
        "a`ls`",
        "a*?[x]",
        "!x",
        "#x",
        "{a,b}",
        "a\\b",
        "a&b;c|d",
        "é",
    ]
    words = " ".join(f"{quote}{escaped(name, quote)}{quote}" for name in names)
    done = subprocess.run(
        [SHELL or "", "-c", f"printf '%s\\n' {words}"], capture_output=True, timeout=60, check=True
    )
    assert done.stdout.decode().splitlines() == names


@given(st.text(st.sampled_from("a /\\'\"|;&<>(){}$`=~\n2"), max_size=30), st.booleans())
def test_any_line_is_read(line: str, windows: bool) -> None:
    word = read_command(line, windows).word
    assert 0 <= word.start <= len(line) == word.end
    assert all(word.start <= word.offset(index) <= word.end for index in range(len(word.value) + 1))
