"""How errors are shown, as extensions know and change it.

:meth:`ErrorDisplay.show` is what the shell shows an error with once an extension has asked
for any of this. A handler of ``set_custom_exc`` goes first, then what was put in the
place of ``showtraceback`` and its like on the shell, then the shell's own display.
Where one of them fails, the user sees the error all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from .component import Component
from .delegation import SHOWING
from .errors import is_a
from .notices import notice

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: Type, value and traceback of an exception.
ExcInfo = tuple[type[BaseException], BaseException, "TracebackType | None"]

Handler = Callable[..., "list[str] | str | None"]

# Past whatever a class of the user's has put in their place.
_traceback: Any = BaseException.__dict__["__traceback__"]
_context: Any = BaseException.__dict__["__context__"]

#: Seconds that an exception's own methods may take to give its message.
_DEADLINE: Final = 0.2

_HINT: Final = "An exception has occurred, use %tb to see the full traceback.\n"


class ErrorDisplay(Component):
    """Shows errors of one shell. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._handler: Handler | None = None
        self._within = False
        #: Exceptions that the handler of :meth:`set_custom_exc` is called for.
        self.custom_exceptions: tuple[type[BaseException], ...] = ()
        #: What ``InteractiveTB`` is, until somebody sets it.
        self.formatter = ErrorFormatter(self)

    # -- handlers --------------------------------------------------------------

    def set_custom_exc(self, exc_tuple: tuple[type[BaseException], ...], handler: Handler | None) -> None:
        """Have a function called with the exceptions of some classes, instead of showing them.

        There is one handler at a time. It is called for what a running cell raises, not for cells
        that are no Python, and never for ``SystemExit``. One that fails, or that gives something else
        than said here, is removed; its error and the original one are both shown.

        :param exc_tuple: the classes, as for ``except``; ``()`` for none.
        :param handler: called as ``handler(shell, etype, value, tb, tb_offset=None)``. The first
            frame of ``tb`` is the shell's, the next the user's. To show the error is its own
            business: ``shell.showtraceback((etype, value, tb), tb_offset=tb_offset)`` does it. It
            gives a list of strings, a string or ``None``. ``None`` in its place prints type and value.
        :raises TypeError: if the classes are no tuple of exception classes, or the handler cannot be called.
        """
        if not isinstance(exc_tuple, tuple):
            raise TypeError("The custom exceptions must be given as a tuple.")
        for each in exc_tuple:
            if not (isinstance(each, type) and issubclass(each, BaseException)):
                raise TypeError(f"{each!r} is no class of exceptions")
        if handler is not None and not callable(handler):
            raise TypeError(f"the handler is {type(handler).__name__}, not a function")
        self._handler = handler or (_simple_handler if exc_tuple else None)
        self.custom_exceptions = exc_tuple

    def call_custom(
        self,
        etype: type[BaseException],
        value: BaseException,
        tb: TracebackType | None,
        tb_offset: Any = None,
    ) -> list[str]:
        """Call the handler of :meth:`set_custom_exc` with an exception and give its lines.

        If it fails it is removed, and its error and the original one are shown. Errors of
        cells that it runs itself are shown without it.
        """
        handler = self._handler
        if handler is None:
            return []
        before, self._within = self._within, True
        try:
            return _checked_lines(handler(self._shell, etype, value, tb, tb_offset=tb_offset))
        except KeyboardInterrupt:
            self._interrupted("the handler of set_custom_exc", value)
        except BaseException as wrong:  # the handler's, SystemExit included
            self._remove_handler(handler, wrong, value)
        finally:
            self._within = before
        return []

    def _remove_handler(self, handler: Handler, failure: BaseException, value: BaseException) -> None:
        self.set_custom_exc((), None)
        if _context.__get__(failure) is value:
            _context.__set__(failure, None)  # it is shown by itself
        name = getattr(handler, "__qualname__", type(handler).__name__)
        notice(f"the handler {name} of set_custom_exc failed and was removed. Its error, and then yours:")
        self._print(RuntimeError(f"SystemExit: {failure.code}") if is_a(failure, SystemExit) else failure)
        self._print(value)

    def _interrupted(self, what: str, error: BaseException) -> None:
        notice(f"{what} was interrupted; the error is shown without it.")
        self._print(error)

    # -- showing ---------------------------------------------------------------

    def show(self, error: BaseException, *, raised_in_cell: bool = False) -> None:
        """Show an exception by what extensions have put in place, else as the shell does.

        :param raised_in_cell: whether a running cell raised it.
        """
        if is_a(error, SystemExit):
            self._print(error)
        elif self._within:
            self._show_lines(error)
        elif raised_in_cell and issubclass(type(error), self.custom_exceptions):
            _while_handled(error, self.call_custom)
        else:
            self._show_by_replacement(error, raised_in_cell)

    def _show_by_replacement(self, error: BaseException, raised_in_cell: bool) -> None:
        name = "showsyntaxerror" if is_a(error, SyntaxError) else "showtraceback"
        replaced = self._replaced(name)
        if replaced is None:
            self._show_lines(error)
            return

        # With the arguments that IPython gives: functions in their place need not take others.
        arguments = {} if name == "showsyntaxerror" else {"running_compiled_code": raised_in_cell}
        _while_handled(error, lambda *info: self._guarded(name, error, lambda: replaced(**arguments)))

    def _show_lines(self, error: BaseException) -> None:
        if self._replaced("_showtraceback") is None and self._replaced("InteractiveTB") is None:
            self._print(error)
            return

        def show(etype: Any, value: Any, tb: Any) -> None:
            # One frame of the shell's comes first, as formatters written for IPython expect.
            lines = self._shell.InteractiveTB.structured_traceback(etype, value, tb, tb_offset=1)
            self._shell._showtraceback(etype, value, lines)

        name = "_showtraceback" if self._replaced("_showtraceback") else "InteractiveTB"
        _while_handled(error, lambda *info: self._guarded(name, error, lambda: show(*info)))

    def _guarded(self, name: str, error: BaseException, call: Callable[[], object]) -> None:
        """Call what stands in a name's place; if it fails, tell so and show the error without it."""
        before, self._within = self._within, True
        try:
            call()
        except KeyboardInterrupt:
            self._interrupted(f"what was put in the place of get_ipython().{name}", error)
        except Exception as wrong:
            from .plugins.failures import reason_of

            notice(
                f"what was put in the place of get_ipython().{name} failed: {reason_of(wrong)}. "
                "The error is shown without it."
            )
            self._print(error)
        finally:
            self._within = before

    def _replaced(self, name: str) -> Any:
        """Give what an extension has put in a name's place on the shell; ``None`` if it is ours."""
        found = vars(self._shell).get(name) if name in SHOWING else None
        mine = {
            "showtraceback": self.showtraceback,
            "_showtraceback": self.print_lines,
            "showsyntaxerror": self.showsyntaxerror,
            "InteractiveTB": self.formatter,
        }
        return None if found == mine.get(name) else found

    def _print(self, error: BaseException) -> None:
        from .plain.tracebacks import show

        show(self._shell, error)

    # -- the names on the shell ------------------------------------------------

    def exc_info(self, exc_tuple: ExcInfo | None = None) -> ExcInfo:
        """Give an exception: the given one, else that being handled, else the last one shown.

        :raises ValueError: if there is none.
        """
        etype, value, tb = exc_tuple or sys.exc_info()
        if etype is None or value is None:
            value = getattr(sys, "last_value", None)
            if not isinstance(value, BaseException):
                raise ValueError("No exception to find")
            etype, tb = type(value), getattr(sys, "last_traceback", None)
        if not isinstance(value, BaseException):  # a class with the arguments for it
            value = etype(value)
        return etype, value, tb

    def showtraceback(
        self,
        exc_tuple: ExcInfo | None = None,
        filename: str | None = None,
        tb_offset: int | None = None,
        exception_only: bool = False,
        running_compiled_code: bool = False,
    ) -> None:
        """Show an exception, by default the one being handled or else the last.

        :param exc_tuple: its type, value and traceback.
        :param filename: for a ``SyntaxError``, the file to name.
        :param tb_offset: frames to leave out at the beginning of the traceback.
        :param exception_only: show no traceback.
        :param running_compiled_code: makes no difference here.
        """
        try:
            etype, value, tb = self.exc_info(exc_tuple)
        except ValueError:
            print("No traceback available to show.", file=sys.stderr)
            return
        if exception_only:
            lines = [_HINT, *self.formatter.get_exception_only(etype, value)]
            self._shell._showtraceback(etype, value, lines)
            return
        for _ in range(tb_offset or 0):
            tb = tb.tb_next if tb is not None else None
        _set_filename(value, filename)
        whole = _traceback.__get__(value)
        _traceback.__set__(value, tb)
        before, self._within = self._within, True
        try:
            self._shell.show_error(value)
        finally:
            self._within = before
            _traceback.__set__(value, whole)

    def showsyntaxerror(self, filename: str | None = None, running_compiled_code: bool = False) -> None:
        """Show a syntax error, the one being handled or else the last.

        :param filename: the file to name.
        """
        self.showtraceback(filename=filename, running_compiled_code=running_compiled_code)

    def show_usage_error(self, exc: BaseException) -> None:
        """Print one line about a magic that was used the wrong way."""
        print(f"UsageError: {exc}", file=sys.stderr)

    def print_lines(self, etype: object, evalue: object, stb: list[str]) -> None:
        """Print the lines of a traceback on standard error.

        :param stb: the lines, with or without their ends.
        """
        if sys.stdout is not None:
            sys.stdout.flush()
        stream = sys.stderr
        if stream is not None:
            encoding = getattr(stream, "encoding", None) or "utf-8"
            text = self.formatter.stb2text(stb).rstrip("\n") + "\n"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()

    def get_exception_only(self, exc_tuple: ExcInfo | None = None) -> str:
        """Give type and message of an exception, without its traceback, as text that ends a line.

        :raises ValueError: if none is given and there was none.
        """
        etype, value, _ = self.exc_info(exc_tuple)
        return "".join(self.formatter.get_exception_only(etype, value))

    def excepthook(self, etype: type[BaseException], value: BaseException, tb: TracebackType | None) -> None:
        """Show an exception; can be set as :data:`sys.excepthook`."""
        self.showtraceback((etype, value, tb), tb_offset=0)


class ErrorFormatter:
    """What ``shell.InteractiveTB`` is: exceptions as lines, by the shell's traceback part."""

    #: Frames that are left out at the beginning by default; the shell's own always are.
    tb_offset = 0

    def __init__(self, display: ErrorDisplay) -> None:
        self._shell = display._shell

    def structured_traceback(
        self,
        etype: type[BaseException] | None = None,
        evalue: BaseException | None = None,
        etb: TracebackType | None = None,
        tb_offset: int | None = None,
        context: int = 5,
    ) -> list[str]:
        """Give the text of an exception, as lines without line endings.

        :param tb_offset: frames to leave out at the beginning.
        :param context: makes no difference here; the traceback part has options for it.
        :raises ValueError: if no exception is given.
        """
        if evalue is None:
            raise ValueError("there is no exception to format")
        for _ in range(self.tb_offset if tb_offset is None else tb_offset):
            etb = etb.tb_next if etb is not None else None
        whole = _traceback.__get__(evalue)
        _traceback.__set__(evalue, etb)
        try:
            return list(self._shell.tracebacks.format(evalue))
        finally:
            _traceback.__set__(evalue, whole)

    def get_exception_only(self, etype: type[BaseException], value: BaseException) -> list[str]:
        """Give type and message of an exception, as lines with their endings."""
        from .asking import Asker
        from .plain.messages import lines_of

        with Asker(_DEADLINE) as asker:
            return [f"{line}\n" for line in lines_of(value, asker)]

    def message(self, value: BaseException) -> str:
        """Give the message of an exception, whatever its methods do."""
        from .asking import Asker

        with Asker(_DEADLINE) as asker:
            answer = asker.ask(lambda: str(value))
        return f"<no message: {answer.wrong}>" if answer.wrong else str(answer.value)

    def stb2text(self, stb: list[str]) -> str:
        """Join lines, with or without their endings, to one text."""
        return "\n".join(line.rstrip("\n") for line in stb)

    def text(
        self,
        etype: type[BaseException],
        value: BaseException,
        tb: TracebackType | None,
        tb_offset: int | None = None,
        context: int = 5,
    ) -> str:
        """Give the text of an exception."""
        return self.stb2text(self.structured_traceback(etype, value, tb, tb_offset, context))

    def __call__(
        self,
        etype: type[BaseException] | None = None,
        evalue: BaseException | None = None,
        etb: TracebackType | None = None,
        **_: Any,
    ) -> None:
        """Show an exception, by default the one being handled."""
        self._shell.showtraceback(None if evalue is None else (etype or type(evalue), evalue, etb))


def _while_handled(error: BaseException, call: Callable[..., object]) -> None:
    """Call a function while an exception is being handled, as functions written for IPython expect.

    ``sys.exc_info()`` gives it, and the first frame of its traceback is ours, the next the user's.
    """
    from .plain.stacks import users_part

    whole, context = _traceback.__get__(error), _context.__get__(error)
    _traceback.__set__(error, users_part(error))
    try:
        raise error
    except BaseException:
        _context.__set__(error, context)
        try:
            call(type(error), error, _traceback.__get__(error))
        finally:
            _traceback.__set__(error, whole)
            _context.__set__(error, context)


def _checked_lines(given: object) -> list[str]:
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and all(isinstance(line, str) for line in given):
        return given
    raise TypeError(f"a handler gives a list of strings, a string or None, not {type(given).__name__}")


def _set_filename(error: BaseException, filename: str | None) -> None:
    if filename and is_a(error, SyntaxError):
        error.filename = filename


def _simple_handler(
    shell: object, etype: type[BaseException], value: BaseException, tb: object, tb_offset: object = None
) -> None:
    print(f"{etype.__name__}: {value}", file=sys.stderr)
