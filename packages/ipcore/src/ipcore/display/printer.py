"""What printers of ``text/plain`` write to, where no pretty printer is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .formatters import TextFormatter


class TextPrinter:
    """Takes the text of one object, and of the objects in it. Breaks no lines by itself.

    Has the methods that printers for IPython use. Groups are neither broken nor
    indented, but for what follows :meth:`break_`.

    :param formatter: knows how other types are printed.
    """

    def __init__(self, formatter: TextFormatter) -> None:
        self._formatter = formatter
        self._parts: list[str] = []
        self._within: list[int] = []
        self.indentation = 0

    def text_of(self, printer: Callable[..., Any], obj: object) -> str:
        """Give what a printer writes about an object."""
        self._write(printer, obj)
        return "".join(self._parts)

    def text(self, text: str) -> None:
        """Write text."""
        self._parts.append(text)

    def breakable(self, sep: str = " ") -> None:
        """Write what may be replaced by a line break; here it never is."""
        self._parts.append(sep)

    def break_(self) -> None:
        """Begin a new line, indented as the group is."""
        self._parts.append("\n" + " " * self.indentation)

    def pretty(self, obj: object) -> None:
        """Write another object, as it is shown itself."""
        formatter = self._formatter
        printer = formatter.registered(obj) or formatter.method_of(obj)
        if printer is None:
            self._parts.append(formatter.plain(obj))
        else:
            self._write(printer, obj)

    def _write(self, printer: Callable[..., Any], obj: object) -> None:
        cycle = id(obj) in self._within
        self._within.append(id(obj))
        try:
            printer(obj, self, cycle)
        finally:
            self._within.pop()

    @contextmanager
    def indent(self, indent: int) -> Iterator[None]:
        """Indent lines that the body begins."""
        self.indentation += indent
        try:
            yield
        finally:
            self.indentation -= indent

    @contextmanager
    def group(self, indent: int = 0, open: str = "", close: str = "") -> Iterator[None]:
        """Put ``open`` before what the body writes and ``close`` after it."""
        self.begin_group(indent, open)
        try:
            yield
        finally:
            self.end_group(indent, close)

    def begin_group(self, indent: int = 0, open: str = "") -> None:
        """Write ``open`` and indent lines from here on."""
        self._parts.append(open)
        self.indentation += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        """Indent lines no longer and write ``close``."""
        self.indentation -= dedent
        self._parts.append(close)
