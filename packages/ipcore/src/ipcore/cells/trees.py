"""Cells rewritten after they are parsed, by the AST transformers of plugins and extensions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InputRejected
from ..notices import notice
from ..plugins.failures import Unfit, reason_of, traceback_of
from .transformers import WatchedVisitor, checked_list

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.input import AstTransformer


def transform_tree(shell: InteractiveShell, tree: ast.Module, parse: Callable[[], ast.Module]) -> ast.Module:
    """Have the AST transformers rewrite a cell: those of plugins, then those of the shell's list.

    One that fails, or gives something else than a module, is told and dropped, and the cell begun
    anew without it, as it may have left it half rewritten.

    :param parse: parses the cell once more.
    :returns: the cell, with places filled in where transformers left them out.
    :raises ipcore.errors.InputRejected: from a transformer that cancels the cell.
    """
    while True:
        todo: list[Any] = [*shell.transformers.visitors, *checked_list(shell, "ast_transformers")]
        for transformer in todo:
            try:
                tree = _visited(transformer, tree)
            except (InputRejected, KeyboardInterrupt):
                raise
            except BaseException as error:  # a stranger's sys.exit() must not end the session
                _drop(shell, transformer, error)
                break
        else:
            ast.fix_missing_locations(tree)
            return tree
        tree = parse()


def _visited(transformer: AstTransformer, tree: ast.Module) -> ast.Module:
    given = transformer.visit(tree)
    if not isinstance(given, ast.Module):
        raise Unfit(f"its visit() gave {type(given).__name__}, not a module")
    return given


def _drop(
    shell: InteractiveShell, transformer: WatchedVisitor | AstTransformer, error: BaseException
) -> None:
    if isinstance(transformer, WatchedVisitor):
        shell.transformers.drop(transformer, error)
        return
    # By identity: a transformer's own __eq__ is as little to be trusted as the rest of it.
    shell.ast_transformers[:] = [each for each in shell.ast_transformers if each is not transformer]
    kind = type(transformer)
    notice(
        f"the AST transformer {kind.__qualname__} of {kind.__module__}: {reason_of(error).rstrip('.')}. "
        "It is unregistered, and the cell goes on without it.",
        details=traceback_of(error),
    )
