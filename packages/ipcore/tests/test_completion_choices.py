"""Completion as the user and extensions want it: who stands in, what matches, in which order, matchers."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ipcore.completion.rounds import merged
from ipcore.hookspecs import hookimpl
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell
from ipcore.types.completion import NO_MATCH, Completion, CompletionRequest, Matching, distance

Answer = Callable[[CompletionRequest], Any]
Make = Callable[[str, Answer], InteractiveShell]


class Provider:
    """A provider made of a function."""

    def __init__(self, name: str, answer: Answer) -> None:
        self.name = name
        self.complete = answer


@pytest.fixture
def shell_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Give what makes a shell with a plugin that has one provider."""
    made: list[InteractiveShell] = []

    def make(name: str, answer: Answer) -> InteractiveShell:
        module: Any = types.ModuleType("plugin_choices")
        provider = Provider(name, answer)
        module.ipshell_completion_providers = hookimpl(lambda shell: [provider])
        monkeypatch.setitem(sys.modules, module.__name__, module)
        declared = Declared("completers", "mine", module.__name__, "mine-dist", "2.1")
        shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, declared)))
        made.append(shell)
        return shell

    yield make
    for shell in made:
        shell.close()


def texts(shell: InteractiveShell, text: str) -> list[str]:
    return [each.text for each in shell.completer.completions(text)]


def these(*given: str) -> Answer:
    return lambda request: [Completion(request.word_start, request.cursor, each) for each in given]


# -- a provider in the place of the core's -------------------------------------------


def test_a_plugins_provider_stands_in_the_place_of_the_cores(shell_with: Make) -> None:
    shell = shell_with("names", these("number_two"))
    shell.user_ns["number_one"] = 1
    assert shell.completer.sources == ["attributes", "magics", "plain names", "names"]
    assert texts(shell, "number_") == ["number_two"]


def test_the_cores_is_asked_while_the_one_in_its_place_is_off(shell_with: Make) -> None:
    shell = shell_with("names", these("number_two"))
    shell.user_ns["number_one"] = 1
    shell.completer.off = ["names"]
    assert shell.completer.completions("number_") == [Completion(0, 7, "number_one", source="plain names")]
    shell.completer.off = ["names", "plain names"]
    assert texts(shell, "number_") == []
    shell.completer.off = []
    assert texts(shell, "number_") == ["number_two"]


def test_the_cores_is_asked_when_the_one_in_its_place_has_failed(
    shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(request: CompletionRequest) -> None:
        raise RecursionError("too deep")

    shell = shell_with("names", fail)
    shell.user_ns["number_one"] = 1
    assert texts(shell, "number_") == []
    assert "RecursionError: too deep" in capsys.readouterr().err
    assert texts(shell, "number_") == ["number_one"]
    assert shell.completer.sources == ["attributes", "magics", "plain names"]


# -- what matches, and in which order -------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "far"),
    [
        ("print", "pr", 0),
        ("print", "", 0),
        ("Print", "pr", 1),
        ("fprint", "Pr", 2),
        ("data_frame_merge", "dfm", 3),
        ("data_frame_merge", "d_f_m", 3),
        ("abba", "bb", 2),
        ("ab", "ba", NO_MATCH),
        ("ab", "abb", NO_MATCH),
    ],
)
def test_how_far_a_name_is_from_what_is_typed(name: str, typed: str, far: int) -> None:
    assert distance(name, typed) == far


@pytest.mark.parametrize(
    ("matching", "found"),
    [
        ("prefix", ["value"]),
        ("case-insensitive", ["value", "Value_b"]),
        ("substring", ["value", "Value_b", "my_value"]),
        ("fuzzy", ["value", "Value_b", "my_value", "v_a_l"]),
    ],
)
def test_what_matches_is_the_users_choice_and_the_closest_come_first(
    shell_with: Make, matching: Matching, found: list[str]
) -> None:
    names = ["my_value", "other", "v_a_l", "Value_b", "value"]

    def one_by_one(request: CompletionRequest) -> Any:
        assert request.matching_names(names) == [name for name in names if request.matches(name)]
        return [
            Completion(request.word_start, request.cursor, name, rank=int(name == "v_a_l"))
            for name in request.matching_names(names)
        ]

    shell = shell_with("mine", one_by_one)
    shell.completer.off = ["names", "magics"]
    shell.completer.matching = matching
    assert texts(shell, "val") == found


def test_what_is_typed_may_be_another_piece_than_the_word() -> None:
    request = CompletionRequest("cd My-Do", 8)
    assert (request.matches("My-Documents"), request.matches("My-Documents", "My-Do")) == (False, True)


def test_the_closest_of_a_rank_come_first() -> None:
    found = [
        Completion(0, 2, "app_repeat"),
        Completion(0, 2, "_apr"),
        Completion(0, 2, "april"),
        Completion(0, 2, "%april", "magic"),
        Completion(0, 2, "last", rank=-1),
        Completion(0, 2, "first", rank=1),
    ]
    order = [each.text for each in merged([("a", found)], "apr")]
    assert order == ["first", "%april", "april", "_apr", "app_repeat", "last"]


# -- matchers of extensions -----------------------------------------------------------


def version_2(answer: Callable[[Any], Any], **more: Any) -> Any:
    def matcher(context: Any) -> Any:
        return answer(context)

    matcher.__dict__.update({"matcher_api_version": 2, **more})
    return matcher


def results(*given: str, **more: Any) -> dict[str, Any]:
    return {"completions": [SimpleNamespace(text=text, type="colour") for text in given], **more}


@pytest.fixture
def red(shell_with: Make) -> InteractiveShell:
    """Give a shell in which one provider proposes ``red`` and nobody else anything."""
    shell = shell_with("mine", these("red"))
    shell.completer.off = ["names", "magics"]
    return shell


def test_a_matcher_of_version_2_gets_a_context(red: InteractiveShell) -> None:
    seen: list[Any] = []

    def answer(context: Any) -> Any:
        seen.append(context)
        return results("rose")

    red.Completer.custom_matchers.append(version_2(answer))
    found = red.completer.completions("x = 1\ny = a.ro + 1", 14)
    assert Completion(10, 14, "rose", "colour", source="extensions") in found
    (context,) = seen
    assert (context.token, context.full_text) == ("a.ro", "x = 1\ny = a.ro + 1")
    assert (context.cursor_line, context.cursor_position) == (1, 8)
    assert (context.line_with_cursor, context.text_until_cursor) == ("y = a.ro + 1", "y = a.ro")


def test_a_matcher_may_name_what_it_replaces_and_keep_its_order(red: InteractiveShell) -> None:
    red.Completer.custom_matchers.append(
        version_2(lambda context: results("ruby", "ro", "brown", matched_fragment="ro", ordered=True))
    )
    found = [each[:3] for each in red.completer.completions("a.ro") if each.source == "extensions"]
    assert found == [(2, 4, "ruby"), (2, 4, "ro"), (2, 4, "brown")]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, ["red", "rosa", "rose"]),
        ({"suppress": True}, ["rose"]),
        ({"suppress": {"mine"}}, ["rosa", "rose"]),
        ({"suppress": {"rosa"}}, ["red", "rose"]),
        ({"suppress": True, "do_not_suppress": {"mine"}}, ["red", "rose"]),
        ({"suppress": True, "do_not_suppress": {"rosa"}}, ["rosa", "rose"]),
    ],
)
def test_a_matcher_may_keep_others_quiet(
    red: InteractiveShell, more: dict[str, Any], found: list[str]
) -> None:
    red.Completer.custom_matchers += [
        version_2(lambda context: results("rosa"), matcher_identifier="rosa"),
        version_2(lambda context: results("rose", **more), matcher_priority=10),
    ]
    assert texts(red, "r") == found


def test_a_matcher_that_finds_nothing_keeps_nobody_quiet(red: InteractiveShell) -> None:
    red.Completer.custom_matchers.append(version_2(lambda context: results(suppress=True)))
    assert texts(red, "r") == ["red"]


@pytest.mark.parametrize(
    ("disabled", "found"),
    [("one.v1", ["red", "rose"]), ("two", ["red", "rosa"]), ("mine", ["rosa", "rose"])],
)
def test_matchers_and_providers_are_disabled_by_name(
    red: InteractiveShell, disabled: str, found: list[str]
) -> None:
    def first(word: str) -> list[str]:
        return ["rosa"]

    first.__qualname__ = "one.v1"
    red.Completer.custom_matchers += [
        first,
        version_2(lambda context: results("rose"), matcher_identifier="two"),
    ]
    red.Completer.disable_matchers = [disabled]
    assert texts(red, "r") == found


def test_ipythons_names_of_its_matchers_are_understood(red: InteractiveShell) -> None:
    red.completer.off = []
    assert texts(red, "rais") == ["raise", "red"]
    red.Completer.disable_matchers = ["IPCompleter.python_matcher"]
    assert texts(red, "rais") == ["red"]


@pytest.mark.parametrize("given", [3, {"completions": [3]}, {"completions": 3}, {"suppress": 3}])
def test_a_matcher_that_gives_nonsense_is_told_once_and_the_others_go_on(
    red: InteractiveShell, given: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    red.Completer.custom_matchers.append(version_2(lambda context: given))
    assert [texts(red, "r"), texts(red, "r")] == [["red"], ["red"]]
    err = capsys.readouterr().err
    assert err.count("custom matcher") == 1
    assert err.count("\n") == 1


def test_a_custom_completer_is_called_with_the_completer_and_the_word(red: InteractiveShell) -> None:
    red.Completer.custom_matchers.append(lambda word: ["last"])
    red.set_custom_completer(lambda completer, word: [f"{word}_{type(completer).__name__}"])
    assert texts(red, "r") == ["r_ShellCompleter", "red", "last"]
    assert red.Completer.custom_matchers[0]("x") == ["x_ShellCompleter"]


def test_the_names_of_a_frame_are_completed_until_the_users_are_again(shell: InteractiveShell) -> None:
    shell.user_ns["name_of_the_user"] = 1

    def inside() -> None:
        name_of_the_frame = "text"
        shell.set_completer_frame(sys._getframe())
        assert name_of_the_frame

    inside()
    assert "name_of_the_frame" in texts(shell, "name_of_")
    assert "name_of_the_user" not in texts(shell, "name_of_")
    assert "NO_MATCH" in texts(shell, "NO_MA")
    assert texts(shell, "name_of_the_frame.upp") == ["upper"]
    shell.set_completer_frame()
    assert "name_of_the_user" in texts(shell, "name_of_")


# -- IPython's configuration ----------------------------------------------------------


def test_ipythons_options_mean_what_they_mean_there(run_ipshell: Callable[..., Any]) -> None:
    code = (
        "c = get_ipython().completer; print(c.policy, c.use_jedi, c.disable_matchers, c.auto_close_dict_keys)"
    )
    done = run_ipshell(
        "--Completer.evaluation=unsafe",
        "--IPCompleter.use_jedi=False",
        "--IPCompleter.disable_matchers=mine",
        "--IPCompleter.auto_close_dict_keys=True",
        "-c",
        code,
    )
    assert done.stdout == "live False ['jedi', 'mine'] True\n"
    assert 'ShellCompleter.policy: "unsafe" is called "live" here.' in done.stderr
    assert done.stderr.count("\n") == 1


def test_jedi_is_switched_by_the_name_it_has_in_ipython(shell_with: Make) -> None:
    shell = shell_with("jedi", these("zz_jedi"))
    assert shell.Completer.use_jedi is True
    shell.Completer.use_jedi = False
    assert texts(shell, "zz_") == []
    shell.Completer.use_jedi = True
    assert texts(shell, "zz_") == ["zz_jedi"]
    shell.completer.off = ["jedi"]
    assert shell.Completer.use_jedi is False
