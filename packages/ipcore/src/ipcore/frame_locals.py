"""The local variables of a frame, read and written."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from .notices import notice

if TYPE_CHECKING:
    from types import FrameType


class FrameLocals(MutableMapping[str, Any]):
    """The local variables of a function's frame, and the names that cells add to them.

    Arguments, variables and those of enclosing functions are written through to the frame:
    by its ``f_locals`` since Python 3.13 (PEP 667), by a function of CPython's C interface
    before. Other names are kept in :attr:`added`, and the function never sees them.

    :param frame: of a function, a generator or a coroutine; running, suspended or dead.
    """

    def __init__(self, frame: FrameType) -> None:
        code = frame.f_code
        self.frame = frame
        self.known = frozenset((*code.co_varnames, *code.co_cellvars, *code.co_freevars))
        self.added: dict[str, Any] = {}
        self._deleted: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name in self.added:
            return self.added[name]
        if name in self._deleted:
            raise KeyError(name)
        return self.frame.f_locals[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self.known and self._write(name, value):
            self.added.pop(name, None)
        else:
            self.added[name] = value
        self._deleted.discard(name)

    def __delitem__(self, name: str) -> None:
        if name in self.added:
            del self.added[name]
            if name not in self.known:
                return
        elif name not in self:
            raise KeyError(name)
        if not self._unbind(name):
            self._deleted.add(name)

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in list(self.frame.f_locals) if self._shows(name))
        yield from self.added

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self.added or (name in self.frame.f_locals and name not in self._deleted)

    def _shows(self, name: str) -> bool:
        return name not in self._deleted and name not in self.added and not name.startswith(".")

    def _write(self, name: str, value: Any) -> bool:
        """Change a variable of the frame; tell whether that worked."""
        # Before 3.13 each access to f_locals reads the variables afresh into one dictionary.
        self.frame.f_locals[name] = value
        if sys.version_info >= (3, 13) or _store(self.frame):
            return True
        notice(
            f"{name}: this Python has no way to change the variables of a running function; "
            "the new value holds for cells alone.",
            once="frame-write",
        )
        return False

    def _unbind(self, name: str) -> bool:
        """Unbind a variable of the frame; tell whether that worked."""
        # Python 3.12 gives None to a variable that should become unbound, and warns.
        if sys.version_info < (3, 12):
            variables = self.frame.f_locals
            variables.pop(name, None)
            if _store(self.frame, unbind=True):
                return True
        notice(
            f"{name}: this Python has no way to unbind the variable of a running function; "
            "cells no longer see it, the function still does.",
            once="frame-unbind",
        )
        return False


def _store(frame: FrameType, *, unbind: bool = False) -> bool:
    """Copy the dictionary ``f_locals`` back into the variables, on CPython before 3.13.

    :param unbind: whether a variable that the dictionary lacks becomes unbound.
    :returns: whether this Python can do it.
    """
    try:
        import ctypes

        store = ctypes.pythonapi.PyFrame_LocalsToFast
    except (ImportError, AttributeError):  # another implementation than CPython
        return False
    store(ctypes.py_object(frame), ctypes.c_int(unbind))
    return True
