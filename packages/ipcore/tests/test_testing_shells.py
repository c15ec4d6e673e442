"""The kit's shell in process: what its cells give, and what it says when they fail."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest
from traitlets.config import Config

from ipcore import Component, get_ipython
from ipcore.testing import IsolatedRegistry, ShellMaker, TestedShell, TmpPlugins
from ipcore.types.cells import CellResult

GREETS = """
    from ipcore.hookspecs import hookimpl

    @hookimpl
    def ipshell_line_magic(shell, name):
        return lambda line: print(line.upper())
"""


def failure(check: object, *arguments: object) -> str:
    assert callable(check)
    with pytest.raises(AssertionError) as caught:
        check(*arguments)
    return str(caught.value)


def test_a_cell_gives_its_value_its_text_and_what_it_wrote(shell: TestedShell) -> None:
    outcome = shell.run_cell("import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7")
    assert outcome.assert_ok() is outcome
    assert outcome.value == 42
    assert outcome.shown == "42"
    assert outcome.bundle == {"text/plain": "42"}
    assert outcome.stdout == "out\nOut[1]: 42\n"
    assert outcome.stderr == "err\n"


def test_a_cell_gives_the_shells_own_record_too(shell: TestedShell) -> None:
    outcome = shell.run_cell("a = 1; a", store_history=True)
    assert isinstance(outcome, CellResult)
    assert (outcome.success, outcome.result, outcome.execution_count) == (True, 1, 1)
    assert outcome.transformed.strip() == "a = 1; a"


@pytest.mark.parametrize("cell", ["None", "x = 1", "1;", ""])
def test_a_cell_that_shows_no_value_has_no_text(shell: TestedShell, cell: str) -> None:
    outcome = shell.run_cell(cell).assert_ok()
    assert (outcome.shown, outcome.stdout) == ("", "")
    assert outcome.bundle == ({"text/plain": "1"} if cell == "1;" else {})


def test_the_representations_are_those_of_the_value(shell: TestedShell) -> None:
    cell = "class A:\n    def _repr_html_(self): return '<b>a</b>'\n    def __repr__(self): return 'a'\nA()"
    assert shell.run_cell(cell).bundle == {"text/html": "<b>a</b>", "text/plain": "a"}


def test_what_a_cell_writes_reaches_pytest_too(
    shell: TestedShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("print('here')")
    assert capsys.readouterr().out == "here\n"
    before = sys.stdout
    shell.run_cell("1/0")
    assert sys.stdout is before
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_is_written_below_text_and_by_commands_is_kept(shell: TestedShell) -> None:
    outcome = shell.run_cell(
        "import sys\nsys.stdout.buffer.write('é\\n'.encode())\nsys.stdout.writelines(['a\\n', 'b\\n']);"
    )
    assert outcome.assert_ok().stdout == "é\na\nb\n"
    assert "from a command" in shell.run_cell("!echo from a command").assert_ok().stdout


def test_a_stream_kept_by_the_cell_goes_on_to_write(
    shell: TestedShell, capsys: pytest.CaptureFixture[str]
) -> None:
    first = shell.run_cell("import sys; kept = sys.stdout; print('one')")
    second = shell.run_cell("print('two', file=kept)")
    assert (first.stdout, second.stdout) == ("one\n", "two\n")
    assert capsys.readouterr().out == "one\ntwo\n"


def test_a_cell_in_a_cell_has_an_outcome_of_its_own(shell: TestedShell) -> None:
    outcome = shell.run_cell("inner = get_ipython().run_cell('print(1); 2')\nprint(3)")
    assert outcome.stdout == "1\nOut[1]: 2\n3\n"
    assert shell.user_ns["inner"].stdout == "1\nOut[1]: 2\n"


def test_assert_ok_shows_the_cell_its_error_and_its_output(shell: TestedShell) -> None:
    text = failure(shell.run_cell("print('before')\n1/0").assert_ok)
    assert text.startswith(
        "the cell failed with ZeroDivisionError: division by zero\n-- cell:\n    print('before')"
    )
    assert "Cell In[1], line 2" in text
    assert "-- standard output:\n    before" in text


def test_assert_ok_shows_the_rewritten_text_where_that_differs(shell: TestedShell) -> None:
    text = failure(shell.run_cell("%nosuch 1").assert_ok)
    assert "UsageError: Line magic function `%nosuch` not found." in text
    assert "-- as Python:\n    get_ipython().run_line_magic('nosuch', '1')" in text
    assert "as Python" not in failure(shell.run_cell("1/0").assert_ok)


@pytest.mark.parametrize("cell", ["1 +", "1/0"])
def test_assert_ok_shows_the_traceback_of_a_silent_cell(shell: TestedShell, cell: str) -> None:
    text = failure(shell.run_cell(cell, silent=True).assert_ok)
    assert "Cell In[1]" in text
    assert "-- standard output:\n    (nothing)" in text


def test_assert_error_takes_a_class_a_name_and_a_pattern(shell: TestedShell) -> None:
    outcome = shell.run_cell("raise KeyError('which')")
    outcome.assert_error(KeyError).assert_error(LookupError, "whi.h").assert_error("LookupError")
    shell.run_cell("1 +").assert_error(SyntaxError)
    shell.run_cell("%nosuch").assert_error("UsageError", "not found")


def test_assert_error_says_what_came_instead(shell: TestedShell) -> None:
    assert failure(shell.run_cell("6*7").assert_error, ValueError).startswith(
        "the cell was to fail with ValueError, and did not\n-- cell:\n    6*7\n"
    )
    text = failure(shell.run_cell("1/0").assert_error, "KeyError")
    assert text.startswith("the cell was to fail with KeyError, and failed with ZeroDivisionError: division")
    text = failure(shell.run_cell("1/0").assert_error, ArithmeticError, "infinite")
    assert "'infinite' is not in its message 'division by zero'" in text


def test_the_shell_is_a_shell_like_any_other(shell: TestedShell) -> None:
    assert get_ipython() is shell
    assert shell.started
    assert shell.run_cell("get_ipython()").value is shell
    assert shell.run_cell("await __import__('asyncio').sleep(0, 5)").value == 5


def test_shells_take_traits_and_sections(make_shell: ShellMaker) -> None:
    assert make_shell(automagic=False).automagic is False
    assert make_shell({"InteractiveShell": {"automagic": False}}).automagic is False
    assert make_shell(InteractiveShell={"cache_size": 5}).cache_size == 5
    config = Config()
    config.InteractiveShell.cache_size = 7
    both = make_shell(config, InteractiveShell={"automagic": False})
    assert (both.cache_size, both.automagic) == (7, False)
    with pytest.raises(TypeError, match='no trait "automagick"; did you mean "automagic"'):
        make_shell(automagick=False)


def test_shells_of_one_test_share_its_plugins(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> None:
    tmp_plugin("line_magics", "shout", GREETS)
    first, second = make_shell(), make_shell()
    assert [one.run_cell("%shout a").stdout for one in (first, second)] == ["A\n", "A\n"]


def test_a_failed_plugin_can_be_expected(tmp_plugin: TmpPlugins, shell: TestedShell) -> None:
    tmp_plugin("line_magics", "broken", "import libreuse_nowhere")
    outcome = shell.run_cell("%broken")
    assert "No module named 'libreuse_nowhere'" in outcome.stderr
    assert "No module named 'libreuse_nowhere'" in failure(shell.assert_no_failures)
    shell.expect_failures()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_cells_do_to_the_process_is_undone(shell: TestedShell, tmp_path: Path, turn: str) -> None:
    cell = """
        import os, sys
        untouched = not ("TURN" in os.environ or "/turn" in sys.path or os.path.isdir("turn"))
        os.environ["TURN"] = os.environ["PATH"] = "x"
        sys.path.append("/turn")
        os.mkdir(f"{folder}/turn")
        os.chdir(folder)
    """
    shell.user_ns["folder"] = str(tmp_path)
    shell.run_cell(textwrap.dedent(cell)).assert_ok()
    assert shell.user_ns["untouched"]
    assert shell.user_ns["os"].environ["PATH"] == "x"


def test_a_part_that_breaks_on_closing_is_told_at_the_end(registry: IsolatedRegistry) -> None:
    class Part(Component):
        def on_close(self) -> None:
            raise OSError("the disk is full")

    maker = ShellMaker(registry)
    Part(parent=maker())
    assert failure(maker.close) == (
        "ipshell: part did not close cleanly: OSError: the disk is full. Everything else was closed."
    )
    tolerant = ShellMaker(registry)
    shell = tolerant()
    Part(parent=shell)
    shell.expect_failures()
    tolerant.close()
