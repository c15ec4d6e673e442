"""Showing values: representations by MIME type, and where they go.

Importing this package imports none of its modules; the names below are imported when
they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .capture import CapturedIO, RichOutput, capture_output
    from .formatters import MimeFormatter
    from .formatting import Display
    from .functions import DisplayHandle, clear_output, display, publish_display_data, update_display
    from .publishing import DisplayPublisher

#: Public name → module that defines it.
_HOMES = {
    "CapturedIO": ".capture",
    "Display": ".formatting",
    "DisplayHandle": ".functions",
    "DisplayPublisher": ".publishing",
    "MimeFormatter": ".formatters",
    "RichOutput": ".capture",
    "capture_output": ".capture",
    "clear_output": ".functions",
    "display": ".functions",
    "publish_display_data": ".functions",
    "update_display": ".functions",
}

__all__ = [
    "CapturedIO",
    "Display",
    "DisplayHandle",
    "DisplayPublisher",
    "MimeFormatter",
    "RichOutput",
    "capture_output",
    "clear_output",
    "display",
    "publish_display_data",
    "update_display",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
