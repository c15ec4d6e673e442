"""Types that are known to be harmless: what may be called of them when Tab is pressed.

A type is known as an object: the class that its module holds under its name. A user's class may call
itself ``pandas.DataFrame``, and is none. Modules are looked for among the imported ones, and never imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final

from .reading import entry_of, is_a, module_dict, own_dict

#: Attributes that are cheap to compute, and of which everything else is known by its class.
_TABLE: Final = frozenset(
    (
        *("loc", "iloc", "at", "iat", "columns", "index", "dtypes", "dtype", "shape", "size", "ndim"),
        *("empty", "axes", "name", "names", "nlevels", "flags"),
    )
)
_ARRAY: Final = frozenset(("dtype", "shape", "size", "ndim", "T", "itemsize", "nbytes", "strides"))
_DTYPE: Final = frozenset(("names", "fields", "kind", "name", "itemsize", "type", "char", "subdtype"))
_POLARS: Final = frozenset(("columns", "dtypes", "schema", "shape", "width", "height", "name", "dtype"))

#: All attributes may be computed.
ALL: Final[frozenset[str]] = frozenset(("*",))

#: Full name → attributes that may be computed.
KNOWN: Final[dict[str, frozenset[str]]] = {
    "numpy.ndarray": _ARRAY,
    "numpy.recarray": _ARRAY,
    "numpy.ma.MaskedArray": frozenset(("dtype", "shape")),
    "numpy.dtype": _DTYPE,
    "pandas.DataFrame": _TABLE,
    "pandas.Series": _TABLE,
    "pandas.Index": _TABLE,
    "pandas.RangeIndex": _TABLE,
    "pandas.MultiIndex": _TABLE,
    "pandas.DatetimeIndex": _TABLE,
    "pandas.CategoricalIndex": _TABLE,
    "pandas.TimedeltaIndex": _TABLE,
    "pandas.PeriodIndex": _TABLE,
    "pandas.IntervalIndex": _TABLE,
    "pandas.core.indexing._LocIndexer": _TABLE,
    "pandas.core.indexing._iLocIndexer": _TABLE,
    "pandas.core.indexing._AtIndexer": _TABLE,
    "pandas.core.indexing._iAtIndexer": _TABLE,
    "polars.DataFrame": _POLARS,
    "polars.Series": _POLARS,
    "polars.Schema": _POLARS,
    "pathlib.PosixPath": ALL,
    "pathlib.WindowsPath": ALL,
    "pathlib.PurePosixPath": ALL,
    "pathlib.PureWindowsPath": ALL,
    "fractions.Fraction": ALL,
    "uuid.UUID": ALL,
    "os._Environ": ALL,
}

#: Parts of which a table of pandas may be made, beside the types above.
_PARTS: Final = (
    "pandas.Categorical",
    "pandas.arrays.DatetimeArray",
    "pandas.arrays.TimedeltaArray",
    "pandas.arrays.PeriodArray",
    "pandas.arrays.IntervalArray",
    "pandas.arrays.IntegerArray",
    "pandas.arrays.FloatingArray",
    "pandas.arrays.BooleanArray",
    "pandas.arrays.StringArray",
    "pandas.arrays.ArrowExtensionArray",
    "pandas.arrays.ArrowStringArray",
    "pandas.arrays.NumpyExtensionArray",
    "pandas.arrays.SparseArray",
)

#: Labels of a table that are looked at; one with more is not looked into.
_MOST_LABELS: Final = 100_000

#: Types of labels that are compared by C code alone.
_LABELS: Final = frozenset(map(id, (str, int, float, bool, bytes, type(None))))


class SafeTypes:
    """Tells which types are known to be harmless. Safe from any thread."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._waiting: dict[str, list[str]] = {}
        #: By ``id``: the class itself, so that the number stays its own; its name; what may be computed.
        self._known: dict[int, tuple[type, str, frozenset[str]]] = {}
        self.add((*KNOWN, *_PARTS))

    def add(self, names: Iterable[str]) -> None:
        """Take more types as harmless.

        :param names: their full names.
        """
        for name in names:
            if name not in self._taken:
                self._taken.add(name)
                self._waiting.setdefault(name.rpartition(".")[0], []).append(name)

    def _find(self, kind: type) -> tuple[type, str, frozenset[str]] | None:
        for module in [*self._waiting]:
            # Names of a module that is just being imported may come later.
            if module in sys.modules:
                waiting = self._waiting.get(module, ())
                found = [(name, each) for name in waiting if (each := _class(module, name)) is not None]
                for name, each in found:
                    self._known[id(each)] = (each, name, KNOWN.get(name, ALL))
                if found:
                    names = {name for name, _ in found}
                    self._waiting[module] = [name for name in waiting if name not in names]
                    if not self._waiting[module]:
                        self._waiting.pop(module, None)
        return self._known.get(id(kind))

    def name(self, kind: type) -> str:
        """Give the full name of a known type; empty if it is not known."""
        known = self._known.get(id(kind)) or self._find(kind)
        return known[1] if known else ""

    def computes(self, value: object, name: str) -> bool:
        """Tell whether an attribute of an object may be computed."""
        kind = type(value)
        known = self._known.get(id(kind)) or self._find(kind)
        return known is not None and (known[2] is ALL or name in known[2]) and self.is_safe(value)

    def lists(self, value: object) -> bool:
        """Tell whether the ``__dir__`` of an object may be called: that of a type added by a plugin."""
        known = self._known.get(id(type(value))) or self._find(type(value))
        return known is not None and known[1] not in KNOWN and known[1] not in _PARTS

    def is_safe(self, value: object) -> bool:
        """Tell whether ``value[...]`` and what else its type offers to look into it may be called.

        A table of a known type may be made of parts of other types; then it may not.
        """
        kind = type(value)
        name = self.name(kind)
        if not name or name in _PARTS:
            return False
        if name in ("pandas.DataFrame", "pandas.Series"):
            return self._is_plain_table(value)
        if name.startswith("pandas.core.indexing."):
            table: Any = value
            return self.is_safe(table.obj)
        if name.startswith("pandas."):
            return self._has_plain_labels(value)
        return True

    def _is_plain_table(self, value: object) -> bool:
        manager = own_dict(value).get("_mgr")
        if self._module_of(type(manager)) != "pandas":
            return False
        axes: Any = manager.axes  # type: ignore[union-attr]
        blocks: Any = manager.blocks  # type: ignore[union-attr]
        return all(self._has_plain_labels(axis) for axis in axes) and all(
            self.name(type(block.values)) for block in blocks
        )

    def _has_plain_labels(self, index: object) -> bool:
        name = self.name(type(index))
        if not name.startswith("pandas."):
            return False
        if name == "pandas.MultiIndex":
            levels: Any = own_dict(index).get("_levels", ())
            return all(self._has_plain_labels(level) for level in levels)
        if name == "pandas.CategoricalIndex":
            return False
        values: Any = own_dict(index).get("_data")
        if name == "pandas.Index" and self.name(type(values)) == "numpy.ndarray" and values.dtype.kind == "O":
            return len(values) <= _MOST_LABELS and {*map(id, map(type, values))} <= _LABELS
        return name == "pandas.RangeIndex" or bool(self.name(type(values)))

    @staticmethod
    def _module_of(kind: type) -> str:
        """Give the package whose class this is: whose module holds it under its name."""
        module, name = _module(kind), _name(kind)
        return module.partition(".")[0] if _class(module, f"{module}.{name}") is kind else ""


_module: Any = type.__dict__["__module__"].__get__
_name: Any = type.__dict__["__name__"].__get__


def _class(module: str, full_name: str) -> type | None:
    """Give the class that an imported module holds under a name, if it is its own."""
    holder = sys.modules.get(module) if type(module) is str else None
    if not is_a(holder, ModuleType):
        return None
    found = entry_of(module_dict(holder), full_name.rpartition(".")[2])
    if not is_a(found, type):
        return None
    # Somebody may have put a class of theirs in its place.
    origin = _module(found)
    same = type(origin) is str and origin.partition(".")[0] == module.partition(".")[0]
    return found if same else None
