"""Showing values: representations by MIME type, and where they go.

Importing this package imports none of its modules; the names below are imported when
they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import lazy_names

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


if not TYPE_CHECKING:  # type checkers are to tell of a name that is not there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
