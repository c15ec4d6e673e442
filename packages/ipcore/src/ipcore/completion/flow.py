"""What the earlier lines of a cell assign: read from the text, and not run.

A cell that is being typed is rarely whole. Lines that are no Python, such as magics, are passed by, open
blocks are closed, and what still cannot be read is left out, statement by statement.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from math import inf
from typing import Any, Final, NamedTuple

#: Characters of a cell that are read; of more the last ones.
MOST_CHARACTERS: Final = 100_000

#: Statements of a cell that are read.
_MOST_STATEMENTS: Final = 5_000

_NAME: Final = "<ipshell completion>"
_FLAGS: Final = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_front_filter: object = None

_ESCAPE: Final = re.compile(r"^([ \t]*)(?:[%!?,;/].*|[^#'\"\n]*\?{1,2}[ \t]*)$", re.MULTILINE)
_ASSIGNED_ESCAPE: Final = re.compile(r"^([ \t]*[\w., \t]+=[ \t]*)[%!].*$", re.MULTILINE)
_LONE_FOR: Final = re.compile(r"^([ \t]*(?:async[ \t]+)?for\b[^\n#]*[^\s:#])[ \t]*$", re.MULTILINE)
_TOP_LEVEL: Final = re.compile(r"\n(?=[^\s#'\")\]}])(?!(?:else|elif|except|finally)\b)")


class Binding(NamedTuple):
    """One assignment of a name."""

    position: float
    """Its line, and its column behind the point."""
    how: str
    node: Any
    path: tuple[int | None, ...] = ()
    """For ``(a, b) = x`` the index, and so on inwards; ``None`` for a starred one."""
    conditional: bool = False
    """Whether it stands in a block that may be left out."""


class Scope:
    """Names that a cell, or the body of a function or class in it, assigns.

    :param kind: ``cell``, ``function``, ``class``, ``comprehension`` or ``globals``.
    :param table: names that have values already.
    :param package: whose other modules may have a name that the table lacks.
    """

    __slots__ = ("bindings", "kind", "package", "stars", "table")

    def __init__(self, kind: str, table: dict[str, Any] | None = None, package: str = "") -> None:
        self.package = package
        self.kind = kind
        self.bindings: dict[str, list[Binding]] = {}
        #: Modules all of whose names are imported.
        self.stars: list[str] = []
        self.table = table

    def names(self) -> Iterator[str]:
        """Give the names that have not been deleted again."""
        for name, bindings in self.bindings.items():
            if bindings[-1].how != "deleted" or bindings[-1].conditional:
                yield name


class Frame:
    """A scope, up to where it counts, and what is around it."""

    __slots__ = ("limit", "outer", "scope")

    def __init__(self, scope: Scope, limit: float = inf, outer: Frame | None = None) -> None:
        self.scope = scope
        self.limit = limit
        self.outer = outer

    def until(self, limit: float) -> Frame:
        """Give the same as a statement at a place sees it."""
        return Frame(self.scope, limit, self.outer)


def parse(text: str, mode: str = "exec") -> Any:
    """Give the syntax tree of a text, without a warning.

    :raises SyntaxError: if it is none.
    """
    global _front_filter
    if not warnings.filters or warnings.filters[0] is not _front_filter:
        # A filter of ours alone: to catch warnings would change the filters of all threads for a moment.
        warnings.filterwarnings("ignore", module=re.escape(_NAME))
        _front_filter = warnings.filters[0]
    try:
        return compile(
            text, _NAME, mode, ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:  # a NUL, for example
        raise SyntaxError(str(error)) from None


@lru_cache(maxsize=8)
def frame_of(before: str) -> Frame:
    """Give the names that the lines before a place of a cell assign, as they are seen at that place.

    White space after the last line end is the indentation of that place; where there is none, it is taken
    to be in the block of the last line.
    """
    tree = _read(before[-MOST_CHARACTERS:])
    frame = Frame(_collected(tree.body, "cell"))
    column = _column(before)
    body: list[Any] = tree.body
    while body:
        last = body[-1]
        inner = getattr(last, "body", None)
        for block in ("orelse", "handlers", "finalbody"):
            inner = getattr(last, block, None) or inner
        if not isinstance(inner, list) or not inner:
            break
        if isinstance(inner[-1], ast.ExceptHandler):
            inner = inner[-1].body
        if getattr(last, "col_offset", 0) >= column:
            break
        if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            frame = Frame(scope_of(last, frame.scope), inf, frame)
        body = inner
    return frame


def _column(before: str) -> int:
    *lines, last = before.split("\n")
    if last and not last.strip():
        return len(last)
    for line in reversed([*lines, last]):
        if line.strip():
            return len(line) - len(line.lstrip()) + (1 if line.rstrip().endswith(":") else 0)
    return 0


def _read(text: str) -> Any:
    for attempt in (text, _as_python(text)):
        try:
            return parse(_closed(attempt))
        except SyntaxError:
            text = attempt
    tree = ast.Module([], [])
    line = 0
    for piece in _TOP_LEVEL.split(_closed(text)):
        for attempt in (piece, _closed(piece)):
            try:
                found = parse(attempt)
            except SyntaxError:
                continue
            tree.body += ast.increment_lineno(found, line).body
            break
        line += piece.count("\n") + 1
    return tree


def _as_python(text: str) -> str:
    """Replace what is no Python, and complete a ``for`` that stands alone."""
    text = _ESCAPE.sub(r"\1pass", _ASSIGNED_ESCAPE.sub(r"\1___", text))
    return _LONE_FOR.sub(_complete_for, text)


def _complete_for(found: re.Match[str]) -> str:
    try:
        parse(found[1].strip() + ": pass")
    except SyntaxError:
        return found[0]
    return found[1] + ": pass"


def _closed(text: str) -> str:
    """Close the blocks that are open at the end of a text."""
    lines = text.rstrip().split("\n")
    last = lines[-1].split("#")[0].rstrip() if lines else ""
    if last.endswith(":"):
        lines.append(last[: len(last) - len(last.lstrip())] + " pass")
    elif last.lstrip().startswith("@"):
        lines.append(last[: len(last) - len(last.lstrip())] + "class ___: pass")
    open_tries: list[str] = []
    for line in lines:
        stripped = line.lstrip()
        indentation = line[: len(line) - len(stripped)]
        if re.match(r"try\s*:", stripped):
            open_tries.append(indentation)
        elif re.match(r"(?:except|finally)\b", stripped):
            open_tries = [each for each in open_tries if len(each) < len(indentation)]
    return "\n".join([*lines, *(each + "finally: pass" for each in reversed(open_tries))]) + "\n"


def scope_of(node: Any, around: Scope) -> Scope:
    """Give the names that the body of a function, a lambda or a class assigns."""
    if isinstance(node, ast.ClassDef):
        return _collected(node.body, "class")
    scope = _collected([] if isinstance(node, ast.Lambda) else node.body, "function")
    for index, each in enumerate([*node.args.posonlyargs, *node.args.args]):
        _first(scope, each.arg, "first" if index == 0 and around.kind == "class" else "parameter", node, each)
    for each in node.args.kwonlyargs:
        _first(scope, each.arg, "parameter", node, each)
    if node.args.vararg is not None:
        _first(scope, node.args.vararg.arg, "parameters", node, node.args.vararg)
    if node.args.kwarg is not None:
        _first(scope, node.args.kwarg.arg, "named parameters", node, node.args.kwarg)
    return scope


def _first(scope: Scope, name: str, how: str, node: Any, argument: Any) -> None:
    scope.bindings.setdefault(name, []).insert(0, Binding(-1, how, (node, argument)))


def comprehension(generators: list[Any]) -> Scope:
    """Give the names that a comprehension assigns."""
    collector = _Collector(Scope("comprehension"))
    for each in generators:
        collector.target(each.target, "item", each.iter, False)
    return collector.scope


def _collected(body: list[Any], kind: str) -> Scope:
    collector = _Collector(Scope(kind))
    collector.block(body, False)
    return collector.scope


def module_scope(tree: ast.Module) -> Scope:
    """Give the names that a module assigns."""
    return _collected(tree.body, "cell")


def place(node: Any) -> float:
    """Give the place of a statement: its line, and its column behind the point."""
    found: float = node.lineno + min(node.col_offset, 9_999) / 10_000
    return found


class _Collector:
    """Notes who assigns which name, in the order of the text."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.position = 0.0
        self._left = _MOST_STATEMENTS

    def bind(
        self, name: str, how: str, node: Any, conditional: bool, path: tuple[int | None, ...] = ()
    ) -> None:
        self.scope.bindings.setdefault(name, []).append(Binding(self.position, how, node, path, conditional))

    def block(self, body: list[Any], conditional: bool) -> None:
        for statement in body:
            self._left -= 1
            if self._left < 0:
                return
            self.position = place(statement)
            self.statement(statement, conditional)

    def statement(self, node: Any, conditional: bool) -> None:
        kind = type(node)
        handle = getattr(self, f"on_{kind.__name__}", None)
        for field in ("value", "test", "iter", "subject"):
            self.walrus(getattr(node, field, None), conditional)
        if handle is not None:
            handle(node, conditional)

    def walrus(self, node: Any, conditional: bool) -> None:
        if isinstance(node, ast.AST):
            for each in ast.walk(node):
                if type(each) is ast.NamedExpr:
                    self.bind(each.target.id, "value", each.value, conditional)

    def target(
        self, target: Any, how: str, node: Any, conditional: bool, path: tuple[int | None, ...] = ()
    ) -> None:
        kind = type(target)
        if kind is ast.Name:
            self.bind(target.id, how, node, conditional, path)
        elif kind is ast.Starred:
            self.target(target.value, how, node, conditional, (*path[:-1], None))
        elif kind is ast.Tuple or kind is ast.List:
            starred = False
            for index, each in enumerate(target.elts):
                at = index - len(target.elts) if starred else index
                starred = starred or type(each) is ast.Starred
                self.target(each, how, node, conditional, (*path, at))

    def on_Assign(self, node: ast.Assign, conditional: bool) -> None:
        for each in node.targets:
            self.target(each, "value", node.value, conditional)

    def on_AnnAssign(self, node: ast.AnnAssign, conditional: bool) -> None:
        if type(node.target) is ast.Name:
            self.bind(node.target.id, "annotated", node, conditional)

    def on_AugAssign(self, node: ast.AugAssign, conditional: bool) -> None:
        if type(node.target) is ast.Name:
            self.bind(node.target.id, "augmented", node, conditional)

    def on_For(self, node: ast.For, conditional: bool) -> None:
        self.target(node.target, "item", node.iter, conditional)
        self.block(node.body, True)
        self.block(node.orelse, True)

    on_AsyncFor = on_For

    def on_While(self, node: ast.While, conditional: bool) -> None:
        self.block(node.body, True)
        self.block(node.orelse, True)

    on_If = on_While

    def on_With(self, node: ast.With, conditional: bool) -> None:
        for each in node.items:
            self.walrus(each.context_expr, conditional)
            if each.optional_vars is not None:
                self.target(each.optional_vars, "entered", each.context_expr, conditional)
        self.block(node.body, conditional)

    on_AsyncWith = on_With

    def on_Try(self, node: ast.Try, conditional: bool) -> None:
        self.block(node.body, conditional)
        for each in node.handlers:
            if each.name:
                self.position = place(each)
                self.bind(each.name, "caught", each.type, conditional)
            self.block(each.body, True)
        self.block(node.orelse, conditional)
        self.block(node.finalbody, conditional)

    on_TryStar = on_Try

    def on_FunctionDef(self, node: ast.FunctionDef, conditional: bool) -> None:
        self.bind(node.name, "function", node, conditional)

    on_AsyncFunctionDef = on_FunctionDef

    def on_ClassDef(self, node: ast.ClassDef, conditional: bool) -> None:
        self.bind(node.name, "class", node, conditional)

    def on_TypeAlias(self, node: Any, conditional: bool) -> None:
        self.bind(node.name.id, "value", node.value, conditional)

    def on_Import(self, node: ast.Import, conditional: bool) -> None:
        for each in node.names:
            name = each.asname or each.name.partition(".")[0]
            self.bind(name, "module", each.name if each.asname else name, conditional)

    def on_ImportFrom(self, node: ast.ImportFrom, conditional: bool) -> None:
        for each in node.names:
            if each.name == "*":
                self.scope.stars += [node.module] if node.module and not node.level else []
            else:
                source = None if node.level else node.module
                self.bind(each.asname or each.name, "imported", (source, each.name), conditional)

    def on_Delete(self, node: ast.Delete, conditional: bool) -> None:
        for each in node.targets:
            if type(each) is ast.Name:
                self.bind(each.id, "deleted", None, conditional)

    def on_Match(self, node: Any, conditional: bool) -> None:
        for case in node.cases:
            self.position = place(case.pattern)
            for each in ast.walk(case.pattern):
                for name in (getattr(each, "name", None), getattr(each, "rest", None)):
                    if isinstance(name, str):
                        self.bind(name, "unknown", None, True)
            self.block(case.body, True)
