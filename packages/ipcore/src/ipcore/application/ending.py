"""The end of the process, without taking apart what nobody misses.

At its end the interpreter frees every object it can find, which takes most of the time between ``exit`` and
the end of the process. Nobody can tell whether that was done unless one of the objects does something when
it is freed: a file with text that is not written yet, a class with ``__del__``. Whether there is one is found
out in a fraction of the time. If there is, or if there are modules of which nothing is known, everything goes
its usual way; what is not in a cycle is freed in any case.
"""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable, Collection, Iterable
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, Final

#: Packages beside the standard library's of which is known that they do nothing when they are freed.
_KNOWN: Final = frozenset(
    (
        *("ipcore", "ipterminal", "iphistory", "ipcompleters", "ipshell"),
        *(
            "importlib_metadata",
            "jedi",
            "lazy_importer",
            "parso",
            "pluggy",
            "prompt_toolkit",
            "pygments",
            "traitlets",
        ),
        *("typing_extensions", "wcwidth", "zipp"),
    )
)
#: Modules of the standard library whose objects write when they are freed, and have no ``__del__``.
_WRITING: Final = frozenset(("_dbm", "_gdbm"))
#: What is suspended, and the attribute that has its frame.
_SUSPENDED: Final = {GeneratorType: "gi_frame", CoroutineType: "cr_frame", AsyncGeneratorType: "ag_frame"}


class QuickEnd:
    """Is held where the interpreter lets go of it when all else is over: exit functions, threads, output.

    That is ``sys.__interactivehook__``. Where it is let go of at another time, or never, nothing happens.

    :param former: what is there else.
    :param modules: names of modules that were there before anything of the user's.
    """

    def __init__(self, former: Callable[[], object] | None, modules: Collection[str]) -> None:
        self._former = former
        self._known = _KNOWN.union(sys.stdlib_module_names, modules) - _WRITING
        self._gc, self._sys = gc, sys

    def __call__(self) -> object:
        """Do what is there else."""
        return self._former() if self._former is not None else None

    def __del__(self) -> None:
        if self._sys.is_finalizing() and not self._sys.flags.dev_mode:
            reason = needs_end(self._gc.get_objects(), self._sys.modules, self._known)
            if not reason:
                self._gc.freeze()


def end_quickly(modules: Collection[str]) -> None:
    """Have the process end quickly, if nothing is lost by that.

    :param modules: names of modules that were there before anything of the user's.
    """
    if hasattr(gc, "freeze"):
        sys.__interactivehook__ = QuickEnd(getattr(sys, "__interactivehook__", None), modules)


def needs_end(objects: Iterable[Any], modules: Collection[str], known: Collection[str]) -> str:
    """Say what has to be freed before the process ends; empty if nothing has.

    :param objects: those that the garbage collector knows.
    :param modules: names of the modules that are there.
    :param known: names of packages that do nothing when they are freed.
    """
    for name in modules:
        if name not in known and name.partition(".")[0] not in known:
            return f"the module {name}"
    kinds: dict[type, bool] = {}
    for each in objects:
        kind = type(each)
        ends = kinds.get(kind)
        if ends is None:
            ends = kinds[kind] = hasattr(kind, "__del__") or issubclass(kind, type)
        if ends and not _is_harmless(each, kind, known):
            return f"an object of the class {kind.__qualname__}"
    return ""


def _is_harmless(each: Any, kind: type, known: Collection[str]) -> bool:
    """Tell whether it does not matter that an object is never freed."""
    try:
        if issubclass(kind, type):  # a class: what it makes may be none of the collector's
            return "__del__" not in vars(each) or _is_known(each, known)
        if kind in _SUSPENDED:
            frame = getattr(each, _SUSPENDED[kind])
            name = "" if frame is None else str(frame.f_globals.get("__name__"))
            return frame is None or (name.partition(".")[0] in known and name != "__main__")
        if issubclass(kind, io.IOBase):
            return bool(each.closed) or not each.writable() or each.fileno() <= 2
        if kind.__name__ == "socket":
            return bool(each.fileno() < 0)
        if kind.__name__ in ("Task", "Future") and kind.__module__ == "_asyncio":
            return not each._log_traceback
        if hasattr(kind, "is_closed"):  # a loop
            return bool(each.is_closed())
        return kind.__module__.partition(".")[0] in _KNOWN
    except Exception:  # the user's, or of a kind that is not known
        return False


def _is_known(kind: type, known: Collection[str]) -> bool:
    module = kind.__module__
    return module != "__main__" and module.partition(".")[0] in known
