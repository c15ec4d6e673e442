"""How much memory a value takes, estimated in a bounded number of steps."""

from __future__ import annotations

import itertools
import sys
import types
from typing import Any, Final

from ..saferepr import class_attribute

#: Objects looked at per value.
MOST_STEPS: Final = 2000
#: Elements of one container that are looked at; the others are taken to be like them.
SAMPLE: Final = 50

_SMALL: Final = (int, float, complex, bool, str, bytes, bytearray, type(None))
#: These belong to the program, not to the value that refers to them.
_SHARED: Final = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.FrameType)
#: Libraries whose ``nbytes`` is known to be cheap.
_WITH_NBYTES: Final = frozenset({"numpy", "cupy", "torch", "jax", "xarray", "polars", "pandas", "pyarrow"})


def estimated_size(value: object) -> int:
    """Estimate how many bytes a value takes, with what it contains.

    Looks into builtin containers and into the attributes of instances, and there at a sample.
    Arrays and tables of the well-known libraries are asked. No other code is run. What is
    also referred to from elsewhere counts in full.

    :returns: bytes; an estimate, which may be wrong by a factor for mixed contents.
    """
    if type(value) in _SMALL:
        return sys.getsizeof(value)
    return _Walk().size(value, 0)


class _Walk:
    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._steps = 0

    def size(self, value: Any, depth: int) -> int:
        kind = type(value)
        if kind in _SMALL:
            return sys.getsizeof(value)
        if issubclass(kind, _SHARED) or id(value) in self._seen or self._steps >= MOST_STEPS or depth > 50:
            return 0
        self._seen.add(id(value))
        self._steps += 1
        asked = _asked(value, kind)
        if asked is not None:
            return asked
        total = _own_size(value, kind)
        if issubclass(kind, dict):
            pairs = itertools.islice(dict.items(value), SAMPLE)
            count = dict.__len__(value)
            total += self._sampled((part for pair in pairs for part in pair), 2 * count, 2 * SAMPLE, depth)
        else:
            for base in (list, tuple, set, frozenset):
                if issubclass(kind, base):
                    items = itertools.islice(base.__iter__(value), SAMPLE)
                    total += self._sampled(items, base.__len__(value), SAMPLE, depth)
        attributes = _attributes(value, kind)
        return total + (self.size(attributes, depth + 1) if attributes else 0)

    def _sampled(self, items: Any, count: int, most: int, depth: int) -> int:
        total = sum(self.size(item, depth + 1) for item in items)
        return total if count <= most else total * count // most


def _own_size(value: Any, kind: type) -> int:
    method = class_attribute(kind, "__sizeof__")
    if type(method) is not types.MethodDescriptorType:  # the class's own, in Python
        method = object.__sizeof__
    try:
        return int(method(value))
    except (TypeError, ValueError, OverflowError):
        return 64


def _attributes(value: object, kind: type) -> dict[str, Any] | None:
    """Give the instance dictionary without asking the instance for it."""
    getter = class_attribute(kind, "__dict__")
    if type(getter) is not types.GetSetDescriptorType:
        return None
    found = getter.__get__(value)
    return found if type(found) is dict else None


def _asked(value: Any, kind: type) -> int | None:
    module = class_attribute(kind, "__module__")
    if type(module) is not str or module.partition(".")[0] not in _WITH_NBYTES:
        return None
    try:
        if class_attribute(kind, "nbytes") is not None:
            return int(value.nbytes)
        if class_attribute(kind, "memory_usage") is not None:
            used = value.memory_usage(deep=False)
            return int(used.sum() if hasattr(used, "sum") else used)
        if class_attribute(kind, "estimated_size") is not None:
            return int(value.estimated_size())
    except Exception:  # an object that is half made: its size is not worth an error
        return None
    return None
