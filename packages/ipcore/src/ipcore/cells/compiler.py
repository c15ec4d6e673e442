"""From the text of a cell to code objects."""

from __future__ import annotations
import __future__

import ast
import re
from types import CodeType
from typing import Final

#: Errors that the compiler raises over a text, none of them with a stack worth showing.
COMPILE_ERRORS: Final = (SyntaxError, ValueError, OverflowError, TypeError, MemoryError, RecursionError)

#: The beginning of a line that begins a statement, if it is neither in a string nor in brackets.
_STATEMENT: Final = re.compile(r"[\w'\"(\[{@*+~.-]")
_BLANK: Final = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\n)*")
#: Lines that are looked at for the last statement of a cell.
_MOST_LINES: Final = 500
#: What begins a compound statement; and what does so only sometimes, goes on with one, or has to stand first.
_SPECIAL: Final = re.compile(
    r"(?P<compound>(?:if|for|while|with|try|def|class|async)(?!\w))"
    r"|(?:match|global|else|elif|except|finally|from\s+__future__)(?!\w)"
)

_FUTURES: Final = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class Compiler:
    """Compiles cells; ``from __future__`` imports of one cell hold for the later ones."""

    def __init__(self) -> None:
        self.flags = 0

    def inherit(self, code: CodeType) -> None:
        """Have the ``from __future__`` imports that hold for a piece of code hold for all cells."""
        self.flags |= code.co_flags & _FUTURES

    def parse(self, source: str, filename: str) -> ast.Module:
        """Parse a cell.

        :raises SyntaxError: and the others of :data:`COMPILE_ERRORS`.
        """
        tree = compile(source, filename, "exec", self.flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        assert isinstance(tree, ast.Module)
        return tree

    def compile_text(
        self, source: str, filename: str, interactivity: str, *, awaits: bool = False
    ) -> list[CodeType] | None:
        """Compile a cell without a tree in between, which would cost as much again.

        To show the last expression, the text is parted before its last statement, at a line that is not
        indented. If that line is in truth inside a string, in brackets, behind a decorator or such, then
        what stands before it is no complete program and does not compile: so two parts that both compile
        are parted rightly.

        :param source: Python, ending with a newline.
        :returns: what :meth:`parse` and :meth:`compile` would give; ``None`` if they have to find out, and
            in case of any error, which they raise.
        """
        if interactivity == "none":
            at, whole = 0, True
        elif interactivity != "last_expr":
            return None
        else:
            at, line = _last_statement(source)
            special = _SPECIAL.match(line)
            whole = special is not None and special.lastgroup is not None
            if not line or ";" in line or (special and not whole) or (at and _in_string(source, at)):
                return None
        flags = self.flags | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if awaits else 0)
        pieces: list[CodeType] = []
        try:
            if whole:
                pieces.append(compile(source, filename, "exec", flags, dont_inherit=True))
            else:
                if at and not _BLANK.fullmatch(source, 0, at):
                    pieces.append(compile(source[:at], filename, "exec", flags, dont_inherit=True))
                    flags |= pieces[0].co_flags & _FUTURES
                text = "\n" * source.count("\n", 0, at) + source[at:] if at else source
                pieces.append(compile(text, filename, "single", flags, dont_inherit=True))
        except COMPILE_ERRORS:
            return None
        for code in pieces:
            self.flags |= code.co_flags & _FUTURES
        return pieces

    def compile(
        self, tree: ast.Module, filename: str, interactivity: str, *, awaits: bool = False
    ) -> list[CodeType]:
        """Compile a parsed cell, in at most two pieces.

        :param interactivity: which expressions show their value: a value of
            ``InteractiveShell.ast_node_interactivity``.
        :param awaits: whether ``await`` may stand at the top level. A piece that has one says so in its
            flags, by ``CO_COROUTINE``.
        :returns: code objects to be run in order; values to be shown go to ``sys.displayhook``.
        :raises SyntaxError: and the others of :data:`COMPILE_ERRORS`.
        """
        body, shown = _split(tree.body, interactivity)
        flags = self.flags | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if awaits else 0)
        pieces: list[CodeType] = []
        if body or not shown:
            code = compile(ast.Module(body, tree.type_ignores), filename, "exec", flags, dont_inherit=True)
            self.flags |= code.co_flags & _FUTURES
            flags |= self.flags
            pieces.append(code)
        if shown:
            pieces.append(compile(ast.Interactive(shown), filename, "single", flags, dont_inherit=True))
        return pieces


def _last_statement(source: str) -> tuple[int, str]:
    """Give the last line that may begin a statement, and where it begins; nothing if there is none."""
    end = len(source)
    if source.find("\n") == end - 1:  # the only line there is
        return 0, source
    for _ in range(_MOST_LINES):
        start = source.rfind("\n", 0, end - 1) + 1 if end else 0
        if start < end and _STATEMENT.match(source, start):
            return start, source[start:end]
        end = start
        if not end:
            break
    return 0, ""


def _in_string(source: str, at: int) -> bool:
    """Tell cheaply whether a line may begin inside a triple-quoted string, or with what ends one."""
    quotes = source[at] in "'\"" or source.count('"""', 0, at) % 2 or source.count("'''", 0, at) % 2
    return bool(quotes)


def _split(body: list[ast.stmt], interactivity: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Part the statements into those that run silently and those that show their value."""
    if interactivity == "none" or not body:
        return body, []
    if interactivity == "all":
        return [], body
    last = body[-1]
    if interactivity == "last_expr_or_assign":
        name = _assigned_name(last)
        if name is not None:
            value = ast.copy_location(ast.Expr(ast.copy_location(ast.Name(name, ast.Load()), last)), last)
            return body, [value]
    if interactivity != "last" and not isinstance(last, ast.Expr):
        return body, []
    return body[:-1], [last]


def _assigned_name(node: ast.stmt) -> str | None:
    """The one plain name that a statement assigns to."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value is not None):
        target = node.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None
