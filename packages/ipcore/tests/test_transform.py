"""Cells as people paste them, and plain Python, which must stay as it is."""

from __future__ import annotations

import ast
import random
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcore.cells import logical_lines, plain_lines
from ipcore.cells.logical_lines import scan
from ipcore.cells.transform import transform, transform_cell

FOO = "get_ipython().run_line_magic('foo', '')"

CLEANED = [
    ("", "\n"),
    ("\n \n", "\n"),
    ("a=1", "a=1\n"),
    ("\n\n  x=1\n  y=2", "x=1\ny=2\n"),
    ("  a=1\n    b=2\n  c=3", "a=1\n  b=2\nc=3\n"),
    ("    a\n  b", "  a\nb\n"),
    ("  a\n\n    b\n  c", "a\n\n  b\nc\n"),
    ("\tif 1:\n\t\tx", "if 1:\n\tx\n"),
    ("\ta\n    b", "\ta\n    b\n"),
    ("# c\n  a\n  b", "# c\na\nb\n"),
    ("  f(1,\n2)\n  x", "f(1,\n2)\nx\n"),
    ("  x = '''\n  in\n out\n  '''", "x = '''\nin\n out\n'''\n"),
    ("  !echo (\n  x", "get_ipython().system('echo (')\nx\n"),
    ("a\r\n%foo\r\nb\rc", f"a\n{FOO}\nb\nc\n"),
    ("%foo\x0c\nx = '\u2028'\n", f"{FOO}\nx = '\u2028'\n"),
    (">>> a=1\n>>> b=2", "a=1\nb=2\n"),
    (">>> for i in x:\n...     print(i)\n...\n>>> y", "for i in x:\n    print(i)\n\ny\n"),
    ("    >>> a\n    ... b", "a\nb\n"),
    ("  >>>     a\n  ...     b", "a\nb\n"),
    (">>>a\n>>>", "a\n\n"),
    ("x\n>>> y\n... z", "x\ny\nz\n"),
    (">>> x = '''\n... a\n... '''\n>>> y", "x = '''\na\n'''\ny\n"),
    ("def f():\n    '''\n    >>> a\n    '''\n>>> b", "def f():\n    '''\n    >>> a\n    '''\nb\n"),
    (">>> x = ''' '''\n>>> !echo '''\n>>> y", "x = ''' '''\nget_ipython().system(\"echo '''\")\ny\n"),
    ("x = '''\n... a\n'''\n>>> b", "x = '''\n... a\n'''\nb\n"),
    ("... \nx", "... \nx\n"),
    ("In [12]: a=1", "a=1\n"),
    ("In [1]: for i in x:\n   ...:     print(i)\n   ...: ", "for i in x:\n    print(i)\n\n"),
    ("[ins] In [1]: a\n          ...: b", "a\nb\n"),
    ("[nav] In [1]: a", "a\n"),
    ("  In [1]: a\n     ...: b", "a\nb\n"),
    ("In [1]: a\nIn [2]: b", "a\nb\n"),
    ("x\n   ...: y", "x\ny\n"),
    ("In [1]: x='''\n   ...: a\n   ...: '''", "x='''\na\n'''\n"),
    ("In [1]: %foo", FOO + "\n"),
    ("In [1]:a", "In [1]:a\n"),
    ("In[1]: a", "In[1]: a\n"),
]


@pytest.mark.parametrize(("typed", "python"), CLEANED, ids=lambda text: repr(text))
def test_prompts_and_indentation_of_pasted_text_go(typed: str, python: str) -> None:
    assert transform(typed) == python


PLAIN = [
    "x = (5\n% 3)\n",
    "x = 5 \\\n% 3\n",
    "x = 5 \\\n  % y\n",
    "f'{x!r}'\n",
    "f'{x!r:>{w}}' % 3\n",
    "f'{x=!r}'\n",
    "f'''{x\n!r}\n%foo\n'''\n",
    "f'{\"a\"!r}?'\n",
    "'''\n!ls\n%foo\na?\n'''\n",
    "x = '''\n>>> a\n'''\n",
    "x = '''\n   ...: y\n'''\n",
    "x = '\\\n%foo'\n",
    "r'\\\\'\nx = r'''\\\\'''\n",
    "r'\\''\n",
    "rb'''\\'\n%foo'''\n",
    "# what?\n# !x\nx = 1  # why?\n",
    "def f(\n    a,\n    /,\n    b\n    , c): pass\n",
    "x = [1\n     , 2\n     ]\n",
    "  # only a remark\nx\n",
    "a != b\n",
    "{'a': '%s' % 1, 'b': '%d'\n% 2}\n",
    "x = '#'; y = \"?\"\n",
    "'a' 'b' ''\n'''c'''''\n\"\"\"d\"\"\"\n",
    "\x0cx = 1\n",
    "'\\N{EN DASH}' f'\\N{EN DASH}{x}'\n",
    "f'{{' '}}'\nf'{{{x}}}'\n",
    "rf'\\{x}'\n",
    "f'{x:%H:%M}'\nf'{x:{w}.{p}}'\n",
    "f'{(lambda y: y)(1)}'\nf'{d[1:2]}'\n",
]
NESTED_QUOTES = [
    "f'{d['a']}'\n",
    "f'{f'{'!ls'}'}'\n",
    "f'{x\n%foo\n}'\n",
    "f'''{'''\n%foo\n'''}\n!ls\n'''\n",
    "f'{x:{'%'}}' + f'{'#'}'\n",
    "f'{x  # }'\n}'\n",
]


@pytest.mark.parametrize("source", PLAIN)
def test_plain_python_stays_as_it_is(source: str) -> None:
    ast.parse(source)
    assert transform(source) == source
    assert transform(source + "%foo\n") == source + FOO + "\n"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="quotes nest in f-strings since 3.12")
@pytest.mark.parametrize("source", NESTED_QUOTES)
def test_quotes_nested_in_f_strings_hide_escapes(source: str) -> None:
    ast.parse(source)
    assert transform(source) == source
    assert transform(source + "%foo\n") == source + FOO + "\n"


def _library_files() -> list[Path]:
    folder = Path(sysconfig.get_path("stdlib"))
    files = sorted(path for path in folder.rglob("*.py") if "site-packages" not in path.parts)
    return random.Random(0).sample(files, min(300, len(files)))


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_every_module_of_the_standard_library_stays_as_it_is() -> None:
    checked = 0
    for path in _library_files():
        try:
            source = path.read_text("utf-8")
            compile(source, str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue
        source = "pass\n" + source
        source += "" if source.endswith("\n") else "\n"
        assert transform(source) == source, path
        # The long way round, too, and with an escape at its end that must be found.
        assert transform(f"{source}\n%foo\n") == f"{source}\n{FOO}\n", path
        checked += 1
    assert checked > 250


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_statements_begin_where_the_parser_says() -> None:
    for path in _library_files()[:100]:
        try:
            source = path.read_text("utf-8")
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        rows = {line.code: source.count("\n", 0, line.code) + 1 for line in scan(source)}
        begins = set(rows.values())
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and not getattr(node, "decorator_list", None):
                same_line = source.split("\n")[node.lineno - 1].encode()[: node.col_offset].strip()
                assert same_line or node.lineno in begins, (path, node.lineno)


def test_lines_cover_the_text_and_the_quick_way_agrees_with_the_slow_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import re

    texts = [path.read_bytes().decode("utf-8", "replace") for path in _library_files()[:60]]
    quick = [scan(text) for text in texts]
    for text, lines in zip(texts, quick, strict=True):
        assert "".join(text[line.start : line.end] for line in lines) == text
    monkeypatch.setattr(logical_lines, "_SIMPLE", re.compile("(?!)"))
    assert [scan(text) for text in texts] == quick


FRAGMENTS = st.sampled_from(
    "x = y f( ) [ ] { } ' \" ''' \"\"\" f' f''' \\ \\\n \n \n\n # ? ! % / , ; : := == != = + \t \x0c %foo "
    "!ls obj? >>> ... In [1]:  {x!r} {{ \\N{EN DASH} é rb' \r\n \x00 if else return @".split(" ")
)
ANY_TEXT = st.one_of(
    st.lists(FRAGMENTS, max_size=30).map(" ".join), st.lists(FRAGMENTS, max_size=30).map("".join), st.text()
)


@given(ANY_TEXT)
@settings(max_examples=600, deadline=None)
def test_no_text_makes_it_fail(source: str) -> None:
    result = transform(source)
    assert result.endswith("\n")
    lines = scan(result)
    assert "".join(result[line.start : line.end] for line in lines) == result


@given(st.one_of(ANY_TEXT, ANY_TEXT.map(lambda text: " ".join(text.split()))))
@settings(max_examples=600, deadline=None)
def test_the_quick_way_for_plain_lines_agrees_with_the_rules(source: str) -> None:
    assert plain_lines.transform(source) == transform(source)


@pytest.mark.parametrize("typed", [*(typed for typed, _ in CLEANED), *PLAIN])
def test_the_quick_way_agrees_on_what_people_paste(typed: str) -> None:
    assert plain_lines.transform(typed) == transform(typed)


NAMES = st.sampled_from(["a", "b_1", "été", "In", "print"])
LITERALS = st.sampled_from(
    [
        "1",
        "'%x'",
        '"!y"',
        "'''\n%foo\n  !ls\n'''",
        '"""\n? a\n>>> b\n"""',
        "f'{a!r}'",
        'f"{a:%H}"',
        "...",
        "b'?'",
        "r'\\\\'",
    ]
)
EXPRESSIONS = st.recursive(
    NAMES | LITERALS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" % ", " != ", " / ", " if a else ", " @ "]), inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}\n% {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]}\n, {two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"print({two[0]},  # what?\n  a={two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} \\\n% {two[1]})"),
    ),
    max_leaves=6,
)
SIMPLE = st.one_of(
    EXPRESSIONS,
    EXPRESSIONS.map("a = {}".format),
    EXPRESSIONS.map("a: int = {}  # !x".format),
    EXPRESSIONS.map("a %= {}".format),
    EXPRESSIONS.map("# what?\na = b = {}; b = 1".format),
)
ESCAPES = st.sampled_from(
    ["%foo a", "!ls '", "a?", "x = !ls (", "/f a", ",f b c", "?x*", "%foo \\\n b", "a ??"]
)


def _indented(text: str) -> str:
    """Indent a block; lines inside strings may move too, the code means the same to us."""
    return "\n".join("    " + line for line in text.split("\n"))


def _blocks(statements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        statements,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map("\n".join),
            inner.map(lambda body: "if a:\n" + _indented(body)),
            inner.map(lambda body: "def f(a,\n  /):\n" + _indented(body) + "\n"),
        ),
        max_leaves=5,
    )


@given(_blocks(SIMPLE))
@settings(max_examples=400, deadline=None)
def test_generated_python_stays_as_it_is(source: str) -> None:
    ast.parse(source)
    assert transform(source) == source + "\n" * (not source.endswith("\n"))


@given(_blocks(SIMPLE | ESCAPES))
@settings(max_examples=400, deadline=None)
def test_what_came_out_is_python_and_stays_as_it_is(source: str) -> None:
    python = transform(source)
    ast.parse(python)
    assert transform(python) == python


@given(_blocks(SIMPLE | ESCAPES), st.sampled_from(["  ", "\t", "        "]))
@settings(max_examples=200, deadline=None)
def test_an_indented_paste_gives_the_same_program(source: str, margin: str) -> None:
    pasted = "\n".join(margin + line for line in source.split("\n"))
    same, expected = (transform(text).replace(margin, "").rstrip() for text in (pasted, source))
    assert same == expected


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("test", "strategies"),
    [
        (test_no_text_makes_it_fail, [ANY_TEXT]),
        (test_the_quick_way_for_plain_lines_agrees_with_the_rules, [ANY_TEXT]),
        (test_generated_python_stays_as_it_is, [_blocks(SIMPLE)]),
        (test_what_came_out_is_python_and_stays_as_it_is, [_blocks(SIMPLE | ESCAPES)]),
    ],
)
def test_the_same_holds_for_very_many(test: Any, strategies: list[Any]) -> None:
    count = 0

    def counted(source: str) -> None:
        nonlocal count
        count += 1
        test.hypothesis.inner_test(source)

    with_sources: Any = given(*strategies)
    with_sources(settings(max_examples=20_000, deadline=None)(counted))()
    print(f"{test.__name__}: {count} sources")
    assert count >= 20_000


def never(*anything: object) -> None:
    pytest.fail(f"should not have been called with {anything}")


class Rewriting:
    """A transformer of a plugin, made of a function."""

    def __init__(self, function: Any, stage: Any = "cleanup", applies: Any = lambda source: True) -> None:
        self.name = "rewriting"
        self.stage = stage
        self.transform = function
        self.applies = applies


def test_transformers_run_before_and_after_the_shells_own_part() -> None:
    seen = []

    def note(stage: str) -> Rewriting:
        def transform(lines: list[str]) -> list[str]:
            seen.append((stage, lines))
            return [line.replace("#", "%") for line in lines]

        return Rewriting(transform, stage)

    python = transform_cell("#foo\nx = '\x0c'", [note("post"), note("cleanup")], never)
    assert seen == [("cleanup", ["#foo\n", "x = '\x0c'\n"]), ("post", [FOO + "\n", "x = '\x0c'\n"])]
    assert python == f"{FOO}\nx = '\x0c'\n"


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_failing_transformer_is_reported_and_skipped(error: BaseException) -> None:
    def fail(lines: list[str]) -> list[str]:
        lines.clear()
        raise error

    bad, good = Rewriting(fail), Rewriting(lambda lines: ["y\n", *lines])
    told: list[Any] = []
    assert transform_cell("x", [bad, good], lambda *report: told.append(report)) == "y\nx\n"
    assert told == [(bad, error)]


@pytest.mark.parametrize("rubbish", [None, 3, [1, 2], [b"x"]])
def test_transformer_that_gives_rubbish_is_reported_and_skipped(rubbish: object) -> None:
    told: list[Any] = []
    python = transform_cell("x", [Rewriting(lambda lines: rubbish)], lambda *report: told.append(report))
    assert (python, len(told)) == ("x\n", 1)


def test_failing_applies_is_reported_and_skipped() -> None:
    def broken(source: str) -> bool:
        raise KeyError(source)

    told: list[Any] = []
    bad = Rewriting(lambda lines: [], applies=broken)
    assert transform_cell("x", [bad], lambda *report: told.append(report)) == "x\n"
    assert [transformer for transformer, _ in told] == [bad]


@pytest.mark.parametrize("error", [SyntaxError("refused"), KeyboardInterrupt()])
def test_refusal_and_ctrl_c_reach_the_caller(error: BaseException) -> None:
    def refuse(lines: list[str]) -> list[str]:
        raise error

    with pytest.raises(type(error)):
        transform_cell("x", [Rewriting(refuse)], never)


def test_transformer_that_does_not_apply_is_not_run() -> None:
    quiet = Rewriting(never, applies=lambda source: "SQL" in source)
    assert transform_cell("x", [quiet], never) == "x\n"


def test_transformers_with_side_effects_can_be_left_out() -> None:
    loud = Rewriting(lambda lines: ["ran\n"])
    loud.has_side_effects = True  # type: ignore[attr-defined]
    assert transform_cell("x", [loud], never, side_effects=False) == "x\n"
    assert transform_cell("x", [loud], never) == "ran\n"
