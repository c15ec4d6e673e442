"""Plain tracebacks: what the person reads when a cell fails."""

from __future__ import annotations

import sys

import pytest

from ipcore.component import Component
from ipcore.errors import UsageError
from ipcore.plain.tracebacks import PlainTracebacks
from ipcore.shell import InteractiveShell


def failed(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], *cells: str) -> str:
    """Run cells as if typed; give what the last one printed on standard error."""
    for cell in cells:
        capsys.readouterr()
        shell.run_cell(cell, store_history=True)
    return capsys.readouterr().err


def test_cell_line_code_and_error_are_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    text = failed(shell, capsys, "def f(x):\n    return 1 / x", "f(0)")
    lines = [line for line in text.splitlines() if not set(line) <= set(" ~^")]
    assert lines == [
        "Traceback (most recent call last):",
        "  Cell In[2], line 1",
        "    f(0)",
        "  Cell In[1], line 2, in f",
        "    return 1 / x",
        "ZeroDivisionError: division by zero",
    ]


def test_causes_and_contexts_are_shown_without_our_frames(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    text = failed(
        shell,
        capsys,
        "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('v') from e",
    )
    assert text.count("Cell In[1], line") == 2
    assert "direct cause" in text
    assert text.index("ZeroDivisionError") < text.index("ValueError: v")
    assert "ipcore" not in text


def test_groups_show_each_branch_and_none_of_our_frames(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    text = failed(
        shell,
        capsys,
        "def make(kind):\n    try:\n        raise kind('b')\n    except Exception as e:\n        return e",
        "raise ExceptionGroup('g', [make(KeyError), ExceptionGroup('h', [make(OSError)])])",
    )
    assert "KeyError: 'b'" in text
    assert "OSError: b" in text
    assert "Cell In[1], line 3, in make" in text
    assert "ipcore" not in text
    assert "<ipshell" not in text


def test_notes_and_suggestions_are_kept(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    text = failed(shell, capsys, "e = ValueError('v'); e.add_note('mind the gap'); raise e")
    assert text.endswith("ValueError: v\nmind the gap\n")
    assert "Did you mean: 'alpha'?" in failed(shell, capsys, "alpha = 1", "alhpa")


def test_deep_recursion_is_folded(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    text = failed(shell, capsys, "def f(): f()", "f()")
    assert "Previous line repeated" in text
    assert len(text.splitlines()) < 30


@pytest.mark.parametrize(
    "cell",
    [
        "class E(Exception):\n    def __str__(self): return 1/0\nraise E",
        "class E(Exception):\n    __notes__ = 5\nraise E",
        "class E(Exception):\n    def __getattr__(self, name): raise RuntimeError(name)\nraise E",
        "class E(Exception):\n    def __repr__(self): raise SystemExit\n    __str__ = __repr__\nraise E",
        "exec(compile('1/0', '<nowhere>', 'exec'))",
    ],
)
def test_a_hostile_exception_is_told_all_the_same(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    text = failed(shell, capsys, cell)
    assert "Cell In[1], line" in text or "E" in text
    assert failed(shell, capsys, "1/0").endswith("ZeroDivisionError: division by zero\n")


def test_a_mistake_in_usage_is_one_line(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    text = failed(shell, capsys, "%nosuch")
    assert text == "UsageError: Line magic function `%nosuch` not found.\n"
    assert PlainTracebacks().format(UsageError("so")) == ["UsageError: so"]


def test_the_distribution_of_a_missing_magic_is_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "comes with ipmagics, which is not installed" in failed(shell, capsys, "%timeit 1")
    assert "comes with iphistory" in failed(shell, capsys, "%history")
    assert "Cell magic function `%%bash` not found" in failed(shell, capsys, "%%bash\nls")


def test_post_mortem_tools_find_the_users_part(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    failed(shell, capsys, "1/0")
    assert sys.last_type is ZeroDivisionError
    assert isinstance(sys.last_value, ZeroDivisionError)
    assert sys.last_traceback is not None
    assert sys.last_traceback.tb_frame.f_code.co_filename.startswith("<ipshell")


class Broken(Component):
    """A traceback part that fails."""

    def format(self, error: BaseException) -> list[str]:
        raise RuntimeError("no ink")


class Silent(Component):
    """A traceback part that gives rubbish."""

    def format(self, error: BaseException) -> list[str]:
        return [5]  # type: ignore[list-item]


@pytest.mark.parametrize("part", [Broken, Silent])
def test_a_broken_formatter_never_hides_the_users_error(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], part: type[Component]
) -> None:
    shell.replace_part("tracebacks", part(parent=shell))
    text = failed(shell, capsys, "1/0")
    assert "Cell In[1], line 1" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "a plainer one was used" in text


def test_output_comes_before_the_error_that_followed_it(shell: InteractiveShell) -> None:
    import io

    both = io.StringIO()
    former = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = both
    try:
        shell.run_cell("print('first'); 1/0")
    finally:
        sys.stdout, sys.stderr = former
    assert both.getvalue().startswith("first\nTraceback")


@pytest.mark.parametrize("line", ["return 3", "yield", "nonlocal x", "def f(a, a): pass"])
def test_what_only_the_compiler_refuses_is_shown_with_its_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    lines = failed(shell, capsys, f"x = 1\n{line}").splitlines()
    assert lines[:2] == ["  Cell In[1], line 2", f"    {line}"]
    assert set(lines[2]) <= set(" ^")
    assert lines[3].startswith("SyntaxError: ")
