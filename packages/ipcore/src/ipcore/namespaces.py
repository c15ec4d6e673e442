"""The namespaces that cells run in: a module's, a frame's, and an overlay over either.

A shell at a prompt of its own runs cells in the dictionary of a module, and this
module is not even imported. Cells in somebody's function run in a :class:`Namespace`,
one object that is both the globals and the locals of the cell.

Why so. Two ways were tried on Python 3.11, 3.12 and 3.13:

* a subclass of dict as globals, whose look-up goes locals, then globals;
* the cell compiled as a nested function, with one cell object kept per name, as
  the debugger of Python 3.13 does.

The second has the interpreter's own speed, and ``global`` right. But what a nested function
sees is settled when it is compiled: a function of one cell never sees a name made by
a later one, nor a builtin shadowed later; ``import *`` is a syntax error, names made
by ``exec`` or through ``locals()`` are lost, and statements have to be rewritten for
their values to be shown. The first looks up everything when it runs, as at a prompt, and
``user_ns`` stays one dictionary for all who ``exec`` or ``eval`` in it. It has two holes, both in
the interpreter: ``global x`` stores past the subclass's methods, and a class body
reads past them (up to 3.13). :mod:`ipcore.cells.scoping` rewrites just these two. Each look-up of a
global name from a cell's function costs 0.2 to 0.8 µs more, in frames alone.
"""

from __future__ import annotations

import builtins
import sys
import weakref
from collections import ChainMap
from collections.abc import Callable, Iterator, MutableMapping
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from .frame_locals import FrameLocals

if TYPE_CHECKING:
    import ast
    from types import CodeType, FrameType, ModuleType, TracebackType

#: Names that the interpreter reads from a dictionary of globals past all methods.
_READ_BY_INTERPRETER: Final = ("__name__", "__package__", "__spec__", "__path__", "__loader__", "__file__")

#: What a method may be in the dictionary of its class.
_METHODS: Final = (FunctionType, classmethod, staticmethod)

_absent: Any = object()


if TYPE_CHECKING:
    _Names = dict[str, Any]
else:  # the abstract class comes first, so that get(), update() and their like go through our methods

    class _Names(MutableMapping, dict):
        pass


class Namespace(_Names):
    """Names of a frame or module, as cells see them; both globals and locals of a cell.

    Reading goes through ``locals``, ``globals``, the shell's own names, builtins.
    Writing and deleting go to ``locals``. Iterating gives what is in ``locals``, as ``locals()``
    does in a function, though ``in`` and look-up find all. For the thread that runs the cells.

    :param globals_: the module's dictionary.
    :param locals_: read first, and written to; the module's dictionary again where there are no locals.
    :param own_first: whether the shell's own names hide those of the module: right if
        that module is another shell's, whose ``_`` and ``exit`` these are not.
    :param first_argument: name of the function's first argument, for ``super()``.
    """

    def __init__(
        self,
        globals_: dict[str, Any],
        locals_: MutableMapping[str, Any],
        *,
        own_first: bool = False,
        first_argument: str = "",
    ) -> None:
        self.scope = globals_
        self.globals: dict[str, Any] = globals_.globals if isinstance(globals_, Namespace) else globals_
        self.locals = locals_
        self.first_argument = first_argument
        self.own_first = own_first
        # What is kept in here refers to it weakly: a frame is to end when its function does.
        here = weakref.ref(self)
        module = self.globals
        self.own: dict[str, Any] = {
            "globals": lambda: module,
            "exec": _evaluator(here, exec),
            "eval": _evaluator(here, eval),
        }
        for name in _READ_BY_INTERPRETER:
            if name in self.globals:
                dict.__setitem__(self, name, self.globals[name])
        given = self.globals.get("__builtins__", builtins)
        dict.__setitem__(self, "__builtins__", given)
        dict.__setitem__(self, "__ipshell_mirror__", lambda *names: _alive(here)._mirror(names))
        dict.__setitem__(self, "__ipshell_globals__", _door(here, to_globals=True))
        dict.__setitem__(self, "__ipshell_locals__", _door(here, to_globals=False))
        self._base = frozenset(dict.keys(self))
        self._mirrored: dict[str, Any] = {}
        self._size = dict.__len__(self)

    # -- as a mapping ----------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        if dict.__len__(self) != self._size:
            self._take_stores()
        locals_ = self.locals
        if locals_ is not self.globals:
            try:
                return locals_[name]
            except KeyError:
                pass
        layers = (self.own, self.scope) if self.own_first else (self.scope, self.own)
        for layer in layers:
            if name in layer:
                return layer[name]
        if name in self._base:
            return dict.__getitem__(self, name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return name in self.locals or name in self.scope or name in self.own

    def __setitem__(self, name: str, value: Any) -> None:
        self.locals[name] = value

    def __delitem__(self, name: str) -> None:
        if name in self.locals or name not in self.own:
            del self.locals[name]
        else:
            del self.own[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.locals)

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self.locals))

    def __len__(self) -> int:
        return len(self.locals)

    def __repr__(self) -> str:
        return repr(self.copy())

    def copy(self) -> dict[str, Any]:
        """Give what iteration gives as a plain dictionary."""
        return dict(self.locals)

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self

    # -- for the runner --------------------------------------------------------

    def adapt(self, tree: ast.Module) -> ast.Module:
        """Rewrite what the interpreter does past our methods; most cells have none of it."""
        from .cells.scoping import adapt

        return adapt(tree, self.locals.__contains__, self.first_argument)

    def settle(self) -> None:
        """Let go of what was kept for the time of a cell; to be called after each."""
        self._take_stores()
        for name, value in self._mirrored.items():
            stored = dict.pop(self, name, value)
            if stored is not value:  # a STORE_GLOBAL over what was mirrored
                self.globals[name] = stored
        self._mirrored.clear()
        self._size = dict.__len__(self)

    def overlay(self, names: dict[str, Any]) -> Namespace:
        """Give a namespace that reads ``names`` first, writes there, and leaves this one unchanged.

        ``global`` in its cells still means the module's.
        """
        # A module's names are found as globals anyway, and there after the shell's own if they must.
        written = names if self.locals is self.globals else ChainMap(names, self.locals)
        made = Namespace(self.scope, written, first_argument=self.first_argument)
        made.own_first = self.own_first
        return made

    def _take_stores(self) -> None:
        """Move what ``global`` in a text given to ``exec`` has stored past us into the module."""
        for name in [*dict.keys(self)]:
            if name not in self._base and name not in self._mirrored:
                value = dict.pop(self, name, _absent)
                if value is not _absent:  # another thread was faster
                    self.globals[name] = value
        self._size = dict.__len__(self)

    def _mirror(self, names: tuple[str, ...]) -> None:
        """Put names where a class body reads them."""
        self._take_stores()
        for name in names:
            if name in self._base:
                continue
            value = self.get(name, _absent)
            if value is not _absent:
                dict.__setitem__(self, name, value)
                self._mirrored[name] = value
            elif name in self._mirrored:
                dict.pop(self, name, None)
                del self._mirrored[name]
        self._size = dict.__len__(self)

    def _read_global(self, name: str) -> Any:
        self._take_stores()
        for table in (self.globals, vars(builtins)):
            if name in table:
                return table[name]
        raise NameError(f"name {name!r} is not defined", name=name)

    def _read_local(self, name: str) -> Any:
        try:
            return self.locals[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined", name=name) from None


def _alive(here: weakref.ref[Namespace]) -> Namespace:
    namespace = here()
    assert namespace is not None  # the globals of the code that asks
    return namespace


def _evaluator(here: weakref.ref[Namespace], builtin: Callable[..., Any]) -> Callable[..., Any]:
    """Make an ``exec`` or ``eval`` for cells, where the text given may be in a function's midst."""

    @wraps(builtin)
    def evaluate(source: Any, /, *tables: Any, **more: Any) -> Any:
        if (tables and tables[0] is not None) or more.get("globals") is not None:
            return builtin(source, *tables, **more)
        namespace = _alive(here)
        variables: Any = sys._getframe(1).f_locals
        if isinstance(source, str) and builtin is exec:
            import ast

            source = compile(namespace.adapt(ast.parse(source, "<string>")), "<string>", "exec")
        if variables is not namespace:
            # The interpreter reads what it does not find there past our methods.
            variables = ChainMap(variables, namespace)
        given = (tables[1:2] or (more.pop("locals", None),))[0]
        more.pop("globals", None)
        return builtin(source, namespace, variables if given is None else given, **more)

    return evaluate


def _door(here: weakref.ref[Namespace], *, to_globals: bool) -> object:
    """Make an object whose attributes are names; calling it with a name and a value stores and gives it."""

    def table() -> MutableMapping[str, Any]:
        namespace = _alive(here)
        return namespace.globals if to_globals else namespace.locals

    class Door:
        # Nothing of its own may stand in the way of a name: hence the closure.
        __slots__ = ()

        def __getattribute__(self, name: str) -> Any:
            namespace = _alive(here)
            return namespace._read_global(name) if to_globals else namespace._read_local(name)

        def __setattr__(self, name: str, value: Any) -> None:
            table()[name] = value

        def __delattr__(self, name: str) -> None:
            if name not in table():
                raise NameError(f"name {name!r} is not defined", name=name)
            del table()[name]

        def __call__(self, name: str, value: Any) -> Any:
            table()[name] = value
            return value

    return Door()


def module_namespace(module: ModuleType) -> Namespace:
    """Give the names of a module, the shell's own kept out of it."""
    return Namespace(module.__dict__, module.__dict__)


def frame_namespace(frame: FrameType) -> Namespace:
    """Give the names of a frame.

    Assigning to a local variable of the frame changes it there, where Python permits; names
    that the frame's code does not know are kept here. While the namespace lives, so does the frame.

    :param frame: of a function, a class body or a module; running, suspended or dead.
    """
    code = frame.f_code
    first = code.co_varnames[0] if code.co_argcount else ""
    own_first = _is_a_shells(frame.f_globals)
    if code.co_flags & _CO_OPTIMIZED:
        made = Namespace(frame.f_globals, FrameLocals(frame), own_first=own_first, first_argument=first)
        if first and "__class__" not in made:
            owner = _class_of_method(code, made.get(first))
            if owner is not None:
                made.own["__class__"] = owner
        return made
    locals_: Any = frame.f_locals
    if isinstance(locals_, Namespace):  # the top of a cell: the other shell's own names stay out of it
        locals_ = locals_.locals
    return Namespace(frame.f_globals, locals_, own_first=own_first)


def traceback_namespace(traceback: TracebackType, index: int = -1) -> Namespace:
    """Give the names of a traceback's frame, for a post-mortem look.

    :param traceback: for example ``sys.last_exc.__traceback__``.
    :param index: which of its frames, counted from the outermost; the innermost by default.
    :raises IndexError: if it has no such frame.
    """
    frames: list[FrameType] = []
    entry: TracebackType | None = traceback
    while entry is not None:
        frames.append(entry.tb_frame)
        entry = entry.tb_next
    return frame_namespace(frames[index])


#: inspect.CO_OPTIMIZED: a function's code, whose variables have slots.
_CO_OPTIMIZED: Final = 1


def _class_of_method(code: CodeType, first: object) -> type | None:
    """Find the class whose body a method stands in; only one that says ``super`` knows it itself."""
    kind = first if isinstance(first, type) else type(first)
    for each in type.__dict__["__mro__"].__get__(kind):
        for value in vars(each).values():
            function = getattr(value, "__func__", value) if isinstance(value, _METHODS) else None
            if getattr(function, "__code__", None) is code:
                found: type = each
                return found
    return None


def _is_a_shells(globals_: dict[str, Any]) -> bool:
    """Tell whether a module's names are those of an open shell, the innermost or one around it."""
    from .shell import open_shells

    return isinstance(globals_, Namespace) or any(shell.user_global_ns is globals_ for shell in open_shells())
