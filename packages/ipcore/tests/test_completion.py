"""Completion: who is asked, what becomes of it, and what a provider that misbehaves costs the others."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from ipcore.completion import completer, workers
from ipcore.completion.rounds import merged
from ipcore.hookspecs import hookimpl
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell
from ipcore.testing import FakeSite
from ipcore.types.completion import LIMIT, Completion, CompletionRequest

Run = Callable[..., subprocess.CompletedProcess[str]]

#: Seconds that anything may take here.
LONG = 30.0


class Provider:
    """A provider made of a function; counts how often it is asked."""

    def __init__(self, answer: Callable[[CompletionRequest], Any], name: str = "mine") -> None:
        self.name = name
        self._answer = answer
        self.requests: list[CompletionRequest] = []

    def complete(self, request: CompletionRequest) -> Any:
        self.requests.append(request)
        return self._answer(request)


def word(text: str) -> Callable[[CompletionRequest], list[Completion]]:
    """Make what proposes one text in place of the word."""
    return lambda request: [Completion(request.word_start, request.cursor, text)]


Make = Callable[..., InteractiveShell]


@pytest.fixture
def shell_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Give what makes a shell with plugins of the given names, each with one or several providers."""
    made: list[InteractiveShell] = []

    def make(**plugins: object) -> InteractiveShell:
        declared = []
        for key, given in plugins.items():
            providers = given if isinstance(given, list) or callable(given) else [given]
            module: Any = types.ModuleType(f"plugin_{key}")
            module.ipshell_completion_providers = hookimpl(_hook(providers))
            monkeypatch.setitem(sys.modules, module.__name__, module)
            declared.append(Declared("completers", key, module.__name__, f"{key}-dist", "2.1"))
        shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, *declared)))
        shell.start()
        made.append(shell)
        return shell

    yield make
    for shell in made:
        shell.close()


def _hook(providers: Any) -> Callable[..., Any]:
    def ipshell_completion_providers(shell: InteractiveShell) -> Any:
        return providers(shell) if callable(providers) else providers

    return ipshell_completion_providers


def texts(shell: InteractiveShell, text: str, **more: Any) -> list[str]:
    return [each.text for each in shell.completer.completions(text, **more)]


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, f"not so after {LONG:.0f} s: {what}"
        time.sleep(0.005)


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("ipshell completion")]


# -- what is proposed --------------------------------------------------------------


def test_completions_tell_where_they_stand_and_where_they_come_from(shell_with: Make) -> None:
    provider = Provider(lambda r: [Completion(r.word_start, r.cursor, "value_x", "instance", signature="()")])
    shell = shell_with(mine=provider)
    shell.user_ns["value_one"] = 1
    found = shell.completer.completions("print(value_", 12)
    assert found == [
        Completion(6, 12, "value_one", source="names"),
        Completion(6, 12, "value_x", "instance", signature="()", source="mine"),
    ]
    assert shell.completer.sources == ["attributes", "magics", "names", "mine"]


def test_a_provider_gets_the_whole_cell_the_cursor_and_the_objects(shell_with: Make) -> None:
    provider = Provider(word("x"))
    shell = shell_with(mine=provider)
    shell.user_ns["number"] = 6
    shell.completer.completions("if a:\n    num.re + b", 16, trigger="tab")
    (request,) = provider.requests
    assert (request.text, request.cursor) == ("if a:\n    num.re + b", 16)
    assert (request.line, request.line_before, request.word) == ("    num.re + b", "    num.re", "re")
    assert (request.token, request.trigger) == ("num.re", "tab")
    assert request.objects.find("number") == (True, 6)
    assert request.cancelled(), "once its answer is taken"


@pytest.mark.parametrize(
    ("before", "word", "token"),
    [
        ("", "", ""),
        ("os.pa", "pa", "os.pa"),
        ("os.", "", "os."),
        ("x = [größe_1", "größe_1", "[größe_1"),
        ("!ls --fo", "fo", "--fo"),
        ("a\nb", "b", "b"),
        ("a\n", "", ""),
        ("cafe\u0301", "cafe\u0301", "cafe\u0301"),
    ],
)
def test_the_word_and_the_token_before_the_cursor(before: str, word: str, token: str) -> None:
    request = CompletionRequest(f"{before} more", len(before))
    assert (request.word, request.token) == (word, token)
    assert request.before[request.word_start :] == word
    assert request.before[request.token_start :] == token


def test_a_cursor_outside_of_the_text_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(ValueError, match="the cursor is at 4, outside of 3 characters"):
        shell.completer.completions("abc", 4)


def test_of_equal_completions_the_first_stays_unless_a_later_one_has_a_type() -> None:
    one, typed = Completion(0, 1, "one"), Completion(0, 1, "one", "function")
    assert merged([("a", [one]), ("b", [one])]) == [one._replace(source="a")]
    assert merged([("a", [one]), ("b", [typed])]) == [typed._replace(source="b")]
    assert merged([("a", [typed]), ("b", [one])]) == [typed._replace(source="a")]
    assert len(merged([("a", [one, Completion(1, 1, "one")])])) == 2


def test_ranks_count_first_then_parameters_public_private_and_dunder_names() -> None:
    ordered = ["best", "end=", "%%b", "%b", "%c", "Upper", "lower", "_private", "__dunder__"]
    ranked = [Completion(0, 0, text, rank=int(text == "best")) for text in reversed(ordered)]
    assert [each.text for each in merged([("a", ranked)])] == [
        "best", "end=", "%%b", "%b", "%c", "lower", "Upper", "_private", "__dunder__",
    ]  # fmt: skip


@hypothesis.given(st.lists(st.text("aAbB_%=\n", min_size=1, max_size=4), min_size=1, unique=True))
def test_names_are_sorted_as_one_reads_a_list_whatever_their_case(texts: list[str]) -> None:
    found = [each.text for each in merged([("a", [Completion(0, 0, text) for text in texts])])]
    assert sorted(found) == sorted(texts)
    public = [each.lstrip("%").lower() for each in found if each[0] != "_" and each[-1] != "="]
    assert public == sorted(public)
    private = [each.startswith("_") for each in found]
    assert private == sorted(private)


def test_whole_words_change_nothing_before_the_piece() -> None:
    text = "run data-o)"
    found = [
        Completion(4, 10, "data-one"),
        Completion(9, 10, "open"),
        Completion(10, 10, "x"),
        Completion(4, 10, "other"),
        Completion(9, 11, "oct)"),
    ]
    assert completer.whole_words(found, text, 10, 9) == ["one", "open", "ox", "oct"]


def test_without_a_word_complete_takes_the_longest_piece_that_is_replaced(shell_with: Make) -> None:
    provider = Provider(lambda r: [Completion(r.token_start, r.cursor, "--force")])
    shell = shell_with(mine=provider)
    assert shell.complete(None, "!rm --fo") == ("--fo", ["--force", "--for", "--format"])
    assert shell.complete("fo", "!rm --fo") == ("fo", ["force", "for", "format"])


# -- switches ----------------------------------------------------------------------


def test_a_provider_can_be_switched_off_and_on_while_the_shell_runs(shell_with: Make) -> None:
    shell = shell_with(mine=Provider(word("zz_mine")))
    shell.user_ns["zz_name"] = 1
    assert texts(shell, "zz") == ["zz_mine", "zz_name"]
    shell.completer.off = ["names"]
    assert texts(shell, "zz") == ["zz_mine"]
    shell.completer.off.append("mine")
    assert texts(shell, "zz") == []
    shell.completer.off.remove("names")
    assert texts(shell, "zz") == ["zz_name"]


def test_a_misspelt_name_of_a_provider_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from traitlets.config import Config

    shell = InteractiveShell(config=Config({"ShellCompleter": {"off": ["nams"]}}))
    shell.complete("x")
    shell.complete("x")
    assert capsys.readouterr().err == (
        'ipshell: ShellCompleter.off: no completion provider is called "nams"; '
        "there are attributes, magics, names.\n"
    )


def test_a_provider_is_asked_only_where_one_of_its_texts_stands_before_the_cursor(shell_with: Make) -> None:
    provider = Provider(word("zz_mine"))
    provider.only_with = ("[", "of ")  # type: ignore[attr-defined]
    shell = shell_with(mine=provider)
    assert texts(shell, "zz") == texts(shell, "zz[", cursor=2) == texts(shell, "qof") == []
    assert provider.requests == []
    assert texts(shell, "[zz") == texts(shell, "x = [\nzz") == texts(shell, "of zz") == ["zz_mine"]


def test_two_providers_of_one_name_are_told_apart(shell_with: Make) -> None:
    shell = shell_with(one=Provider(word("a")), two=[Provider(word("b")), Provider(word("c"))])
    assert shell.completer.sources[3:] == ["mine", "mine of two-dist[two]", "mine of two-dist[two] #2"]
    shell.completer.off = ["mine"]
    assert texts(shell, "%zz") == ["b", "c"]


def test_the_cores_own_are_plugins_too(ipcore: Run) -> None:
    code = "import os; c = get_ipython().complete; print(c('os.pardi')[1], c('impor')[1], c('%pinfo2')[1])"
    found = {"attributes": "['os.pardir']", "names": "['import']", "magics": "['%pinfo2']"}
    alone = "-p", "no:ipcompleters"
    assert ipcore(*alone, "-c", code).stdout.split() == [*found.values()]
    for key in found:
        without = {**found, key: "[]"}
        assert ipcore(*alone, "-p", f"no:completers/{key}", "-c", code).stdout.split() == [*without.values()]


def test_a_plugin_is_imported_at_the_first_completion(ipcore: Run, tmp_path: Path) -> None:
    site = FakeSite(tmp_path / "site")
    code = """
from ipcore.types.completion import Completion

class Greetings:
    name = "greetings"
    def complete(self, request):
        return [Completion(request.word_start, request.cursor, "greetings_from_here")]

@hookimpl
def ipshell_completion_providers():
    return [Greetings()]
"""
    site.plugin("greeter", "completers", "greeter", code)
    done = ipcore(
        "-c",
        "import sys; print('greeter' in sys.modules, 'ipcore.completion' in sys.modules);"
        "print(get_ipython().complete('gree'), 'greeter' in sys.modules)",
        PYTHONPATH=str(site),
    )
    assert done.stdout == "False False\n('gree', ['greetings_from_here']) True\n"
    assert done.stderr == ""


# -- those that misbehave ----------------------------------------------------------


def raises(request: CompletionRequest) -> Any:
    raise LookupError("no dictionary")


def raises_on_the_way(request: CompletionRequest) -> Iterator[Completion]:
    yield Completion(request.word_start, request.cursor, "zz_first")
    raise LookupError("no dictionary")


def raises_hostile(request: CompletionRequest) -> Any:
    class Hostile(Exception):
        def __str__(self) -> str:
            raise SystemExit

        def __bool__(self) -> bool:
            raise SystemExit

    raise Hostile


def leaves(request: CompletionRequest) -> Any:
    sys.exit("leaving")


def interrupts(request: CompletionRequest) -> Any:
    raise KeyboardInterrupt


async def awaits(request: CompletionRequest) -> list[Completion]:
    return []


def clings(request: CompletionRequest) -> Iterator[Completion]:
    number = 0
    while True:
        number += 1
        try:
            yield Completion(0, request.cursor, f"zz_{number}")
        except GeneratorExit:
            yield Completion(0, 0, "more")


class Endless:
    def __iter__(self) -> Iterator[Completion]:
        return self

    def __next__(self) -> Completion:
        raise RecursionError("maximum depth")


class Text(str):
    """A text that does what it likes."""

    def startswith(self, *arguments: Any) -> bool:
        raise SystemExit


MISBEHAVING: dict[str, tuple[Callable[[CompletionRequest], Any], str]] = {
    "raises": (raises, "LookupError: no dictionary"),
    "raises on the way": (raises_on_the_way, "LookupError: no dictionary"),
    "raises something hostile": (raises_hostile, "Hostile: (its message cannot be shown: SystemExit)"),
    "leaves": (leaves, "it tried to end the program (SystemExit: leaving)"),
    "interrupts": (interrupts, "it was interrupted"),
    "awaits": (awaits, "it gave a coroutine; complete() is called, not awaited"),
    "does not end when it is closed": (clings, "RuntimeError: generator ignored GeneratorExit"),
    "cannot be iterated": (lambda r: 7, "TypeError: 'int' object is not iterable"),
    "raises when iterated": (lambda r: Endless(), "RecursionError: maximum depth"),
    "gives a text": (lambda r: "zz_garbage", "it gave str, not Completion"),
    "gives texts": (lambda r: ["zz_garbage"], "it gave str, not Completion"),
    "gives tuples": (lambda r: [(0, 2, "zz_garbage")], "it gave tuple, not Completion"),
    "gives nothing in a list": (lambda r: [None], "it gave NoneType, not Completion"),
    "gives a number for a text": (lambda r: [Completion(0, 2, 7)], "a text of its completion is no str"),  # type: ignore[arg-type]
    "gives a text of its own kind": (
        lambda r: [Completion(0, 2, Text("zz"))],
        "a text of its completion is no str",
    ),
    "gives an empty text": (lambda r: [Completion(0, 2, "")], "the text of its completion is empty"),
    "gives a place that is no number": (
        lambda r: [Completion(0, 2.0, "zz_x")],  # type: ignore[arg-type]
        "a number of its completion is no int",
    ),
    "gives a place outside": (
        lambda r: [Completion(0, 99, "zz_x")],
        "its completion stands for the characters 0 to 99, not around the cursor",
    ),
    "gives a place before the cursor": (
        lambda r: [Completion(0, 1, "zz_x")],
        "its completion stands for the characters 0 to 1, not around the cursor",
    ),
}


@pytest.mark.parametrize(("answer", "reason"), MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_provider_that_misbehaves_is_told_once_and_off(
    answer: Callable[[CompletionRequest], Any],
    reason: str,
    shell_with: Make,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad, good = Provider(answer, "bad"), Provider(word("zz_good"), "good")
    shell = shell_with(broken=[bad, Provider(word("zz_beside"), "beside")], other=good)
    shell.completer.timeout = LONG
    shell.user_ns["zz_name"] = 1
    first = texts(shell, "zz")
    assert set(first) <= {"zz_good", "zz_name", "zz_beside"}
    assert {"zz_good", "zz_name"} <= set(first)
    assert texts(shell, "zz") == texts(shell, "zz") == ["zz_good", "zz_name"], (
        "its other providers are off too"
    )
    assert len(bad.requests) == 1
    said = capsys.readouterr().err
    who = "ipshell: plugin broken-dist[broken] 2.1 (completers), completion provider bad"
    assert said.startswith(f"{who}: {reason}. It is off for this session. ")
    assert said.endswith('Switch it off with "-p no:broken-dist[broken]".\n')
    assert said.count("\n") == 1
    assert shell.completer.sources[3:] == ["good"]


HOOKS: dict[str, tuple[Callable[..., Any], str]] = {
    "raises": (lambda shell: 1 / 0, "ZeroDivisionError: division by zero"),
    "leaves": (lambda shell: sys.exit(3), "it tried to end the program (SystemExit: 3)"),
    "gives no list": (lambda shell: 7, "it gave int, not completion providers"),
    "gives others": (lambda shell: ["x"], "its completion provider str has no complete()"),
    "gives nameless ones": (
        lambda shell: [Provider(word("x"), "")],
        "its completion provider Provider has no name",
    ),
    "gives no texts to look for": (
        lambda shell: [type("Mine", (Provider,), {"only_with": "[("})(word("x"))],
        "only_with of its completion provider Mine is no tuple of texts",
    ),
    "gives too many": (
        lambda shell: [Provider(word("x"))] * 17,
        "it gave 17 completion providers, more than 16",
    ),
}


@pytest.mark.parametrize(("hook", "reason"), HOOKS.values(), ids=HOOKS)
def test_a_hook_that_misbehaves_costs_its_own_plugin(
    hook: Callable[..., Any], reason: str, shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_with(broken=hook, other=Provider(word("zz_good"), "good"))
    assert texts(shell, "zz") == texts(shell, "zz") == ["zz_good"]
    said = capsys.readouterr().err
    assert f"plugin broken-dist[broken] 2.1 (completers), ipshell_completion_providers: {reason}." in said
    assert said.count("\n") == 1


def test_providers_are_prepared_and_one_that_fails_at_it_is_told_and_asked_all_the_same(
    shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared: list[str] = []
    bad, good = Provider(word("zz_bad"), "bad"), Provider(word("zz_good"), "good")
    bad.prepare = lambda: 1 / 0  # type: ignore[attr-defined]
    good.prepare = lambda: prepared.append("good")  # type: ignore[attr-defined]
    shell = shell_with(bad=bad, good=good, without=Provider(word("zz_without"), "without"))
    shell.completer.prepare()
    assert prepared == ["good"]
    said = capsys.readouterr().err
    assert "preparing the completion provider bad failed: ZeroDivisionError: division by zero." in said
    assert said.count("\n") == 1
    assert texts(shell, "zz") == ["zz_bad", "zz_good", "zz_without"]


def test_one_that_floods_is_cut_and_closed(shell_with: Make, capsys: pytest.CaptureFixture[str]) -> None:
    closed: list[bool] = []

    def flood(request: CompletionRequest) -> Iterator[Completion]:
        try:
            for number in range(sys.maxsize):
                yield Completion(request.word_start, request.cursor, f"zz_{number:06}")
        finally:
            closed.append(True)

    shell = shell_with(flood=Provider(flood))
    shell.completer.timeout = LONG
    found = texts(shell, "zz")
    assert (len(found), found[-1]) == (LIMIT, f"zz_{LIMIT - 1:06}")
    assert closed == [True]
    assert capsys.readouterr().err == ""


def test_one_that_gives_nothing_at_all_is_not_at_fault(shell_with: Make) -> None:
    provider = Provider(lambda request: None)
    shell = shell_with(silent=provider)
    assert texts(shell, "zz") == texts(shell, "zz") == []
    assert len(provider.requests) == 2


# -- late ones ---------------------------------------------------------------------


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Give what keeps a provider from answering; opened at the end in any case."""
    event = threading.Event()
    yield event
    event.set()


def test_one_that_hangs_holds_up_nobody_and_is_benched_until_it_is_brought_back(
    shell_with: Make, gate: threading.Event, capsys: pytest.CaptureFixture[str]
) -> None:
    def hang(request: CompletionRequest) -> list[Completion]:
        gate.wait(LONG)
        return [Completion(0, request.cursor, "zz_late")]

    shell = shell_with(slow=Provider(hang, "slow"), other=Provider(word("zz_good"), "good"))
    shell.completer.timeout = 0.05
    for _ in range(2):
        assert texts(shell, "zz") == ["zz_good"]
    assert capsys.readouterr().err == ""
    assert texts(shell, "zz") == ["zz_good"]
    assert capsys.readouterr().err == (
        "ipshell: plugin slow-dist[slow] 2.1 (completers), completion provider slow: it was late 3 times "
        "in a row and is not asked any more. To ask it again: get_ipython().completer.off.remove('slow')\n"
    )
    shell.completer.timeout = LONG
    assert texts(shell, "zz") == ["zz_good"], "it is not waited for any more"
    gate.set()
    shell.run_cell("get_ipython().completer.off.remove('slow')")
    assert texts(shell, "zz") == ["zz_good", "zz_late"]
    assert len(threads()) == 2


def test_one_that_is_late_now_and_then_is_asked_on(
    shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    gates = [threading.Event() for _ in range(8)]
    slow = iter(gates)

    def answer(request: CompletionRequest) -> list[Completion]:
        next(slow).wait(LONG)
        return [Completion(0, request.cursor, "zz_mine")]

    shell = shell_with(slow=Provider(answer))
    for at, gate in enumerate(gates):
        if at % 3 == 2:  # in time after two that were late
            gate.set()
            shell.completer.timeout = LONG
            assert texts(shell, "zz") == ["zz_mine"]
        else:
            shell.completer.timeout = 0.02
            assert texts(shell, "zz") == []
            gate.set()
            (worker,) = (each.worker for each in shell.completer._asked if each.worker is not None)
            until(lambda worker=worker: worker._current is None, "it has come back")  # type: ignore[misc]
    assert capsys.readouterr().err == ""


def test_what_a_generator_gave_in_time_is_used(shell_with: Make, gate: threading.Event) -> None:
    def answer(request: CompletionRequest) -> Iterator[Completion]:
        yield Completion(0, request.cursor, "zz_quick")
        gate.wait(LONG)
        yield Completion(0, request.cursor, "zz_late")

    shell = shell_with(mine=Provider(answer))
    shell.completer.timeout = 1.0
    assert texts(shell, "zz") == ["zz_quick"]


def test_one_that_stops_when_it_is_told_to_is_not_late(
    shell_with: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: CompletionRequest) -> Iterator[Completion]:
        yield Completion(0, request.cursor, "zz_quick")
        while not request.cancelled():
            time.sleep(0.001)

    monkeypatch.setattr(completer, "MOST_LATE", 1)
    shell = shell_with(mine=Provider(answer))
    shell.completer.timeout = 3.0
    assert texts(shell, "zz") == ["zz_quick"]
    assert capsys.readouterr().err == ""


def test_the_time_for_importing_plugins_is_not_counted(
    shell_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def hook(shell: InteractiveShell) -> list[Provider]:
        now[0] += 3600
        return [Provider(word("zz_mine"))]

    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + now[0])
    shell = shell_with(slow=hook)
    shell.completer.timeout = LONG
    assert texts(shell, "zz") == ["zz_mine"]


def test_what_comes_late_is_handed_to_a_front_end_that_asks_for_it(
    shell_with: Make, gate: threading.Event
) -> None:
    def slow(request: CompletionRequest) -> list[Completion]:
        gate.wait(LONG)
        return [Completion(0, request.cursor, "zz_late")]

    shell = shell_with(slow=Provider(slow, "slow"))
    shell.user_ns["zz_name"] = 1
    told = threading.Event()
    round = shell.completer.begin("zz", patience=LONG, told=lambda round: told.set())
    assert [each.text for each in round.completions()] == ["zz_name"]
    assert not round.done
    gate.set()
    assert told.wait(LONG)
    assert round.wait(LONG)
    assert [each.text for each in round.completions()] == ["zz_late", "zz_name"]
    assert round.done


def test_a_cancelled_round_stops_its_providers_and_tells_nothing_more(
    shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = threading.Event()
    started = threading.Event()
    told: list[object] = []

    def answer(request: CompletionRequest) -> list[Completion]:
        started.set()
        until(request.cancelled, "it is cancelled")
        stopped.set()
        return []

    shell = shell_with(slow=Provider(answer))
    for _ in range(5):
        round = shell.completer.begin("zz", patience=LONG, told=told.append)
        assert started.wait(LONG)
        round.cancel()
        assert stopped.wait(LONG)
        assert round.cancelled
        started.clear()
        stopped.clear()
    assert told == []
    assert capsys.readouterr().err == "", "a user who types on does not make a provider late"


def test_a_front_end_that_fails_to_show_late_ones_does_not_harm_the_provider(
    shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_with(mine=Provider(word("zz_mine")))
    round = shell.completer.begin("zz", patience=LONG, told=lambda round: 1 / 0)
    assert round.wait(LONG)
    until(lambda: "ZeroDivisionError" in capsys.readouterr().err, "the failure is told")
    assert texts(shell, "zz", timeout=LONG) == ["zz_mine"]


# -- threads -----------------------------------------------------------------------


def test_there_is_no_thread_without_a_plugin_and_none_when_the_shell_is_closed(shell_with: Make) -> None:
    alone = shell_with()
    alone.user_ns["zz_name"] = 1
    assert texts(alone, "zz") == ["zz_name"]
    assert threads() == []
    shell = shell_with(mine=Provider(word("x")))
    assert threads() == []
    texts(shell, "zz")
    assert len(threads()) == 1
    shell.close()
    assert threads() == []


def test_a_thread_ends_when_nothing_is_completed_and_comes_back(
    shell_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LINGER", 0.0)
    shell = shell_with(mine=Provider(word("zz_mine")))
    for _ in range(3):
        assert texts(shell, "zz", timeout=LONG) == ["zz_mine"]
        until(lambda: not threads(), "the thread has ended")


def test_one_that_hangs_for_ever_has_one_thread_and_few_requests(
    shell_with: Make, gate: threading.Event
) -> None:
    asked: list[object] = []

    def hang(request: CompletionRequest) -> list[Completion]:
        asked.append(request)
        gate.wait(LONG)
        return []

    shell = shell_with(slow=Provider(hang))
    rounds = [shell.completer.begin("zz", patience=0.0) for _ in range(300)]
    until(lambda: asked, "it is asked")
    assert len(threads()) == 1
    assert len(asked) == 1
    for round in rounds:
        round.cancel()
    gate.set()


def test_the_provider_is_asked_on_a_thread_that_is_not_the_users(shell_with: Make) -> None:
    seen: list[threading.Thread] = []

    def answer(request: CompletionRequest) -> None:
        seen.append(threading.current_thread())

    shell = shell_with(mine=Provider(answer), other=Provider(answer, "other"))
    texts(shell, "zz")
    texts(shell, "zz")
    assert threading.main_thread() not in seen
    assert len(set(seen)) == 2


def test_eight_threads_complete_at_once(shell_with: Make, capsys: pytest.CaptureFixture[str]) -> None:
    loaded: list[object] = []

    def hook(shell: InteractiveShell) -> list[Provider]:
        loaded.append(shell)
        return [Provider(lambda r: [Completion(r.word_start, r.cursor, f"{r.word}_mine")])]

    shell = shell_with(mine=hook)
    shell.completer.timeout = LONG
    shell.user_ns.update({f"zz{at}_name": at for at in range(8)})
    start = threading.Barrier(8)

    def complete(at: int) -> set[tuple[str, ...]]:
        start.wait(LONG)
        return {tuple(texts(shell, f"zz{at}")) for _ in range(50)}

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(complete, range(8)))
    assert found == [{(f"zz{at}_mine", f"zz{at}_name")} for at in range(8)]
    assert len(loaded) == 1
    assert len(threads()) == 1
    assert capsys.readouterr().err == ""


def test_a_plugin_that_completes_while_it_is_loaded_waits_for_nobody(shell_with: Make) -> None:
    seen: list[object] = []

    def hook(shell: InteractiveShell) -> list[Provider]:
        seen.append(texts(shell, "zz"))
        return [Provider(word("zz_mine"))]

    assert texts(shell_with(mine=hook), "zz") == ["zz_mine"]
    assert seen == [[]]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not interrupt a thread that waits")
def test_ctrl_c_stops_waiting(shell_with: Make, gate: threading.Event) -> None:
    def hang(request: CompletionRequest) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        gate.wait(LONG)

    shell = shell_with(slow=Provider(hang))
    shell.completer.timeout = LONG
    with pytest.raises(KeyboardInterrupt):
        texts(shell, "zz")


FORK = """
import os, sys, threading, time, types, warnings
warnings.simplefilter("error")
from ipcore.hookspecs import hookimpl
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell
from ipcore.types.completion import Completion

started = threading.Event()

class Mine:
    name = "mine"
    def complete(self, request):
        if request.text != "zz":
            started.set()
        if request.text == "wait":
            while not request.cancelled():
                time.sleep(0.001)
        if request.text == "hang":
            threading.Event().wait()
        yield Completion(0, request.cursor, f"zz_{os.getpid()}")

module = types.ModuleType("mine")
module.ipshell_completion_providers = hookimpl(lambda shell: [Mine()])
module.ipshell_completion_providers.__name__ = "ipshell_completion_providers"
sys.modules["mine"] = module
plugin = Declared("completers", "mine", "mine", "mine", "1")
shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, plugin)))
shell.start()

def complete():
    found = [each.text for each in shell.completer.completions("zz", timeout=30)]
    assert found == [f"zz_{os.getpid()}"], found

def running():
    return "ipshell completion mine" in [each.name for each in threading.enumerate()]

def fork(check):
    child = os.fork()
    if not child:
        check()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

def check():
    assert threading.active_count() == 1
    complete()
    complete()

complete()
assert running()
for _ in range(5):
    fork(check)
    assert not running()
    complete()

round = shell.completer.begin("wait", patience=600)
assert started.wait(30)
started.clear()
assert running()
fork(check)
assert not running()
assert round.done
complete()
assert running()
"""


CLOSE = """
shell.close()
assert threading.active_count() == 1
print("good")
"""

#: Python 3.12 and later warn here: there is no way to end a thread that hangs.
HANG = """
warnings.simplefilter("ignore")
shell.completer.begin("hang", patience=0)
assert started.wait(30)
for _ in range(100):
    fork(check)
print("good")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("more", [CLOSE, HANG], ids=["closed then", "one that hangs, waited for once"])
def test_a_fork_finds_no_thread_and_both_processes_complete_on(more: str) -> None:
    done = subprocess.run([sys.executable, "-c", FORK + more], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("good\n", "")


# -- extensions --------------------------------------------------------------------


def test_matchers_and_commands_of_extensions_are_completions_too(shell: InteractiveShell) -> None:
    shell.completer.custom_matchers.append(lambda text: [f"{text}_more"])
    assert Completion(4, 6, "zz_more", source="extensions") in shell.completer.completions("x = zz")
    shell.set_hook("complete_command", lambda self, event: ["main", "maintenance"], str_key="%git")
    assert texts(shell, "git checkout mai") == ["main", "maintenance"]
    assert shell.complete("mai", "git checkout mai") == ("mai", ["main", "maintenance"])
