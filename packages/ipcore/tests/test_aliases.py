"""Aliases: names for commands of the system shell."""

from __future__ import annotations

import sys

import pytest
from traitlets.config import Config

from ipcore.aliases import AliasManager, platform_aliases
from ipcore.component import Component
from ipcore.errors import UserError


@pytest.fixture
def aliases() -> AliasManager:
    return AliasManager()


class Shell(Component):
    """A root with magics, as aliases see it."""

    class _Magics:
        def names(self, kind: str) -> list[str]:
            return {"line": ["time", "cat"], "cell": ["bash"]}[kind]

    magics = _Magics()


def test_usual_names_are_there_from_the_start(aliases: AliasManager) -> None:
    assert {"ls", "ldir", "cat", "cp", "mv", "rm", "mkdir", "rmdir", "clear", "more"} <= set(aliases.names)
    assert ("ls", aliases.get("ls")) in aliases.aliases
    assert aliases.get("nope") is None


@pytest.mark.parametrize(
    ("platform", "listing"),
    [
        ("linux", "ls -F --color=auto"),
        ("darwin", "ls -F -G"),
        ("freebsd14", "ls -F -G"),
        ("openbsd7", "ls -F"),
        ("sunos5", "ls -F"),
        ("win32", "dir /on"),
    ],
)
def test_listing_is_coloured_as_the_platform_can(platform: str, listing: str) -> None:
    assert dict(platform_aliases(platform))["ls"] == listing


def test_every_platforms_defaults_are_sound(aliases: AliasManager) -> None:
    for platform in ("linux", "darwin", "win32", "freebsd14"):
        for name, command in platform_aliases(platform):
            aliases.define(name, command)
            aliases.expand(name, "x")


@pytest.mark.parametrize(
    ("command", "rest", "line"),
    [
        ("echo", "", "echo"),
        ("echo", " a  b ", "echo a  b"),
        ("echo -n %s", "a", "echo -n a"),
        ("echo %s and %s", "a b", "echo a and b"),
        ("echo %s and %s", "a b  c  d", "echo a and b c  d"),
        ("echo %s|cat", "'a b' \"c\"", "echo 'a b'|cat \"c\""),
        ("echo %s", "it's", "echo it's"),
        ("echo %s", "a\\ b", "echo a\\ b"),
        ("echo [%l]", " a  b ", "echo [a  b]"),
        ("echo [%l]", "", "echo []"),
        ("echo %l %l", "a", "echo a a"),
        ("date +%%Y", "", "date +%Y"),
        ("date +%Y-%m", "", "date +%Y-%m"),
        ("echo %%s %s", "%s", "echo %s %s"),
        ("echo %l", "\\1 %s", "echo \\1 %s"),
    ],
)
def test_arguments_go_where_the_command_wants_them(
    aliases: AliasManager, command: str, rest: str, line: str
) -> None:
    aliases.define("it", command)
    assert aliases.expand("it", rest) == line


def test_too_few_arguments_are_named(aliases: AliasManager) -> None:
    aliases.define("two", "echo %s %s")
    with pytest.raises(UserError, match=r"two needs 2 arguments, 1 given: echo %s %s"):
        aliases.expand("two", "a")
    aliases.define("one", "echo %s")
    with pytest.raises(UserError, match=r"one needs 1 argument, 0 given"):
        aliases.expand("one")


def test_alias_of_an_alias_is_expanded_each_name_once(aliases: AliasManager) -> None:
    aliases.define("ls", "ls -F")
    aliases.define("la", "ls -a")
    aliases.define("lz", "la %l | sort")
    assert aliases.expand("ls", "x") == "ls -F x"
    assert aliases.expand("lz", "x y") == "ls -F -a x y | sort"
    aliases.define("ping_", "pong 1")
    aliases.define("pong", "ping_ 2")
    assert aliases.expand("ping_", "3") == "ping_ 2 1 3"


@pytest.mark.parametrize("name", ["", "a b", "1a", "a-b", "a.b", "if", "None", "ls|rm"])
def test_name_that_is_no_identifier_is_refused(aliases: AliasManager, name: str) -> None:
    with pytest.raises(UserError, match="cannot be the name of an alias"):
        aliases.define(name, "ls")
    assert name not in aliases.names


def test_name_of_a_magic_is_refused() -> None:
    aliases = AliasManager(parent=Shell())
    with pytest.raises(UserError, match="there is a magic %time"):
        aliases.define("time", "date")
    aliases.define("bash", "bash -l")  # a cell magic is called otherwise


def test_default_with_the_name_of_a_magic_is_no_reason_to_complain(
    capsys: pytest.CaptureFixture[str],
) -> None:
    AliasManager(parent=Shell())
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["", "  ", "a %s %l"])
def test_command_that_cannot_work_is_refused(aliases: AliasManager, command: str) -> None:
    with pytest.raises(UserError, match="the alias it"):
        aliases.define("it", command)


def test_removed_alias_is_gone(aliases: AliasManager) -> None:
    aliases.undefine("ls")
    assert "ls" not in aliases.names
    for attempt in (aliases.undefine, aliases.expand):
        with pytest.raises(UserError, match="no alias 'ls'"):
            attempt("ls")


def test_configured_aliases_are_there_and_wrong_ones_named(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config()
    config.AliasManager.default_aliases = [("ls", "ls -x")]
    config.AliasManager.user_aliases = [
        ("ls", "ls -z"),
        ["g", "git"],
        ("if", "x"),
        "rubbish",
        ("time", "date"),
    ]
    aliases = AliasManager(parent=Shell(config=config))
    assert aliases.aliases == [("g", "git"), ("ls", "ls -z")]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert all("AliasManager.user_aliases" in line and "left out" in line for line in told)


def test_aliases_have_the_names_that_extensions_use(
    aliases: AliasManager, capsys: pytest.CaptureFixture[str]
) -> None:
    aliases.define_alias("hey", "echo hey")
    assert aliases.is_alias("hey")
    aliases.soft_define_alias("if", "echo no")
    assert "'if' cannot be the name of an alias" in capsys.readouterr().err
    aliases.undefine_alias("hey")
    assert not aliases.is_alias("hey")
    with pytest.raises(ValueError, match="hey"):
        aliases.undefine_alias("hey")


@pytest.mark.skipif(sys.platform == "win32", reason="runs commands of a POSIX shell")
def test_default_alias_lists_a_folder(
    aliases: AliasManager, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipcore.system.shell_commands import capture

    monkeypatch.chdir(str(tmp_path))
    capture("mkdir folder; touch file")
    lines, status = capture(aliases.expand("ldir"))
    assert status == 0
    assert [line.split()[-1] for line in lines] == ["folder/"]
