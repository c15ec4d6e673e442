"""Reading the command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.application.command_line import CommandLine, parse, to_config
from ipcore.application.options import BY_NAME
from ipcore.errors import UsageError


@pytest.mark.parametrize(
    ("words", "target", "value", "arguments"),
    [
        ([], "", "", []),
        (["a.py", "-i", "--foo", "x"], "file", "a.py", ["-i", "--foo", "x"]),
        (["--", "-odd.py", "--", "y"], "file", "-odd.py", ["--", "y"]),
        (["a.py", "--", "--foo"], "file", "a.py", ["--", "--foo"]),
        (["-c", "print(1)", "-i", "rest"], "code", "print(1)", ["-i", "rest"]),
        (["-cpass", "x"], "code", "pass", ["x"]),
        (["-c", "-1"], "code", "-1", []),
        (["-ic", "1"], "code", "1", []),
        (["-m", "this", "-c"], "module", "this", ["-c"]),
        (["-", "a"], "stdin", "-", ["a"]),
        (["plugins", "list", "--json"], "command", "plugins", ["list", "--json"]),
        (["./plugins"], "file", "./plugins", []),
        (["--"], "", "", []),
    ],
)
def test_options_end_where_the_program_begins(
    words: list[str], target: str, value: str, arguments: list[str]
) -> None:
    line = parse(words)
    assert (line.target, line.value, line.arguments) == (target, value, arguments)


def test_a_joined_interactive_switch_counts() -> None:
    assert parse(["-ic", "1"]).has("i")
    assert parse(["-i", "-m", "this"]).has("i")


def test_values_are_taken_joined_or_apart() -> None:
    for words in (["--profile", "a"], ["--profile=a"]):
        assert parse([*words, "x.py"]).last("profile") == "a"
    assert parse(["-p", "x", "-pno:y", "--plugin=z"]).own["plugin"] == ["x", "no:y", "z"]


def config_of(line: CommandLine) -> dict[str, object]:
    config, _ = to_config(line.assignments)
    return {
        f"{section}.{trait}": value for section, values in config.items() for trait, value in values.items()
    }


def test_switches_and_settings_become_configuration_and_the_last_one_counts() -> None:
    line = parse(["--automagic", "--no-automagic", "--InteractiveShell.cache_size=5", "--Plugins.choose.a=b"])
    assert config_of(line) == {
        "InteractiveShell.automagic": False,
        "InteractiveShell.cache_size": "5",
        "Plugins.choose": {"a": "b"},
    }


def test_a_repeated_setting_is_a_list() -> None:
    line = parse(["--IPShellApp.exec_lines=a=1", "--IPShellApp.exec_lines", "b=2"])
    assert config_of(line) == {"IPShellApp.exec_lines": ["a=1", "b=2"]}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--hlep"], "Did you mean --help?"),
        (["--no-automagik"], "Did you mean --no-automagic?"),
        (["-x"], "there is no option -x"),
        (["-c"], "-c needs the code"),
        (["-m"], "-m needs the module"),
        (["--profile"], "--profile needs a value"),
        (["--debug=3"], "--debug takes no value"),
        (["--InteractiveShell.cache_size"], "needs a value"),
        (["--gui", "qt"], "needs ipgui, which is not installed"),
    ],
)
def test_a_wrong_option_is_named_with_the_way_out(words: list[str], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert text in str(caught.value)
    assert caught.value.status == 2


@given(st.lists(st.one_of(st.sampled_from([*BY_NAME, "-c", "-m", "--", "-", "x.py", "--A.b=1"]), st.text())))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        line = parse(words)
    except UsageError:
        return
    assert line.arguments == words[len(words) - len(line.arguments) :]
    to_config(line.assignments)
