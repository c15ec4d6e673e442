"""What is replaced in the interpreter while the user's code runs, and put back after it."""

from __future__ import annotations

import builtins
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .component import Component

if TYPE_CHECKING:
    from .shell import InteractiveShell

_absent: Any = object()


class Traps(Component):
    """Installs ``sys.displayhook`` and the builtin ``get_ipython`` for the length of a cell.

    A context manager that nests: the outermost entry installs, the last exit restores.
    """

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._depth = 0
        self._saved: dict[str, Any] = {}
        self._original = sys.displayhook

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        # A hook that the user's code put in place in an earlier cell is left alone.
        if getattr(sys, "displayhook", None) is self._original:
            sys.displayhook = self._shell.displayhook
        for name, value in self._shell.builtin_names.items():
            former = builtins.__dict__.get(name, _absent)
            if former is not value:
                self._saved[name] = former
                builtins.__dict__[name] = value

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth:
            return
        if getattr(sys, "displayhook", None) in (self._shell.displayhook, None):
            sys.displayhook = self._original
        for name, value in self._saved.items():
            if value is _absent:
                builtins.__dict__.pop(name, None)
            else:
                builtins.__dict__[name] = value
        self._saved.clear()
