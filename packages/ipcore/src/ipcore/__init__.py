"""ipcore: the minimal core of ipshell, an interactive Python system made of parts.

Importing this package imports nothing but itself; the names below are imported
when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .application.app import main, start_ipshell
    from .component import Component
    from .embedding import embed, embed_async
    from .shell import InteractiveShell, get_ipython

#: Public name → module that defines it.
_HOMES = {
    "Component": ".component",
    "InteractiveShell": ".shell",
    "embed": ".embedding",
    "embed_async": ".embedding",
    "get_ipython": ".shell",
    "main": ".application.app",
    "start_ipshell": ".application.app",
}

__all__ = [
    "Component",
    "InteractiveShell",
    "__version__",
    "embed",
    "embed_async",
    "get_ipython",
    "main",
    "start_ipshell",
]


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Make ``__getattr__`` and ``__dir__`` of a package whose names are imported when first asked for.

    :param package: the package, ``__name__``.
    :param homes: public name → module that defines it, relative to the package.
    """

    def __getattr__(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(home, package), name)

    def __dir__() -> list[str]:
        import sys

        return sorted({*vars(sys.modules[package]), *homes})

    return __getattr__, __dir__


if not TYPE_CHECKING:  # type checkers are to tell of a name that is not there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
