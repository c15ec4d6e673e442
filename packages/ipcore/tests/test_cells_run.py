"""Running cells in a shell on the core alone."""

from __future__ import annotations

import builtins
import linecache
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from ipcore.cells import sources
from ipcore.component import Component
from ipcore.exiting import Exiter
from ipcore.shell import InteractiveShell, get_ipython


def typed(shell: InteractiveShell, *cells: str) -> Any:
    """Run cells as if typed; give the last result."""
    result = None
    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
    return result


def test_the_last_expression_is_shown_with_its_prompt(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(shell, "x = 6", "x * 7").result == 42
    assert capsys.readouterr().out == "Out[2]: 42\n"


def test_a_value_of_several_lines_starts_on_its_own_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(shell, "class A:\n    def __repr__(self): return 'a\\nb'\nA()")
    assert capsys.readouterr().out == "Out[1]: \na\nb\n"


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("last_expr", ["3"]),
        ("last", ["3"]),
        ("all", ["1", "3"]),
        ("none", []),
        ("last_expr_or_assign", ["3"]),
    ],
)
def test_interactivity_says_which_values_show(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], mode: str, shown: list[str]
) -> None:
    shell.ast_node_interactivity = mode
    typed(shell, "1\ny = 2\n3")
    assert [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()] == shown


@pytest.mark.parametrize("last", ["y = 5", "y: int = 5", "y = 4; y += 1"])
def test_an_assigned_value_shows_if_asked_for(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], last: str
) -> None:
    shell.ast_node_interactivity = "last_expr_or_assign"
    typed(shell, last)
    assert capsys.readouterr().out == "Out[1]: 5\n"


@pytest.mark.parametrize(
    ("cell", "shows"),
    [
        ("5;", False),
        ("5; # why", False),
        ("5 # ;", True),
        ("';'", True),
        ("'a;' #;", True),
        ("5 ;  \n\n", False),
    ],
)
def test_a_final_semicolon_hides_the_value(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, shows: bool
) -> None:
    typed(shell, cell)
    assert bool(capsys.readouterr().out) is shows
    assert (1 in shell.user_ns["Out"]) is shows


def test_inputs_and_values_are_kept_under_their_names(shell: InteractiveShell) -> None:
    typed(shell, "'a'", "'b'", "None", "'c'")
    ns = shell.user_ns
    assert ns["In"] == ["", "'a'", "'b'", "None", "'c'"]
    assert ns["Out"] == {1: "a", 2: "b", 4: "c"}
    assert (ns["_"], ns["__"], ns["___"], ns["_4"]) == ("c", "b", "a", "c")
    assert (ns["_i"], ns["_ii"], ns["_iii"], ns["_i1"]) == ("None", "'b'", "'a'", "'a'")
    assert shell.execution_count == 5


def test_underscore_belongs_to_the_user_once_assigned(shell: InteractiveShell) -> None:
    typed(shell, "1", "_ = 'mine'", "2")
    assert shell.user_ns["_"] == "mine"


def test_underscore_as_a_builtin_is_left_alone(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtins, "_", str, raising=False)
    typed(shell, "1")
    assert "_" not in shell.user_ns


def test_out_is_bounded(shell: InteractiveShell) -> None:
    shell.cache_size = 10
    typed(shell, *(str(number) for number in range(25)))
    assert len(shell.user_ns["Out"]) <= 10
    assert shell.user_ns["Out"][25] == 24
    assert "_1" not in shell.user_ns


def test_a_blank_cell_uses_up_nothing(shell: InteractiveShell) -> None:
    assert typed(shell, "  \n ").success
    assert shell.execution_count == 1


def test_a_silent_cell_shows_and_keeps_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("1/0", silent=True)
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    shell.run_cell("5", silent=True)
    assert capsys.readouterr() == ("", "")
    assert shell.user_ns["In"] == [""]


def test_earlier_statements_stay_when_a_later_one_fails(shell: InteractiveShell) -> None:
    result = typed(shell, "a = 1\n1/0\na = 2")
    assert shell.user_ns["a"] == 1
    with pytest.raises(ZeroDivisionError):
        result.raise_error()


def test_a_syntax_error_uses_up_a_number_and_runs_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = typed(shell, "a = 1\nb = = 2")
    assert isinstance(result.error_before_exec, SyntaxError)
    assert "a" not in shell.user_ns
    assert shell.execution_count == 2
    error = capsys.readouterr().err
    assert error.startswith("  Cell In[1], line 2\n    b = = 2\n")
    assert error.rstrip().endswith("SyntaxError: invalid syntax")


@pytest.mark.parametrize("cell", ["x = '\x00'", "(" * 300 + ")" * 300, "9" * 5000])
def test_what_the_compiler_refuses_is_the_users_error(shell: InteractiveShell, cell: str) -> None:
    assert not typed(shell, cell).success
    assert typed(shell, "1").success


def test_future_imports_hold_for_later_cells(shell: InteractiveShell) -> None:
    typed(shell, "from __future__ import annotations", "def f(x: nowhere): pass")
    assert typed(shell, "f.__annotations__").result == {"x": "nowhere"}


def test_our_own_future_imports_do_not_leak_into_cells(shell: InteractiveShell) -> None:
    assert isinstance(typed(shell, "def f(x: nowhere): pass").error_in_exec, NameError)


def test_source_of_a_function_is_found(shell: InteractiveShell) -> None:
    import inspect

    typed(shell, "def f():\n    return 'from a cell'\n")
    assert "from a cell" in inspect.getsource(shell.user_ns["f"])
    linecache.checkcache()
    assert "from a cell" in inspect.getsource(shell.user_ns["f"])


def test_sources_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_CELLS", 3)
    kept = sources.Sources()
    names = [kept.register("Cell", f"x = {number}") for number in range(5)]
    assert [name in linecache.cache for name in names] == [False, False, True, True, True]
    monkeypatch.setattr(sources, "MOST_CHARACTERS", 10)
    names.append(kept.register("Cell", "y" * 100))
    assert [name in linecache.cache for name in names] == [False] * 5 + [True]
    kept.close()
    assert not any(name in linecache.cache for name in names)


def test_get_ipython_is_there_for_the_cell_and_gone_after_it(shell: InteractiveShell) -> None:
    typed(shell, "import builtins; seen = builtins.get_ipython(); flag = __IPYTHON__")
    assert shell.user_ns["seen"] is shell
    assert shell.user_ns["flag"] is True
    assert not hasattr(builtins, "get_ipython")
    assert get_ipython() is shell


def test_displayhook_is_ours_for_the_cell_and_put_back(shell: InteractiveShell) -> None:
    before = sys.displayhook
    typed(shell, "import sys; during = sys.displayhook")
    assert shell.user_ns["during"] is shell.displayhook
    assert sys.displayhook is before


def test_a_displayhook_of_the_users_own_stays(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "displayhook", sys.displayhook)
    typed(shell, "seen = []", "import sys; sys.displayhook = seen.append", "5")
    assert shell.user_ns["seen"] == [5]


def test_cells_nest(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    typed(shell, "get_ipython().run_cell('1+1'); 5")
    assert capsys.readouterr().out == "Out[1]: 2\nOut[1]: 5\n"
    assert not hasattr(builtins, "get_ipython")


@pytest.mark.parametrize(("cell", "code"), [("exit", None), ("quit()", None), ("exit(3)", 3)])
def test_exit_ends_the_cell_and_asks_to_leave(shell: InteractiveShell, cell: str, code: object) -> None:
    result = typed(shell, f"{cell}\n")
    assert isinstance(result.error_in_exec, SystemExit)
    assert (shell.exiting, shell.exit_code) == (True, code)
    assert isinstance(shell.user_ns["exit"], Exiter)
    assert "exit()" in repr(shell.user_ns["exit"])


def test_help_typed_alone_is_a_call_at_the_keyboard_and_nowhere_else(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(type(help), "__call__", lambda self: calls.append(1))
    shell.run_cell("help", store_history=True)
    shell.run_cell("[help][0]", store_history=True, origin="keyboard")
    assert not calls
    capsys.readouterr()
    shell.run_cell("help\n", store_history=True, origin="keyboard")
    assert calls == [1]
    assert 3 not in shell.user_ns["Out"]
    shell.run_cell("help = 6", store_history=True, origin="keyboard")
    shell.run_cell("help", store_history=True, origin="keyboard")
    assert (calls, capsys.readouterr().out) == ([1], "Out[5]: 6\n")


def test_a_repr_that_raises_is_the_users_error(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(shell, "class A:\n    def __repr__(self):\n        return 1/0\nA()")
    error = capsys.readouterr().err
    assert "Cell In[1], line 3, in __repr__" in error
    assert "ipcore" not in error


def test_characters_that_the_terminal_lacks_are_escaped(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    typed(shell, "'é€'")
    assert raw.getvalue() == b"Out[1]: '\\xe9\\u20ac'\n"


def test_a_class_made_in_a_cell_can_be_pickled_under_main(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", shell.user_module)
    typed(shell, "class A:\n    x = 5")
    assert pickle.loads(pickle.dumps(shell.user_ns["A"]())).x == 5


@pytest.mark.parametrize("name", ["history", "logger", "debugger"])
def test_a_missing_part_is_false_and_names_who_brings_it(shell: InteractiveShell, name: str) -> None:
    part = getattr(shell, name)
    assert isinstance(part, Component)
    assert not part
    assert "gives more" in repr(part)


def test_a_part_can_be_replaced_and_the_former_is_closed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    class OneLine(Component):
        def format(self, error: BaseException) -> list[str]:
            return [f"only {type(error).__name__}"]

    former: object = shell.tracebacks
    shell.replace_part("tracebacks", OneLine(parent=shell))
    typed(shell, "1/0")
    assert capsys.readouterr().err == "only ZeroDivisionError\n"
    assert former not in list(shell.children)
    with pytest.raises(KeyError, match="it has aliases"):
        shell.replace_part("nosuch", None)


def test_closing_leaves_the_interpreter_as_it_was() -> None:
    former = get_ipython()
    shell = InteractiveShell()
    shell.start()
    shell.run_cell("def f(): pass")
    name = shell.user_ns["f"].__code__.co_filename
    assert name in linecache.cache
    shell.close()
    assert name not in linecache.cache
    assert get_ipython() is former
    shell.close()


def test_the_record_of_a_cell_carries_what_it_was_run_with(shell: InteractiveShell) -> None:
    result = shell.run_cell("%lsmagic", True, False, False, "c-17", {"tags": ["a"]})
    info = result.info
    assert (info.raw_cell, info.cell_id, info.cell_meta) == ("%lsmagic", "c-17", {"tags": ["a"]})
    assert (info.store_history, info.silent, info.shell_futures) == (True, False, False)
    assert info.transformed_cell == "get_ipython().run_line_magic('lsmagic', '')\n"
    plain = shell.run_cell("1").info
    assert (plain.cell_id, plain.cell_meta, plain.shell_futures) == (None, None, True)


def test_the_record_of_an_awaited_cell_carries_it_too(shell: InteractiveShell) -> None:
    import asyncio

    awaited = shell.run_cell_async("await __import__('asyncio').sleep(0, 5)", cell_id="c", cell_meta={"a": 1})
    result = asyncio.run(awaited)
    assert (result.result, result.info.cell_id, result.info.cell_meta) == (5, "c", {"a": 1})


def test_open_refuses_what_would_close_a_standard_stream(shell: InteractiveShell) -> None:
    for cell in ("open(0)", "open(1, 'w')", "open(2, 'w', 1, None, None, None, True)", "open(file=1)"):
        error = shell.run_cell(cell, silent=True).error_in_exec
        assert isinstance(error, ValueError)
        assert "closefd=False" in str(error)
    for cell in ("open(1, 'w', closefd=False)", "open(1, 'w', -1, None, None, None, False)"):
        assert shell.run_cell(cell, silent=True).success


def test_open_is_otherwise_the_builtin(shell: InteractiveShell, tmp_path: Path) -> None:
    file = tmp_path / "text"
    shell.push({"file": file})
    assert shell.run_cell("with open(file, 'w', encoding='utf-8') as f: print('é', file=f)").success
    assert shell.run_cell("with open(file, encoding='utf-8') as f: text = f.read()\ntext").result == "é\n"
    assert shell.run_cell("import inspect, builtins").success
    assert shell.run_cell("inspect.signature(open) == inspect.signature(builtins.open)").result is True
    assert shell.run_cell("open.__doc__ == builtins.open.__doc__").result is True
    assert "open" not in shell.user_names()
    assert open.__name__ == "open"
    assert builtins.open is open
