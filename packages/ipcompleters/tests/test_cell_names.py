"""The names that a cell makes, read without running it."""

from __future__ import annotations

import argparse
import ast
import inspect
import textwrap
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcompleters.bindings import bound_before
from ipcompleters.scanning import logical_lines
from ipcore.cells.logical_lines import PYTHON, scan


@pytest.mark.parametrize("module", [argparse, ast, inspect, textwrap, typing])
def test_the_shell_and_completion_agree_where_statements_begin(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    wanted = [line.start for line in scan(source) if line.kind == PYTHON]
    assert [line.opened for line in logical_lines(source, 0, len(source))] == wanted


def _names_by_python(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    todo = list(ast.iter_child_nodes(tree))
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            continue
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if isinstance(node, ast.alias) and node.name != "*":
            names.add(node.asname or node.name.partition(".")[0])
        if isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        todo += ast.iter_child_nodes(node)
    return names


@pytest.mark.parametrize("module", [argparse, ast, inspect, textwrap, typing])
def test_names_at_the_end_of_a_module_are_those_that_python_knows(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    assert set(bound_before(source)) == _names_by_python(ast.parse(source))


@given(st.text(alphabet="ab1 \n\t()[]{}:=,.*;'\"f#\\%!?@é", max_size=60))
def test_any_lines_can_be_read(text: str) -> None:
    for name in bound_before(text):
        assert name.isidentifier()


def test_deep_brackets_are_no_trouble() -> None:
    assert bound_before("(" * 5000 + "a" + ")" * 5000 + " = 1\nb = 2\n")["b"] == ""
    assert "d" in bound_before("c = " + "(" * 5000 + "a := 1" + ")" * 5000 + "\nd = 2\n")
