"""What Enter does: run the text, or ask for another line and indent it."""

from __future__ import annotations

import sys
import threading
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcore.cells import completeness
from ipcore.cells.completeness import check_complete, syntax_error
from ipcore.cells.transform import transform

COMPLETE = [
    "",
    "\n",
    "   ",
    "a",
    "a\n",
    "a; b",
    "a;",
    "x: int",
    "x = 1\n\n\n",
    "if 1:\n  a\n",
    "if 1:\n  a\n\n",
    "if 1:\n  a\n  ",
    "await x",
    "async with a: pass",
    "# c",
    "# c\\",
    "def f(): return 1",
    "for x in y: pass",
    "for x in y: pass\n",
    "x = '''\n  a\n  b'''",
    "x = [\n  1,\n  ]",
    "x = (\nb\n  )",
    "x = '''\nb\n  '''",
    "if 1:\n  a\nelse: b",
    "  x",
    "%x",
    "!ls",
    "!ls (",
    "if 1:\n  !ls\n",
    "a?",
    "?",
    "%%x?",
    "%%x\nfoo\n",
    "%%x\nfoo\n\n",
    "%%x\n\n",
    "%%x\nfoo\n  ",
    "In [1]: if 1:\n   ...:   a\n   ...: ",
    ">>> if 1:\n...   a\n... ",
]

INVALID = [
    "'abc",
    ")",
    "a)",
    "a=",
    "a =\n",
    "return",
    "return 1",
    "if 1:\n    return",
    "yield x",
    "break",
    "nonlocal x",
    "a b",
    "0x",
    "a\n  b",
    "if 1:\na",
    "else:",
    "x if y",
    "class A(B)",
    "import",
    "f'{x!}'",
    "b'é'",
    "\x00",
    "a\x00b",
    "(]",
    "x is 1",
    "!ls\na b",
]

INCOMPLETE = [
    ("if 1:", 4),
    ("if 1:\n", 4),
    ("if 1:\n  a", 2),
    ("if 1: # c", 4),
    ("if 1:\n  # c", 2),
    ("if 1:\n  a # c:", 2),
    ("if 1:\n  a\n\n  b", 2),
    ("if 1:\n  a\nelse:", 4),
    ("if 1:\n  x = [\n]", 2),
    ("if 1:\n  x = [\na]", 2),
    ("if 1:\n  x = [\na\n ]", 2),
    ("if 1:\n  x = '''\na\n '''", 2),
    ("a\nif 1:\n  b\nelse:\n   c", 3),
    ("if 1:\n  a\n# remark", 0),
    ("a\\", 0),
    ("a\\\n", 0),
    ("a = \\\n", 0),
    ("(", 0),
    ("[1,\n", 0),
    ("(\n  a,\n  b", 2),
    ("x = {'a':", 0),
    ("x = [  # c:", 0),
    ("'''", 0),
    ("'''abc\n", 0),
    ("x = '''abc:", 0),
    ("x = '''\n  abc", 2),
    ("f'''abc\n", 0),
    ("f'''{x\n}", 0),
    ("x = 'a\\", 0),
    ("@d", 0),
    ("@d\n", 0),
    ("@d\ndef f():", 4),
    ("def f():\n\n", 4),
    ("def f(a,\n      b):", 4),
    ("def f():\n  x = [1,\n    2", 4),
    ("def f():\n  x = [1,\n    2]", 2),
    ("if 1:\n  '''a\n b'''", 2),
    ("async def f():\n  await x", 2),
    ("class A:\n  x=1\n\n  def f(self):", 6),
    ("match x:\n  case 1:", 6),
    ("try:\n  a", 2),
    ("try:\n  a\n", 2),
    ("\tif 1:", 4),
    ("if 1:\n\tif 2:", 8),
    ("if 1:\n\ta", 4),
    ("  if 1:\n    x", 2),
    ("%%x", 0),
    ("%%x\n", 0),
    ("%%x\nfoo", 0),
    ("%%x\n  foo", 2),
    ("%%x\n\nfoo", 0),
    ("!ls \\", 0),
    ("!ls \\\n", 0),
    ("x = !ls \\", 0),
    ("%x \\", 0),
    ("if 1:\n  !ls", 2),
    ("In [1]: if 1:", 4),
    ("In [1]: if 1:\n   ...:   a", 2),
    (">>> if 1:\n...   a", 2),
    # A warning does not submit a half-typed block.
    ("if x is 1:\n  a", 2),
]

DEDENTED = [
    ("def f():\n    return 1", 0),
    ("def f():\n    if x:\n        pass", 4),
    ("while 1:\n  break", 0),
    ("while 1:\n  continue", 0),
    ("def f():\n    raise X", 0),
    ("def f():\n    pass # c", 0),
    ("def f():\n  while 1:\n    if 2:\n      break\n    continue", 2),
    ("def f():\n    return (1,\n      2)", 0),
    ("for x in y:\n\tpass", 0),
    # These do not leave the block.
    ("def f():\n    return (1,", 4),
    ("def f():\n    returns = 1", 4),
    ("def f():\n    # return", 4),
]


@pytest.mark.parametrize("source", COMPLETE)
def test_complete_text_is_run(source: str) -> None:
    assert check_complete(source, transform) == ("complete", None)


@pytest.mark.parametrize("source", INVALID)
def test_text_that_no_line_can_mend_is_run_to_show_the_error(source: str) -> None:
    assert check_complete(source, transform) == ("invalid", None)


@pytest.mark.parametrize(("source", "indentation"), INCOMPLETE)
def test_incomplete_text_gets_an_indented_line(source: str, indentation: int) -> None:
    assert check_complete(source, transform) == ("incomplete", indentation)


@pytest.mark.parametrize(("source", "indentation"), DEDENTED)
def test_line_after_one_that_leaves_the_block_is_dedented(source: str, indentation: int) -> None:
    assert check_complete(source, transform) == ("incomplete", indentation)


def test_f_string_whose_field_is_open_goes_on_where_python_lets_it() -> None:
    expected = ("incomplete", 0) if sys.version_info >= (3, 12) else ("invalid", None)
    assert check_complete("f'{x", transform) == expected


def test_refusing_transformer_makes_the_text_invalid() -> None:
    def refuse(source: str) -> str:
        raise SyntaxError("no")

    assert check_complete("x", refuse) == ("invalid", None)


def test_the_same_text_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(completeness, "_own_filters", lambda: calls.append(1))
    for _ in range(3):
        assert check_complete("remembered = 1", transform) == ("complete", None)
    assert len(calls) == 1


def test_answer_follows_the_transformation() -> None:
    assert check_complete("SQL", lambda source: "(\n") == ("incomplete", 0)
    assert check_complete("SQL", lambda source: "x\n") == ("complete", None)


def test_no_warning_is_shown_and_the_users_filters_keep_working() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        assert check_complete("y is 1", transform)[0] == "invalid"
        assert check_complete("if y is 1:\n  '\\d'", transform)[0] == "incomplete"
        warnings.simplefilter("always")
        assert check_complete("z is 1", transform)[0] == "invalid"
        assert shown == []
        compile("y is 1", "<user>", "exec")
        assert [each.category for each in shown] == [SyntaxWarning]


def test_warning_shown_once_is_not_shown_again_after_an_enter() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        check_complete("before = 1", transform)
        for number in range(3):
            warnings.warn("said once", UserWarning, stacklevel=1)
            check_complete(f"after = {number}", transform)
        assert len(shown) == 1


def test_filters_do_not_pile_up() -> None:
    with warnings.catch_warnings():
        for number in range(20):
            warnings.simplefilter("ignore")
            check_complete(f"x{number}", transform)
        assert sum("ipshell" in str(each[3]) for each in warnings.filters) == 2


def test_answer_in_a_thread_is_the_same() -> None:
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(check_complete("if 1:\n  b", transform)))
    thread.start()
    thread.join(30)
    assert answers == [("incomplete", 2)]


@given(
    st.lists(
        st.sampled_from("a = ( ) [ ] : ' ''' \\ \n # if def %x !y ? f'{ } @ , \t".split(" ")), max_size=20
    )
)
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_fail(words: list[str]) -> None:
    status, indentation = check_complete(" ".join(words), transform)
    assert (status == "incomplete") == (indentation is not None)


def test_the_error_of_an_invalid_text_is_given_without_a_warning() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        error = syntax_error("x = 1\nx = = 1\n")
        assert error is not None
        assert (error.lineno, error.offset) == (2, 5)
        assert syntax_error("1 is 1\n") is None
    assert not shown


@pytest.mark.parametrize("python", ["await x\n", "x\n", "", "\0"])
def test_a_text_without_an_error_of_syntax_has_none(python: str) -> None:
    assert syntax_error(python) is None or "null" in str(syntax_error(python))
