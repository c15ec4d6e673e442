"""Lists of input transformers that extensions change, and who else sees a cell's text."""

from __future__ import annotations

import ast
import builtins
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ipcore.errors import InputRejected
from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell


def times(lines: list[str]) -> list[str]:
    return [line.replace(" times ", " * ") for line in lines]


def recording(seen: list[str], name: str = "") -> Callable[[list[str]], list[str]]:
    """Give a transformer that changes nothing and keeps what it sees."""

    def look(lines: list[str]) -> list[str]:
        seen.append(f"{name}{''.join(lines)}")
        return lines

    return look


@pytest.mark.parametrize("place", ["cleanup", "line", "post"])
def test_a_function_in_each_list_rewrites_cells(shell: InteractiveShell, place: str) -> None:
    lists = {
        "cleanup": shell.input_transformers_cleanup,
        "line": shell.input_transformer_manager.line_transforms,
        "post": shell.input_transformers_post,
    }
    shell.run_cell("pass")
    lists[place].append(times)
    assert shell.run_cell("6 times 7").result == 42
    assert shell.run_cell("n = 6 times 7\nn").result == 42
    lists[place].remove(times)
    assert not shell.run_cell("6 times 7", silent=True).success


@pytest.mark.parametrize("place", ["cleanup", "line", "post"])
def test_front_ends_can_ask_whether_anybody_else_rewrites_cells(shell: InteractiveShell, place: str) -> None:
    assert shell.transformers.own_alone
    shell.run_cell("pass")
    lists = {
        "cleanup": shell.input_transformers_cleanup,
        "line": shell.input_transformer_manager.line_transforms,
        "post": shell.input_transformers_post,
    }
    assert shell.transformers.own_alone
    lists[place].append(times)
    assert not shell.transformers.own_alone
    lists[place].remove(times)
    assert shell.transformers.own_alone


@pytest.mark.parametrize("name", ["input_transformers_post", "ast_transformers"])
def test_a_list_may_be_replaced_by_another_and_a_mistake_stops_no_cell(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    class Shows(ast.NodeTransformer):
        pass

    some: list[Any] = [times] if "post" in name else [Shows()]
    for given in (some, tuple(some)):
        setattr(shell, name, given)
        assert shell.run_cell("6 times 7" if "post" in name else "42").result == 42
        assert getattr(shell, name) == some
    assert capsys.readouterr().err == ""
    setattr(shell, name, 5)
    assert shell.run_cell("42").result == 42
    assert capsys.readouterr().err == f"ipshell: InteractiveShell.{name} must be a list; it is empty now.\n"


def test_what_the_shell_hands_on_is_set_at_its_part(shell: InteractiveShell) -> None:
    assert shell.input_transformers_cleanup is shell.input_transformer_manager.cleanup_transforms
    with pytest.raises(AttributeError, match=r"set transformers\.cleanup_transforms instead"):
        shell.input_transformers_cleanup = []
    with pytest.raises(AttributeError, match="replace_part"):
        shell.prefilter_manager = None  # type: ignore[assignment]


def test_what_each_list_sees(shell: InteractiveShell) -> None:
    seen: list[str] = []
    manager = shell.input_transformer_manager
    manager.cleanup_transforms.insert(0, recording(seen, "first: "))
    manager.cleanup_transforms.append(recording(seen, "cleanup: "))
    manager.line_transforms.insert(0, recording(seen, "line: "))
    manager.line_transforms.append(recording(seen, "after cell magics: "))
    shell.input_transformers_post.append(recording(seen, "post: "))
    assert shell.transform("  >>> %lsmagic\n") == "get_ipython().run_line_magic('lsmagic', '')\n"
    assert seen == [
        "first:   >>> %lsmagic\n",
        "cleanup: %lsmagic\n",
        "line: %lsmagic\n",
        "after cell magics: %lsmagic\n",
        "post: get_ipython().run_line_magic('lsmagic', '')\n",
    ]
    seen.clear()
    shell.transform("%%time x\nbody")
    assert seen[3:] == [f"{name}get_ipython().run_cell_magic('time', 'x', 'body\\n')\n" for name in
                        ("after cell magics: ", "post: ")]  # fmt: skip


def test_the_shells_own_step_can_be_taken_out(shell: InteractiveShell) -> None:
    manager = shell.input_transformer_manager
    assert shell.transform(">>> n = 1") == "n = 1\n"
    own = manager.cleanup_transforms.pop()
    assert shell.transform(">>> n = 1") == ">>> n = 1\n"
    manager.cleanup_transforms.append(own)
    assert shell.transform(">>> n = 1") == "n = 1\n"
    manager.line_transforms.clear()
    assert "run_cell_magic" not in shell.transform("%%time x\nbody")


def test_the_escapes_are_done_the_same_way_when_the_lists_are_changed(shell: InteractiveShell) -> None:
    cells = [
        "%lsmagic", "!echo x", "a = !echo x\nb = %lsmagic", "%%time\nx", "len?", ">>> a\n1", "  x = 1\n  y",
        "\n\n", "/len x", "x = 1\r\ny = 2", "", "'''\n%a\n'''", "ls -l", "if 1:\n  %time 1",
    ]  # fmt: skip
    before = [shell.transform(cell) for cell in cells]
    shell.input_transformers_cleanup.append(lambda lines: lines)
    assert [shell.transform(cell) for cell in cells] == before


def test_a_syntax_error_fails_the_cell_before_it_runs(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def strict(lines: list[str]) -> list[str]:
        if "forbidden" in lines[0]:
            raise SyntaxError("that word is not for here")
        return lines

    shell.input_transformers_post.append(strict)
    result = shell.run_cell("forbidden = 1", store_history=True)
    assert isinstance(result.error_before_exec, SyntaxError)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "SyntaxError: that word is not for here"
    assert said[1].startswith("(refused by the input transformer ")
    assert said[1].endswith(f".strict of {__name__})")
    assert len(said) == 2
    assert "forbidden" not in shell.user_ns
    assert (shell.execution_count, shell.user_ns["In"]) == (2, ["", "forbidden = 1"])
    assert result.cell.transformed_cell is None
    assert shell.run_cell("n = 1").success
    assert shell.input_transformers_post == [strict]


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), None])
@pytest.mark.parametrize("place", ["cleanup", "post"])
def test_a_function_that_fails_is_told_and_taken_out(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], error: BaseException | None, place: str
) -> None:
    def broken(lines: list[str]) -> Any:
        if error is None:
            return None
        raise error

    where = shell.input_transformers_cleanup if place == "cleanup" else shell.input_transformers_post
    where += [broken, times]
    assert shell.run_cell("6 times 7").result == 42
    told = capsys.readouterr().err
    assert told.startswith("ipshell: the input transformer test_a_function_that_fails")
    assert told.endswith("It is unregistered, and the cell goes on without it.\n")
    assert broken not in where
    assert times in where
    assert shell.run_cell("6 times 7").result == 42
    assert capsys.readouterr().err == ""


def test_ctrl_c_in_a_function_stops_the_cell_and_keeps_it(shell: InteractiveShell) -> None:
    def stopped(lines: list[str]) -> list[str]:
        raise KeyboardInterrupt

    shell.input_transformers_post.append(stopped)
    assert isinstance(shell.run_cell("n = 1", silent=True).error_before_exec, KeyboardInterrupt)
    assert "n" not in shell.user_ns
    assert shell.input_transformers_post == [stopped]


def test_functions_with_side_effects_are_left_out_of_questions(shell: InteractiveShell) -> None:
    seen: list[str] = []
    for where in (shell.input_transformers_cleanup, shell.input_transformers_post):
        look = recording(seen)
        look.has_side_effects = True  # type: ignore[attr-defined]
        where.append(look)
    assert shell.input_transformer_manager.check_complete("if 1:") == ("incomplete", 4)
    shell.should_run_async("x")
    assert seen == []
    shell.run_cell("n = 1")
    assert seen == ["n = 1\n"] * 2


def test_the_token_steps_can_only_be_looked_at(shell: InteractiveShell) -> None:
    steps = shell.input_transformer_manager.token_transformers
    assert "magic assignment" in steps
    with pytest.raises(AttributeError):
        steps.append(times)  # type: ignore[attr-defined]


def test_callbacks_see_the_transformed_cell(shell: InteractiveShell) -> None:
    seen: list[tuple[str, str | None]] = []
    shell.events.register("pre_run_cell", lambda info: seen.append((info.raw_cell, info.transformed_cell)))
    shell.run_cell("x = %lsmagic -", silent=False)
    assert seen == [("x = %lsmagic -", "x = get_ipython().run_line_magic('lsmagic', '-')\n")]


# -- AST transformers ------------------------------------------------------------------


PLUGIN = """
import ast
from ipcore.errors import InputRejected
from ipcore.hookspecs import hookimpl
visited = []
class Doubled(ast.NodeTransformer):
    def visit_Constant(self, node):
        visited.append(node.value)
        if node.value == "break":
            raise ValueError("cannot")
        if node.value == "leave":
            raise SystemExit(3)
        if node.value == "reject":
            raise InputRejected("not today")
        return ast.Constant(node.value * 2) if type(node.value) is int else node
class Text:
    name = "text"
    stage = "post"
    def applies(self, source):
        return "times" in source
    def transform(self, lines):
        return [line.replace("times", "*") for line in lines]
@hookimpl
def ipshell_ast_transformers(shell):
    return [Doubled()]
@hookimpl
def ipshell_input_transformers(shell):
    return [Text()]
"""


@pytest.fixture
def doubling(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """Give a shell with a plugin that doubles numbers."""
    module = types.ModuleType("doubling")
    exec(PLUGIN, module.__dict__)
    monkeypatch.setitem(sys.modules, "doubling", module)
    plugin = Declared("input", "doubling", "doubling", "doubling", "1.0")
    made = InteractiveShell(registry=Registry(lambda: Found((plugin,), ())))
    made.start()
    yield made
    made.close()


def test_a_plugin_rewrites_parsed_cells_before_the_shells_list_does(doubling: InteractiveShell) -> None:
    seen: list[object] = []

    class Looks(ast.NodeVisitor):
        def visit_Constant(self, node: ast.Constant) -> None:
            seen.append(node.value)

        def visit_Module(self, node: ast.Module) -> ast.Module:
            self.generic_visit(node)
            return node

    doubling.ast_transformers.append(Looks())
    assert doubling.run_cell("n = 10\nn + 5").result == 30
    assert seen == [20, 10]


@pytest.mark.parametrize("value", ["break", "leave"])
def test_a_plugin_that_fails_is_off_and_the_cell_goes_on_untouched(
    doubling: InteractiveShell, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    assert doubling.run_cell(f"n = 10\n'{value}'\nn").result == 10
    told = capsys.readouterr().err
    assert told.startswith("ipshell: plugin doubling[doubling] 1.0 (input), AST transformer Doubled: ")
    assert told.count("\n") == 1
    assert "-p no:doubling[doubling]" in told
    assert not doubling.run_cell("6 times 7", silent=True).success, "its input transformer is off too"
    assert doubling.run_cell("10").result == 10


def test_a_plugin_can_cancel_a_cell(doubling: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    finished: list[Any] = []
    doubling.events.register("post_run_cell", finished.append)
    result = doubling.run_cell("n = 1\n'reject'", store_history=True)
    assert isinstance(result.error_before_exec, InputRejected)
    assert finished == [result]
    assert "n" not in doubling.user_ns
    assert doubling.execution_count == 2
    error = capsys.readouterr().err.splitlines()
    assert error[0] == "Traceback (most recent call last):"
    assert error[-1].endswith("InputRejected: not today")
    assert doubling.run_cell("10").result == 20, "it stays"


class Half(ast.NodeTransformer):
    """Rewrites the first statement, and fails at the second."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if node.value == -2:
            raise ValueError("two")
        return ast.Constant(99)


class Gives:
    """A transformer that gives something that is no module."""

    def visit(self, node: ast.Module) -> Any:
        return None


@pytest.mark.parametrize("kind", [Half, Gives])
def test_one_of_the_list_that_fails_is_told_and_leaves_no_trace(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], kind: type
) -> None:
    class Negated(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant(-node.value)  # type: ignore[operator]

    kept = Negated()
    shell.ast_transformers = [kept, kind()]
    assert shell.run_cell("a = 1\nb = 2\n(a, b)").result == (-1, -2)
    told = capsys.readouterr().err
    assert told.startswith(f"ipshell: the AST transformer {kind.__qualname__} of test_input_lists: ")
    assert told.endswith("It is unregistered, and the cell goes on without it.\n")
    assert shell.ast_transformers == [kept]
    shell.run_cell("1")
    assert capsys.readouterr().err == ""


def test_nodes_need_no_places_and_errors_show_the_cells_lines(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    class Printed(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST:
            name = ast.Name("print", ast.Load())
            return ast.Expr(ast.Call(name, [node.value], []))

    shell.ast_transformers.append(Printed())
    shell.run_cell("1\n\n2\n3 / 0")
    streams = capsys.readouterr()
    assert streams.out == "1\n2\n"
    assert "Cell In[1], line 4" in streams.err


def test_ctrl_c_in_an_ast_transformer_stops_the_cell_and_keeps_it(shell: InteractiveShell) -> None:
    class Stopped:
        def visit(self, node: ast.Module) -> ast.Module:
            raise KeyboardInterrupt

    stopped = Stopped()
    shell.ast_transformers.append(stopped)
    assert isinstance(shell.run_cell("n = 1", silent=True).error_before_exec, KeyboardInterrupt)
    assert shell.ast_transformers == [stopped]


def test_a_cell_is_parsed_once_and_compiled_twice_at_most(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With transformers, too."""
    calls: list[str] = []

    class Counting(ast.NodeTransformer):
        pass

    real = compile

    def counted(source: Any, *arguments: Any, **options: Any) -> Any:
        flags = arguments[2] if len(arguments) > 2 else options.get("flags", 0)
        calls.append("parse" if flags & ast.PyCF_ONLY_AST else "compile")
        return real(source, *arguments, **options)

    shell.ast_transformers.append(Counting())
    shell.input_transformers_post.append(times)
    shell.autocall = 2
    cells = ("a = 1\nb = 2\nb", "len 'abc'")
    for cell in cells:  # whatever is imported for the first of them may be compiled too
        shell.run_cell(cell)
    monkeypatch.setattr(builtins, "compile", counted)
    for cell in cells:
        shell.run_cell(cell)
    monkeypatch.undo()
    assert calls == ["parse", "compile", "compile", "parse", "compile"]


def test_a_cell_in_a_frame_is_rewritten_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from ipcore.namespaces import module_namespace

    class Doubled(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant(node.value * 2)  # type: ignore[operator]

    module = types.ModuleType("somewhere")
    made = InteractiveShell(namespace=module_namespace(module))
    made.start()
    try:
        made.ast_transformers.append(Doubled())
        assert made.run_cell("def f():\n    global n\n    n = 5\nf()\nn").result == 10
    finally:
        made.close()
