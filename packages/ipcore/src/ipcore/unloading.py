"""Unloading modules that were imported since the shell started."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: Ends of the files of modules in Python: others cannot be loaded twice into one process.
_PYTHON: Final = (".py", ".pyc")


def unload(shell: InteractiveShell) -> list[str]:
    """Have modules imported anew when they are imported next.

    Those stay that cannot be loaded twice or that others build on: modules of the standard library,
    of the shell and its plugins, of loaded extensions, and packages with a part not written in Python.

    :returns: the names of the modules that were unloaded.
    """
    kept = set(sys.stdlib_module_names) | {__package__, "__main__", "__mp_main__"}
    kept.update(name.partition(".")[0] for name in shell.modules_at_start)
    kept.update(plugin.module.partition(".")[0] for plugin in shell.registry.declared())
    kept.update(name.partition(".")[0] for name in shell.extension_manager.loaded)
    new = {name: module for name, module in list(sys.modules.items()) if name.partition(".")[0] not in kept}
    fixed = {name.partition(".")[0] for name, module in new.items() if not _is_python(module)}
    gone = [name for name in new if name.partition(".")[0] not in fixed]
    for name in gone:
        sys.modules.pop(name, None)
    return gone


def _is_python(module: object) -> bool:
    file = getattr(module, "__file__", None)
    # A package without a file of its own is a folder.
    return file.endswith(_PYTHON) if isinstance(file, str) else hasattr(module, "__path__")
