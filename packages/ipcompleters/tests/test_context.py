from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ipcompleters import context
from ipcompleters.context import Context, context_of
from ipcore.types.completion import CompletionRequest


def read(text: str) -> Context:
    """Read a text in which ``¦`` is the cursor, or else ``|``."""
    cursor = text.index("¦" if "¦" in text else "|")
    return context_of(CompletionRequest(text[:cursor] + text[cursor + 1 :], cursor))


@pytest.mark.parametrize(
    ("text", "dotted"),
    [
        ("os.pa|", "os"),
        ("os.path.|join", "os.path"),
        ("x = os . path . |", "os . path"),
        ("a.b[0].c().fo|", "a.b[0].c()"),
        ("np.array([[1, 2], [3, 4]])[0].re|", "np.array([[1, 2], [3, 4]])[0]"),
        ("not a[b[c[d[e]]]].f|", "a[b[c[d[e]]]]"),
        ("s[0].upper().lo|", "s[0].upper()"),
        ('"abc".up|', '"abc"'),
        ('"a" "b".up|', '"a" "b"'),
        ("'''a\nb'''.up|", "'''a\nb'''"),
        ('f"{a}b".up|', 'f"{a}b"'),
        ("[1, 2].ap|", "[1, 2]"),
        ("{}.|", "{}"),
        ("(a +\n  b).c|", "(a +\n  b)"),
        ("1..re|", "1."),
        ("1.5.re|", "1.5"),
        ("....__cl|", "..."),
        ("if x.|", "x"),
        ("return x.|", "x"),
        ("a if b else c.|", "c"),
        ("not in [x.|", "x"),
        ("yield (a).|", "(a)"),
        ("lambda: x.|", "x"),
        ("a=b.c|", "b"),
        ("f(-a.|", "a"),
        ("a\\\n  .b|", "a"),
        ("x = {'a': d.|", "d"),
        ("try: x.|", "x"),
        ("é_1.ü|", "é_1"),
        ("f'{x.y|}'", "x"),
        ("f'{a} {x.|}'", "x"),
        ("f'''{a}\n{x.|", "x"),
        ("f'{a:{b.|}}'", "b"),
        ('f"{d["a"].|}"', 'd["a"]'),
        ("f'{ {1: x.|", "x"),
        ("rf'\\{x.|", "x"),
        ("%timeit os.pa|", "os"),
        ("%timeit -n 10 -r 3 os.pa|", "os"),
        ("%time x = os.pa|", "os"),
        ("%prun -l 5 os.pa|", "os"),
        ("%timeit -x.|", "x"),
        ("  %time os.|", "os"),
        ("y = %timeit -o os.|", "os"),
        ("%%timeit x = os.|", "os"),
        ("%%timeit\nos.|", "os"),
        ("%%unknown a b\nos.|", "os"),
        ("\n%%time\n%%capture out\nos.|", "os"),
        ("?os.pa|", "os"),
        ("os.pa|?", "os"),
        ("/f x.|", "x"),
    ],
)
def test_an_attribute_belongs_to_the_expression_before_the_dot(text: str, dotted: str) -> None:
    found = read(text)
    assert (found.place, found.dotted) == ("code", dotted)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("|", "code"),
        ("x = pri|", "code"),
        ("x = 1 # pri|", "nothing"),
        ("#|", "nothing"),
        ("x = '#' + a|", "code"),
        ("1|", "nothing"),
        ("1.|", "nothing"),
        ("1.5|", "nothing"),
        ("0x|", "nothing"),
        ("1e|", "nothing"),
        ("1 i|", "code"),
        ("a1|", "code"),
        (".|", "nothing"),
        ("return .|", "nothing"),
        ("def |", "nothing"),
        ("def fo|", "nothing"),
        ("async def fo|", "nothing"),
        ("class A|", "nothing"),
        ("class A(B|", "code"),
        ("def f(a|", "nothing"),
        ("def f(a, *ar|", "nothing"),
        ("def f(a: in|", "code"),
        ("def f(a=No|", "code"),
        ("def f(a=g(|", "code"),
        ("def f(a) -> in|", "code"),
        ("def f[T|", "nothing"),
        ("lambda x|", "nothing"),
        ("lambda x, y|", "nothing"),
        ("lambda x=de|", "code"),
        ("lambda x: x|", "code"),
        ("for x|", "nothing"),
        ("for x, y|", "nothing"),
        ("for (x, y|", "nothing"),
        ("for x i|", "code"),
        ("for x in y|", "code"),
        ("[x for y|", "nothing"),
        ("[x for y in z|", "code"),
        ("with a as |", "nothing"),
        ("except E as e|", "nothing"),
        ("import os as o|", "nothing"),
        ("import |", "import"),
        ("import os, pa|", "import"),
        ("from os import (a,\n  b|", "import"),
        ("from . import x|", "import"),
        ("from .|", "import"),
        ("x = 1; import o|", "import"),
        ("if a: from os import p|", "import"),
        ("yield from a|", "code"),
        ("impor|", "code"),
        ("'ab|'", "string"),
        ("b'ab|", "string"),
        ("'''a\nb|", "string"),
        ("'a\\\nb|", "string"),
        ("f'a{b}c|'", "string"),
        ("f'{{a|", "string"),
        ("f'{a:>|", "string"),
        ("f'{a!|r}'", "nothing"),
        ("f'{x|}'", "code"),
        ("'it\\'s|", "string"),
        ("x = 'open\npri|", "code"),
        ("f'{x\npri|", "code"),
        ("foo(\ndef f():\n    x|", "code"),
        ("%ti|", "magic name"),
        ("%|", "magic name"),
        ("%%|", "magic name"),
        ("%%ti|me\nx", "magic name"),
        ("x = %ti|", "magic name"),
        ("?%ti|", "magic name"),
        ("x\n%ti|", "magic name"),
        ("x % ti|", "code"),
        ("x = (1,\n  % ti|", "code"),
        ("%cd fo|", "magic"),
        ("%timeit -|", "magic"),
        ("%timeit -n |", "magic"),
        ("%timeit -n 10 |", "code"),
        ("%%capture ou|", "magic"),
        ("!ls fo|", "shell"),
        ("!!ls fo|", "shell"),
        ("x = !ls fo|", "shell"),
        ("a.b, c = !ls fo|", "shell"),
        ("x != fo|", "code"),
        ("x == !ls|", "code"),
        ("print(!ls|", "code"),
        ("    !ls fo|", "shell"),
        ("!ls \\\n fo|", "shell"),
        ("!ls\npri|", "code"),
        ("%sx ls fo|", "shell"),
        ("%%bash\nls\ncat fo|", "shell"),
        ("%%bash -x|", "magic"),
        ("%%script bash\nls fo|", "shell"),
        ("%%script perl\nls fo|", "nothing"),
        ("%%writefile a.txt\nos.|", "nothing"),
        ("%%html\n<a|", "nothing"),
        ("os.path?|", "nothing"),
    ],
)
def test_where_the_cursor_stands(text: str, place: str) -> None:
    assert read(text).place == place


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("pri|nt", "pri"),
        ("a.b|", "b"),
        ("f(|", ""),
        ("'a b|'", "a b"),
        ("rb'''a\nb|", "a\nb"),
        ("%ti|", "%ti"),
        ("%%ti|", "%%ti"),
        ("%cd a b|", "b"),
        ("%cd a\\ b|", "a\\ b"),
        ("!ls foo|", "foo"),
        ("!ls a|b", "a"),
        ("!ls a;cat b¦", "b"),
        ("!ls 'a b|", "'a b"),
        ("import os.pa|", "pa"),
    ],
)
def test_where_the_piece_begins_that_is_completed(text: str, piece: str) -> None:
    cursor = text.index("¦" if "¦" in text else "|")
    assert text[read(text).start : cursor] == piece


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d['a|']", {"prefix": "", "quote": "'", "start": 2, "content_start": 3, "end": 4, "closed": True}),
        ("d['a|", {"quote": "'", "end": 4, "closed": False}),
        ("d['a|b'] + c['d']", {"end": 5, "closed": True}),
        ("f('a|, 'b')", {"end": 4, "closed": False}),
        ("d['a|'] + \"it's\"", {"end": 4, "closed": True}),
        ("d['a|\n']", {"end": 4, "closed": False}),
        ("Rb'''a|b'''", {"prefix": "Rb", "quote": "'''", "end": 7, "closed": True}),
        ("f'{d[\"a|\"]}'", {"quote": '"', "start": 5, "end": 7, "closed": True}),
        ("f'{x} a|'", {"prefix": "f", "start": 0, "end": 7, "closed": True}),
        ("'a|\\'b'", {"end": 5, "closed": True}),
        ("%cd 'a|", {"quote": "'", "start": 4, "closed": False}),
        ('!ls "a|"', {"quote": '"', "start": 4, "closed": True}),
    ],
)
def test_the_string_that_is_typed(text: str, expected: dict[str, Any]) -> None:
    string = read(text).string
    assert string is not None
    assert {name: getattr(string, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(|", {"function": "f", "start": 2, "position": 0, "at_start": True, "argument": None}),
        ("df.groupby('a').agg(b, c|", {"function": "df.groupby('a').agg", "position": 1, "at_start": True}),
        ("f(a, b=2, c|)", {"position": 1, "keywords": ("b",), "argument": None}),
        ("f(a, |b=2, c=3)", {"keywords": ("b", "c"), "at_start": True}),
        ("f(a=|, b=2, *c)\nd=3", {"argument": "a", "keywords": ("b",), "at_start": False}),
        ("f(a='|", {"argument": "a", "at_start": False}),
        ("f(a='|', b=1)", {"keywords": ("b",)}),
        ("f(a + |", {"at_start": False}),
        ("f(*a, **b, |", {"position": 1}),
        ("f(\n  a,\n  # b,\n  |", {"position": 1}),
        ("f(a[b, c], {d: e, g: h}, |", {"position": 2}),
        ("g(f(a), k=f(|", {"function": "f", "position": 0, "keywords": ()}),
        ("f(key=lambda x: x.|", {"function": "f", "argument": "key", "at_start": False}),
        ("f()(|", {"function": "f()"}),
        ("d['a'](|", {"function": "d['a']"}),
        ("@f(|", {"function": "f"}),
        ("f'{g(a, |", {"function": "g", "position": 1}),
        ("print (|", {"function": "print"}),
    ],
)
def test_the_call_whose_arguments_are_typed(text: str, expected: dict[str, Any]) -> None:
    call = read(text).call
    assert call is not None
    assert {name: getattr(call, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    ["if (|", "x in (|", "(|", "f([|", "f(a[|", "f({|", "f(a)|", "class A(|", "x = (|", "not (|", "f'{(|"],
)
def test_there_is_no_call_where_a_bracket_only_groups(text: str) -> None:
    assert read(text).call is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d[|", {"value": "d", "start": 2, "before": (), "part_start": 2, "closed": False}),
        ("d['a|']", {"value": "d", "part_start": 2, "closed": True}),
        ("d['a|'  ]", {"closed": True}),
        ("d['a|' + x]", {"closed": False}),
        ("d[ke|]", {"closed": True}),
        ("d['a|\n]", {"closed": False}),
        ("d['a']['b|", {"value": "d['a']"}),
        ("d[1, 'x|", {"before": ("1",), "part_start": 5}),
        ("d[f(1, 2), x[1, 2], |", {"before": ("f(1, 2)", "x[1, 2]")}),
        ("df.loc['a', |", {"value": "df.loc", "before": ("'a'",)}),
        ("f(a)[|", {"value": "f(a)"}),
        ("'abc'[|", {"value": "'abc'"}),
        ("f'{d[\"|", {"value": "d"}),
        ("x = {'a': 1}[|", {"value": "{'a': 1}"}),
    ],
)
def test_the_subscript_that_is_typed(text: str, expected: dict[str, Any]) -> None:
    subscript = read(text).subscript
    assert subscript is not None
    assert {name: getattr(subscript, name) for name in expected} == expected


@pytest.mark.parametrize("text", ["[|", "x = [|", "in [|", "return [|", "d[f(|", "d[(|", "d[0]|", "def f[|"])
def test_there_is_no_subscript_where_a_bracket_begins_a_list(text: str) -> None:
    assert read(text).subscript is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mode = '|", "mode"),
        ("mode = |", "mode"),
        ("a.mode = '|", "a.mode"),
        ("a = mode = '|", "mode"),
        ("mode: Mode = '|", "mode"),
        ("mode: Literal['a', 'b'] = '|", "mode"),
        ("if mode == '|", "mode"),
        ("if x and self.mode != '|", "self.mode"),
        ("f(mode == '|", "mode"),
        ("if mode in ('|", "mode"),
        ("if mode not in {'a', '|", "mode"),
        ("if x: mode = '|", "mode"),
        ("mode = x + '|", None),
        ("f(mode='|", None),
        ("mode = f('|", None),
        ("d['a'] = '|", None),
        ("for mode in ('|", None),
    ],
)
def test_the_name_that_a_value_is_for(text: str, name: str | None) -> None:
    assert read(text).assigned == name


@pytest.mark.parametrize(
    ("text", "before", "statement"),
    [
        ("a = 1\nb = 2\na.|", "a = 1\nb = 2\n", "a."),
        ("a = 1; a.|", "a = 1\n", "a."),
        ("for x in y: x.|", "for x in y:\n    ", "x."),
        ("if a:\n    b = 1; b.|", "if a:\n    b = 1\n    ", "b."),
        ("f(\n  a,\n  b.|", "", "f(\n  a,\n  b."),
        ("[x.| for x in y]", "for x in y: pass\n", "[x."),
        ("[x for x in y if x.|", "for x in y: pass\n", "[x for x in y if x."),
        ("f(a, (x.| for x in y), [z for z in y])", "for x in y: pass\n", "f(a, (x."),
        ("[[x.| for x in y] for y in z]", "for y in z: pass\nfor x in y: pass\n", "[[x."),
        ("{k: v.| for k, v in d.items() if k}", "for k, v in d.items(): pass\n", "{k: v."),
        ("%%time\na = 1\na.|", "a = 1\n", "a."),
        ("a = 1\n%time a.|", "a = 1\n", "a."),
        ("x: int = y.|", "", "x: int = y."),
        ("f = lambda x: x.|", "", "f = lambda x: x."),
    ],
)
def test_what_is_run_before_the_cursor(text: str, before: str, statement: str) -> None:
    found = read(text)
    assert (found.before, found.statement) == (before, statement)


def test_what_is_indented_is_run_in_the_block_it_stands_in() -> None:
    assert read("def f(a):\n    b = 1\n    a.|").before == "def f(a):\n    b = 1\n    "
    assert read("def f(a):\n    b = 1\na.|").before == "def f(a):\n    b = 1\n"
    assert read("if a:\n    for b in c: d = [e.| for e in d]").before == (
        "if a:\n    for b in c:\n        for e in d: pass\n        "
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pri|", "start"),
        ("x = 1; pri|", "start"),
        ("if x: pri|", "start"),
        ("%time pri|", "start"),
        ("x = pri|", "value"),
        ("f(pri|", "value"),
        ("return pri|", "value"),
        ("x i|", "operator"),
        ("f(x) i|", "operator"),
        ("[x for x i|", "operator"),
        ("match x|", "value"),
        ("'a' i|", "operator"),
        ("f'{x|", "value"),
    ],
)
def test_what_may_stand_at_the_cursor(text: str, expected: str) -> None:
    assert read(text).expected == expected


PIECES = st.sampled_from(
    "' \" ''' \"\"\" f' f\" rb' { } {{ ( ) [ ] # \\ \n ; : , . = == ! != % %% ? / @ -> := * ** 1 1.5 a b.c é "
    "for in if lambda def class import from as with \t %time %%bash !ls x=! x=% \r \x00 \ud800 😀".split(" ")
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map(" ".join)), st.data())
@example("f'{", None)
@example("%", None)
@example("%%", None)
@example("x = %", None)
def test_any_text_can_be_read(text: str, data: st.DataObject | None) -> None:
    cursor = len(text) if data is None else data.draw(st.integers(0, len(text)))
    request = CompletionRequest(text, cursor)
    found = context_of(request)
    assert 0 <= found.start <= cursor
    if found.string is not None:
        string = found.string
        assert 0 <= string.start < string.content_start <= cursor <= string.end <= len(text)
        assert text[string.start : string.content_start] == string.prefix + string.quote
        assert text.startswith(string.quote, string.end) or not string.closed
    if found.call is not None:
        assert found.call.function
        assert 0 < found.call.start <= cursor
        assert text[found.call.start - 1] == "("
        assert found.call.position >= 0
    if found.subscript is not None:
        assert found.subscript.value
        assert found.subscript.start <= found.subscript.part_start <= cursor
        assert text[found.subscript.start - 1] == "["
    if found.magic is not None:
        assert found.magic.start <= cursor
        assert text[found.magic.start : cursor] == found.magic.line
    assert text[:cursor].endswith(found.statement)
    # What stands on later lines says nothing about this one.
    line_end = text.find("\n", cursor)
    line_end = len(text) if line_end < 0 else line_end
    assert context_of(CompletionRequest(text[:line_end] + "\n'''(\nx", cursor)) == found
    assert context_of(CompletionRequest(text[:line_end], cursor)) == found


def test_a_long_cell_is_read_in_time_that_grows_with_it() -> None:
    # Brackets and strings that are never closed, which a careless reader would look for again and again.
    for piece in (
        "(",
        "x[",
        "f'{",
        "f'{\n",
        "x = (\n",
        "'\\\n",
        "[x for y in ",
        "{",
        "'''a",
        "%%time\n",
        "def f(\n",
    ):
        text = piece * 20_000
        assert context_of(CompletionRequest(text, len(text))).start <= len(text)


def test_what_is_kept_is_bounded_and_safe_from_threads() -> None:
    wrong: list[object] = []

    def read_many(number: int) -> None:
        try:
            for index in range(300):
                text = f"x{number}.a{index % 40}"
                found = context_of(CompletionRequest(text, len(text)))
                if found.dotted != f"x{number}":
                    wrong.append(found)
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=read_many, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong
    assert len(context._kept) <= 16 + 6


def test_a_context_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        read("x|").start = 3  # type: ignore[misc]


def test_a_field_that_is_left_open_ends_with_its_line() -> None:
    found = read("f(a, f'{x\n  , b.c|")
    assert found.dotted == "b"
    assert found.call is not None
    assert found.call.position == 2


@pytest.mark.parametrize("text", ['"a {b', "'{", 'f("a", "{b', '"\\N{GREEK SM', "r'{a", "x = ['{a"])
def test_a_brace_begins_code_in_a_string_with_f_alone(text: str) -> None:
    assert context_of(CompletionRequest(text, len(text))).place == "string"
