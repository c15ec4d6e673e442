"""The formatter of one MIME type: printers registered by type, and the methods of values themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .formatting import Display

#: Asked of an object before its display methods: one that has this has any attribute you like.
CANARY: Final = "_ipython_canary_method_should_not_exist_"

# A metaclass may define these as it likes; the interpreter's own are to be had so.
_mro: Any = type.__dict__["__mro__"].__get__
_names: Any = type.__dict__["__dict__"].__get__
type_name: Any = type.__dict__["__qualname__"].__get__
_name: Any = type.__dict__["__name__"].__get__
_module: Any = type.__dict__["__module__"].__get__

_absent: Any = object()


class WrongType(Exception):
    """A printer or method gave something that cannot be a representation of its MIME type."""


class Methods:
    """The display methods of one object, looked for without trusting it.

    :param obj: a class has none, as its functions want an instance; nor has an object that
        answers to any name.
    """

    __slots__ = ("_obj", "_trusted")

    def __init__(self, obj: object) -> None:
        self._obj = obj
        self._trusted: bool | None = None

    def get(self, name: str) -> Callable[..., Any] | None:
        """Give a method of that name; ``None`` if there is none, or looking for it fails."""
        if self._trusted is None:
            self._trusted = not issubclass(type(self._obj), type) and _attribute(self._obj, CANARY) is _absent
        if not self._trusted:
            return None
        found = _attribute(self._obj, name)
        return found if found is not _absent and callable(found) else None


def _attribute(obj: object, name: str) -> Any:
    try:
        return getattr(obj, name, _absent)
    except KeyboardInterrupt:
        raise
    except BaseException:  # the object's own __getattr__, whatever it raises: it has no such method
        return _absent if name != CANARY else None


class TypePrinters:
    """Functions that represent objects, by type.

    A type may be named before its module is imported, as ``module.Class``. The most
    specific type of an object that has a printer counts.
    """

    def __init__(self) -> None:
        self.type_printers: dict[type, Callable[..., Any]] = {}
        #: By module and name, for types that may not be imported yet.
        self.deferred_printers: dict[tuple[str, str], Callable[..., Any]] = {}
        #: By ``id``, for objects that live as long as the interpreter.
        self.singleton_printers: dict[int, Callable[..., Any]] = {}

    @property
    def some(self) -> bool:
        """Whether anything is registered."""
        return bool(self.type_printers or self.deferred_printers or self.singleton_printers)

    def for_type(self, kind: type | str, func: Callable[..., Any] | None = None) -> Callable[..., Any] | None:
        """Register a printer for a type, or ask for it.

        :param kind: a class, or ``module.Class`` for one that is not to be imported for this.
        :param func: called with the object; ``None`` changes nothing.
        :returns: the printer that was registered before for just this type, or ``None``.
        :raises TypeError: if ``kind`` is neither, or ``func`` cannot be called.
        """
        if func is not None and not callable(func):
            raise TypeError(f"a printer is a function, not {type(func).__name__}")
        if isinstance(kind, str):
            module, _, name = kind.rpartition(".")
            return self.for_type_by_name(module, name, func)
        if not isinstance(kind, type):
            raise TypeError(f"a printer is registered for a class or 'module.Class', not for {kind!r}")
        former = self._own(kind)
        if func is not None:
            self.type_printers[kind] = func
        return former

    def for_type_by_name(
        self, module: str, name: str, func: Callable[..., Any] | None = None
    ) -> Callable[..., Any] | None:
        """Register a printer for a type by its module and name, or ask for it; see :meth:`for_type`."""
        known = self._imported((module, name))
        if known is not None:
            return self.for_type(known, func)
        former = self.deferred_printers.get((module, name))
        if func is not None:
            self.deferred_printers[module, name] = func
        return former

    def pop(self, kind: type | str, default: Any = _absent) -> Any:
        """Take the printer of just this type out, and give it.

        :param kind: a class or ``module.Class``.
        :param default: what to give if there is none.
        :raises KeyError: if there is none, and no default.
        """
        if isinstance(kind, str):
            module, _, name = kind.rpartition(".")
            found: Any = self._imported((module, name)) or (module, name)
        else:
            self._own(kind)
            found = kind
        printers: dict[Any, Any] = self.deferred_printers if type(found) is tuple else self.type_printers
        if found not in printers and default is _absent:
            raise KeyError(f"no printer is registered for {kind!r}")
        return printers.pop(found, default)

    def lookup(self, obj: object) -> Callable[..., Any]:
        """Give the printer for an object.

        :raises KeyError: if there is none.
        """
        found = self.registered(obj)
        if found is None:
            raise KeyError(f"no printer is registered for {type_name(type(obj))} objects")
        return found

    def lookup_by_type(self, kind: type | str) -> Callable[..., Any]:
        """Give the printer for objects of a type, one of a base class included.

        :param kind: a class, or ``module.Class``, which is looked for as it was registered.
        :raises KeyError: if there is none.
        """
        found: Callable[..., Any] | None
        if isinstance(kind, str):
            module, _, name = kind.rpartition(".")
            found = self.for_type_by_name(module, name)
        else:
            found = self._inherited(kind)
        if found is None:
            raise KeyError(f"no printer is registered for {kind!r}")
        return found

    def registered(self, obj: object) -> Callable[..., Any] | None:
        """Give the printer for an object; ``None`` if there is none."""
        if not self.some:
            return None
        return self.singleton_printers.get(id(obj)) or self._inherited(type(obj))

    def __contains__(self, kind: type | str) -> bool:
        try:
            self.lookup_by_type(kind)
        except KeyError:
            return False
        return True

    def adopt(self, other: TypePrinters) -> None:
        """Take over what is registered with another one, where this one has nothing."""
        self.type_printers = {**other.type_printers, **self.type_printers}
        self.deferred_printers = {**other.deferred_printers, **self.deferred_printers}
        self.singleton_printers = {**other.singleton_printers, **self.singleton_printers}

    def _inherited(self, kind: type) -> Callable[..., Any] | None:
        return next((found for base in _mro(kind) if (found := self._own(base)) is not None), None)

    def _own(self, kind: type) -> Callable[..., Any] | None:
        """The printer of just this type, moved if it was registered by name."""
        try:
            found = self.type_printers.get(kind)
        except KeyboardInterrupt:
            raise
        except BaseException:  # a metaclass makes its classes unhashable: none of them can be registered
            return None
        if found is None and self.deferred_printers:
            found = self.deferred_printers.pop(_key(kind), None)
            if found is not None:
                self.type_printers[kind] = found
        return found

    def _imported(self, key: tuple[str, str]) -> type | None:
        """The registered type of that module and name, if it is known already."""
        return next((kind for kind in self.type_printers if _key(kind) == key), None)


def _key(kind: type) -> tuple[str, str]:
    try:
        return str(_module(kind)), _name(kind)
    except AttributeError:  # a class may be without a module
        return "", _name(kind)


class MimeFormatter(TypePrinters):
    """Gives values in one MIME type.

    For a MIME type of your own, make one, or a subclass, and hand it to
    :meth:`Display.register_formatter`.

    :param format_type: the MIME type.
    :param print_method: the method that objects represent themselves by, such as ``_repr_html_``;
        empty for none.
    :param returns: what representations may be instances of.
    """

    format_type: str = ""
    print_method: str = ""
    returns: tuple[type, ...] = (str,)

    def __init__(self, format_type: str = "", print_method: str = "", returns: tuple[type, ...] = ()) -> None:
        super().__init__()
        self.format_type = format_type or self.format_type
        self.print_method = print_method or self.print_method
        self.returns = returns or self.returns
        self.display: Display | None = None
        #: What :attr:`enabled` was set to; ``None`` if it was not.
        self.said: bool | None = None

    def __repr__(self) -> str:
        return f"<formatter of {self.format_type}>"

    @property
    def enabled(self) -> bool:
        """Whether this representation is computed: as the front end wants it, until it is set."""
        if self.said is None:
            return self.display is None or self.display.is_active(self.format_type)
        return self.said

    @enabled.setter
    def enabled(self, on: bool) -> None:
        self.said = on

    def __call__(self, obj: object) -> Any:
        """Give the representation of an object, or it with its metadata.

        :returns: ``None`` if there is none, or if this representation is not :attr:`enabled`.
        :raises WrongType: if a printer or method gives something that cannot be one.
        :raises Exception: what the printer or method raises.
        """
        if not self.enabled:
            return None
        printer = self.registered(obj)
        return self.by_method(obj, Methods(obj)) if printer is None else self.by_printer(printer, obj)

    def by_printer(self, printer: Callable[..., Any], obj: object) -> Any:
        """Have a registered printer represent an object."""
        return self.checked(printer(obj), f"the printer of {type_name(type(obj))}")

    def by_method(self, obj: object, methods: Methods) -> Any:
        """Have an object represent itself; ``None`` if it has no such method."""
        method = methods.get(self.print_method) if self.print_method else None
        if method is None:
            return None
        return self.checked(method(), f"{type_name(type(obj))}.{self.print_method}")

    def checked(self, given: Any, giver: str) -> Any:
        """Give back what was given if it can be a representation.

        :raises WrongType: if it cannot.
        """
        data = given[0] if _has_metadata(given) else given
        if data is None or isinstance(data, self.returns):
            return given
        wanted = " or ".join(kind.__name__ for kind in self.returns)
        raise WrongType(f"{giver} gave {type_name(type(data))}, not {wanted}")


def split(given: Any) -> tuple[Any, dict[str, Any]]:
    """Give a representation and its metadata apart."""
    return (given[0], given[1] or {}) if _has_metadata(given) else (given, {})


def _has_metadata(given: Any) -> bool:
    return type(given) is tuple and len(given) == 2 and (given[1] is None or isinstance(given[1], dict))


class TextFormatter(MimeFormatter):
    """Gives values as ``text/plain``.

    Its printers, and the method ``_repr_pretty_``, are called with the object, what they write
    to, and whether the object is within itself: ``printer(obj, p, cycle)``.
    """

    format_type = "text/plain"
    print_method = "_repr_pretty_"

    def by_printer(self, printer: Callable[..., Any], obj: object) -> str:
        """Have a registered printer write an object."""
        from .printer import TextPrinter

        return TextPrinter(self).text_of(printer, obj)

    def by_method(self, obj: object, methods: Methods) -> str | None:
        """Have an object write itself; ``None`` if its class does not say how."""
        method = self.method_of(obj)
        return None if method is None else self.by_printer(method, obj)

    def registered(self, obj: object) -> Callable[..., Any] | None:
        """Give the printer for an object.

        One of a base class does not count for a class that says itself how it is shown.
        """
        if not self.some:
            return None
        found = self.singleton_printers.get(id(obj))
        if found is not None:
            return found
        for base in _mro(type(obj)):
            found = self._own(base)
            if found is not None:
                return found
            if base is not object and not _OWN_TEXT.isdisjoint(_names(base)):
                return None
        return None

    def method_of(self, obj: object) -> Callable[..., Any] | None:
        """Give the ``_repr_pretty_`` of an object's class; ``None`` if a ``__repr__`` is nearer."""
        for base in _mro(type(obj)):
            names = _names(base)
            method = names.get(self.print_method)
            if callable(method):
                return method  # type: ignore[no-any-return]
            if "__repr__" in names:
                return None
        return None

    def plain(self, obj: object) -> str:
        """Give the text of an object that nobody says anything special about."""
        return repr(obj) if self.display is None else self.display.plain(obj)


_OWN_TEXT: Final = frozenset({"__repr__", "_repr_pretty_"})


def standard_formatters() -> list[MimeFormatter]:
    """Make the formatters that every shell has."""
    text, binary = (str,), (bytes, str)
    return [
        TextFormatter(),
        MimeFormatter("text/html", "_repr_html_", text),
        MimeFormatter("text/markdown", "_repr_markdown_", text),
        MimeFormatter("image/svg+xml", "_repr_svg_", text),
        MimeFormatter("image/png", "_repr_png_", binary),
        MimeFormatter("application/pdf", "_repr_pdf_", binary),
        MimeFormatter("image/jpeg", "_repr_jpeg_", binary),
        MimeFormatter("text/latex", "_repr_latex_", text),
        MimeFormatter("application/json", "_repr_json_", (dict, list)),
        MimeFormatter("application/javascript", "_repr_javascript_", text),
    ]
