"""Representing values: by printers of their types, by plugins, by their own methods, by ``repr``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

from traitlets import Float, Int

from ..component import Component
from ..errors import OutputGone
from ..notices import notice
from ..plugins.failures import reason_of
from .formatters import (
    Methods,
    MimeFormatter,
    TextFormatter,
    TypePrinters,
    WrongType,
    split,
    standard_formatters,
    type_name,
)
from .publishing import DisplayPublisher

if TYPE_CHECKING:
    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.display import Formatter

_TEXT: Final = "text/plain"

#: Types that have no display methods, and need not be asked; by id, as a metaclass may define a hash.
_WITHOUT_METHODS: Final = frozenset(
    map(id, (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple, type(None)))
)


class Display(Component):
    """Represents values by MIME type, and hands outputs to whoever shows them.

    Reachable as ``shell.display`` and ``shell.display_formatter``. Nothing is loaded before
    the first value is shown.
    """

    deadline = Float(
        5.0,
        min=0.0,
        help="How many seconds the repr of a value may take; 0 for any time, on the cell's thread.",
    ).tag(config=True)
    max_chars = Int(50_000, min=0, help="How many characters of a value's repr are shown; 0 for all.").tag(
        config=True
    )

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        #: Where outputs go; also ``shell.display_pub``.
        self.publisher = DisplayPublisher(parent)
        #: Functions for types whose objects show themselves; each returns whether it has shown one.
        self.ipython_display_formatter = TypePrinters()
        #: Functions that give several representations at once, as ``_repr_mimebundle_`` does.
        self.mimebundle_formatter = TypePrinters()
        self._active: list[str] | None = None
        self._formatters: dict[str, MimeFormatter] = {}
        self._ready = False
        self._lock = threading.RLock()
        self._standard: list[MimeFormatter] = []
        self._plugins: dict[str, tuple[tuple[Declared, Formatter], ...]] = {}
        self._plain: Callable[[object], Any] = repr

    # -- what there is ---------------------------------------------------------

    @property
    def formatters(self) -> dict[str, MimeFormatter]:
        """The formatters by MIME type."""
        if not self._ready:
            # The thread that makes them may come here again, from a plugin; any other has to wait.
            with self._lock:
                if not self._formatters:
                    self._standard = standard_formatters()
                    for formatter in self._standard:
                        formatter.display = self
                        self._formatters[formatter.format_type] = formatter
                    self._load_plugins()
                    self._ready = True
        return self._formatters

    def register_formatter(self, formatter: MimeFormatter) -> None:
        """Add the formatter of a MIME type, or replace it; what is registered with the former one stays.

        :raises TypeError: if it is no :class:`MimeFormatter` with a MIME type.
        """
        if not isinstance(formatter, MimeFormatter) or not formatter.format_type:
            raise TypeError(f"a formatter is a MimeFormatter with a format_type, not {formatter!r}")
        formatters = self.formatters
        former = formatters.get(formatter.format_type)
        if former is not None:
            formatter.adopt(former)
        formatter.display = self
        formatters[formatter.format_type] = formatter

    @property
    def active_types(self) -> list[str]:
        """The MIME types that are computed: those that can be shown, until it is set."""
        if self._active is not None:
            return list(self._active)
        types = self.publisher.types
        if types is None:
            return list(self.formatters)
        return sorted(types, key=lambda mime: (mime != _TEXT, mime))

    @active_types.setter
    def active_types(self, types: Iterable[str]) -> None:
        self._active = list(types)
        for formatter in self.formatters.values():
            formatter.enabled = formatter.format_type in self._active

    def is_active(self, mime: str) -> bool:
        """Tell whether whatever shows outputs can show a MIME type."""
        types = self.publisher.types if self._active is None else self._active
        return types is None or mime in types

    # -- representing ----------------------------------------------------------

    def format(
        self, obj: object, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Represent a value in every MIME type that is active.

        What a printer or a method of the value raises is shown with its traceback, and the other
        representations are computed all the same; ``NotImplementedError`` means that there is none.

        :param obj: the value.
        :param include: MIME types to give, no others.
        :param exclude: MIME types to leave out.
        :returns: representations and metadata, both by MIME type; two empty dictionaries if the
            value has shown itself.
        :raises KeyboardInterrupt: if the user stops it.
        """
        methods = Methods(obj)
        if self._shows_itself(obj, methods):
            return {}, {}
        wanted = self._wanted(include, exclude)
        data, metadata = self._bundle(obj, methods, wanted)
        for mime, formatter in self.formatters.items():
            if mime not in wanted:
                continue
            given, more = split(self._represent(formatter, obj, methods, data.get(mime)))
            if given is not None:
                data[mime] = given
            if more:
                metadata[mime] = more
        return data, metadata

    def text(self, value: object) -> str:
        """Give a value as plain text, by ``repr`` where nobody says anything better."""
        return self._text(value, Methods(value))

    def text_to_show(self, value: object) -> str | None:
        """Give a value as plain text; ``None`` if it has shown itself instead."""
        if id(type(value)) in _WITHOUT_METHODS and self._untouched():
            return self._plain(value)  # type: ignore[no-any-return]
        methods = Methods(value)
        return None if self._shows_itself(value, methods) else self._text(value, methods)

    def plain(self, value: object) -> str:
        """Give the core's own text of a value, by ``repr``; the last resort."""
        text = self._plain(value)
        return text if isinstance(text, str) else repr(value)

    def _text(self, value: object, methods: Methods) -> str:
        data, _ = self._bundle(value, methods, _ONLY_TEXT)
        bundled = data.get(_TEXT)
        text, _ = split(self._represent(self.formatters[_TEXT], value, methods, bundled))
        if isinstance(text, str):
            return text
        return self.plain(value) if bundled is None else str(bundled)

    def _represent(self, formatter: MimeFormatter, obj: object, methods: Methods, bundled: Any) -> Any:
        """Ask one after the other for one representation, the user first and the value's class last."""
        mime = formatter.format_type
        printer = formatter.registered(obj)
        if printer is not None:
            given = self._asked(lambda: formatter.by_printer(printer, obj), mime)  # None: no such thing
            return self.plain(obj) if given is None and bundled is None and mime == _TEXT else given
        for plugin, each in self._plugins.get(mime, ()):
            given = self._guarded(plugin, each, formatter, obj)
            if given is not None:
                return given
        if bundled is not None:
            return None
        given = None
        if id(type(obj)) not in _WITHOUT_METHODS:
            given = self._asked(lambda: formatter.by_method(obj, methods), mime)
        return self.plain(obj) if given is None and mime == _TEXT else given

    def _shows_itself(self, obj: object, methods: Methods) -> bool:
        function: Callable[[], Any] | None
        printer = self.ipython_display_formatter.registered(obj)
        if printer is not None:
            function = lambda: printer(obj)  # noqa: E731
        elif id(type(obj)) in _WITHOUT_METHODS:
            return False
        else:
            function = methods.get("_ipython_display_")
        if function is None:
            return False
        # Whatever it gives counts as shown; None is what a failure becomes.
        return self._asked(lambda: (function(), True), "_ipython_display_") is not None

    def _bundle(
        self, obj: object, methods: Methods, wanted: _Wanted
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give what the value says of itself in several MIME types at once."""
        printer = self.mimebundle_formatter.registered(obj)
        if printer is not None:
            given = self._asked(lambda: printer(obj), "mimebundle")
        elif id(type(obj)) in _WITHOUT_METHODS or (method := methods.get("_repr_mimebundle_")) is None:
            return {}, {}
        else:
            include, exclude = wanted.hint(), wanted.exclude or None
            given = self._asked(lambda: method(include=include, exclude=exclude), "_repr_mimebundle_")
        data, metadata = split(given)
        if data is None:
            return {}, {}
        if not isinstance(data, dict):
            self._warn("the MIME bundle", obj, f"a {type_name(type(data))} was given, not a dictionary")
            return {}, {}
        data = {mime: value for mime, value in data.items() if mime in wanted and value is not None}
        if not isinstance(data.get(_TEXT, ""), str):
            self._warn(_TEXT, obj, f"its MIME bundle has a {type_name(type(data.pop(_TEXT)))}, not a str")
        return data, {key: more for key, more in metadata.items() if key in data or "/" not in str(key)}

    def _asked(self, call: Callable[[], Any], what: str) -> Any:
        """Call a printer or a method; what goes wrong is told, and gives ``None``."""
        try:
            return call()
        except NotImplementedError:
            return None
        except (KeyboardInterrupt, OutputGone):
            raise
        except WrongType as wrong:
            notice(f"{what}: {wrong}; it is left out.", once=f"{what}: {wrong}")
        except BaseException as error:  # the value's own, whatever it is: the rest of it is to be shown
            if isinstance(error, SystemExit):
                notice(f"{what}: {reason_of(error)}; it is left out.")
            else:
                self._shell.show_error(error)
        return None

    @staticmethod
    def _warn(what: str, obj: object, wrong: str) -> None:
        name = type_name(type(obj))
        notice(f"{what} of {name}: {wrong}; it is left out.", once=f"{what} of {name}")

    def _wanted(self, include: Collection[str] | None, exclude: Collection[str] | None) -> _Wanted:
        types = self.publisher.types if self._active is None else self._active
        said = {mime: each.said for mime, each in self.formatters.items() if each.said is not None}
        active = None if types is None else {*types, *(mime for mime, on in said.items() if on)}
        off = {mime for mime, on in said.items() if not on}
        return _Wanted(active, None if include is None else _set_of(include), _set_of(exclude or ()) | off)

    # -- plugins ---------------------------------------------------------------

    def _untouched(self) -> bool:
        """Whether nothing but the core has a say in the text of a value without methods."""
        formatter = self._formatters[_TEXT] if self._ready else self.formatters[_TEXT]
        return (
            not (
                self._plugins
                or formatter.some
                or self.mimebundle_formatter.some
                or self.ipython_display_formatter.some
            )
            and type(formatter) is TextFormatter
        )

    def _load_plugins(self) -> None:
        given = self._shell.registry.call_each(
            "display", "ipshell_formatters", check_formatters, shell=self._shell
        )
        for plugin, each in ((item.plugin, each) for item in given for each in item.value):
            if isinstance(each, MimeFormatter):
                if self.formatters.get(each.format_type) in self._standard:
                    self.register_formatter(each)
            elif plugin.core:
                self._plain = each.format
            else:
                if each.mime not in self.formatters:
                    self.register_formatter(MimeFormatter(each.mime, returns=(object,)))
                self._plugins[each.mime] = (*self._plugins.get(each.mime, ()), (plugin, each))

    def _guarded(self, plugin: Declared, each: Formatter, formatter: MimeFormatter, value: object) -> Any:
        """Ask a plugin's formatter; one that fails is switched off."""
        from ..plugins.watch import watching

        mime = each.mime
        watch = None
        try:
            with watching(f"plugin {plugin}, formatting {mime}") as watch:
                return formatter.checked(each.format(value), "it")
        except KeyboardInterrupt as error:
            if watch is None or not watch.named:
                raise  # the user stops the cell, not the formatter
            wrong = reason_of(error)
        except WrongType as error:
            wrong = str(error)
        except Exception as error:  # a plugin's: the value must be shown all the same
            wrong = reason_of(error)
        for key, pairs in list(self._plugins.items()):
            self._plugins[key] = tuple(pair for pair in pairs if pair[0] != plugin)
            if not self._plugins[key]:
                del self._plugins[key]
        self._shell.registry.disable(plugin, f"formatting {mime}", wrong)
        return None


class _Wanted:
    """Which MIME types are to be computed."""

    __slots__ = ("active", "exclude", "include")

    def __init__(self, active: set[str] | None, include: set[str] | None, exclude: set[str]) -> None:
        self.active = active
        self.include = include
        self.exclude = exclude

    def __contains__(self, mime: object) -> bool:
        return (
            mime not in self.exclude
            and (self.active is None or mime in self.active)
            and (self.include is None or mime in self.include)
        )

    def hint(self) -> set[str] | None:
        """Give what a value that makes several representations need not go beyond."""
        if self.active is None or self.include is None:
            return self.include if self.active is None else self.active
        return self.active & self.include


_ONLY_TEXT: Final = _Wanted({_TEXT}, None, set())


def _set_of(types: Collection[str]) -> set[str]:
    return {types} if isinstance(types, str) else set(types)


def check_formatters(value: object) -> str:
    """Say what is wrong with what a plugin gave as formatters."""
    from ..plugins.registry import check_each

    return check_each(value, "formatter", [], _wrong_formatter)


def _wrong_formatter(formatter: Any) -> str:
    if isinstance(formatter, MimeFormatter) and formatter.format_type:
        return ""
    fit = isinstance(getattr(formatter, "mime", None), str) and callable(getattr(formatter, "format", None))
    return "" if fit else "has no mime and format()"
