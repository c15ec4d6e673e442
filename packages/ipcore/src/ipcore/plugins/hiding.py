"""A file in the working directory that hides a plugin's module.

The user's own code may import from the working directory. A plugin was installed from
somewhere else, and a file that happens to have its name must not run in its place.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

from .discovery import search_path
from .failures import Unfit


def check_not_hidden(module: str) -> None:
    """Refuse a module that the working directory would supply instead of the installed one.

    Imports nothing. The installed module may itself lie in the working directory, as for
    an editable installation: that is no hiding.

    :param module: the full name of a plugin's module.
    :raises Unfit: if a file in the working directory would be imported in its place.
    """
    try:
        here = os.getcwd()
    except OSError:  # the directory was deleted
        return
    if "" not in sys.path and here not in sys.path:
        return
    top = module.partition(".")[0]
    hiding = PathFinder.find_spec(top, [here])
    if hiding is None or hiding.origin is None:
        return  # a folder without __init__.py gives way to a module further down the path
    if hiding.origin == _origin(_installed(top)):
        return
    raise Unfit(
        f"{hiding.origin or top} in the working directory hides its module {top}",
        "Start in another directory, or with --ignore-cwd.",
    )


def _installed(top: str) -> ModuleSpec | None:
    """Find a top-level module as if the working directory were not on the path."""
    found = PathFinder.find_spec(top, search_path())
    if found is not None:
        return found
    for finder in sys.meta_path:  # editable installations may bring finders of their own
        if finder is not PathFinder:
            found = finder.find_spec(top, None)
            if found is not None:
                return found
    return None


def _origin(spec: ModuleSpec | None) -> str | None:
    return spec.origin if spec is not None else ""
