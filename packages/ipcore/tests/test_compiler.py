"""Compiling cells: from the text where that means the same, else by way of a tree."""

from __future__ import annotations

import ast
import builtins
import sys
import traceback
import warnings
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ipcore.cells.compiler import COMPILE_ERRORS, Compiler
from ipcore.shell import InteractiveShell

# One statement, or a few that belong together, between bars.
STATEMENTS = (
    r"""
x = 1|x|y = 'a;b'|z = QQQ\nfoo\nx\nQQQ|def f(a):\n    return a|f(3)|if x:\n    5\nelse:\n    6
for i in range(3): i|[1,\n2,\n3]|(1\n)|a = (1,\n)|# c||    |@staticmethod\ndef g(): return 1|x; x+1|x;
match x:\n    case 1: 7|match = 3|match|try:\n    1/0\nexcept Exception:\n    'e'|x \\n + 1|lambda: 1
QQQdoc\nstringQQQ|from __future__ import annotations|1/0|class A:\n    3\n    b = 4
while False:\n    1\nelse: 9|'s'|-1|*m, = [1,2]|...|await_ = 2|{1:\n2}[1]|x = [\n1,\n]\nx|é = 5\né
QQQaQQQ + QQQ\nb\nQQQ|d = {}\nd['k'] = 2\nd['k']|x if x else 0|None|iffy = 3\niffy|z='\\nq'|fQQQ{x}\n{x}QQQ
if True: pass|async_ = 1|global x|x: int|x: int = 4|x += 1|del x|assert x, 'no'|raise ValueError(2)
""".strip()
    .replace("\n", "|")
    .replace("QQQ", '"' * 3)
    .replace("\\n", "\n")
)
statement = st.sampled_from(STATEMENTS.split("|"))


@st.composite
def source(draw: Callable[..., Any]) -> str:
    """A few statements, sometimes with a character too many or too few."""
    text: str = "".join(each + "\n" for each in draw(st.lists(statement, min_size=1, max_size=6)))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text) - 1))
        odd = draw(st.sampled_from(["\n", "(", ")", "'", '"""', "'''", "\\", " ", ":", "#", ";", ""]))
        text = text[:at] + odd + text[at + draw(st.integers(0, 1)) :]
    return text if text.endswith("\n") else text + "\n"


def observe(pieces: list[CodeType]) -> tuple[list[str], tuple[str, int] | None, dict[str, str]]:
    """Run code objects; give what they showed, where they failed, and the names they left."""
    names: dict[str, Any] = {"__annotations__": {}}
    shown: list[str] = []
    failed = None
    former = sys.displayhook
    sys.displayhook = lambda value: shown.append(without_address(value))
    try:
        for piece in pieces:
            exec(piece, names)
    except Exception as error:
        failed = type(error).__name__, traceback.extract_tb(error.__traceback__)[1].lineno or 0
    finally:
        sys.displayhook = former
    names.pop("__builtins__", None)
    return shown, failed, {name: without_address(value) for name, value in names.items()}


def without_address(value: object) -> str:
    return repr(value).partition(" at 0x")[0]


@settings(max_examples=400, deadline=None)
@given(source())
@example("x = 1\nfrom __future__ import annotations\n")
@example("x = '''\ny'''\n")
@example("x = 1\nif x: x\n")
@example("a\n\n# comment\n")
def test_a_text_compiled_as_it_is_does_what_its_tree_would_do(text: str) -> None:
    for interactivity in ("last_expr", "none"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quick, thorough = Compiler(), Compiler()
            pieces = quick.compile_text(text, "<cell>", interactivity, awaits=True)
            if pieces is None:
                continue
            same = thorough.compile(thorough.parse(text, "<cell>"), "<cell>", interactivity, awaits=True)
        assert observe(pieces) == observe(same)
        assert quick.flags == thorough.flags


@pytest.mark.parametrize("text", ["pass\n", "1+1\n", "x = 1\nx\n", "def f():\n    pass\n", "await f()\n"])
def test_ordinary_cells_need_no_tree(text: str) -> None:
    assert Compiler().compile_text(text, "<cell>", "last_expr", awaits=True)


@pytest.mark.parametrize("text", ["x =\n", "1 2\n", "if x:\n", "'open\n", "x = 1\ny = (\n", "return 3\n"])
def test_what_is_wrong_is_left_to_the_tree(text: str) -> None:
    compiler = Compiler()
    assert compiler.compile_text(text, "<cell>", "last_expr") is None
    with pytest.raises(COMPILE_ERRORS):
        compiler.compile(compiler.parse(text, "<cell>"), "<cell>", "last_expr")


@pytest.mark.parametrize(
    "text",
    [
        "pass",
        "1+1",
        "x = 1\nx",
        "def f():\n    return 1\nf()",
        "x = [\n 1,\n]\nx",
        "'''a\nb'''",
        "1; 2",
    ],
)
def test_a_cell_takes_at_most_one_parse_and_two_compilations(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = InteractiveShell()
    shell.start()
    shell.run_cell(text)  # whatever is imported at first is
    counted = {True: 0, False: 0}
    original = compile

    def counting(text: Any, name: str, mode: str, flags: int = 0, *rest: Any, **named: Any) -> Any:
        counted[bool(flags & ast.PyCF_ONLY_AST)] += 1
        return original(text, name, mode, flags, *rest, **named)

    monkeypatch.setattr(builtins, "compile", counting)
    shell.run_cell(text)
    shell.close()
    assert counted[True] <= 1
    assert counted[False] <= 2
