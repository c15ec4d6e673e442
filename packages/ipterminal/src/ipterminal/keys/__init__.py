"""Which key does what: named commands, named conditions, and the keys they are bound to."""

from __future__ import annotations

from .bindings import Bound, Command, Function, Keys
from .expressions import ConditionError
from .names import KeyNameError

__all__ = ["Bound", "Command", "ConditionError", "Function", "KeyNameError", "Keys"]
