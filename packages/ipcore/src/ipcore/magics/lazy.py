"""Magics that are loaded when they are first used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from ..plugins.failures import reason_of
from .registry import KINDS

if TYPE_CHECKING:
    from types import ModuleType

    from ..shell import InteractiveShell


def load(shell: InteractiveShell, name: str, target: str) -> None:
    """Import what ``lazy_magics`` names, and register the magics in it.

    :param shell: gets the magics.
    :param name: the magic that is wanted.
    :param target: ``module:Class``, or ``module``: then it is loaded as an extension
        or, if it is none, all classes of magics that it defines are registered.
    :raises UserError: if it cannot be loaded, or does not bring the magic.
    """
    try:
        _load(shell, target)
    except (Exception, SystemExit) as error:  # whatever the module raises, it is told with its name
        reason = str(error) if isinstance(error, UserError) else reason_of(error)
        raise UserError(f"The magic {name} could not be loaded: {reason}. {_place(name, target)}") from error
    if not any(shell.magics.registered(kind, name) for kind in KINDS):
        raise UserError(f"The magic {name} could not be loaded: {target} has none. {_place(name, target)}")


def _place(name: str, target: str) -> str:
    return f"See MagicsManager.lazy_magics, {name!r}: {target!r}."


def _load(shell: InteractiveShell, target: str) -> None:
    path, _, class_name = target.partition(":")
    if class_name:
        from importlib import import_module

        from .authoring import Magics

        found = getattr(import_module(path), class_name, None)
        if found is None:
            raise UserError(f"{path} has no {class_name}")
        if not (isinstance(found, type) and issubclass(found, Magics)):
            raise UserError(f"{target} is no class of magics")
        shell.magics.register_magics(found)
    elif shell.extension_manager.load_extension(path) == "no load function":
        shell.magics.register_magics(*_classes(sys.modules[path]))


def _classes(module: ModuleType) -> list[Any]:
    from .authoring import Magics

    return [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Magics) and each.__module__ == module.__name__
    ]
