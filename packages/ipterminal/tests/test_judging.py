from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcore.cells.completeness import Verdict, check_complete
from ipcore.cells.plain_lines import transform
from ipterminal import judging
from ipterminal.judging import Judge
from ipterminal.validation import problem

LINES = [
    "x = 1",
    "if x:",
    "    y",
    "        z",
    "        z = 1",
    "    z = = 1",
    "      z",
    "    await x",
    "    @d",
    "    def g():",
    "\ty",
    "else:",
    "",
    "def f(a,",
    "      b):",
    "    return 1",
    "@d",
    "class A:",
    "    '''Doc",
    "text'''",
    "'''",
    "try:",
    "except E:",
    "# comment",
    "    # comment",
    "x = [",
    "]",
    "%time x",
    "!ls",
    "x = !ls",
    "x?",
    "%%time",
    "await x",
    "return 1",
    "x = = 1",
    "x = 1 + \\",
    ">>> x",
    "... y",
    "from __future__ import annotations",
    "match x:",
    "    case 1:",
    "case = 1",
]


def truth(text: str) -> str:
    return check_complete(text, transform)[0]


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_growing_line_by_line_makes_no_difference(lines: list[str]) -> None:
    judge = Judge()
    text = ""
    for line in lines:
        text += line
        assert judge.status(text) == truth(text), text
        text += "\n"
        assert judge.status(text) == truth(text), text


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LINES), st.integers(0, 12), st.booleans()), max_size=15))
def test_changing_lines_anywhere_makes_no_difference(changes: list[tuple[str, int, bool]]) -> None:
    judge = Judge()
    lines: list[str] = []
    for line, place, replace in changes:
        lines[place : place + replace] = [line]
        for text in ("\n".join(lines), "\n".join(lines) + "\n"):
            assert judge.status(text) == truth(text), text


@pytest.mark.parametrize(
    "texts",
    [
        # what is complete is left out, unless the rest goes on with it
        ["if x:\n    y\n\nz", "if x:\n    y\n\nelse:\n    z\n"],
        ["x = 1\ny = 2", "x = 1\nfrom __future__ import annotations"],
        ["@d\ndef f():\n    x\n", "@d\ndef f():\n    x\n\ny"],
        ["@d\n\ndef f():\n    x\n", "@d\n\ny"],
        ["x = 1\n@d\ndef f():\n    x\n", "x = 1\n@d\nx = 1"],
        ["x = 1\ny = 2", "x = 1\n%%time\nz"],
        ["x = 1\ny = 2", "x = 1\n  y = 2"],
        # one more line of a block, which does not stand there alone
        ["if x:\n    y", "if x:\n    y\n    return 1"],
        ["def f():\n    y", "def f():\n    y\n    await z"],
        ["def f():\n    y", "def f():\n    y\n    z = = 1"],
        ["def f():\n    y", "def f():\n    y\n        z = 1"],
        ["def f():\n    y", "def f():\n    y\n  z = 1"],
        ["def f():\n    if y:", "def f():\n    if y:\n    z = 1"],
        ["def f():\n    if y:", "def f():\n    if y:\n        z = 1"],
        ["def f():\n    @d", "def f():\n    @d\n    z = 1"],
        ["def f():\n    (", "def f():\n    (\n    z = 1"],
        ["def f():\n    '''", "def f():\n    '''\n    z = 1"],
        ["def f():\n    y \\", "def f():\n    y \\\n    z = 1"],
        ["def f():\n    y", "def f():\n    y\n    z = 1\n"],
        ["def f():\n    y", "def g():\n    y\n    z = 1"],
    ],
)
def test_what_was_seen_before_makes_no_difference(texts: list[str]) -> None:
    judge = Judge()
    assert [judge.status(text) for text in texts] == [truth(text) for text in texts]


def test_statements_that_have_not_changed_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def check(text: str, by: object) -> Verdict:
        read.append(text)
        return check_complete(text, transform)

    monkeypatch.setattr(judging, "check_complete", check)
    judge = Judge()
    text = "def f():\n    return 1\n\n" * 200
    judge.status(text + "x = 1")
    read.clear()
    assert judge.status(text + "x = 1\nif x:") == "incomplete"
    assert judge.status(text + "x = 1\nif x:\n    y\n") == "complete"
    assert sum(map(len, read)) < 100


def test_one_more_line_of_a_long_function_is_not_read_with_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def check(text: str, by: object) -> Verdict:
        read.append(text)
        return check_complete(text, transform)

    monkeypatch.setattr(judging, "check_complete", check)
    judge = Judge()
    text = "def f():\n    if x:" + "\n        y = 1" * 500
    assert judge.status(text) == "incomplete"
    read.clear()
    for line in ("z = 2", "f(z)", "w = [z]"):
        text += "\n        " + line
        assert judge.status(text) == "incomplete"
    assert not read
    for line, status in (("z = = 2", "invalid"), (" z = 2", "invalid"), ("f(", "incomplete")):
        assert judge.status(text + "\n        " + line) == status


def test_the_same_text_is_not_judged_again() -> None:
    asked: list[str] = []

    def others(text: str) -> str:
        asked.append(text)
        return text + "\n"

    judge = Judge(others, lambda: False)
    for _ in range(3):
        assert judge.status("if x:") == "incomplete"
    assert asked == ["if x:"]
    judge.forget()
    judge.status("if x:")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = |= 1".replace("|", "= "), 4),
        ("  x = = 1", 6),
        ("\n\nx = = 1", 6),
        (">>> x = = 1", 8),
        ("In [3]: x = = 1", 12),
        ("%time 1\nx = = 1", 12),
        ("%time 1 + \\\n  2\nx = = 1", 20),
        ("x = 1\nx = = 1\nx = = 1", 10),
        ("a = !ls\nb = !ls\nx = = 1", 20),
        ("f(\n)\n)", 5),
    ],
)
def test_a_mistake_is_found_in_the_text_as_typed(text: str, place: int) -> None:
    found = Judge().error(text)
    assert found is not None
    assert problem(text, *found).cursor == place


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_the_place_of_a_mistake_is_in_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = Judge().error(text)
    if found is not None:
        shown = problem(text, *found)
        assert shown.cursor is None or 0 <= shown.cursor <= len(text)
        assert "Error" in shown.message
        assert "\n" not in shown.message


def test_a_warning_is_no_mistake() -> None:
    judge = Judge()
    assert judge.status("1 is 1") == "invalid"
    assert judge.error("1 is 1") is None
