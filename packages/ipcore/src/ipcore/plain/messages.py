"""The last lines of a traceback: type, message, notes, and what was probably meant."""

from __future__ import annotations

import functools
import linecache
import sys
import traceback
from types import TracebackType
from typing import Any, Final

from ..asking import Asker
from ..plugins.failures import reason_of
from ..saferepr import class_attribute, cut, safe_repr, type_name
from . import stacks

#: Characters of a message and of a note; more are cut out of the middle.
LONGEST_MESSAGE: Final = 20_000
#: Notes shown.
MOST_NOTES: Final = 100

_PLAIN: Final = (str, int, float, bool, bytes, type(None))
#: What gives the message of builtin exceptions, without calling other code if the arguments are plain.
_BUILTIN_STR: Final = tuple(
    kind.__str__ for kind in (BaseException, OSError, KeyError, ImportError, UnicodeDecodeError)
)

_module_of: Any = type.__dict__["__module__"].__get__
_args: Any = BaseException.__dict__["args"].__get__
_names: Any = BaseException.__dict__["__dict__"].__get__
_traceback_of: Any = BaseException.__dict__["__traceback__"].__get__


def name_of(kind: type) -> str:
    """Give the name of an exception class as tracebacks show it: with its module unless that is obvious."""
    module = _module_of(kind)
    name = type_name(kind)
    if module in ("__main__", "builtins"):
        return name
    return f"{cut(module, 200)}.{name}" if type(module) is str else f"<unknown>.{name}"


def lines_of(error: BaseException, asker: Asker, *, qualified: bool = True) -> list[str]:
    """Give type, message and notes, whatever the exception does when it is asked.

    :param asker: calls the exception's own methods, and gives up on them at its deadline.
    :param qualified: whether to name the module of the exception's class.
    """
    kind = type(error)
    name = name_of(kind) if qualified else type_name(kind)
    if issubclass(kind, SyntaxError):
        lines = _syntax_error(error, kind, asker)
    else:
        message = _message(error, asker)
        text = f"{name}: {message}" if message else name
        lines = (text + _hint(error, asker)).split("\n")
    return lines + _notes(error, asker)


def own_message(error: BaseException) -> str | None:
    """Give the message of an error as far as that takes no code but Python's own; else ``None``."""
    if class_attribute(type(error), "__str__") not in _BUILTIN_STR or any(
        type(each) not in _PLAIN for each in _args(error)
    ):
        return None
    try:
        return cut(str(error), LONGEST_MESSAGE)
    except (ValueError, MemoryError) as wrong:  # a number of more digits than the interpreter will write
        return f"<no message: it raised {reason_of(wrong)}>"


def _message(error: BaseException, asker: Asker) -> str:
    message = own_message(error)
    if message is not None:
        return message
    answer = asker.ask(lambda: cut(str(error), LONGEST_MESSAGE))
    return f"<no message: {answer.wrong}>" if answer.wrong else str(answer.value)


def _notes(error: BaseException, asker: Asker) -> list[str]:
    notes = (_names(error) or {}).get("__notes__")
    if notes is None and class_attribute(type(error), "__notes__") is not None:
        answer = asker.ask(lambda: error.__notes__)
        notes = [f"<no notes: {answer.wrong}>"] if answer.wrong else answer.value
    if notes is None:
        return []
    if type(notes) not in (list, tuple):
        return [safe_repr(notes, LONGEST_MESSAGE, asker.left)]
    lines = []
    for note in notes[:MOST_NOTES]:
        if type(note) is str:
            text = cut(note, LONGEST_MESSAGE)
        else:
            answer = asker.ask(functools.partial(_as_text, note))
            text = f"<no note: {answer.wrong}>" if answer.wrong else str(answer.value)
        lines += text.split("\n")
    if len(notes) > MOST_NOTES:
        lines.append(f"[{len(notes) - MOST_NOTES} more notes]")
    return lines


def _as_text(note: object) -> str:
    return cut(str(note), LONGEST_MESSAGE)


_SYNTAX_FIELDS: Final = ("filename", "lineno", "offset", "text", "end_lineno", "end_offset")


def _syntax_error(error: BaseException, kind: type, asker: Asker) -> list[str]:
    """Have the standard library lay out a copy made of nothing but checked texts and numbers."""
    found: dict[str, Any] = {}
    for name in ("msg", *_SYNTAX_FIELDS):
        value = SyntaxError.__dict__[name].__get__(error)
        wanted = str if name in ("msg", "filename", "text") else int
        found[name] = value if type(value) is wanted else None
        if "offset" in name and abs(found[name] or 0) > LONGEST_MESSAGE:  # as many blanks before the caret
            found[name] = None
    if any(len(found[name] or "") > LONGEST_MESSAGE for name in ("filename", "text")):
        found["filename"], found["text"] = cut(found["filename"] or "", 500), None
    if found["text"] is None and found["lineno"]:
        found["text"] = _text_of_cell(found["filename"], found["lineno"])
    message = found["msg"]
    if message is None:
        message = _message(error, asker) if _args(error) else "<no detail available>"
    message = cut(message, LONGEST_MESSAGE)
    copy = SyntaxError(message, tuple(found[name] for name in _SYNTAX_FIELDS))
    try:
        text = stacks.with_labels("".join(traceback.format_exception_only(copy)))
    except Exception:  # positions that do not fit the text
        return f"{name_of(kind)}: {message}".split("\n")
    lines = text.rstrip("\n").split("\n")
    ends = [at for at, line in enumerate(lines) if line.startswith("SyntaxError")]
    lines[ends[0]] = name_of(kind) + lines[ends[0]].removeprefix("SyntaxError")
    return lines


def _text_of_cell(filename: str | None, number: int) -> str | None:
    """Give a line of a cell, which the compiler leaves out where the parser had nothing to object to."""
    entry = linecache.cache.get(filename or "")  # not getline(), which opens files
    lines = entry[2] if entry is not None and len(entry) == 4 else []
    text = lines[number - 1] if 0 < number <= len(lines) else None
    return text if text is not None and len(text) <= LONGEST_MESSAGE else None


class _Named:
    """Stands for an object whose names are known."""

    def __init__(self, names: list[str]) -> None:
        self._its_names = names

    def __dir__(self) -> list[str]:
        return self._its_names


def _hint(error: BaseException, asker: Asker) -> str:
    """Give ". Did you mean …?" where Python has such an idea.

    It is worked out on a copy that hangs on nothing else. For an attribute, the object's
    ``__dir__`` is asked, as Python does too, but with a deadline.
    """
    kind = type(error)
    copy: BaseException
    try:
        if issubclass(kind, NameError):
            copy = NameError("x", name=NameError.__dict__["name"].__get__(error))
        elif issubclass(kind, AttributeError):
            name = AttributeError.__dict__["name"].__get__(error)
            thing = AttributeError.__dict__["obj"].__get__(error)
            if type(name) is not str or (thing is None and not name):
                return ""
            answer = asker.ask(lambda: [each for each in dir(thing) if type(each) is str])
            if answer.wrong:
                return ""
            copy = AttributeError("x", name=name, obj=_Named(answer.value))
        elif issubclass(kind, ImportError):
            if sys.version_info < (3, 12):
                return ""
            name = vars(ImportError)["name"].__get__(error)
            copy = ImportError("x", name=name, name_from=vars(ImportError)["name_from"].__get__(error))
        else:
            return ""
        last = _traceback_of(error)
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        if sys.version_info < (3, 12):
            return _hint_by_hook(copy, last)
        answer = asker.ask(lambda: _hint_by_module(copy, last))
        return "" if answer.wrong else str(answer.value)
    except Exception:  # a hint is not worth losing the message for
        return ""


def _hint_by_module(copy: BaseException, last: TracebackType | None) -> str:
    shown = traceback.TracebackException(type(copy), copy, last, limit=0, lookup_lines=False)
    lines = list(shown.format_exception_only())
    return lines[-1].rstrip("\n").partition(": x")[2] if lines else ""


def _hint_by_hook(copy: BaseException, last: TracebackType | None) -> str:
    """Ask the interpreter's own hook, which alone has ideas on Python 3.11. It runs no code of the user's."""
    import io
    from contextlib import redirect_stderr

    shown = io.StringIO()
    with redirect_stderr(shown):
        sys.__excepthook__(type(copy), copy, last)
    return shown.getvalue().rstrip("\n").rpartition("\n")[2].partition(": x")[2]
