"""An object of the user's that notices whenever code of its class is run."""

from __future__ import annotations

import sys
from typing import Any, Final

#: Methods by which Python asks an object, each for one way to look at it.
_ASKED: Final = (
    *(
        "__getattr__",
        "__dir__",
        "__repr__",
        "__str__",
        "__format__",
        "__bool__",
        "__len__",
        "__length_hint__",
    ),
    *("__iter__", "__next__", "__contains__", "__getitem__", "__call__", "__eq__", "__hash__", "__lt__"),
    *("__index__", "__fspath__", "__enter__", "__set_name__", "__class_getitem__", "__instancecheck__"),
    *("__subclasscheck__", "_ipython_display_", "_repr_html_", "_repr_mimebundle_"),
)


class Spies:
    """Makes spies, and tells what was run of them.

    ``spy`` is an object, ``spy.inner`` and ``spy.computed`` lead to others, ``Spy`` is its class.
    """

    def __init__(self) -> None:
        self._seen: list[str] = []
        kind = self._make()
        self.spy: Any = object.__new__(kind)
        object.__setattr__(self.spy, "plain", 1)
        object.__setattr__(self.spy, "inner", object.__new__(kind))
        self._seen.clear()

    @property
    def names(self) -> dict[str, Any]:
        """The names to give to the user."""
        return {"spy": self.spy, "Spy": type(self.spy), "spies": [self.spy], "spying": {"spy": self.spy}}

    @property
    def seen(self) -> list[str]:
        """What was run, each once."""
        return list(dict.fromkeys(self._seen))

    def forget(self) -> None:
        """Forget what was run."""
        self._seen.clear()

    def _make(self) -> type:
        noted = self._noted
        seen = self._seen

        class Descriptor:
            def __get__(self, instance: object, owner: type) -> int:
                seen.append(f"a descriptor{_caller()}")
                return 1

        def get_of_class(kind: type, name: str) -> Any:
            seen.append(f"the class's __getattribute__({name!r}){_caller()}")
            return type.__getattribute__(kind, name)

        def get(spy: object, name: str) -> Any:
            seen.append(f"__getattribute__({name!r}){_caller()}")
            return object.__getattribute__(spy, name)

        of_class = {
            name: noted(f"the class's {name}") for name in ("__dir__", "__call__", "__iter__", "__repr__")
        }
        meta = type("MetaSpy", (type,), {**of_class, "__getattribute__": get_of_class})
        of_object: dict[str, Any] = {name: noted(name) for name in _ASKED}
        of_object |= {
            "__getattribute__": get,
            "computed": property(noted("a property")),
            "lazy": Descriptor(),
        }
        of_object["method"] = lambda spy, argument=1: spy
        made: type = type.__call__(meta, "Spy", (), of_object)
        return made

    def _noted(self, what: str) -> Any:
        seen = self._seen

        def method(*arguments: Any) -> Any:
            seen.append(f"{what}{_caller()}")
            raise AttributeError(what)

        return method


def _caller() -> str:
    """Say which line of the plugin's the interpreter was at."""
    frame = sys._getframe(2)
    return f", {frame.f_code.co_filename}:{frame.f_lineno}"
