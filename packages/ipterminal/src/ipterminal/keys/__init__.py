"""Which key does what: named commands, named conditions, and the keys they are bound to.

The names are imported when they are first asked for: what only lists keys needs nothing of prompt_toolkit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore import lazy_names

if TYPE_CHECKING:
    from .bindings import Bound, Command, Function, Keys
    from .expressions import ConditionError
    from .names import KeyNameError

_HOMES = {
    "Bound": ".bindings",
    "Command": ".bindings",
    "ConditionError": ".expressions",
    "Function": ".bindings",
    "KeyNameError": ".names",
    "Keys": ".bindings",
}

__all__ = ["Bound", "Command", "ConditionError", "Function", "KeyNameError", "Keys"]

if not TYPE_CHECKING:  # type checkers are to tell of a name that is not there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
