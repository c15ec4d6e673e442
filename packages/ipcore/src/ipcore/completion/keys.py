"""What may stand in ``value[...]``, found out without running code of the user's.

Dictionaries, also those of subclasses, and what the standard library builds on them are read by the functions
in C that read the table itself. An object that defines ``_ipython_key_completions_`` wants to be asked.
"""

from __future__ import annotations

import gc
import math
import os
import re
import sys
import threading
import time
from collections import ChainMap, UserDict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import FunctionType, GetSetDescriptorType, MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, Final

from ..types.completion import LIMIT, InstanceOf
from .reading import MISSING, class_dict, in_classes, mro_of, own_entry
from .signatures import typed_keys

if TYPE_CHECKING:
    from ..types.completion import EvaluationPolicy

#: By this method an object tells its keys itself.
HOOK: Final = "_ipython_key_completions_"

#: Seconds that are spent on reading what an object's own method gives, if it goes on for ever.
PATIENCE: Final = 0.25

#: How many tables are looked through, one within the other, and how deep a key may be nested.
_DEEPEST: Final = 8
_ATTEMPTS: Final = 5

_PLAIN: Final = frozenset(map(id, (str, bytes, int, bool, NoneType)))


def keys_of(value: object, policy: EvaluationPolicy, is_safe: Callable[[Any], bool]) -> list[Any]:
    """Give what may stand in ``value[...]``.

    :param value: a dict, a table with named columns, or what selects from one, such as ``frame.loc``.
    :param policy: how much may happen. Only under ``safe`` and ``live`` an object's own
        ``_ipython_key_completions_`` is called, and pandas and polars are asked.
    :param is_safe: tells whether an object, of pandas or polars, may be asked under ``safe``.
    :returns: keys of exactly builtin types that can be written as literals, tuples of such included, each
        once; :data:`~ipcore.types.completion.LIMIT` at most.
    """
    if type(value) is dict:
        whole = _of_table(value)
        if {*map(id, map(type, whole))} <= _PLAIN:
            return whole
    found: dict[Any, None] = {}
    try:
        # 1 and True are one key, but not one text: the first counts.
        for key in islice(_keys(value, policy, is_safe), LIMIT):
            if is_literal(key):
                found.setdefault(key)
    except Exception:  # a table that is damaged, or one of a library whose version is new
        return list(found)
    return list(found)


def is_literal(key: object, depth: int = _DEEPEST) -> bool:
    """Tell whether a key can be written down so that it is the same one when it is read."""
    kind = type(key)
    if id(kind) in _PLAIN:
        return True
    if kind is float:
        return math.isfinite(key)  # type: ignore[arg-type]
    return kind is tuple and depth > 0 and all(is_literal(each, depth - 1) for each in key)  # type: ignore[attr-defined]


def _keys(
    value: Any, policy: EvaluationPolicy, is_safe: Callable[[Any], bool], depth: int = 0
) -> Iterable[Any]:
    kind = type(value)
    if depth > _DEEPEST:
        return ()
    if kind is InstanceOf:
        return typed_keys(value.kind) or ()
    if kind is dict:
        return _of_table(value)
    if policy != "static":
        told = _of_table_library(value, lambda table: policy == "live" or is_safe(table))
        if told is None:
            told = _told(value)
        if told is not None:
            return told
    if issubclass(kind, dict):
        return _of_table(value)
    parts = _behind(value)
    if parts is not None:
        return (key for part in parts for key in _keys(part, policy, is_safe, depth + 1))
    names = _fields(value)
    if names is not None:
        return names
    return _asked(value) if policy == "live" else ()


# -- tables that C code reads ----------------------------------------------------------


def _of_table(table: dict[Any, Any]) -> list[Any]:
    for _ in range(_ATTEMPTS):
        try:
            return list(islice(dict.keys(table), LIMIT))
        except RuntimeError:  # it changed meanwhile
            continue
    return []


def _behind(value: Any) -> list[Any] | None:
    """Give the tables that a mapping of the standard library only stands before; ``None`` for others."""
    kind = type(value)
    if kind is MappingProxyType:
        return gc.get_referents(value)
    if _has_base(kind, ChainMap):
        maps = own_entry(value, "maps")
        return list(maps) if type(maps) is list else []
    if _has_base(kind, UserDict):
        return [own_entry(value, "data")]
    if kind is type(os.environ):
        return [_decoded(own_entry(value, "_data"))]
    if kind is re.Match:
        return [dict(value.re.groupindex)]
    return None


def _has_base(kind: type, base: type) -> bool:
    return any(each is base for each in mro_of(kind))


def _decoded(table: Any) -> dict[Any, Any]:
    """Give the names of environment variables, which are kept as the system has them."""
    names = _of_table(table) if type(table) is dict else []
    return {os.fsdecode(name): None for name in names if type(name) is bytes or type(name) is str}


def _fields(value: Any) -> Iterable[Any] | None:
    """Give the names of the fields of a numpy array or scalar, which C code reads."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    for kind in (vars(numpy).get("ndarray"), vars(numpy).get("void")):
        if isinstance(kind, type) and _has_base(type(value), kind):
            dtype = class_dict(kind)["dtype"].__get__(value)
            # A dtype made by users cannot have fields, and that of an array with fields is numpy's own.
            names = in_classes(type(dtype), "names")
            found = names.__get__(dtype) if type(names) is GetSetDescriptorType else None
            return found if type(found) is tuple else ()
    return None


# -- objects that are asked ------------------------------------------------------------


def _told(value: Any) -> Iterable[Any] | None:
    """Ask an object that wants to be asked; ``None`` if it does not."""
    method = in_classes(type(value), HOOK)
    if type(method) is not FunctionType:
        return None
    return _survived(lambda: method(value))


def _asked(value: Any) -> Iterable[Any]:
    """Ask a mapping for its keys by the method that all have."""
    if not hasattr(type(value), "keys") or not hasattr(type(value), "__getitem__"):
        return ()
    return _survived(lambda: value.keys())


def _survived(ask: Callable[[], Any]) -> Iterator[Any]:
    """Read what code of the user's gives, whatever it does, and not for ever."""
    until = time.monotonic() + PATIENCE
    try:
        given = ask()
        if type(given) is str or type(given) is bytes:
            return
        for key in given:
            yield key
            if time.monotonic() > until:
                return
    except KeyboardInterrupt:
        if threading.current_thread() is threading.main_thread():  # the user's
            raise
    except GeneratorExit:
        raise
    except BaseException:  # a sys.exit() of theirs must not end the session
        return


# -- tables of pandas and polars -------------------------------------------------------


def _of_table_library(value: Any, may_ask: Callable[[Any], bool]) -> Iterable[Any] | None:
    """Give the names of columns and rows; ``None`` if it is no table, or may not be asked."""
    polars, pandas = sys.modules.get("polars"), sys.modules.get("pandas")
    kind = type(value)
    if polars is not None and _has(kind, polars, "DataFrame"):
        return list(value.columns) if may_ask(value) else None
    if pandas is None:
        return None
    table, rows = value, _has(kind, pandas, "Series")
    if not rows and not _has(kind, pandas, "DataFrame"):
        table, rows = indexed_by(value), True
        if table is None:
            table, rows = _grouped_by(value), False
    if table is None or not may_ask(table):
        return None
    return _labels(table.index if rows else table.columns, pandas)


def indexed_by(value: object) -> Any:
    """Give the pandas object that ``.loc`` or ``.at`` of it selects from; ``None`` for all other objects."""
    indexing = sys.modules.get("pandas.core.indexing")
    if indexing is None:
        return None
    if not any(_has(type(value), indexing, name) for name in ("_LocIndexer", "_AtIndexer")):
        return None
    entry = in_classes(type(value), "obj")
    return entry.__get__(value) if type(entry) is GetSetDescriptorType else None


def _grouped_by(value: object) -> Any:
    """Give the frame whose rows are grouped by ``frame.groupby(...)``; ``None`` for all other objects."""
    groups = sys.modules.get("pandas.core.groupby.generic")
    if groups is None or not _has(type(value), groups, "DataFrameGroupBy"):
        return None
    frame = own_entry(value, "obj")
    return None if frame is MISSING else frame


def _has(kind: type, module: Any, name: str) -> bool:
    base = vars(module).get(name)
    return isinstance(base, type) and _has_base(kind, base)


def _labels(index: Any, pandas: Any) -> list[Any]:
    """Give the labels of an index. Numbers that only count are of no use to anybody."""
    if type(index) is pandas.RangeIndex:
        return []
    found: list[Any] = index[:LIMIT].tolist()
    return found
