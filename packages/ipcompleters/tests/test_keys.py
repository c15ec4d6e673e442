"""Keys, inside of a subscript: what is proposed, completed and evaluated, gives the value back."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipcompleters.keys import KeyProvider
from ipcompleters.quoting import written
from ipcore.types.completion import Completion, CompletionRequest

ODD = st.sampled_from(
    ["'", '"', "\\", "\n", "\r", "\x00", "\x7f", "é", "\ud800", "😀", "{", "]", " ", "a", "\\n"]
)
TEXTS = st.lists(st.one_of(ODD, st.characters())).map("".join)
BYTES = st.one_of(
    st.binary(), st.lists(st.sampled_from([b"'", b'"', b"\\", b"\n", b"\xff", b"a"])).map(b"".join)
)
SCALARS = st.one_of(
    TEXTS, BYTES, st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
KEYS = st.one_of(SCALARS, st.lists(SCALARS, min_size=2, max_size=3).map(tuple))
RELAXED = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def shell(make_completing: Callable[..., Any]) -> Any:
    return make_completing({"ShellCompleter": {"auto_close_dict_keys": True}})


@pytest.fixture
def propose(shell: Any) -> Callable[[str, int], list[Completion]]:
    from ipcore.completion.objects import ShellObjects

    provider, objects = KeyProvider(shell), ShellObjects(shell)

    def ask(text: str, cursor: int) -> list[Completion]:
        return list(provider.complete(CompletionRequest(text, cursor, objects=objects)))

    return ask


def put(completion: Completion, text: str) -> str:
    return text[: completion.start] + completion.text + text[completion.end :]


@RELAXED
@given(KEYS)
def test_a_proposed_key_gives_the_value(shell: Any, propose: Any, key: Any) -> None:
    shell.user_ns["table"] = {key: "value"}
    text = "table["
    for _ in range(len(key) if type(key) is tuple else 1):
        (found,) = propose(text, len(text))
        text = put(found, text)
    assert text.endswith("]")
    assert eval(text, {"table": shell.user_ns["table"]}) == "value"


@RELAXED
@given(
    st.one_of(TEXTS, BYTES).filter(bool), st.sampled_from(["'", '"', "'''", '"""']), st.booleans(), st.data()
)
def test_a_key_in_an_open_string_gives_the_value(
    shell: Any, propose: Any, key: Any, quote: str, closed: bool, data: st.DataObject
) -> None:
    shell.user_ns["table"] = {key: "value"}
    whole = written(key, quote[0])
    assert whole is not None
    count = data.draw(st.integers(0, len(whole)))
    begin = f"table[{'b' if type(key) is bytes else ''}{quote}{whole[:count]}"
    if quote[0] in whole[:count] and not closed:
        return  # an escaped quote looks as if it ended the string, to whoever looks for the end
    text = begin + (f"{quote}]" if closed else "")
    found = propose(text, len(begin))
    if not found and "\\" in whole[:count]:
        return  # half an escape: of several digits, perhaps
    texts = {put(each, text) for each in found}
    assert {eval(each, {"table": shell.user_ns["table"]}) for each in texts} == {"value"}


@given(st.one_of(TEXTS, BYTES), st.sampled_from("'\""))
def test_what_is_written_is_what_was_meant(value: Any, quote: str) -> None:
    prefix = "b" if type(value) is bytes else ""
    assert ast.literal_eval(f"{prefix}{quote}{written(value, quote)}{quote}") == value
    raw = written(value, quote, raw=True)
    assert raw is None or ast.literal_eval(f"{prefix}r{quote}{raw}{quote}") == value


def test_a_thousand_keys_are_all_proposed(shell: Any, propose: Any) -> None:
    shell.user_ns["table"] = {f"key{number}": number for number in range(1000)}
    assert len(propose("table['", 7)) == 1000


def test_nothing_more_is_proposed_when_nobody_wants_it(shell: Any) -> None:
    from ipcore.completion.objects import ShellObjects

    shell.user_ns["table"] = {"key": 1}
    unwanted = CompletionRequest("table['", 7, objects=ShellObjects(shell), cancelled_by=lambda: True)
    assert list(KeyProvider(shell).complete(unwanted)) == []


def test_fuzzy_matching_finds_keys_by_some_of_their_letters(make_completing: Callable[..., Any]) -> None:
    shell = make_completing({"ShellCompleter": {"matching": "fuzzy"}})
    shell.run_cell("table = {'first name': 1, 'last name': 2, 'age': 3}").assert_ok()
    found = shell.completer.completions("table['fnm", timeout=60)
    assert [each.text for each in found] == ["first name"]


COUNTING = """
ran = []

def note(name):
    def run(*arguments, **named):
        ran.append(name)
        raise RuntimeError(name)
    return run

class Meta(type):
    __getattribute__ = note("metaclass")
    __call__ = type.__call__
    __instancecheck__ = note("__instancecheck__")

class Hostile(metaclass=Meta):
    __getattribute__ = __getattr__ = note("attribute")
    __getitem__ = __iter__ = __len__ = keys = note("item")
    __repr__ = __str__ = note("repr")
    __eq__ = __hash__ = __bool__ = note("eq")
    __class__ = __signature__ = __wrapped__ = __annotations__ = property(note("property"))
    def __call__(self, apple: "note('annotation')()", bee=None): ran.append("call")

spy = object.__new__(Hostile)
def function(argument: "note('annotation')()" = spy, other: spy = spy, *, last: spy = spy): ran.append("call")
variable: "note('annotation')()" = spy
table = {"key": spy, "inner": {"spy": spy}}
ran.clear()
"""

LOOKS = [
    *(
        "spy['",
        "spy[",
        "spy[spy, '",
        "table[spy, '",
        "table['inner']['",
        "table['key']['",
        "table['key'].x['",
    ),
    *(
        "spy(",
        "function(",
        "function(spy, ",
        "function(argument='",
        "function(argument=",
        "function(last=spy, ",
    ),
    *("variable == '", "variable = '", "spy.x == '", "spy == ", "spy == '", "Hostile(", "Hostile['"),
    *(
        "function.x('",
        "x: note('a')() = '",
        "spy.method(",
        "spy()['",
        "spy[0]['",
        "function('",
        "variable in ('",
    ),
]


@pytest.mark.parametrize("policy", ["static", "safe"])
def test_no_code_of_the_users_objects_runs(make_completing: Callable[..., Any], policy: str) -> None:
    shell = make_completing({"ShellCompleter": {"policy": policy}})
    shell.run_cell(COUNTING).assert_ok()
    shell.completer.off = [
        name for name in shell.completer.sources if name not in ("keys", "keyword arguments", "literals")
    ]
    for look in LOOKS:
        for text in (look, f"x = 1\n{look}", f"print({look}", f"{look}s"):
            shell.completer.completions(text, timeout=60)
            assert shell.user_ns["ran"] == [], text
    assert not shell.registry.failures
