"""A representation of any object, whatever the object does: bounded in characters and in time."""

from __future__ import annotations

import itertools
import sys
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from .asking import Asker

#: Containers inside containers are shown to this depth.
MOST_NESTED: Final = 20

_ROOM_FOR_MARK: Final = 28

_mro: Any = type.__dict__["__mro__"].__get__
_names: Any = type.__dict__["__dict__"].__get__
_qualname: Any = type.__dict__["__qualname__"].__get__

_absent: Any = object()
_module_names: Any = vars(types.ModuleType)["__dict__"].__get__


def safe_repr(obj: object, max_chars: int = 1000, deadline: float = 0.2) -> str:
    """Give a ``repr`` that never raises, never gets long and is soon there.

    Builtin containers are read no further than there is room, so the size of one does
    not matter; what is left out is marked ``<...n more...>``. Only where a class has a
    ``__repr__`` of its own is that called, on a thread of its own, see
    :class:`ipcore.asking.Asker`; if it raises or is late, the object's type and address are
    given and the reason. Can be called from any thread.

    :param obj: any object; what it says of itself through ``__class__`` is not believed.
    :param max_chars: the most characters to give.
    :param deadline: seconds that classes' own ``__repr__`` may take, all together.
    :raises KeyboardInterrupt: if the user presses Ctrl-C meanwhile; nothing that the object raises.
    """
    with Asker(deadline) as asker:
        try:
            text = _Renderer(asker).render(obj, max(0, max_chars))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # changed by another thread meanwhile, or out of memory or stack
            text = f"{summary(obj)[:-1]}: {type_name(type(error))} while it was read>"
        return cut(text, max_chars)


def type_name(kind: type) -> str:
    """Give the qualified name of a class without running code of it or its metaclass."""
    name: str = _qualname(kind)
    return cut(name, 200)


def class_attribute(kind: type, name: str) -> Any:
    """Give what a class or one of its bases defines, without running any code; ``None`` if nothing."""
    for each in _mro(kind):
        found = _names(each).get(name, _absent)
        if found is not _absent:
            return found
    return None


def summary(obj: object) -> str:
    """Give an object's type and address, for example ``<Thing object at 0x7f00>``."""
    return f"<{type_name(type(obj))} object at {id(obj):#x}>"


def cut(text: str, most: int) -> str:
    """Give a text of at most ``most`` characters, its middle replaced by a mark if need be.

    :param text: an instance of a subclass of str is read as a plain str.
    """
    length = str.__len__(text)
    if length <= most:
        return str.__getitem__(text, slice(None)) if type(text) is str else "".join(_plain(text, 0, length))
    mark = f" <...{length - most} more...> "
    if most < len(mark) + 2:
        return _plain(text, 0, max(0, most - 3)) + "..."[: max(0, most)]
    mark = f" <...{length - most + len(mark)} more...> "
    head = (most - len(mark)) * 2 // 3
    tail = most - len(mark) - head
    return _plain(text, 0, head) + mark + _plain(text, length - tail, length)


def _plain(text: str, start: int, end: int) -> str:
    """A slice as exact str; a subclass's own methods are not asked."""
    return "".join([str.__getitem__(text, slice(start, end))])


class _Renderer:
    """Renders one object; remembers the containers it is in."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._path: list[int] = []

    def render(self, obj: object, room: int) -> str:
        """Give text of about ``room`` characters at most."""
        kind = type(obj)
        method = class_attribute(kind, "__repr__")
        way = _BY_METHOD.get(method) if method is not None and _is_slot(method) else None
        if way is not None:
            return way(self, obj, room)
        if kind in _READ_BY_C:
            return repr(obj)
        if kind is types.MethodType:
            return self._method(obj, room)
        if kind is types.ModuleType:
            return _module(obj)
        answer = self._asker.ask(lambda: cut(repr(obj), room))
        return f"{summary(obj)[:-1]}; no repr: {answer.wrong}>" if answer.wrong else str(answer.value)

    def _items(self, obj: object, items: Iterable[object], size: int, room: int, brackets: str) -> str:
        """Render the elements of a container as far as there is room."""
        opening, closing = brackets.split(" ")
        if id(obj) in self._path:
            return f"{opening}...{closing}"
        if size and len(self._path) >= MOST_NESTED:
            return f"{opening}<...{size} more...>{closing}"
        self._path.append(id(obj))
        try:
            return self._elements(items, size, room - len(opening) - len(closing), opening, closing)
        finally:
            self._path.pop()

    def _elements(self, items: Iterable[object], size: int, room: int, opening: str, closing: str) -> str:
        parts: list[str] = []
        for count, item in enumerate(items):
            left = room - (_ROOM_FOR_MARK if count < size - 1 else 0)
            if (left < 4 and count) or self._asker.late:
                parts.append(f"<...{size - count} more...>")
                break
            # One element leaves half the room to the others.
            share = left if size == 1 else max(left // 2, min(left, 40))
            if type(item) is _Pair:
                key = self.render(item.key, share // 2)
                text = f"{key}: {self.render(item.value, share - len(key) - 2)}"
            else:
                text = self.render(item, share)
            parts.append(text)
            room -= len(text) + 2
        if opening == "(" and size == 1:
            closing = ",)"
        return opening + ", ".join(parts) + closing

    def of_list(self, obj: Any, room: int) -> str:
        return self._items(obj, list.__iter__(obj), list.__len__(obj), room, "[ ]")

    def of_tuple(self, obj: Any, room: int) -> str:
        return self._items(obj, tuple.__iter__(obj), tuple.__len__(obj), room, "( )")

    def of_dict(self, obj: Any, room: int) -> str:
        return self._items(obj, _pairs(obj), dict.__len__(obj), room, "{ }")

    def of_set(self, obj: Any, room: int) -> str:
        size = set.__len__(obj)
        name = type_name(type(obj))
        brackets = "{ }" if type(obj) is set else f"{name}({{ }})"
        return self._items(obj, set.__iter__(obj), size, room, brackets) if size else f"{name}()"

    def of_frozenset(self, obj: Any, room: int) -> str:
        size = frozenset.__len__(obj)
        name = type_name(type(obj))
        brackets = f"{name}({{ }})"
        return self._items(obj, frozenset.__iter__(obj), size, room, brackets) if size else f"{name}()"

    def of_deque(self, obj: Any, room: int) -> str:
        most: Any = deque.__dict__["maxlen"]
        most = most.__get__(obj)
        closing = "])" if most is None else f"],\0maxlen={most})"
        brackets = f"{type_name(type(obj))}([ {closing}"
        text = self._items(obj, deque.__iter__(obj), deque.__len__(obj), room, brackets)
        return text.replace("\0", " ")

    def of_defaultdict(self, obj: Any, room: int) -> str:
        factory: Any = defaultdict.__dict__["default_factory"]
        made_by = self.render(factory.__get__(obj), 100).replace(" ", "\0")
        brackets = f"{type_name(type(obj))}({made_by},\0{{ }})"
        return self._items(obj, _pairs(obj), dict.__len__(obj), room, brackets).replace("\0", " ")

    def of_ordered(self, obj: Any, room: int) -> str:
        name, size = type_name(type(obj)), dict.__len__(obj)
        if not size:
            return f"{name}()"
        if sys.version_info >= (3, 12):
            return self._items(obj, _pairs(obj), size, room, f"{name}({{ }})")
        pairs = ((pair.key, pair.value) for pair in _pairs(obj))
        return self._items(obj, pairs, size, room, f"{name}([ ])")

    def of_text(self, obj: Any, room: int) -> str:
        size = str.__len__(obj)
        if size <= room:
            return cut(str.__repr__(obj), max(room, 24))
        return _two_ends(lambda a, b: str.__repr__(_plain(obj, a, b)), size, room)

    def of_bytes(self, obj: Any, room: int) -> str:
        base = bytearray if issubclass(type(obj), bytearray) else bytes
        size = base.__len__(obj)
        name = "" if base is bytes else f"{type_name(type(obj))}("

        def piece(start: int, end: int) -> str:
            return bytes.__repr__(bytes(base.__getitem__(obj, slice(start, end))))

        inner = piece(0, size) if size <= room else _two_ends(piece, size, room - len(name) - 1)
        return f"{name}{cut(inner, max(room, 24))}{')' if name else ''}"

    def of_number(self, obj: Any, room: int) -> str:
        bits = int.bit_length(obj)
        # Decimal digits take quadratic time, and above a limit of the interpreter's they are refused.
        if bits > min(max(room, 20), 4000) * 3:
            return f"<{'negative ' if int.__lt__(obj, 0) else ''}int of {bits} bits>"
        return int.__repr__(obj)

    def of_plain(self, obj: object, room: int) -> str:
        return object.__repr__(obj)

    def _method(self, obj: Any, room: int) -> str:
        function, owner = obj.__func__, obj.__self__
        name = function.__qualname__ if type(function) is types.FunctionType else type_name(type(function))
        return f"<bound method {name} of {self.render(owner, max(room - len(name) - 20, 20))}>"


class _Pair:
    """A key with its value, told from a tuple that is an element."""

    __slots__ = ("key", "value")

    def __init__(self, key: object, value: object) -> None:
        self.key, self.value = key, value


def _pairs(obj: Any) -> Iterable[_Pair]:
    items = OrderedDict.items(obj) if type(obj) is OrderedDict else dict.items(obj)
    return itertools.starmap(_Pair, items)


def _two_ends(piece: Callable[[int, int], str], size: int, room: int) -> str:
    """Quote the beginning and the end of a string, the mark between them outside of the quotes."""
    keep = max(room - _ROOM_FOR_MARK - 4, 2)
    head, tail = keep * 2 // 3, keep // 3
    first = cut(piece(0, head), head + 3)
    return f"{first} <...{size - head - tail} more...> {cut(piece(size - tail, size), tail + 3)}"


def _module(obj: Any) -> str:
    names = _module_names(obj)
    name, file = names.get("__name__"), names.get("__file__")
    place = f" from {cut(repr(file), 300)}" if type(file) is str else ""
    return f"<module {cut(repr(name), 200) if type(name) is str else '?'}{place}>"


def _is_slot(method: object) -> bool:
    return type(method) is _SLOT


_SLOT: Final = type(object.__repr__)

#: The C function behind ``repr`` → how to do the same without it. A subclass without a
#: ``__repr__`` of its own has the function of its base, and is shown as its base is.
_BY_METHOD: Final[dict[Any, Callable[[_Renderer, Any, int], str]]] = {
    list.__repr__: _Renderer.of_list,
    tuple.__repr__: _Renderer.of_tuple,
    dict.__repr__: _Renderer.of_dict,
    set.__repr__: _Renderer.of_set,
    frozenset.__repr__: _Renderer.of_frozenset,
    deque.__repr__: _Renderer.of_deque,
    defaultdict.__repr__: _Renderer.of_defaultdict,
    OrderedDict.__repr__: _Renderer.of_ordered,
    str.__repr__: _Renderer.of_text,
    bytes.__repr__: _Renderer.of_bytes,
    bytearray.__repr__: _Renderer.of_bytes,
    int.__repr__: _Renderer.of_number,
    object.__repr__: _Renderer.of_plain,
}

#: Types whose ``repr`` is short and runs no other object's code.
_READ_BY_C: Final = frozenset(
    {
        bool,
        float,
        complex,
        type,
        type(None),
        type(Ellipsis),
        type(NotImplemented),
        types.FunctionType,
        types.BuiltinFunctionType,
        types.CodeType,
        types.FrameType,
        types.GeneratorType,
        types.CoroutineType,
        types.AsyncGeneratorType,
        type(object.__repr__),
        type(str.join),
    }
)
