"""Modules that asyncio and prompt_toolkit import and hardly ever use: encryption, five megabytes of it.

They are modules like others, whose code is run when something in them is first looked for, by whomever.
``importlib.util.LazyLoader`` is not used: its modules are loaded by the second import of them, and asyncio
imports ``ssl`` three times.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

_LATE: Final = frozenset(("ssl", "asyncio.sslproto", "secrets"))


@contextmanager
def late_modules() -> Iterator[None]:
    """Have the modules loaded late that are imported in the body, if they can be loaded at all."""
    finder = _Finder()
    if all(PathFinder.find_spec(name) is not None for name in ("_ssl", "_hashlib")):
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        with suppress(ValueError):
            sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _LATE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _LateLoader(spec.loader)
        return spec


class _LateLoader(Loader):
    """Loads a module by another loader, when something in it is looked for."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        lock = threading.RLock()
        loading = False
        spec = module.__spec__
        assert spec is not None
        spec.loader = module.__loader__ = self._loader

        def load() -> None:
            nonlocal loading
            with lock:
                if loading or module.__dict__.get("__getattr__") is not look_for:
                    return  # its own code looks for something; or another thread has loaded it
                loading = True
                try:
                    self._loader.exec_module(module)
                    for name, function in (("__getattr__", look_for), ("__dir__", names)):
                        if module.__dict__.get(name) is function:
                            del module.__dict__[name]
                finally:
                    loading = False

        def look_for(name: str) -> Any:
            load()
            try:
                return module.__dict__[name]
            except KeyError:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}") from None

        def names() -> list[str]:
            load()
            return sorted(module.__dict__)

        module.__dict__.update(__getattr__=look_for, __dir__=names)
