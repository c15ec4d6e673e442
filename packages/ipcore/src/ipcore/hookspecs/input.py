"""Hooks of the family ``input``: rewrite a cell before it is parsed, and before it is compiled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.input import AstTransformer, InputTransformer


class InputSpecs:
    """Hooks of the ``ipshell.input`` group."""

    @hookspec
    def ipshell_input_transformers(self, shell: InteractiveShell) -> Iterable[InputTransformer]:
        """Contribute transformers of a cell's text.

        :param shell: the shell whose cells will be transformed.
        :returns: objects as described by :class:`ipcore.types.input.InputTransformer`.
            Those of stage ``"cleanup"`` see the text as typed, those of stage
            ``"post"`` see it after the shell's own escapes (``%``, ``!``, ``?``) are gone.

        :When: before the first cell is transformed.
        :How often: once per shell; the transformers then run on every cell that
            their own ``applies`` test lets through.
        :Thread: the thread that runs cells; ``transform`` also where completeness is asked for.
        :May it block: no; it stands between Enter and the result.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: reported once, the plugin is off for the session. A transformer
            that raises ``SyntaxError`` refuses the cell; any other exception switches it off.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Shout:
                name = "shout"
                stage = "cleanup"

                def applies(self, source):
                    return source.startswith("SHOUT ")

                def transform(self, lines):
                    return [lines[0].removeprefix("SHOUT ").upper(), *lines[1:]]

            @hookimpl
            def ipshell_input_transformers(shell):
                return [Shout()]
        """

    @hookspec
    def ipshell_ast_transformers(self, shell: InteractiveShell) -> Iterable[AstTransformer]:
        """Contribute transformers of parsed cells.

        :param shell: the shell whose cells will be transformed.
        :returns: objects as described by :class:`ipcore.types.input.AstTransformer`, for
            example instances of a subclass of :class:`ast.NodeTransformer`.

        :When: before the first cell is transformed.
        :How often: once per shell; ``visit`` then runs on every cell that can be parsed,
            before those in the shell's list ``ast_transformers``.
        :Thread: the thread that runs cells.
        :May it block: no; it stands between Enter and the result.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: reported once, the plugin is off for the session. A transformer that
            raises :class:`ipcore.errors.InputRejected` cancels the cell. Any other exception,
            or a ``visit`` that gives no module, switches the plugin off, and the cell goes on
            as if it had not been there.
        :Since: 0.1

        Example::

            import ast

            from ipcore.hookspecs import hookimpl

            class Doubled(ast.NodeTransformer):
                def visit_Constant(self, node):
                    return ast.Constant(node.value * 2) if type(node.value) is int else node

            @hookimpl
            def ipshell_ast_transformers(shell):
                return [Doubled()]
        """
