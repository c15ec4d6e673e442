"""Rewrites cells, as text and as trees."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Literal

from ipcore import InteractiveShell
from ipcore.errors import InputRejected
from ipcore.hookspecs import hookimpl
from ipcore.types.input import AstTransformer, InputTransformer


class Degrees:
    """``20°`` is 20."""

    name = "degrees"
    stage: Literal["cleanup", "post"] = "cleanup"
    has_side_effects = False

    def applies(self, source: str) -> bool:
        return "°" in source

    def transform(self, lines: list[str]) -> list[str]:
        return [line.replace("°", "") for line in lines]


class Celsius(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "fahrenheit":
            raise InputRejected("degrees are Celsius here")
        return node


@hookimpl
def ipshell_input_transformers(shell: InteractiveShell) -> Iterable[InputTransformer]:
    return [Degrees()]


@hookimpl
def ipshell_ast_transformers(shell: InteractiveShell) -> Iterable[AstTransformer]:
    yield Celsius()
