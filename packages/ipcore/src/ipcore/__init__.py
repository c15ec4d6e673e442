"""ipcore: the minimal core of ipshell, an interactive Python system made of parts.

Importing this package imports nothing but itself; the names below are imported
when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
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


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
