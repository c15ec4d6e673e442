"""Rewriting what the interpreter does past the methods of a :class:`~ipcore.namespaces.Namespace`.

``global x`` and, for a frame's variables, ``nonlocal x`` become attributes of an object
that reads and writes the right table. Class bodies start with a call that puts the
names they read where the interpreter looks. ``super()`` at the top of a cell gets the
arguments of the method whose frame it is. Everything else is left as it was written.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

GLOBALS: Final = "__ipshell_globals__"
LOCALS: Final = "__ipshell_locals__"
MIRROR: Final = "__ipshell_mirror__"

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def adapt(tree: ast.Module, is_local: Callable[[str], bool], first_argument: str = "") -> ast.Module:
    """Rewrite a cell for a namespace that is no plain dictionary.

    :param tree: the parsed cell; it may be changed.
    :param is_local: tells whether a name is the frame's or was added to it.
    :param first_argument: of the frame's function; empty if it has none.
    """
    if not any(_matters(node) for node in ast.walk(tree)):
        return tree
    return ast.fix_missing_locations(_Rewriter(tree, is_local, first_argument).rewrite(tree))


def _matters(node: ast.AST) -> bool:
    return isinstance(node, (ast.Global, ast.Nonlocal, ast.ClassDef)) or _is_bare_super(node)


def _is_bare_super(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
        and not node.args
        and not node.keywords
    )


@dataclass
class _Scope:
    """A function, class body, comprehension, or the cell itself."""

    bound: set[str] = field(default_factory=set)
    """Names it assigns to in an expression or statement that :class:`ast.Name` stands for."""
    otherwise: set[str] = field(default_factory=set)
    """Names it binds by ``def``, ``class``, ``import``, ``except``, ``case``."""
    declared: dict[str, str] = field(default_factory=dict)
    """Names it declares, and by which statement."""
    redirected: dict[str, str] = field(default_factory=dict)
    """Names that are looked up in an object of ours."""
    is_class: bool = False


class _Rewriter(ast.NodeTransformer):
    def __init__(self, tree: ast.Module, is_local: Callable[[str], bool], first_argument: str) -> None:
        self._is_local = is_local
        self._first_argument = first_argument
        self._scopes: list[_Scope] = []

    def rewrite(self, tree: ast.Module) -> ast.Module:
        self._enter(tree.body)
        tree.body = [self.visit(node) for node in tree.body]
        return tree

    # -- scopes ----------------------------------------------------------------

    def _enter(self, body: Iterable[ast.AST], bound: Iterable[str] = (), *, is_class: bool = False) -> None:
        scope = _bindings(body)
        scope.is_class = is_class
        for name, word in scope.declared.items():
            if word == "global":
                scope.redirected[name] = GLOBALS
            elif self._is_the_frames(name, scope):
                scope.redirected[name] = LOCALS
        scope.bound.update(bound)
        self._scopes.append(scope)

    def _is_the_frames(self, name: str, scope: _Scope) -> bool:
        """Tell whether ``nonlocal name`` in ``scope`` means the frame's variable."""
        if name in scope.otherwise:
            return False
        if not self._scopes:
            return self._is_local(name)
        for outer in reversed(self._scopes[1:]):
            if outer.is_class:
                continue
            if name in outer.redirected:
                return outer.redirected[name] == LOCALS
            if name in outer.bound or name in outer.otherwise:
                return False
        return self._is_local(name) or name in self._scopes[0].bound

    def _door(self, name: str) -> str:
        """Give the object that a name is to be looked up in; empty if it is a name like any other."""
        for depth, scope in enumerate(reversed(self._scopes)):
            if scope.is_class and depth:
                continue
            if name in scope.redirected:
                return scope.redirected[name]
            if name in scope.bound or name in scope.otherwise:
                return ""
        return ""

    # -- names -----------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.expr:
        door = self._door(node.id)
        if not door:
            return node
        value = ast.copy_location(ast.Name(door, ast.Load()), node)
        return ast.copy_location(ast.Attribute(value, node.id, node.ctx), node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.visit(node.value)
        door = self._door(node.target.id)
        if not door:
            return node
        name = ast.Constant(node.target.id)
        return ast.copy_location(ast.Call(ast.Name(door, ast.Load()), [name, node.value], []), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        redirected = self._scopes[-1].redirected
        node.names = [name for name in node.names if redirected.get(name) != LOCALS]
        return node if node.names else ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if len(self._scopes) == 1 and self._first_argument and _is_bare_super(node):
            node.args = [ast.Name("__class__", ast.Load()), ast.Name(self._first_argument, ast.Load())]
            return node
        return self.generic_visit(node)

    # -- nested scopes ---------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: _Function) -> ast.AST:
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.args = self.visit(node.args)
        if node.returns is not None:
            node.returns = self.visit(node.returns)
        self._enter(node.body, _argument_names(node.args))
        node.body = [self.visit(each) for each in node.body]
        self._scopes.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.visit(node.args)
        self._enter([node.body], _argument_names(node.args))
        node.body = self.visit(node.body)
        self._scopes.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.bases = [self.visit(each) for each in node.bases]
        node.keywords = [self.visit(each) for each in node.keywords]
        self._enter(node.body, is_class=True)
        read = {each.id for part in node.body for each in ast.walk(part) if isinstance(each, ast.Name)}
        node.body = [self.visit(each) for each in node.body]
        self._scopes.pop()
        arguments: list[ast.expr] = [ast.Constant(name) for name in sorted(read)]
        call = ast.Expr(ast.Call(ast.Name(MIRROR, ast.Load()), arguments, []))
        at = 1 if ast.get_docstring(node, clean=False) is not None else 0
        # A one-line class has its call on that line, so that a debugger stops once.
        node.body.insert(at, ast.copy_location(call, node.body[0]))
        return node

    def _comprehension(self, node: _Comprehension) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)  # evaluated outside
        outer_iter, first.iter = first.iter, ast.Constant(None)
        targets = {
            each.id
            for generator in node.generators
            for each in ast.walk(generator.target)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        self._scopes.append(_Scope(bound=targets))
        self.generic_visit(node)
        self._scopes.pop()
        first.iter = outer_iter
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def _argument_names(arguments: ast.arguments) -> set[str]:
    return {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)}


def _bindings(body: Iterable[ast.AST]) -> _Scope:
    """Find what a body binds and declares, nested scopes left out."""
    scope = _Scope()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            scope.bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            scope.otherwise.add(node.name)
            continue
        elif isinstance(node, ast.Lambda):
            continue
        elif isinstance(node, _Comprehension):  # an assignment expression in it binds out here
            named = (each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
            scope.bound.update(named)
            continue
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            scope.otherwise.update((each.asname or each.name).partition(".")[0] for each in node.names)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            word = "global" if isinstance(node, ast.Global) else "nonlocal"
            scope.declared.update(dict.fromkeys(node.names, word))
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            scope.otherwise.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.otherwise.add(node.rest)
        waiting.extend(ast.iter_child_nodes(node))
    return scope
