"""Values as plain text, by ``repr``: however large they are, and whatever their ``repr`` does."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..notices import notice
from ..plugins.failures import reason_of
from ..saferepr import class_attribute, cut, safe_repr, summary, type_name

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: Integers of more bits than this are not tried: their digits may be refused, or take long.
_MOST_BITS: Final = 14_000

# By id, as a metaclass may define a hash.
#: Types whose repr is short and runs nobody's code.
_ATOMS: Final = frozenset(
    map(
        id,
        (
            bool,
            complex,
            float,
            type,
            type(None),
            type(Ellipsis),
            type(NotImplemented),
            types.FunctionType,
            types.BuiltinFunctionType,
        ),
    )
)
_TEXTS: Final = frozenset(map(id, (str, bytes)))
_SEQUENCES: Final = frozenset(map(id, (list, tuple, set, frozenset)))

_slot: Final = type(object.__repr__)


class ReprFormatter:
    """``text/plain`` by ``repr``.

    :param shell: the shell that values are shown in. Its ``display`` part says how long a text may be, and
        how long a value's own ``__repr__`` may take.
    """

    mime = "text/plain"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def format(self, value: object) -> str:
        """Give the text of a value.

        Plain data of moderate size are left to the interpreter. Larger ones are read no further than there
        is room. A ``__repr__`` of the value's class is called on a thread of its own, so that it can be
        given up when it takes too long. One that raises there is called again on this thread, as some
        objects belong to theirs; if it still raises, the traceback is shown, and the text says so.

        :raises KeyboardInterrupt: if the user stops it.
        """
        kind = type(value)
        # By type and not by isinstance(), which may run code of the value's.
        if (kind is int and value.bit_length() < _MOST_BITS) or id(kind) in _ATOMS:  # type: ignore[attr-defined]
            return repr(value)
        display = self._shell.display
        most = display.max_chars or sys.maxsize
        if is_small(value, most):
            try:
                return repr(value)
            except (RecursionError, RuntimeError):  # very deep, or changed by another thread meanwhile
                return safe_repr(value, most)
        method = class_attribute(kind, "__repr__")
        if method is object.__repr__:  # type and address
            return repr(value)
        # A module's says where it comes from in a way of its own.
        if type(method) is _slot and kind is not types.ModuleType:
            return safe_repr(value, most, display.deadline or float("inf"))
        return self._own(value, most, display.deadline)

    def _own(self, value: object, most: int, deadline: float) -> str:
        """Give the text by the ``__repr__`` of the value's class."""
        if deadline:
            from ..asking import Asker

            raised: list[bool] = []
            with Asker(deadline) as asker:
                answer = asker.ask(lambda: _noting(raised, lambda: repr(value)))
            if not answer.wrong:
                return cut(answer.value, most)
            if not raised:
                notice(
                    f"showing {type_name(type(value))} was given up: {answer.wrong}; print() waits for it, "
                    "and Display.deadline says how long to wait here.",
                    once=f"deadline of {type_name(type(value))}",
                )
                return f"{summary(value)[:-1]}; no repr: {answer.wrong}>"
        try:
            return cut(repr(value), most)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # the value's own, whatever it is: the session goes on
            self._shell.show_error(error)
            reason = reason_of(error)
            reason = reason if isinstance(error, SystemExit) else f"it raised {reason}"
            return f"{summary(value)[:-1]}; no repr: {reason}>"


def _noting(raised: list[bool], call: Callable[[], Any]) -> Any:
    try:
        return call()
    except BaseException:
        raised.append(True)
        raise


def is_small(value: Any, most: int) -> bool:
    """Tell whether a value is of builtin types alone, and its ``repr`` has about so many characters at most.

    Escapes are not counted, and an element counts as ten. Runs no code of the value's.
    """
    left = most
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        kind = type(each)
        if kind is int:
            bits = each.bit_length()
            if bits >= _MOST_BITS:
                return False
            left -= bits // 3
        elif id(kind) in _TEXTS:
            left -= len(each)
        elif id(kind) in _SEQUENCES or kind is dict:
            size = len(each)
            left -= 10 * size
            if left < 0:
                return False
            try:
                waiting.extend(each)
                if kind is dict:
                    waiting.extend(each.values())
            except RuntimeError:  # changed by another thread meanwhile
                return False
        elif id(kind) not in _ATOMS:
            return False
        if left < 0:
            return False
    return True
