"""Writing magics: the base class, the decorators that make a method or a function a magic."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast, overload

from traitlets.config.configurable import Configurable

from ..component import Component
from .registry import KINDS, Function, Kind

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from .options import Options

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound="type[Magics]")

#: The attribute of a function that says which magics it is: pairs of kind and name.
_MARK = "_ipshell_magics"


class Marker(Protocol):
    """A decorator that is used bare, or with the name of the magic."""

    @overload
    def __call__(self, name: str | None = None, /) -> Callable[[F], F]: ...
    @overload
    def __call__(self, function: F, /) -> F: ...


def _marker(title: str, doc: str, act: Callable[[Function, str], None]) -> Marker:
    """Make a decorator that does something with a function and the name it is to have."""

    def decorator(argument: Any = None, /) -> Any:
        if argument is not None and not isinstance(argument, str):
            if not callable(argument):
                raise TypeError(f"@{title} takes a function or a name, not {type(argument).__name__}")
            act(argument, _name_of(argument))
            return argument

        def mark(function: F) -> F:
            act(function, argument or _name_of(function))
            return function

        return mark

    decorator.__name__ = decorator.__qualname__ = title
    decorator.__doc__ = doc
    return cast(Marker, decorator)


def _name_of(function: Any) -> str:
    return str(getattr(function, "__name__", "") or getattr(function, "__func__", function).__name__)


def _method_marker(title: str, doc: str, *kinds: Kind) -> Marker:
    def mark(function: Any, name: str) -> None:
        setattr(function, _MARK, (*getattr(function, _MARK, ()), *((kind, name) for kind in kinds)))

    return _marker(title, doc, mark)


def _function_marker(title: str, doc: str, kind: str) -> Marker:
    def mark(function: Function, name: str) -> None:
        from ..shell import get_ipython

        shell = get_ipython()
        if shell is None:
            raise NameError(f"@{title} needs a running shell; in a module, use a class of magics instead")
        shell.magics.register_function(function, kind, name)

    return _marker(title, doc, mark)


line_magic = _method_marker("line_magic", "Make a method ``%name``. It takes the line.", "line")
cell_magic = _method_marker("cell_magic", "Make a method ``%%name``. It takes line and body.", "cell")
line_cell_magic = _method_marker(
    "line_cell_magic", "Make a method ``%name`` and ``%%name``. It takes the line, and ``cell=None``.", *KINDS
)
register_line_magic = _function_marker(
    "register_line_magic", "Make a function ``%name`` in the running shell. It takes the line.", "line"
)
register_cell_magic = _function_marker(
    "register_cell_magic", "Make a function ``%%name`` in the running shell. It takes line and body.", "cell"
)
register_line_cell_magic = _function_marker(
    "register_line_cell_magic",
    "Make a function ``%name`` and ``%%name`` in the running shell. It takes the line, and ``cell=None``.",
    "line_cell",
)


def needs_local_scope(function: F) -> F:
    """Have a magic called with ``local_ns=``: the names of the function it is used in.

    At the top level of a cell these are the user's names. What is written to the names of a
    function need not arrive there.
    """
    function.needs_local_scope = True  # type: ignore[attr-defined]
    return function


def no_var_expand(function: F) -> F:
    """Have a magic get its line as typed: ``$name`` and ``{expression}`` are left alone."""
    function.no_var_expand = True  # type: ignore[attr-defined]
    return function


def output_can_be_silenced(function: F) -> F:
    """Have a magic give nothing if its line, or the body of its cell, ends with ``;``."""
    function.output_can_be_silenced = True  # type: ignore[attr-defined]
    return function


def skip_doctest(function: F) -> F:
    """Say that the examples in a docstring are not to be run as tests."""
    function.skip_doctest = True  # type: ignore[attr-defined]
    return function


def magics_class(kind: C) -> C:
    """Say that a class holds magics.

    Reads which methods are magics. A subclass has those of its bases too, unless it sets them to ``None``.

    :param kind: a subclass of :class:`Magics`.
    :raises TypeError: if it is none.
    """
    if not (isinstance(kind, type) and issubclass(kind, Magics)):
        raise TypeError(f"@magics_class is for subclasses of Magics, and {kind!r} is none")
    kind.magic_names = _marked(kind)
    return kind


class Magics(Configurable):
    """Base class of classes whose methods are magics.

    Its traits tagged ``config=True`` are set by the section of its name. It is no component, whose methods
    would take names that magics like to have, ``start`` or ``find``; its shell's manager keeps it.

    :param shell: the shell it is for.
    """

    #: Kind → name of the magic → name of the method.
    magic_names: ClassVar[dict[Kind, dict[str, str]]] = {"line": {}, "cell": {}}

    shell: InteractiveShell
    """The shell."""
    magics: dict[Kind, dict[str, Function]]
    """Kind → name of the magic → bound method."""
    options_table: dict[str, str]
    """Name of a method → options that go before what the user types."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        cls.magic_names = _marked(cls)

    def __init__(self, shell: InteractiveShell | None = None, **traits: Any) -> None:
        self.shell = cast("InteractiveShell", shell)
        self.options_table = {}
        if isinstance(shell, Configurable):
            traits.setdefault("parent", shell)
        super().__init__(**traits)
        self.magics = {
            kind: {
                name: getattr(self, method)
                for name, method in names.items()
                if callable(getattr(self, method, None))
            }
            for kind, names in self.magic_names.items()
        }

    # Mistakes in the configuration are told with file and line, as for components.
    _load_config = Component._load_config

    def on_close(self) -> None:
        """Release threads, files and sockets; to be overridden. Called once, when the shell ends."""

    def parse_options(
        self,
        arg_str: str,
        opt_str: str,
        *long_opts: str,
        mode: str = "string",
        list_all: bool = False,
        posix: bool | None = None,
        strict: bool = True,
        preserve_non_opts: bool = False,
    ) -> tuple[Options, Any]:
        """Split a magic's line into options and the rest; see :func:`ipcore.magics.options.parse_options`.

        Options that :meth:`default_option` gave the calling method come first.
        """
        from .options import parse_options

        if self.options_table:
            given = self.options_table.get(sys._getframe(1).f_code.co_name, "")
            arg_str = f"{given} {arg_str}" if given else arg_str
        return parse_options(
            arg_str,
            opt_str,
            *long_opts,
            mode=mode,
            list_all=list_all,
            posix=posix,
            strict=strict,
            preserve_non_opts=preserve_non_opts,
        )

    def default_option(self, fn: str, optstr: str) -> None:
        """Have options put before what the user types.

        :param fn: the name of a magic of this class, or of its method.
        :param optstr: for example ``-n 1``.
        :raises ipcore.errors.UsageError: if there is no such magic here.
        """
        named = {name: method for names in self.magic_names.values() for name, method in names.items()}
        method = named.get(fn, fn)
        if method not in named.values():
            from ..errors import UsageError

            raise UsageError(f"{fn} is no magic of {type(self).__name__}; it has: {', '.join(sorted(named))}")
        self.options_table[method] = optstr


def _marked(kind: type) -> dict[Kind, dict[str, str]]:
    """Read which methods of a class and its bases are magics."""
    found: dict[Kind, dict[str, str]] = {"line": {}, "cell": {}}
    for base in reversed(kind.__mro__):
        for attribute, value in vars(base).items():
            for magic_kind, name in _marks(value):
                found[magic_kind][name] = attribute
    return found


def _marks(value: Any) -> tuple[tuple[Kind, str], ...]:
    """Read the marks of a method, or of what a ``staticmethod`` holds."""
    for each in (value, getattr(value, "__func__", None)):
        # Not by getattr: some objects answer to any name.
        own = getattr(each, "__dict__", {})
        if _MARK in own:
            return cast("tuple[tuple[Kind, str], ...]", own[_MARK])
    return ()
