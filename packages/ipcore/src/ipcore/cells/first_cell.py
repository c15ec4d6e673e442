"""What the first cell and its result need, for a front end that has time for it before they are there."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Final

_NEEDED: Final = (
    "faulthandler",
    "ipcore.cells.keeping",
    "ipcore.cells.prefilter",
    "ipcore.cells.retention",
    "ipcore.cells.session",
    "ipcore.cells.sizes",
    "ipcore.display.formatting",
    "ipcore.display.formatters",
    "ipcore.display.publishing",
    "ipcore.hookspecs.display",
    "ipcore.plain.formatter",
    "ipcore.traps",
)


def load(also: Iterable[str] = ()) -> None:
    """Import the modules; makes nothing. For any thread; takes some milliseconds the first time.

    :param also: modules that parts of the shell need: a history says so in its attribute ``needed``.
    """
    for name in (*_NEEDED, *also):
        import_module(name)
