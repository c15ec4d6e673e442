"""Options of magics: getopt notation, declared arguments, help, completion."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ipcore.errors import UsageError
from ipcore.magics import (
    MagicOption,
    Magics,
    argument,
    argument_group,
    defaults,
    kwds,
    line_magic,
    magic_arguments,
    magic_options,
    option_names,
    parse_argstring,
    parse_options,
)
from ipcore.magics.options import words
from ipcore.shell import InteractiveShell

on_posix = pytest.mark.skipif(os.name != "posix", reason="quotes as a POSIX shell reads them")


@pytest.mark.parametrize(
    ("line", "options", "rest"),
    [
        ("", {}, ""),
        ("one  two", {}, "one two"),
        ("-a x", {"a": ""}, "x"),
        ("-b 5 x y", {"b": "5"}, "x y"),
        ("-b5 -a x", {"b": "5", "a": ""}, "x"),
        ("-ab5", {"a": "", "b": "5"}, ""),
        ("--long=7 --flag x", {"long": "7", "flag": ""}, "x"),
        ("--lo 7 x", {"long": "7"}, "x"),
        ("x -a", {}, "x -a"),
        ("-a -- -b x", {"a": ""}, "-b x"),
        ("-b 1 -b 2 -b 3", {"b": ["1", "2", "3"]}, ""),
        ("# no comment", {}, "# no comment"),
    ],
)
def test_options_and_rest(line: str, options: dict[str, Any], rest: str) -> None:
    found = parse_options(line, "ab:", "long=", "flag")
    assert found == (options, rest)


def test_options_are_attributes_too() -> None:
    options, _ = parse_options("-n 3", "n:r:")
    assert options.n == "3"
    assert not hasattr(options, "r")
    with pytest.raises(AttributeError, match="the option r was not given"):
        _ = options.r
    options.merge({"n": "1", "r": "7"}, q=True)
    assert options == {"n": "3", "r": "7", "q": True}
    options.r = "8"
    assert options["r"] == "8"


def test_the_rest_may_be_a_list_of_words() -> None:
    assert parse_options('-a x "y z"', "a", mode="list")[1] == ["x", "y z"]
    with pytest.raises(ValueError, match="mode must be string or list, not 'tuple'"):
        parse_options("", "", mode="tuple")


def test_every_value_may_be_a_list() -> None:
    assert parse_options("-b 1", "ab:", list_all=True)[0] == {"b": ["1"]}
    assert parse_options("-b 1 -a -b 2", "ab:", list_all=True)[0] == {"b": ["1", "2"], "a": [""]}


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("-b 1 'a  b'  \"c\" -b", "'a  b'  \"c\" -b"),
        ("-b 'x y'   for i in  z", "for i in  z"),
        ("-a -- -x  '", "-x  '"),
        ("print('-b  1')", "print('-b  1')"),
        ("-a", ""),
        ("-b 'open quote", ""),
    ],
)
def test_the_rest_may_be_kept_as_typed(line: str, rest: str) -> None:
    found = parse_options(line, "ab:", posix=False, strict=False, preserve_non_opts=True)
    assert found[1] == rest


def test_quotes_are_kept_where_the_rest_is_code() -> None:
    assert parse_options("-b 1 print('a b')", "b:", posix=False)[1] == "print('a b')"
    assert parse_options("a\\b", "", posix=False)[1] == "a\\b"


@on_posix
def test_quotes_and_backslashes_are_those_of_the_platform() -> None:
    assert parse_options("-b 'x y' a\\ b", "b:") == ({"b": "x y"}, "a b")


def test_windows_paths_keep_their_backslashes() -> None:
    found = [word.text for word in words('C:\\new\\table "C:\\My Files" it\'s', "windows")]
    assert found == ["C:\\new\\table", "C:\\My Files", "it's"]


def test_an_open_quote_is_an_error_unless_it_is_allowed() -> None:
    with pytest.raises(UsageError, match="no closing quotation: it's"):
        parse_options("it's", "", posix=True)
    assert parse_options("it's so", "", posix=False, strict=False)[1] == "it's so"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-x", "option -x not recognized; there are: -a -b --long"),
        ("-b", "option -b requires argument; there are: -a -b --long"),
        ("--nosuch", "option --nosuch not recognized; there are: -a -b --long"),
    ],
)
def test_a_wrong_option_is_told_with_those_there_are(line: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(line, "ab:", "long=")
    assert str(caught.value) == told
    with pytest.raises(UsageError, match="there are none"):
        parse_options("-x", "")


@given(st.text(alphabet="ab -'\"\\\n\té#;%", max_size=30))
def test_no_line_breaks_the_parser(line: str) -> None:
    assume(not any(word.startswith("-") for word in line.split()))
    found = parse_options(f"-a {line}", "ab", posix=False, strict=False, preserve_non_opts=True)
    assert found == ({"a": ""}, line.lstrip())


@given(st.lists(st.text(alphabet="abc'\"\\ ", min_size=1, max_size=6), max_size=5))
def test_words_quoted_for_a_shell_come_back(parts: list[str]) -> None:
    import shlex

    assert parse_options(shlex.join(parts), "", posix=True, mode="list")[1] == parts


class Said(Magics):
    """Magics with declared arguments."""

    @line_magic
    @magic_arguments()
    @argument("-n", "--times", type=int, default=1, help="how often, 100% sure; %a %s %(default)s; not 5%")
    @argument("--how", choices=("soft", "loud"), help="see %autoreload and %(nosuch)s")
    @argument("--sure", action="store_true")
    @argument_group("What to say")
    @argument("words", nargs="*", help="the words")
    def say(self, line: str) -> Any:
        """Say something, 100 %autoreload.

        Again and again.
        """
        return parse_argstring(self.say, line)

    @line_magic
    def old(self, line: str) -> Any:
        """Parse in the older notation."""
        line = line.replace("a", "xyz")
        options, rest = self.parse_options(line, "n:q", "long=", "flag", mode="list")
        raise AssertionError(options, rest)


def test_declared_arguments_are_parsed(shell: InteractiveShell) -> None:
    shell.register_magics(Said)
    found = shell.run_line_magic("say", "-n 3 --how loud one 'two words'")
    assert (found.times, found.how) == (3, "loud")
    assert len(found.words) == (2 if os.name == "posix" else 3)
    assert shell.run_line_magic("say", "").times == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-n many", "%say: argument -n/--times: invalid int value: 'many'"),
        ("--nosuch", "%say: unrecognized arguments: --nosuch"),
        ("--how", "%say: argument --how: expected one argument"),
    ],
)
def test_wrong_arguments_are_the_users_mistake(shell: InteractiveShell, line: str, told: str) -> None:
    shell.register_magics(Said)
    with pytest.raises(UsageError) as caught:
        shell.run_line_magic("say", line)
    assert str(caught.value) == told


def test_what_is_not_known_may_be_left() -> None:
    found, others = parse_argstring(Said.say, "-n 3 x --nosuch", partial=True)
    assert found.times == 3
    assert others == ["--nosuch"]


def test_a_function_without_declared_arguments_says_so() -> None:
    with pytest.raises(TypeError, match="decorate it with @magic_arguments"):
        parse_argstring(Said.old, "")


def test_the_help_is_the_docstring_and_percent_signs_in_it_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Said.say.__doc__ is not None
    text = " ".join(Said.say.__doc__.split())
    assert text.startswith("%say [-n TIMES] [--how {soft,loud}] [--sure] [words ...]")
    assert "Say something, 100 %autoreload. Again and again." in text
    assert "how often, 100% sure; %a %s 1; not 5%" in text
    assert "see %autoreload and %(nosuch)s" in text
    assert "What to say: words the words" in text
    assert "\x1b" not in text


def test_the_help_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    def made() -> str | None:
        @magic_arguments("other")
        @argument("--an-option-with-a-long-name", help="word " * 30)
        @argument("--another-option-with-a-long-name")
        def function(line: str) -> None: ...

        return function.__doc__

    monkeypatch.setenv("COLUMNS", "40")
    narrow = made()
    monkeypatch.setenv("COLUMNS", "200")
    assert made() == narrow
    assert narrow is not None
    assert narrow.startswith("%other ")


def test_defaults_and_parameters_of_the_parser() -> None:
    @magic_arguments()
    @kwds(description="%(prog)s is 100% mine", epilog="the end", usage="%(prog)s 5% of")
    @defaults(size="big", colour="red")
    @argument("--size")
    def function(line: str) -> None:
        """Not shown."""

    found = parse_argstring(function, "")
    assert (found.size, found.colour) == ("big", "red")
    assert function.__doc__ is not None
    assert "Not shown" not in function.__doc__
    assert "%function is 100% mine" in function.__doc__
    assert "%function 5% of" in function.__doc__
    assert "the end" in function.__doc__


def test_arguments_stand_in_the_help_in_the_order_of_the_source() -> None:
    @magic_arguments()
    @argument("first")
    @argument("second", type=int)
    def function(line: str) -> None: ...

    assert vars(parse_argstring(function, "a 2")) == {"first": "a", "second": 2}


def test_an_argument_that_ends_the_program_elsewhere_ends_nothing_here() -> None:
    @magic_arguments()
    @argument("--version", action="version", version="1.0")
    def function(line: str) -> None: ...

    with pytest.raises(UsageError):
        parse_argstring(function, "--version")


def test_the_options_of_a_magic_are_known_without_running_it(shell: InteractiveShell) -> None:
    assert option_names(Said.say) == ["-n", "--times", "--how", "--sure"]
    assert option_names(Said.old) == ["-n", "-q", "--long", "--flag"]
    assert magic_options(Said.old)[:2] == [MagicOption(("-n",), True), MagicOption(("-q",), False)]
    assert [option.takes_value for option in magic_options(Said.say)] == [True, True, False, True]
    assert magic_options(Said.say)[1].choices == ("soft", "loud")
    assert option_names(print) == []
    assert option_names(eval("lambda line: self.parse_options(line, 'x')")) == []
    assert shell.magics.option_names("say") == []
    shell.register_magics(Said)
    assert shell.magics.option_names("say") == ["-n", "--times", "--how", "--sure"]
    assert shell.magics.option_names("old") == ["-n", "-q", "--long", "--flag"]
