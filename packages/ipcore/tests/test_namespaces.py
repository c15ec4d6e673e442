"""Cells in a module, in a running function and in a function that failed: one table for all three."""

# ruff: noqa: E501 - a row of the table is a line

from __future__ import annotations

import gc
import pickle
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ipcore.namespaces import Namespace, frame_namespace, module_namespace, traceback_namespace
from ipcore.shell import InteractiveShell

PROGRAM = """
import sys
G = 10
limit = "the module's"

def show():
    return G

class Base:
    def greet(self):
        return "base"

class Child(Base):
    def greet(self):
        return "child"

    def method(self, a, items, probe):
        local = 5
        spare = 0
        def bump():
            nonlocal local
            local += 1
            return local
        def read():
            return a
        probe(sys._getframe())
        return a, local, items
"""
AT_TOP = "self, a, items, local, spare = Child(), 1, [1, 2], 5, 0"


class Row(NamedTuple):
    what: str
    cells: list[str]
    expected: object
    """The value of the last cell, or an exception's class; of a dict, by mode."""


MODES = ("module", "embed", "post-mortem")

TABLE = [
    Row("a local and a global", ["a + G"], 11),
    Row("list comprehension", ["[a + x for x in items]"], [2, 3]),
    Row("nested comprehension", ["[[a * x * y for x in items] for y in items]"], [[1, 2], [2, 4]]),
    Row("set and dict comprehension", ["{a + x for x in items}, {x: a for x in items}"], ({2, 3}, {1: 1, 2: 1})),
    Row("condition in a comprehension", ["[x for x in items if x > a]"], [2]),
    Row("generator expression", ["sum(a + x for x in items)"], 5),
    Row("lambda", ["(lambda n: a + n + G)(1)"], 12),
    Row("lambda in a comprehension", ["[f() for f in [lambda: a + local for _ in items]]"], [6, 6]),
    Row("sorted by a lambda", ["sorted(items, key=lambda x: -x * a)"], [2, 1]),
    Row("nested function", ["def f():\n    def g():\n        return a + G\n    return g()", "f()"], 11),
    Row("default argument", ["def f(n=a):\n    return n + local", "f()"], 6),
    Row("decorator", ["def d(f):\n    return lambda: f() + a", "@d\ndef g():\n    return G", "g()"], 11),
    Row("recursion", ["def fac(n):\n    return a if n < 2 else n * fac(n - 1)", "fac(4)"], 24),
    Row("a later change is seen", ["def f():\n    return a", "a = 7", "f()"], 7),
    Row("a later name is seen", ["def f():\n    return later", "later = 3", "f()"], 3),
    Row("a builtin shadowed later", ["def f():\n    return len(items)", "len = lambda x: 99", "f()"], 99),
    Row("a builtin unshadowed", ["len = 1", "del len", "len(items)"], 2),
    Row("class body", ["class A:\n    b = a + G\n    c = [a for _ in range(2)]", "A.b, A.c"], (11, [1, 1])),
    Row("class body x = x", ["class A:\n    a = a\n    G = G", "A.a, A.G"], (1, 10)),
    Row("class body after a change", ["a = 2\nclass A:\n    'doc'\n    b = a", "A.b, A.__doc__"], (2, "doc")),
    Row("class body in a later call", ["def f():\n    class A:\n        b = a\n    return A.b", "a = 4", "f()"], 4),
    Row("method in a cell", ["class A:\n    def m(self):\n        return a + G", "A().m()"], 11),
    Row("super() in a cell's class", ["class C(Child):\n    def greet(self):\n        return super().greet()", "C().greet()"], "child"),
    Row("__class__ in a cell's class", ["class C:\n    def m(self):\n        return __class__.__name__", "C().m()"], "C"),
    Row("super() at the top", ["super().greet()"], {"module": RuntimeError, "embed": "base", "post-mortem": "base"}),
    Row("global", ["global G\nG = 20", "show()"], 20),
    Row("global seen at once", ["global G\nG = 21\nseen = show()", "seen"], 21),
    Row("global in a function", ["def f():\n    global G\n    G += 1\n    return show(), G", "f()"], (11, 11)),
    Row("global of a local's name", ["def f():\n    global a\n    a = 8\n    return a", "f(), a"], {"module": (8, 8), "embed": (8, 1), "post-mortem": (8, 1)}),
    Row("global in a nested function", ["def f():\n    global G\n    def g():\n        return G\n    G = 5\n    return g()", "f(), show()"], (5, 5)),
    Row("global and def", ["global show\ndef show():\n    return a", "show()"], 1),
    Row("global and import", ["def f():\n    global js\n    import json as js\n    return js.__name__", "f()"], "json"),
    Row("global and walrus", ["def f():\n    global G\n    return (G := 30) + show()", "f()"], 60),
    Row("global and a comprehension's own name", ["def f():\n    global G\n    return [G for G in items], G", "f()"], ([1, 2], 10)),
    Row("global and match", ["def f():\n    global G\n    match items:\n        case [G, *_]:\n            return show()", "f()"], 1),
    Row("del global", ["global G\ndel G", "show()"], NameError),
    Row("an absent global", ["def f():\n    global nosuch\n    return nosuch", "f()"], NameError),
    Row("nonlocal of the frame", ["def f():\n    nonlocal a\n    a += 1\n    return a", "f(), a"], {"module": SyntaxError, "embed": (2, 2), "post-mortem": (2, 2)}),
    Row("nonlocal inside a cell", ["def f():\n    n = 1\n    def g():\n        nonlocal n\n        n += a\n        return n\n    return g()", "f()"], 2),
    Row("nonlocal of nothing", ["def f():\n    nonlocal nosuch\n    nosuch = 1"], SyntaxError),
    Row("assignment", ["a = 2", "a"], 2),
    Row("assignment forms", ["a, *rest = 5, 6, 7\nfor local in items: pass\na += 1", "a, rest, local"], (6, [6, 7], 2)),
    Row("del", ["del spare", "spare"], NameError),
    Row("del and again", ["del a", "a = 3", "[a for _ in items]"], [3, 3]),
    Row("del of a new name", ["n = 1", "del n", "n"], NameError),
    Row("walrus", ["(n := a + 1)", "n"], 2),
    Row("walrus in a comprehension", ["[n := a + x for x in items]", "n"], 3),
    Row("import *", ["from math import *", "[floor(pi + a) for _ in items]"], [4, 4]),
    Row("exec", ["exec('n = a + 1')", "n"], 2),
    Row("exec with a nested scope", ["exec('n = [a for _ in items]')", "n"], [1, 1]),
    Row("exec with global", ["exec('global G; G = 40')", "show()"], 40),
    Row("exec in globals()", ["exec('N = G', globals())", "N"], 10),
    Row("eval", ["eval('[a + x for x in items]')"], [2, 3]),
    Row("eval in a function", ["def f(n):\n    return eval('n + a')", "f(1)"], 2),
    Row("eval of a comprehension in a function", ["def f(n):\n    return eval('[x + a for x in items]')", "f(1)"], [2, 3]),
    Row("exec in a function", ["def f(n):\n    exec('items.append(n + a)')", "f(1)", "items[2:]"], [2]),
    Row("exec in a class body", ["class A:\n    exec('b = a + G')", "A.b"], 11),
    Row("exec of code with global", ["exec(compile('global G; G = 60', '', 'exec'))", "show()"], 60),
    Row("the same after a class body", ["class A:\n    b = G\nexec(compile('global G; G = 61', '', 'exec'))", "show()"], 61),
    Row("a method does not see its class's names", ["def f():\n    global a\n    a = 8\n    class A:\n        a = 1\n        def m(self): return a\n    return A().m()", "f()"], 8),
    Row("exec of a wrong text", ["exec('1 +')"], SyntaxError),
    Row("class in a function with a variable", ["def f(n):\n    class A:\n        b = n + a\n        c = [n + x for x in items]\n    return A.b, A.c", "f(4)"], (5, [5, 6])),
    Row("class in a class", ["class A:\n    class B:\n        b = a\n        def m(self): return self.b + local", "A.B().m()"], 6),
    Row("global in a class body", ["class A:\n    global G\n    G = 3\n    n = show()", "A.n, 'G' in vars(A)"], (3, False)),
    Row("global and for, with, tuple, del", ["def f():\n    global G, H\n    for G in items: pass\n    H, G = G, show()\n    del H\n    return show()", "f()"], 2),
    Row("global and except", ["def f():\n    global E\n    try:\n        1 / 0\n    except ZeroDivisionError as E:\n        return E.args", "f()"], ("division by zero",)),
    Row("a lambda's argument of a global's name", ["def f():\n    global G\n    return (lambda G, n=G: G + n)(1)", "f()"], 11),
    Row("a private name and global", ["class A:\n    def m(self):\n        global _A__p\n        __p = 5\n        return __p", "A().m()"], 5),
    Row("exec of a class", ["exec('class A:\\n  b = a')", "A.b"], 1),
    Row("exec and eval with names given", ["d = {'z': 1}\nexec('y = z', d)", "eval('y + z', {}, d), eval('z', d)"], (2, 1)),
    Row("eval of a compiled text", ["eval(compile('a + G', '', 'eval'))"], 11),
    Row("locals()", ["locals()['a'], 'local' in locals(), 'local' in dir()"], (1, True, True)),
    Row("locals() written", ["locals()['n'] = 6", "n"], 6),
    Row("vars()", ["vars()['n'] = a", "[n for _ in items]"], [1, 1]),
    Row("globals()", ["globals()['G'], 'limit' in globals(), 'a' in globals()"], {"module": (10, True, True), "embed": (10, True, False), "post-mortem": (10, True, False)}),
    Row("globals() written", ["globals()['G'] = 50", "show()"], 50),
    Row("annotations", ["n: int = a\ndef f(x: a, y: 'G') -> G: return x\nf(1, 2)", "n"], 1),
    Row("match", ["match items:\n    case [first, *others] if first == a:\n        n = [first + a for _ in others]", "n, others"], ([2], [2])),
    Row("except as", ["try:\n    1 / (a - 1)\nexcept ZeroDivisionError as e:\n    n = (lambda: e.args)()", "n"], ("division by zero",)),
    Row("with as", ["import io\nwith io.StringIO('x') as s:\n    n = [s.read() for _ in [1]]", "n"], ["x"]),
    Row("async comprehension", ["async def f():\n    async def g():\n        yield a\n    return [x + a async for x in g()]\nimport asyncio", "asyncio.run(f())"], [2]),
    Row("dataclass", ["from dataclasses import dataclass", "@dataclass\nclass P:\n    x: int = a", "P()"], "P(x=1)"),
    Row("the shell's own names", ["6 * 7", "[_ + Out[1] for _ in [_]]"], [84]),
    Row("the function's function", ["bump() if 'bump' in dir() else 6"], 6),
    Row("an unknown name", ["nosuch"], NameError),
    Row("warnings name the module", ["__name__, (lambda: 0).__module__"], ("program", "program")),
]  # fmt: skip


if sys.version_info >= (3, 12):
    TABLE += [
        Row("type parameters", ["def f[T](x: T, n: int = a) -> T: return x + n + G", "f(1)"], 12),
        Row("a generic class", ["class P[T]:\n    b = a\n    def m(self) -> T: return G", "P().m() + P.b"], 11),
        Row("a type alias", ["n = int\ntype A = list[n]", "A.__value__"], list[int]),
    ]  # fmt: skip


@contextmanager
def opened(**arguments: Any) -> Iterator[InteractiveShell]:
    shell = InteractiveShell(cache_size=1000, **arguments)
    shell.start()
    try:
        yield shell
    finally:
        shell.close()


@pytest.fixture
def program() -> types.ModuleType:
    module = types.ModuleType("program")
    exec(PROGRAM, module.__dict__)
    return module


def in_mode(mode: str, program: types.ModuleType, use: Callable[[InteractiveShell], Any]) -> Any:
    """Have a shell used at that place of the program; give what the function gave, if it did."""
    if mode == "module":
        exec(AT_TOP, program.__dict__)
        with opened(user_module=program) as shell:
            use(shell)
        return None

    def here(frame: types.FrameType) -> None:
        with opened(namespace=frame_namespace(frame)) as shell:
            use(shell)

    def fail(frame: types.FrameType) -> None:
        raise RuntimeError

    if mode == "embed":
        return program.Child().method(1, [1, 2], here)
    with pytest.raises(RuntimeError) as caught:
        program.Child().method(1, [1, 2], fail)
    with opened(namespace=traceback_namespace(caught.tb, -2)) as shell:
        use(shell)
    return None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_a_cell_means_the_same_everywhere(row: Row, mode: str, program: types.ModuleType) -> None:
    expected = (
        row.expected[mode] if isinstance(row.expected, dict) and "embed" in row.expected else row.expected
    )

    def use(shell: InteractiveShell) -> None:
        results = [shell.run_cell(cell, store_history=True) for cell in row.cells]
        error = next(
            (each.error_before_exec or each.error_in_exec for each in results if not each.success), None
        )
        if isinstance(expected, type):
            assert isinstance(error, expected), (error, results[-1].result)
            return
        assert error is None
        result = results[-1].result
        assert expected in (result, repr(result))

    in_mode(mode, program, use)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a = 2"], (2, 5, [1, 2])),
        (["local = 9"], (1, 9, [1, 2])),
        (["bump()"], (1, 6, [1, 2])),
        (["local = 9", "bump()"], (1, 10, [1, 2])),
        (["bump()", "a = 3"], (3, 6, [1, 2])),
        (["a = read() + 1", "items.append(read())"], (2, 5, [1, 2, 2])),
        (["def f():\n    nonlocal a, local\n    a = local = 0", "f()"], (0, 0, [1, 2])),
        (["nonlocal a\na = 4"], (4, 5, [1, 2])),
        (["for a in items:\n    pass"], (2, 5, [1, 2])),
        (["exec('a = 6')", "locals()['items'] = 0"], (6, 5, 0)),
        (["new = 1", "G = 2"], (1, 5, [1, 2])),
    ],
)
def test_what_a_cell_assigns_the_function_sees(
    program: types.ModuleType, cells: list[str], expected: object
) -> None:
    def use(shell: InteractiveShell) -> None:
        for cell in cells:
            shell.run_cell(cell).raise_error()

    assert in_mode("embed", program, use) == expected
    assert program.G == 10
    assert not hasattr(program, "new")
    assert not hasattr(program, "a")


@pytest.mark.parametrize("mode", ["embed", "post-mortem"])
def test_a_shell_leaves_nothing_in_the_module(program: types.ModuleType, mode: str) -> None:
    before = dict(program.__dict__)

    def use(shell: InteractiveShell) -> None:
        for cell in ("1", "x = 1", "class A:\n    y = G", "def f():\n    global G\n    G = G\nf()"):
            shell.run_cell(cell, store_history=True).raise_error()
        assert shell.run_cell("sorted(dir())").result == sorted(
            {*"self a items local spare bump read probe x A f".split()}
        )

    in_mode(mode, program, use)
    program.__dict__.pop("__warningregistry__", None)
    assert program.__dict__ == before


def test_del_of_a_variable_reaches_the_function_where_python_permits(
    program: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def use(shell: InteractiveShell) -> None:
        shell.run_cell("del local").raise_error()
        assert isinstance(shell.run_cell("local", silent=True).error_in_exec, NameError)

    if sys.version_info < (3, 12):
        with pytest.raises(UnboundLocalError):
            in_mode("embed", program, use)
    else:
        assert in_mode("embed", program, use) == (1, 5, [1, 2])
        assert "no way to unbind" in capsys.readouterr().err


def test_a_variable_of_the_function_named_like_ours_is_left_alone() -> None:
    def function() -> tuple[object, ...]:
        _, In, exit = 1, 2, 3
        with opened(namespace=frame_namespace(sys._getframe())) as shell:
            assert shell.run_cell("_ + In + exit", store_history=True).result == 6
            assert shell.run_cell("list(Out.items())", store_history=True).result == [(1, 6)]
        return _, In, exit

    assert function() == (1, 2, 3)


def test_class_bodies_generators_and_functions_that_ended_have_namespaces_too() -> None:
    seen = []

    def look(frame: types.FrameType) -> None:
        with opened(namespace=frame_namespace(frame)) as shell:
            shell.run_cell("n = [n for _ in range(2)]").raise_error()
            seen.append(shell.user_ns["n"])

    class Body:
        n: Any = 1
        look(sys._getframe())
        assert n == [1, 1]

    def generator() -> Iterator[Any]:
        n: Any = 2
        yield
        yield n

    running: Any = generator()
    next(running)
    look(running.gi_frame)
    assert next(running) == [2, 2]

    def ended() -> types.FrameType:
        n = 3  # noqa: F841
        return sys._getframe()

    look(ended())
    assert seen == [[1, 1], [2, 2], [3, 3]]


def test_an_overlay_takes_what_is_written_and_shows_what_is_below(program: types.ModuleType) -> None:
    def use(shell: InteractiveShell) -> None:
        assert shell.namespace is not None
        names: dict[str, Any] = {"items": [9]}
        with opened(namespace=shell.namespace.overlay(names)) as over:
            assert over.run_cell("a = local + 1; [a + x for x in items]").result == [15]
            over.run_cell("global G; G = a").raise_error()
            assert names["a"] == 6
            over.run_cell("del items").raise_error()
            assert over.run_cell("items").result == [1, 2]
        assert shell.run_cell("a, show()").result == (1, 6)

    assert in_mode("embed", program, use) == (1, 5, [1, 2])


def test_an_overlay_over_a_module(program: types.ModuleType) -> None:
    names: dict[str, Any] = {}
    with opened(namespace=module_namespace(program).overlay(names)) as shell:
        shell.run_cell("G = 1\nn = [G for _ in range(2)]").raise_error()
        assert shell.run_cell("n, show()").result == ([1, 1], 10)
    assert sorted(names) == ["G", "n"]


def test_a_module_keeps_what_its_cells_define_and_pickle_finds_it(
    program: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "program", program)
    for namespace in (None, module_namespace(program)):
        with opened(user_module=program, namespace=namespace) as shell:
            shell.run_cell("class A:\n    n = G\ndef f(): return G\nG += 1").raise_error()
            again = pickle.loads(pickle.dumps([program.A(), program.f]))
            assert again[1] is program.f
            assert program.f() == program.A.n + 1 == program.show()


def test_without_a_namespace_cells_run_in_a_plain_dictionary(shell: InteractiveShell) -> None:
    assert type(shell.user_ns) is dict
    assert shell.user_ns is shell.user_global_ns is shell.user_module.__dict__
    assert shell.own_names is shell.user_ns
    assert shell.run_cell("(lambda: 0).__globals__ is globals() is locals()").result is True


def test_a_namespace_is_a_mapping_like_another(program: types.ModuleType) -> None:
    names = Namespace(program.__dict__, {"a": 1})
    assert dict(names) == {**names} == names.copy() == {"a": 1} == names
    assert names | {"b": 2} == {"a": 1, "b": 2}
    assert {"b": 2} | names == {"a": 1, "b": 2}
    assert repr(names) == "{'a': 1}"
    assert ("G" in names, names["G"], names.get("G"), names.get("nosuch", 0)) == (True, 10, 10, 0)
    names |= {"c": 3}
    assert (names.pop("c"), names.setdefault("d", 4), len(names), list(reversed(names))) == (
        3,
        4,
        2,
        ["d", "a"],
    )
    assert eval("[a + d + G for _ in range(1)]", names) == [15]
    with pytest.raises(KeyError):
        del names["G"]
    with pytest.raises(KeyError):
        names["nosuch"]


class Thing:
    pass


def test_nothing_holds_a_value_that_was_deleted(program: types.ModuleType) -> None:
    def use(shell: InteractiveShell) -> None:
        thing = Thing()
        gone = weakref.ref(thing)
        shell.push({"thing": thing})
        del thing
        shell.run_cell("class A:\n    def f(self): return thing\n    n = str(thing)").raise_error()
        shell.run_cell("del thing").raise_error()
        shell.run_cell("pass")
        shell.run_cell("pass")
        gc.collect()
        assert gone() is None

    in_mode("embed", program, use)


def test_relative_imports_work_in_a_packages_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "somewhere"
    package.mkdir()
    (package / "__init__.py").write_text("def function(use):\n    import sys\n    use(sys._getframe())\n")
    (package / "beside.py").write_text("value = 3")
    monkeypatch.syspath_prepend(tmp_path)

    def use(frame: types.FrameType) -> None:
        with opened(namespace=frame_namespace(frame)) as shell:
            assert (
                shell.run_cell("from . import beside\nfrom .beside import value\nbeside.value + value").result
                == 6
            )

    try:
        __import__("somewhere").function(use)
    finally:
        sys.modules.pop("somewhere", None)
        sys.modules.pop("somewhere.beside", None)


def test_escapes_and_magics_see_the_frame(program: types.ModuleType) -> None:
    def use(shell: InteractiveShell) -> None:
        assert shell.run_cell("x = !echo $a {local + 1}\nx.s").result == "1 6"
        assert shell.run_cell("[get_ipython().getoutput('echo $a {x}').s for x in items]").success

    in_mode("embed", program, use)
