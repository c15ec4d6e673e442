"""Operators and methods of builtin types, as far as they run no other code and their result is small."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

from ..types.completion import InstanceOf
from .reading import ATTEMPTS, MISSING
from .stand_ins import Unknown

#: Bits of a number, characters of a text and elements of a container that are computed.
MOST_BITS: Final = 4_096
MOST_CHARACTERS: Final = 10_000
MOST_ELEMENTS: Final = 10_000

#: Keys of a dictionary that are looked at before it is asked for one.
MOST_KEYS: Final = 1_000_000

_NUMBERS: Final = (bool, int, float, complex)
_SCALARS: Final = frozenset(map(id, (*_NUMBERS, str, bytes, type(None), type(...))))
_TEXTS: Final = frozenset(map(id, (str, bytes)))
_SEQUENCES: Final = frozenset(map(id, (str, bytes, bytearray, list, tuple)))

_OPERATORS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
    ast.MatMult: operator.matmul,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.UAdd: operator.pos,  # type: ignore[dict-item]
    ast.USub: operator.neg,  # type: ignore[dict-item]
    ast.Invert: operator.invert,  # type: ignore[dict-item]
}

#: The method that an operator calls.
METHODS: Final[dict[type, str]] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.BitOr: "__or__",
    ast.BitXor: "__xor__",
    ast.BitAnd: "__and__",
    ast.MatMult: "__matmul__",
}


def is_scalar(value: object) -> bool:
    """Tell whether an object is of an exact builtin type that compares and hashes by C code alone."""
    return id(type(value)) in _SCALARS


def is_plain_key(value: object) -> bool:
    """Tell the same of what may be the key of a dictionary: tuples of such too."""
    return is_scalar(value) or (type(value) is tuple and all(map(is_plain_key, value)))


def apply(operation: type, *values: Any) -> Any:
    """Have an operator run, whatever it runs.

    :param operation: the class of its node.
    """
    return _OPERATORS[operation](*values)


def binary(operation: type, left: Any, right: Any) -> Any:
    """Give what an operator makes of two objects of exact builtin types.

    :returns: an :class:`~ipcore.types.completion.InstanceOf` where the result would be large.
    :raises Unknown: if the types are others, or the operator fails.
    """
    if id(type(left)) in _SEQUENCES or id(type(right)) in _SEQUENCES:
        return _of_sequences(operation, left, right)
    if not (is_scalar(left) and is_scalar(right)):
        raise Unknown
    bits = [each.bit_length() for each in (left, right) if type(each) is int]
    if operation is ast.Pow and len(bits) == 2 and bits[0] * abs(right) > MOST_BITS:
        return InstanceOf(int)
    if (operation is ast.LShift and type(right) is int and right > MOST_BITS) or sum(bits) > 4 * MOST_BITS:
        return InstanceOf(int)
    return _called(_OPERATORS[operation], left, right)


def _of_sequences(operation: type, left: Any, right: Any) -> Any:
    kinds = type(left), type(right)
    if operation is ast.Add and kinds[0] is kinds[1]:
        if len(left) + len(right) > MOST_ELEMENTS:
            return InstanceOf(kinds[0])
        return left + right
    if operation is ast.Mult:
        sequence, times = (right, left) if id(kinds[1]) in _SEQUENCES else (left, right)
        if type(times) is int or type(times) is bool:
            if len(sequence) * max(times, 0) > MOST_ELEMENTS:
                return InstanceOf(type(sequence))
            return sequence * times
    if operation is ast.Mod and id(kinds[0]) in _TEXTS:
        return InstanceOf(kinds[0])
    raise Unknown


def comparison(operation: type, left: Any, right: Any) -> Any:
    """Give what a comparison of two objects of exact builtin types gives.

    :raises Unknown: if it would have to run other code.
    """
    if operation is ast.Is:
        return left is right
    if operation is ast.IsNot:
        return left is not right
    if operation in (ast.In, ast.NotIn):
        return InstanceOf(bool)
    if is_scalar(left) and is_scalar(right):
        return _called(_OPERATORS[operation], left, right)
    raise Unknown


def unary(operation: type, value: Any) -> Any:
    """Give what an operator makes of an object of an exact builtin type.

    :raises Unknown: if the type is another one.
    """
    if operation is ast.Not:
        return not value if is_scalar(value) else InstanceOf(bool)
    if is_scalar(value) and not (type(value) is bool and operation is ast.Invert):  # that one warns
        return _called(_OPERATORS[operation], value)
    raise Unknown


def _called(function: Callable[..., Any], *values: Any) -> Any:
    try:
        return function(*values)
    except (TypeError, ValueError, ArithmeticError):
        raise Unknown from None


# -- elements ----------------------------------------------------------------


def item_of_dict(table: dict[Any, Any], key: Any) -> Any:
    """Give an entry of a dictionary; no key of the user's own type is compared.

    :raises Unknown: if there is none, or that cannot be told.
    """
    if not is_plain_key(key):
        raise Unknown
    for _ in range(ATTEMPTS):
        try:
            if dict.__len__(table) > MOST_KEYS:
                raise Unknown
            if {*map(id, map(type, dict.keys(table)))} <= _SCALARS:
                found = dict.get(table, key, MISSING)  # [...] asks a subclass's __missing__
                if found is MISSING:
                    break
                return found
            for each, value in [*dict.items(table)]:
                if type(each) is type(key) and is_plain_key(each) and each == key:
                    return value
            raise Unknown
        except RuntimeError:  # it changed meanwhile
            continue
        except TypeError:
            break
    raise Unknown


def item_of_sequence(kind: Any, value: Any, key: Any) -> Any:
    """Give an element, or a piece, of a sequence by the function of its builtin type.

    :raises Unknown: if there is none.
    """
    if type(key) is not int and type(key) is not bool:
        if type(key) is not slice or not all(
            each is None or type(each) is int for each in (key.start, key.stop, key.step)
        ):
            raise Unknown
        if kind.__len__(value) > 100 * MOST_ELEMENTS:
            return InstanceOf(kind)
    try:
        return kind.__getitem__(value, key)
    except (IndexError, ValueError, TypeError):
        raise Unknown from None


# -- methods -----------------------------------------------------------------

_OF_TEXT: Final = (
    *("upper", "lower", "title", "capitalize", "casefold", "swapcase", "strip", "lstrip", "rstrip"),
    *("split", "rsplit", "splitlines", "partition", "rpartition", "removeprefix", "removesuffix"),
    *("startswith", "endswith", "find", "rfind", "index", "rindex", "count", "isalnum", "isalpha"),
    *("isascii", "isdigit", "islower", "isspace", "istitle", "isupper", "isnumeric", "isdecimal"),
    *("isidentifier", "isprintable"),
)
_OF_NUMBERS: Final = (*("bit_length", "bit_count", "conjugate", "is_integer", "as_integer_ratio", "hex"),)
#: Methods that are called, of exact builtin types, with arguments of such.
_PURE: Final[dict[int, frozenset[str]]] = {
    id(str): frozenset(_OF_TEXT),
    id(bytes): frozenset(_OF_TEXT),
    id(int): frozenset(_OF_NUMBERS),
    id(float): frozenset(_OF_NUMBERS),
    id(complex): frozenset(_OF_NUMBERS),
    id(list): frozenset(("copy",)),
    id(dict): frozenset(("copy", "keys", "values", "items")),
    id(set): frozenset(("copy",)),
    id(frozenset): frozenset(("copy",)),
}

_TEXT_RESULTS: Final[dict[str, Any]] = {
    **dict.fromkeys("upper lower title capitalize casefold swapcase strip lstrip rstrip".split(), "same"),
    **dict.fromkeys("removeprefix removesuffix replace join center ljust rjust zfill".split(), "same"),
    **dict.fromkeys("expandtabs translate format format_map".split(), "same"),
    **dict.fromkeys("split rsplit splitlines".split(), list),
    **dict.fromkeys("partition rpartition".split(), tuple),
    **dict.fromkeys("find rfind index rindex count".split(), int),
    **dict.fromkeys("startswith endswith".split(), bool),
}
_SET_RESULTS: Final = dict.fromkeys("copy union intersection difference symmetric_difference".split(), "same")

#: Type → method → type of its result; ``same`` for its own.
_RESULTS: Final[dict[int, dict[str, Any]]] = {
    id(str): {**_TEXT_RESULTS, "encode": bytes},
    id(bytes): {**_TEXT_RESULTS, "decode": str, "hex": str},
    id(bytearray): {**_TEXT_RESULTS, "decode": str, "hex": str},
    id(int): {"bit_length": int, "bit_count": int, "to_bytes": bytes, "from_bytes": int, "conjugate": int},
    id(float): {"is_integer": bool, "hex": str, "fromhex": float, "as_integer_ratio": tuple},
    id(list): {"copy": "same", "count": int, "index": int},
    id(tuple): {"count": int, "index": int},
    id(dict): {"copy": "same", "fromkeys": dict, "popitem": tuple},
    id(set): _SET_RESULTS,
    id(frozenset): _SET_RESULTS,
}


def result_of_method(value: Any, name: str, arguments: list[Any]) -> Any:
    """Give what a method of an exact builtin type gives.

    :returns: an :class:`~ipcore.types.completion.InstanceOf` where it would run other code, or give much.
    :raises Unknown: if not even that is known.
    """
    kind = type(value)
    if name == "get" and kind is dict and 1 <= len(arguments) <= 2:
        try:
            return item_of_dict(value, arguments[0])
        except Unknown:
            if len(arguments) == 2 and is_plain_key(arguments[0]):
                return arguments[1]
            raise
    if name in _PURE.get(id(kind), ()) and _is_small(value) and all(map(is_scalar, arguments)):
        return _called(getattr(kind, name), value, *arguments)
    return InstanceOf(result_kind(kind, name))


def result_kind(kind: type, name: str) -> type:
    """Give the type of what a method of a builtin type gives.

    :raises Unknown: if that is not known.
    """
    found = _RESULTS.get(id(kind), {}).get(name)
    if found is None:
        raise Unknown
    return kind if found == "same" else found


def _is_small(value: Any) -> bool:
    return id(type(value)) not in _SIZED or len(value) <= MOST_CHARACTERS


_SIZED: Final = frozenset(map(id, (str, bytes, bytearray, list, dict, set, frozenset)))
