"""Extensions: modules with ``load_ipython_extension(ip)``, loaded by name while the shell runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from .component import Component

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: What may come of loading and unloading, with a line for the person who asked for it.
OUTCOMES: Final = {
    "already loaded": "The {name} extension is already loaded. To reload it, use:\n  %reload_ext {name}",
    "no load function": "The {name} module is not an IPython extension: it has no load_ipython_extension().",
    "not loaded": "The {name} extension is not loaded.",
    "no unload function": "The {name} extension doesn't define how to unload it.",
}


class ExtensionManager(Component):
    """Loads and unloads extensions. Used on the thread that runs cells.

    Modules in the shell's ``extensions_folder`` can be extensions too. The folder is on
    ``sys.path`` only while one is imported, loaded or unloaded, so nothing else is found there.
    """

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self.loaded: set[str] = set()

    def load_extension(self, name: str) -> str | None:
        """Import a module and call its ``load_ipython_extension(ip)``.

        :param name: the module.
        :returns: ``None`` if it is loaded now, else a key of :data:`OUTCOMES`: ``"already loaded"``
            or ``"no load function"``.
        :raises ModuleNotFoundError: if there is no such module.
        :raises BaseException: whatever the extension raises; it does not count as loaded then.
        """
        if name in self.loaded:
            return "already loaded"
        with self._importing():
            if not self._call(self._module(name), "load_ipython_extension"):
                return "no load function"
        self.loaded.add(name)
        return None

    def unload_extension(self, name: str) -> str | None:
        """Call the ``unload_ipython_extension(ip)`` of a loaded extension; its module stays imported.

        :returns: ``None`` if it is unloaded now, else ``"not loaded"`` or ``"no unload function"``.
        :raises BaseException: whatever the extension raises; it stays loaded then.
        """
        if name not in self.loaded:
            return "not loaded"
        with self._importing():
            module = sys.modules.get(name)
            if module is None or not self._call(module, "unload_ipython_extension"):
                return "no unload function"
        self.loaded.discard(name)
        return None

    def reload_extension(self, name: str) -> str | None:
        """Unload an extension where it can be, import its module anew, load it; or just load it.

        :returns: as :meth:`load_extension`.
        :raises ModuleNotFoundError: if there is no such module.
        :raises BaseException: whatever the extension raises; it does not count as loaded then.
        """
        if name in self.loaded and name in sys.modules:
            from importlib import reload

            self.unload_extension(name)
            self.loaded.discard(name)
            with self._importing():
                reload(sys.modules[name])
        return self.load_extension(name)

    def _call(self, module: ModuleType, function: str) -> bool:
        found = getattr(module, function, None)
        if found is None:
            return False
        found(self._shell)
        return True

    @staticmethod
    def _module(name: str) -> ModuleType:
        from importlib import import_module, invalidate_caches

        if not name or name.startswith("."):
            raise ModuleNotFoundError(
                f"an extension is named by its full module name, not {name!r}", name=name
            )
        if name not in sys.modules:
            invalidate_caches()  # it may have been written a moment ago
        return import_module(name)

    @contextmanager
    def _importing(self) -> Iterator[None]:
        """Have the profile's folder first on the path."""
        folder = self._shell.extensions_folder
        if not folder:
            yield
            return
        entry = _Entry(folder)
        sys.path.insert(0, entry)
        try:
            yield
        finally:
            # By identity: the user may have put the folder on the path too.
            sys.path[:] = [each for each in sys.path if each is not entry]


class _Entry(str):
    """An entry of ``sys.path`` that is told apart from an equal one."""

    __slots__ = ()


def describe(name: str, outcome: str) -> str:
    """Say in words what came of loading or unloading an extension.

    :param outcome: a key of :data:`OUTCOMES`.
    """
    return OUTCOMES[outcome].format(name=name)
