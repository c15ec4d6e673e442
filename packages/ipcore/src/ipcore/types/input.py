"""What rewrites a cell: its text, and what it was parsed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import ast


class InputTransformer(Protocol):
    """One rewriting step over the text of a cell.

    One that does more than rewrite sets the attribute ``has_side_effects`` to true: it is
    then left out where a text is only asked whether it is complete.
    """

    name: str
    """Shown in reports."""
    stage: Literal["cleanup", "post"]
    """Before (``cleanup``) or after (``post``) the shell's own escapes are rewritten."""

    def applies(self, source: str) -> bool:
        """Tell cheaply whether :meth:`transform` may change this text; runs on every cell."""
        ...

    def transform(self, lines: list[str]) -> list[str]:
        """Rewrite the lines, each with its line ending.

        :raises SyntaxError: to refuse the cell; it is shown as the user's error.
        """
        ...


class AstTransformer(Protocol):
    """One rewriting step over a parsed cell; an :class:`ast.NodeTransformer` is one.

    An attribute ``name``, if it has one, is shown in reports, else its class's name.
    """

    def visit(self, node: ast.Module) -> ast.AST:
        """Rewrite a cell, and give it back: the same module, changed, or another one.

        Places (``lineno`` and its like) that new nodes lack are filled in afterwards.

        :raises ipcore.errors.InputRejected: to cancel the cell; it is shown as what kept the
            cell from running.
        """
        ...
